"""``adis-bench study export``: the server's answers as a result CSV."""

from pathlib import Path

import click

from adis_bench.cli.options import debug_option


@click.command(short_help="write the answers of `study serve` in the columns of Mechanical Turk's result CSV")
@click.argument("folder", metavar="STUDY", type=click.Path(path_type=Path))
@click.option("--out", required=True, metavar="RESULTS.csv", type=click.Path(path_type=Path), help="The CSV to write.")
@click.option(
    "--database",
    "database_url",
    metavar="URL",
    envvar="ADIS_BENCH_DATABASE",
    help="As given to `study serve`, or in the variable ADIS_BENCH_DATABASE; by default answers.sqlite in STUDY.",
)
@debug_option
def command(folder: Path, out: Path, database_url: str | None) -> None:
    """Write the answers that the server of STUDY has so far; it may be running. `adis-bench study aggregate` reads the file."""
    from adis_bench.printable import printable
    from adis_bench.study.records import open_study
    from adis_bench.study.result_target import check_target
    from adis_bench.study.server.database import open_database
    from adis_bench.study.server.export import export

    study_folder, path = folder.expanduser(), out.expanduser()
    study = open_study(study_folder)
    check_target(path)
    database = open_database(study_folder, database_url)
    database.open(study)
    with database.told():
        found = export(database, study, path)
    click.echo(f"{found.n_rows:,} answers by {found.n_workers:,} participants are in {printable(str(path))}")
    click.echo(found.status.text())
