"""``adis-bench results schema``: the JSON Schema of results.json."""

import click

from adis_bench.cli.options import debug_option


@click.command(short_help="print the JSON Schema of results.json")
@debug_option
def command() -> None:
    """Print the JSON Schema (draft 2020-12) that every results.json of this version meets."""
    from adis_bench.results.schema import shipped_schema

    click.echo(shipped_schema(), nl=False)
