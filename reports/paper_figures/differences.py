"""Paired differences of methods from the controls of reference, and from each other."""

from collections.abc import Sequence

from adis_bench.results import MetricRecord
from reports.data import RunData
from reports.drawing import Drawn, Medium, NotDrawn, drawing_on
from reports.figures import LEGEND_IN, compared, difference_words, mark_difference, mark_differences, name_references, show_better
from reports.findings import by_construction, compare, references
from reports.marks import looks
from reports.paper_figures.captions import INTERVALS, basis, failing, sentences, units
from reports.paper_figures.row_panels import row_panels
from reports.wording import listed

MOST_COUPLES = 15
"""Ours: of six methods. More rows are a list that nobody compares; the matrix of wins shows them all."""
_MARKS = "Filled: better or worse by the interval and by the paired test after Holm's correction; hollow: no difference is shown."
_TINT = "Tinted: the side that is better."


def draw_differences(run: RunData, medium: Medium) -> list[Drawn]:
    """Methods minus controls; and every two methods, where these are not too many.

    Raises:
        NotDrawn: the run has no differences.
    """
    drawn = [*_from_controls(run, medium), *_between_methods(run, medium)]
    if not drawn:
        raise NotDrawn("no method was compared with a control or with another method")
    return drawn


def _from_controls(run: RunData, medium: Medium) -> list[Drawn]:
    metrics = [metric for metric in run.headline if compared(run, metric)]
    known = {label for metric in metrics for label in compared(run, metric)}
    rows, controls = [m.label for m in run.asked if m.label in known], references(run)
    if not rows:
        return []
    with drawing_on(medium):
        figure, panels = row_panels(metrics, rows, medium, 0.42, LEGEND_IN)
        for axes, metric in zip(panels, metrics, strict=True):
            mark_differences(axes, run, metric, rows, medium)
        name_references(figure, controls, medium)
    words = " ".join(f"{metric.name}: {difference_words(run, metric)}." for metric in metrics)
    bound = [f"{metric.name} against {control}" for metric in metrics for control in controls if by_construction(run, metric, control)]
    caption = sentences(
        f"Paired differences: each method minus {listed(list(controls))}, on the same pairs.",
        _MARKS,
        _TINT,
        f"By construction hardly to be beaten: {listed(bound)}." if bound else "",
        *_common(run, metrics, medium),
    )
    return [Drawn("differences", "Differences from the controls", figure, f"Paired differences with 95 % intervals. {words}", caption)]


def _between_methods(run: RunData, medium: Medium) -> list[Drawn]:
    labels = [m.label for m in run.asked]
    every = [(first, other) for place, first in enumerate(labels) for other in labels[place + 1 :]]
    couples = [couple for couple in every if any(run.difference(*couple, metric.name) for metric in run.headline)]
    if not couples or len(couples) > MOST_COUPLES:
        return []
    metrics = [metric for metric in run.headline if any(compare(run, *couple, metric).value for couple in couples)]
    look = looks(run.methods)
    with drawing_on(medium):
        names = [f"{first} minus {other}" for first, other in couples]
        figure, panels = row_panels(metrics, names, medium, 0.26)
        for axes, metric in zip(panels, metrics, strict=True):
            for row, couple in zip(axes.get_yticks(), couples, strict=True):
                of = look[couple[0]]
                mark_difference(axes, run, metric, couple, row, (of.color.light, of.mark), medium)
            show_better(axes, metric)
    words = " ".join(f"{metric.name}: {_words(run, metric, couples)}." for metric in metrics)
    caption = sentences("Paired differences of every two methods, on the same pairs.", _MARKS, _TINT, *_common(run, metrics, medium))
    alt = f"Paired differences of methods with 95 % intervals. {words}"
    return [Drawn("differences-methods", "Differences between methods", figure, alt, caption)]


def _words(run: RunData, metric: MetricRecord, couples: Sequence[tuple[str, str]]) -> str:
    every = ((first, compare(run, first, other, metric)) for first, other in couples)
    return "; ".join(f"{first} {c.words} ({c.value} {c.interval})" for first, c in every if c.value)


def _common(run: RunData, metrics: Sequence[MetricRecord], medium: Medium) -> tuple[str, ...]:
    return INTERVALS, basis(run), units(metrics), failing(metrics, medium)
