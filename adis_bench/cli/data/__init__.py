"""``adis-bench data``: make, import, look at and check datasets; one module per command."""

import click

from adis_bench.cli.groups import LazyGroup

COMMANDS = ("folder", "into-the-wild", "greatest-hits", "out-of-domain", "demo", "check", "describe", "export")
"""In the order of the help page."""


@click.command(cls=LazyGroup, package=__name__, names=COMMANDS)
def command() -> None:
    """Datasets: segments of sound with their frames, in splits."""
