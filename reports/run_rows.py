"""What all tables of a run share: a metric as a column, a method as a row, digits, and remarks on unequal counts."""

from collections import Counter

from adis_bench.results import MethodRecord, MetricRecord, Score
from reports.data import RunData
from reports.findings import decimals
from reports.style import tones
from reports.table_record import Cell, Column, Row


def column_of(metric: MetricRecord) -> Column:
    """A metric as a column."""
    return Column(metric.name, metric.higher_is_better, metric.unit, metric.description, metric.failure)


def decimals_of(run: RunData, metric: MetricRecord) -> int:
    """Digits behind the point of a metric's scores."""
    return decimals(metric.name, run)


def method_row(run: RunData, method: MethodRecord, cells: tuple[Cell, ...]) -> Row:
    """A method or control with its cells."""
    return Row(method.label, "control" if method.control else "method", cells, tones(run.methods)[method.label], method.description)


def count_note(run: RunData, score: Score, metric: MetricRecord) -> str:
    """Counts that differ from those of the other rows; empty where they don't."""
    counts = Counter(s.n for s in run.results.scores if s.metric == metric.name and s.value is not None)
    usual = max(counts, key=lambda n: (counts[n], n))
    parts = []
    if score.n_missing:
        parts.append(f"{score.n_missing} missing")
    if score.n != usual:
        # A Fréchet distance falls with n by itself: another n is another scale.
        parts.append(f"n = {score.n}, not comparable" if metric.kind == "set" else f"n = {score.n}")
    return ", ".join(parts)
