"""Every table of a run, in no format yet: the page, the paper and the files show these very records."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from adis_bench.results import MetricRecord, SizeCurve
from reports import run_check_tables, run_difference_tables
from reports.data import RunData
from reports.findings import FAILING, is_pooled, standing_in
from reports.run_rows import BOLD, EQUAL_N, INTERVALS, column_of, decimals_of, method_row, score_cell
from reports.style import tones
from reports.table_cells import rounded
from reports.table_record import Cell, Column, Row, Table

HEAT_STEPS = 9
LEAST_PAIRS = 10
"""Ours: pairs of a class below which its value is not shown, since it would say more of these pairs than of the class."""
FAMILIES = {
    "scores": "headline scores",
    "secondary": "scores that stand beside a headline score",
    "differences": "differences from the controls, a table for each headline metric",
    "versus": "methods against each other, a table for each headline metric",
    "classes": "class by class, a table for each headline metric",
    "sizes": "values by the number of outputs, a table for each metric that depends on it",
    "metrics": "whether each metric tells right images from wrong ones",
    "judge": "how well the judge networks find a sound's own frame",
    "counts": "outputs that are there, and pairs that were scored",
}
"""What ``--table`` takes, in the order of ``run_tables``."""


def run_tables(run: RunData) -> tuple[Table, ...]:
    """All tables of a run, family by family as in ``FAMILIES``; those that have nothing to show are left out.

    ``reports.table_record.family`` picks some. Their notes are complete, so that each can stand by itself.
    """
    made = [
        scores(run, run.headline, "scores", "Headline scores with 95 % intervals"),
        *([scores(run, run.beside, "secondary", "Secondary scores with 95 % intervals")] if run.beside else []),
        *run_difference_tables.differences(run),
        *run_difference_tables.versus(run),
        *classes(run),
        *sizes(run),
        *run_check_tables.tables(run),
    ]
    return tuple(_with_own_names([table for table in made if table.rows and table.columns]))


def _with_own_names(tables: Sequence[Table]) -> Iterator[Table]:
    """Metrics of plug-ins have any names; files need plain ones that differ."""
    taken: set[str] = set()
    for table in tables:
        plain = re.sub(r"[^a-z0-9]+", "-", table.name.lower()).strip("-")
        name, n = plain, 2
        while name in taken:
            name, n = f"{plain}-{n}", n + 1
        taken.add(name)
        yield replace(table, name=name)


def scores(run: RunData, metrics: Sequence[MetricRecord], name: str, title: str) -> Table:
    """Controls first, then methods: a column for each metric."""
    leaders = {metric.name: leader(run, metric) for metric in metrics}
    places = {metric.name: decimals_of(run, metric) for metric in metrics}
    columns = {metric.name: [score for score in run.results.scores if score.metric == metric.name] for metric in metrics}

    def cell(label: str, metric: MetricRecord) -> Cell:
        best = leaders[metric.name] == label
        return score_cell(run.score(label, metric.name), columns[metric.name], metric, places[metric.name], best=best)

    rows = tuple(method_row(run, m, tuple(cell(m.label, metric) for metric in metrics)) for m in run.methods)
    notes = [INTERVALS]
    if len(run.asked) > 1:
        notes.append(BOLD)
    if any(metric.kind == "set" for metric in metrics):
        notes.append(EQUAL_N)
    if any(metric.failure for metric in metrics):
        notes.append(FAILING)
    if pooled := [metric.name for metric in metrics if is_pooled(metric)]:
        notes.append(f"No control of a run is wrong to {' and '.join(pooled)}: it says whether images look real, not whether they fit.")
    notes += run.results.warnings
    return Table(name, title, tuple(map(column_of, metrics)), rows, tuple(notes), "Method", name)


def leader(run: RunData, metric: MetricRecord) -> str | None:
    """The method shown to be better than each other one that was scored; None where none is, or where the metric fails."""
    found = standing_in(run, metric)
    return found.first.method if found and found.leads and not metric.failure else None


def classes(run: RunData) -> Iterator[Table]:
    """One coloured table for each headline metric that has values of classes."""
    for metric in run.headline:
        found = {
            (one.method, one.label): (one.value, one.n)
            for one in run.results.class_scores
            if one.metric == metric.name and one.value is not None and one.n >= LEAST_PAIRS
        }
        if found:
            yield _class_table(run, metric, found)


def _class_table(run: RunData, metric: MetricRecord, found: dict[tuple[str, str], tuple[float, int]]) -> Table:
    displays, values = run.results.dataset.displays, [value for value, _ in found.values()]
    labels = [label for label in displays if any(at == label for _, at in found)]
    low, high = min(values), max(values)
    # Classes have no intervals; their values are less certain than those over all pairs.
    places = min(decimals_of(run, metric), 2)

    def cell(method: str, label: str) -> Cell:
        if (method, label) not in found:
            return Cell(note="not scored, or too few pairs")
        value, n = found[method, label]
        share = (value - low) / (high - low) if high > low else 0.5
        step = min(int((share if metric.higher_is_better else 1 - share) * HEAT_STEPS), HEAT_STEPS - 1)
        return rounded(value, places, step=step, note="" if n == most[label] else f"{n} pairs")

    most = {label: max(n for (_, at), (_, n) in found.items() if at == label) for label in labels}
    rows = tuple(
        method_row(run, m, tuple(cell(m.label, label) for label in labels)) for m in run.methods if any(at == m.label for at, _ in found)
    )
    columns = tuple(Column(displays[label], metric.higher_is_better, note=f"{most[label]:,} pairs", key=label) for label in labels)
    notes = [
        f"Values over the pairs of one target class, where it has {LEAST_PAIRS} or more: no intervals, so read the pattern, not digits.",
        *([FAILING] if metric.failure else []),
    ]
    title = f"{metric.name} class by class"
    return Table(f"classes-{metric.name}", title, columns, rows, tuple(notes), "Method", "classes", column_of(metric), heat=True)


def sizes(run: RunData) -> Iterator[Table]:
    """One table for each metric whose value depends on the number of outputs."""
    coloured = tones(run.methods)
    for metric in run.results.metrics:
        curves = {curve.method: curve for curve in run.results.size_curves if curve.metric == metric.name}
        numbers = sorted({n for curve in curves.values() for n, _ in curve.points})
        if not numbers:
            continue
        places = decimals_of(run, metric)
        endless = any(curve.extrapolated is not None for curve in curves.values())
        rows = []
        for method in run.methods:
            if (curve := curves.get(method.label)) is not None:
                by_size = dict(curve.points)
                cells = (rounded(by_size.get(n), places, missing="no such number of outputs") for n in numbers)
                last = [rounded(curve.extrapolated, places, missing="not extrapolated")] * endless
                rows.append(Row(method.label, "control" if method.control else "method", (*cells, *last), coloured[method.label]))
        columns = (*(Column(f"n = {n:g}", key=f"n_{n:g}") for n in numbers), *[Column("extrapolated")] * endless)
        notes = (
            "Means over seeded parts of the outputs.",
            *["The last column extrapolates to endless outputs, linear in 1/n."] * endless,
            *_reasons([curves[m.label] for m in run.methods if m.label in curves]),
            *([FAILING] if metric.failure else []),
        )
        title = f"{metric.name} by the number of outputs"
        yield Table(f"sizes-{metric.name}", title, columns, tuple(rows), notes, "Method", "sizes", column_of(metric))


def _reasons(curves: Sequence[SizeCurve]) -> Iterator[str]:
    """Remarks on the extrapolation, each once, with its methods where it isn't of all."""
    for reason in dict.fromkeys(curve.reason for curve in curves if curve.reason):
        names = [curve.method for curve in curves if curve.reason == reason]
        of = "" if len(names) == len(curves) else f" ({', '.join(names)})"
        yield f"{reason[0].upper()}{reason[1:]}{of}."
