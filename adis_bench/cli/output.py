"""What a run prints on stdout: one JSON object, or a small table."""

import json
import sys
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adis_bench.printable import printable
from adis_bench.progress import say
from adis_bench.results import MetricRecord, Results, Score
from adis_bench.results.rounding import method_places
from adis_bench.results.score_text import INTERVALS, score_cell
from adis_bench.results.summary import summary
from adis_bench.selfcheck.records import SelfCheck

_WIDTH_WITHOUT_TERMINAL = 240  # in a log nothing should be cut off


def show(results: Results, as_json: bool) -> None:
    """Print the results, and the warnings on stderr."""
    for warning in results.warnings:
        say(f"warning: {printable(warning)}")
    if as_json:
        click.echo(json.dumps(summary(results), allow_nan=False))
        return
    console().print(_table(results))
    click.echo(f"report: {printable(results.report)}")


def _table(results: Results) -> Table:
    title = f"{results.dataset.name}, {results.pairs.n} pairs, protocol {results.protocol}, preset {results.preset}, seed {results.seed}"
    headline = {metric.name: metric for metric in results.metrics if metric.beside is None}
    columns = {name: [score for score in results.scores if score.metric == name] for name in headline}
    rows = {method.label: method.control for method in results.methods}
    failing = {name for name, metric in headline.items() if metric.failure}
    return score_table(title, list(headline.values()), rows, columns, failing)


def score_table(
    title: str, metrics: Sequence[MetricRecord], rows: Mapping[str, bool], columns: Mapping[str, Sequence[Score]], failing: AbstractSet[str]
) -> Table:
    """Methods by metrics, each column rounded by its own uncertainty as in every other table.

    Args:
        title: above the table; names in it are no markup.
        metrics: one column each.
        rows: labels in order, and whether they are controls.
        columns: the scores of each metric; ``method`` of a score is a label.
        failing: metrics that are marked.
    """
    table = Table(title=Text(printable(title)), caption=INTERVALS)
    table.add_column("method")
    for metric in metrics:
        mark = " ⚠" if metric.name in failing else ""
        table.add_column(Text(printable(f"{metric.name} {'↑' if metric.higher_is_better else '↓'}{mark}")), justify="right")
    methods = {label for label, control in rows.items() if not control}
    places = {name: method_places(column, methods) for name, column in columns.items()}
    cells = {(score.method, name): score_cell(score, places[name]) for name, column in columns.items() for score in column}
    for label, control in rows.items():
        shown = [cells.get((label, metric.name), score_cell(None, 0)) for metric in metrics]
        table.add_row(Text(printable(f"({label})" if control else label)), *shown)
    return table


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
    console().print(table)
    click.echo(f"page: {page}")


def console() -> Console:
    """Stdout as rich writes to it: as wide as the terminal, and wide enough for any table where there is none."""
    found = Console(file=sys.stdout, highlight=False)
    return found if found.is_terminal else Console(file=sys.stdout, highlight=False, width=_WIDTH_WITHOUT_TERMINAL)
