"""What all tables of a run share: a metric as a column, a method as a row, digits, and remarks on unequal counts."""

from collections import Counter
from collections.abc import Sequence

from adis_bench.results import MethodRecord, MetricRecord, Score
from reports.data import RunData
from reports.findings import decimals
from reports.style import tones
from reports.table_cells import rounded
from reports.table_record import Cell, Column, Row

INTERVALS = "Intervals (95 %) cover the sampling of test pairs, sources and sounds by their groups; not the seed of a training."
BOLD = (
    "Bold: shown to be better than each other method that was scored, by the interval of their paired difference and, where there is one, "
    "the test after Holm's correction; never a control, nothing where the metric fails, and not who was scored on fewer pairs than another."
)
EQUAL_N = (
    "Fréchet distances fall with the number of images and are compared at equal n only; their intervals are about the value expected "
    "at this n against these very frames."
)


def column_of(metric: MetricRecord) -> Column:
    """A metric as a column."""
    return Column(metric.name, metric.higher_is_better, metric.unit, metric.description, metric.failure)


def decimals_of(run: RunData, metric: MetricRecord) -> int:
    """Digits behind the point of a metric's scores."""
    return decimals(metric.name, run)


def method_row(run: RunData, method: MethodRecord, cells: tuple[Cell, ...]) -> Row:
    """A method or control with its cells."""
    return Row(method.label, "control" if method.control else "method", cells, tones(run.methods)[method.label], method.description)


def score_cell(score: Score | None, column: Sequence[Score], metric: MetricRecord, places: int, *, best: bool) -> Cell:
    """A score with its interval, or why there is none, and how its count differs from the others'.

    Args:
        score: to be shown.
        column: all scores of the metric in the table.
        metric: that it is of.
        places: digits behind the point.
        best: whether it leads.
    """
    if score is None or score.value is None:
        return Cell(note=(score.reason if score else None) or "not scored")
    notes = [count_note(column, score, metric)]
    if score.ci_low is None or score.ci_high is None:
        notes.insert(0, score.reason or "no interval")
    return rounded(score.value, places, score.ci_low, score.ci_high, note=", ".join(filter(None, notes)), best=best)


def count_note(column: Sequence[Score], score: Score, metric: MetricRecord) -> str:
    """Counts that differ from those of the other rows; empty where they don't."""
    counts = Counter(one.n for one in column if one.value is not None)
    usual = max(counts, key=lambda n: (counts[n], n))
    parts = []
    if score.n_missing:
        parts.append(f"{score.n_missing} missing")
    if score.n != usual:
        # A Fréchet distance falls with n by itself: another n is another scale.
        parts.append(f"n = {score.n}, not comparable" if metric.kind == "set" else f"n = {score.n}")
    return ", ".join(parts)
