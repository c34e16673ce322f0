"""``adis-bench study aggregate``: statistics of rankings."""

from pathlib import Path

import click

from adis_bench.cli.options import debug_option, json_option


@click.command(short_help="check rankings and make mean points, intervals, tests and agreement of them")
@click.argument("table", metavar="RESULTS.csv", type=click.Path(path_type=Path))
@click.option("--methods", help="The methods that were compared, with commas between; by default all that the file names.")
@click.option(
    "--no-ties", is_flag=True, help="Reject rankings with equal ranks, as a page without ties would; by default they share mid-ranks."
)
@json_option
@debug_option
def command(table: Path, methods: str | None, no_ties: bool, as_json: bool) -> None:
    """Aggregate RESULTS.csv: columns item_id, worker_id, method and rank (1 is best), a row for each method that a worker ranked."""
    import json

    from adis_bench.study.aggregate import aggregate
    from adis_bench.study.long_csv import read_long_csv
    from adis_bench.study.results_text import as_text

    named = tuple(name.strip() for name in methods.split(",")) if methods is not None else ()
    results = aggregate(*read_long_csv(table.expanduser(), named, ties=not no_ties))
    click.echo(json.dumps(results.to_json(), allow_nan=False) if as_json else as_text(results))
