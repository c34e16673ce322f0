"""``adis-bench report``: the report of a scored run, written again."""

from pathlib import Path

import click

from adis_bench.cli.options import debug_option


@click.command()
@click.argument("run_dir", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--format", "report_name", default="html", show_default=True, help="A report that `adis-bench list reports` shows.")
@debug_option
def command(run_dir: Path, report_name: str) -> None:
    """Write the report of RUN from its saved results, and print where it is."""
    from adis_bench.registry import load

    click.echo(load("reports", report_name)(run_dir.expanduser().resolve()))
