"""``adis-bench results``: the machine-readable results of runs; one module per command."""

import click

from adis_bench.cli.groups import LazyGroup

COMMANDS = ("validate", "schema")
"""In the order of the help page."""


@click.command(cls=LazyGroup, package=__name__, names=COMMANDS)
def command() -> None:
    """Machine-readable results: results.json, its schema and its check."""
