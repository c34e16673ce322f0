"""What the commands that analyse answers have in common: their argument and options, and the analysis behind them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from adis_bench.study.csv_table import Table
    from adis_bench.study.results import StudyResults

Function = TypeVar("Function", bound=Callable[..., Any])
_OPTIONS = (
    click.argument("table", metavar="RESULTS.csv", type=click.Path(path_type=Path)),
    click.option("--study", type=click.Path(path_type=Path), help="The study's folder; a result CSV cannot be read without it."),
    click.option("--run", "run_dir", type=click.Path(path_type=Path), help="The run whose metrics are compared; by default the study's."),
    click.option("--methods", help="The methods that were compared, with commas between; by default all that the file names."),
    click.option(
        "--no-ties", is_flag=True, help="Reject rankings with equal ranks, as a page without ties would; by default they share mid-ranks."
    ),
    click.option("--no-screening", is_flag=True, help="Keep workers who fail the study's rules."),
    click.option("--replicates", type=click.IntRange(0, 1_000_000), default=2000, show_default=True, help="Resamples for the places."),
    click.option("--seed", type=int, default=0, show_default=True, help="Of the resamples."),
)


def analysis_options(function: Function) -> Function:
    """RESULTS.csv and how to analyse it; what comes in is what ``opened`` and ``analysed`` take."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def opened(table: Path) -> "Table":
    """RESULTS.csv, read once: what is analysed, and its digest; so it may be a pipe."""
    from adis_bench.study.csv_table import read_table

    return read_table(table.expanduser())


def analysed(
    table: "Table",
    study: Path | None,
    run_dir: Path | None,
    methods: str | None,
    no_ties: bool,
    no_screening: bool,
    replicates: int,
    seed: int,
) -> "StudyResults":
    """The statistics that were asked for."""
    from adis_bench.study.analyse import analyse

    return analyse(
        table,
        study.expanduser() if study is not None else None,
        run_dir.expanduser() if run_dir is not None else None,
        methods=tuple(name.strip() for name in methods.split(",")) if methods is not None else (),
        ties=not no_ties,
        replicates=replicates,
        seed=seed,
        screening=not no_screening,
    )
