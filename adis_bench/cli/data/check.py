"""``adis-bench data check``: what must be mended."""

from pathlib import Path

import click

from adis_bench.cli.options import debug_option


@click.command(short_help="look for unreadable, empty, duplicate and leaking files")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@debug_option
def command(folder: Path) -> None:
    """Examine every file of the dataset DIR, or of a folder to import; exits with 2 if something must be mended."""
    from adis_bench.datasets.check import check_dataset

    report = check_dataset(folder.expanduser())
    click.echo(str(report))
    if not report.ok:
        raise click.ClickException(f"{len(report.faults)} faults in {report.root}")
