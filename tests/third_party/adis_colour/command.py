"""A command for adis-bench that lives in a package of its own."""

import click

from adis_colour.method import ColourTransfer


@click.command(short_help="say what colour_transfer is")
def command() -> None:
    """Say what colour_transfer is."""
    click.echo(ColourTransfer.description)
