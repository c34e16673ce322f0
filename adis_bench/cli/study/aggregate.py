"""``adis-bench study aggregate``: statistics of rankings."""

from pathlib import Path
from typing import Any

import click

from adis_bench.cli.options import debug_option, json_option
from adis_bench.cli.study.analysis import analysed, analysis_options, opened


@click.command(short_help="check rankings and make mean points, intervals, tests and agreement of them")
@analysis_options
@json_option
@debug_option
def command(table: Path, as_json: bool, **options: Any) -> None:
    """Aggregate RESULTS.csv: who is best, by how much, and how sure that is.

    It is the result file of Mechanical Turk or of `study serve` (with --study), or a table with the columns item_id, worker_id,
    method and rank (1 is best), a row for each method that a worker ranked.
    """
    import json

    from adis_bench.printable import printable
    from adis_bench.study.results_text import as_text

    results = analysed(opened(table), **options)
    if not as_json:
        click.echo(as_text(results))
        return
    for name, reason in results.undefined.items():  # why something is null; the object has no place for it
        click.echo(f"{name}: {printable(reason)}", err=True)
    click.echo(json.dumps(results.to_json(), allow_nan=False))
