"""``adis-bench study``: rankings by people; one module per command."""

import click

from adis_bench.cli.groups import LazyGroup

COMMANDS = ("simulate", "prepare", "serve", "export", "publish", "aggregate", "report")
"""In the order of the help page."""


@click.command(cls=LazyGroup, package=__name__, names=COMMANDS)
def command() -> None:
    """Human studies: people rank the methods' images by how well they fit the sound."""
