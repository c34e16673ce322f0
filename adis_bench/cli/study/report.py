"""``adis-bench study report``: the statistics of rankings as a page with plots and tables."""

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from adis_bench.cli.options import debug_option, json_option
from adis_bench.cli.study.analysis import analysed, analysis_options, opened


@click.command(short_help="write an HTML report of rankings, with its plots as SVG and its tables as CSV and LaTeX")
@analysis_options
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the report; an earlier one in it is replaced.")
@json_option
@debug_option
def command(table: Path, out: Path, as_json: bool, **options: Any) -> None:
    """Write the report of RESULTS.csv, and print where it is.

    RESULTS.csv and the options are those of `study aggregate`; a bare table of rankings needs neither study nor run. The folder gets
    index.html, study_results.json, figures/*.svg, tables/*.csv and tables/*.tex. Workers appear under pseudonyms.
    """
    import json

    from adis_bench.registry import load

    read = opened(table)
    results = analysed(read, **options)
    page = load("reports", "study")(
        results,
        out.expanduser(),
        command=shlex.join(["adis-bench", *sys.argv[1:]]),
        sources={"table": table.name, "SHA-256 of the table": read.digest},
    )
    click.echo(json.dumps({"report": str(page), **results.to_json()}, allow_nan=False) if as_json else page)
