"""What a run prints on stdout: one JSON object, or a small table."""

import json
import sys

import click
from rich.console import Console
from rich.table import Table

from adis_bench.progress import say
from adis_bench.results import Results, Score, summary

_WIDTH_WITHOUT_TERMINAL = 240  # in a log nothing should be cut off


def show(results: Results, as_json: bool) -> None:
    """Print the results, and the warnings on stderr."""
    for warning in results.warnings:
        say(f"warning: {warning}")
    if as_json:
        click.echo(json.dumps(summary(results), allow_nan=False))
        return
    console = Console(file=sys.stdout, highlight=False)
    if not console.is_terminal:
        console = Console(file=sys.stdout, highlight=False, width=_WIDTH_WITHOUT_TERMINAL)
    console.print(_table(results))
    click.echo(f"report: {results.report}")


def _table(results: Results) -> Table:
    headline = [metric for metric in results.metrics if metric.beside is None]
    title = f"{results.dataset.name}, {results.pairs.n} pairs, protocol {results.protocol}, preset {results.preset}, seed {results.seed}"
    table = Table(title=title, caption="95 % intervals: they cover the sampling of test pairs, not of training seeds")
    table.add_column("method")
    for metric in headline:
        table.add_column(f"{metric.name} {'↑' if metric.higher_is_better else '↓'}", justify="right")
    # One number of digits for a whole column, so that its values can be compared at a glance.
    digits = {metric.name: _digits(results, metric.name) for metric in headline}
    scores = {(score.method, score.metric): score for score in results.scores}
    for method in results.methods:
        cells = [_cell(scores.get((method.label, metric.name)), digits[metric.name]) for metric in headline]
        table.add_row(f"({method.label})" if method.control else method.label, *cells)
    return table


def _digits(results: Results, metric: str) -> int:
    largest = max((abs(score.value) for score in results.scores if score.metric == metric and score.value is not None), default=0.0)
    return 3 if largest < 10 else 1


def _cell(score: Score | None, digits: int) -> str:
    if score is None or score.value is None:
        return "not scored"
    if score.ci_low is None or score.ci_high is None:
        return f"{score.value:.{digits}f}"
    return f"{score.value:.{digits}f} [{score.ci_low:.{digits}f}, {score.ci_high:.{digits}f}]"
