"""What a run prints on stdout: one JSON object, or a small table."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from adis_bench.progress import say
from adis_bench.results import Results, Score, summary
from adis_bench.selfcheck.records import SelfCheck

_WIDTH_WITHOUT_TERMINAL = 240  # in a log nothing should be cut off


def show(results: Results, as_json: bool) -> None:
    """Print the results, and the warnings on stderr."""
    for warning in results.warnings:
        say(f"warning: {warning}")
    if as_json:
        click.echo(json.dumps(summary(results), allow_nan=False))
        return
    _console().print(_table(results))
    click.echo(f"report: {results.report}")


def _table(results: Results) -> Table:
    headline = [metric for metric in results.metrics if metric.beside is None]
    title = f"{results.dataset.name}, {results.pairs.n} pairs, protocol {results.protocol}, preset {results.preset}, seed {results.seed}"
    table = Table(title=title, caption="95 % intervals: they cover the sampling of test pairs, not of training seeds")
    table.add_column("method")
    for metric in headline:
        mark = " ⚠" if metric.failure else ""
        table.add_column(f"{metric.name} {'↑' if metric.higher_is_better else '↓'}{mark}", justify="right")
    # One number of digits for a whole column, so that its values can be compared at a glance.
    digits = {metric.name: _digits(results, metric.name) for metric in headline}
    scores = {(score.method, score.metric): score for score in results.scores}
    for method in results.methods:
        cells = [score_cell(scores.get((method.label, metric.name)), digits[metric.name]) for metric in headline]
        table.add_row(f"({method.label})" if method.control else method.label, *cells)
    return table


def _digits(results: Results, metric: str) -> int:
    largest = max((abs(score.value) for score in results.scores if score.metric == metric and score.value is not None), default=0.0)
    return 3 if largest < 10 else 1


def score_cell(score: Score | None, digits: int) -> str:
    """A score with its interval as text, or that there is none."""
    if score is None or score.value is None:
        return "not scored"
    if score.ci_low is None or score.ci_high is None:
        return f"{score.value:.{digits}f}"
    return f"{score.value:.{digits}f} [{score.ci_low:.{digits}f}, {score.ci_high:.{digits}f}]"


def show_check(check: SelfCheck, page: Path, as_json: bool) -> None:
    """Print what a self-check of metrics found, and its warnings on stderr."""
    for warning in check.warnings:
        say(f"warning: {warning}")
    if as_json:
        click.echo(json.dumps({**asdict(check), "page": str(page)}, allow_nan=False))
        return
    table = Table(title=f"{check.dataset}, {check.n_pairs} pairs, protocol {check.protocol}: right images against wrong ones")
    for name in ("metric", "right", "wrong", "AUC", "spread over seeds", "shift in bf16", ""):
        table.add_column(name, justify="left" if name in ("metric", "") else "right")
    for metric in check.metrics:
        apart = metric.separation
        auc = "not scored" if apart.auc is None else f"{apart.auc:.3f}"
        interval = "" if apart.ci_low is None or apart.ci_high is None else f" [{apart.ci_low:.3f}, {apart.ci_high:.3f}]"
        values = [metric.values.get(label) for label in (metric.right, metric.wrong)]
        spread = "" if metric.spread.deviation is None else f"{metric.spread.deviation:.3g}"
        cells = ["not scored" if value is None else f"{value:.4g}" for value in values]
        shift = metric.bf16_shift.get(metric.right)
        moved = "" if shift is None else f"{shift:+.2g}"
        table.add_row(
            metric.record.name, *cells, auc + interval, spread, moved, {"fails": "FAILS", "unknown": "not checkable"}.get(metric.state, "")
        )
    _console().print(table)
    click.echo(f"page: {page}")


def _console() -> Console:
    console = Console(file=sys.stdout, highlight=False)
    return console if console.is_terminal else Console(file=sys.stdout, highlight=False, width=_WIDTH_WITHOUT_TERMINAL)
