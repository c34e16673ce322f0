"""The plot of a comparison: every difference, metric by metric."""

from dataclasses import replace

from matplotlib.axes import Axes

from adis_bench.comparing.comparison import Comparison, RunDifference
from adis_bench.comparing.words import difference_digits
from adis_bench.results import MetricRecord
from adis_bench.results.rounding import enough_places
from adis_bench.results.verdicts import verdict
from reports.drawing import Drawn, Medium, NotDrawn, drawing_on
from reports.figures import show_better
from reports.findings import interval, number
from reports.marks import Look, looks
from reports.paper_figures.captions import INTERVALS, failing, sentences
from reports.paper_figures.row_panels import row_panels

MOST_ROWS = 15
"""Ours: more rows are a list that nobody compares; the tables have them all."""
_MARKS = "Filled: better or worse by the interval and by the paired test after Holm's correction; hollow: no difference is shown."


def draw_differences(found: Comparison, medium: Medium) -> Drawn:
    """One figure: a plot for each headline metric, a row for every two methods; where these are too many, for one method in two runs only.

    Raises:
        NotDrawn: nothing was compared, or too many.
    """
    couples = list(found.differences)
    if len({_name(one) for one in couples}) > MOST_ROWS:
        couples = [one for one in couples if one.between_runs]
    there = {one.metric for one in couples if one.value.value is not None}
    metrics = [marked(found, metric) for metric in found.headline if metric.name in there]
    names = list(dict.fromkeys(_name(one) for one in couples))
    if not metrics:
        raise NotDrawn("no two methods could be compared")
    if len(names) > MOST_ROWS:
        raise NotDrawn(f"{len(names)} differences are too many for a plot")
    look = looks(list({one.method.label: one.method for one in found.contenders}.values()))
    with drawing_on(medium):
        figure, panels = row_panels(metrics, names, medium, 0.26)
        for axes, metric in zip(panels, metrics, strict=True):
            for one in couples:
                if one.metric == metric.name:
                    _mark(axes, one, metric, axes.get_yticks()[names.index(_name(one))], look[one.later.method.label], medium)
            show_better(axes, metric)
    words = " ".join(_words(found, metric, couples) for metric in metrics)
    caption = sentences(
        "The later run's value minus the earlier one's (of one run: the lower row's minus the upper one's), on the same pairs.",
        _MARKS,
        "Tinted: the side that is better.",
        INTERVALS,
        "Scores of all outputs together have no interval between runs.",
        failing(metrics, medium),
    )
    return Drawn(
        "differences",
        "Differences between methods and runs",
        figure,
        f"Differences between methods and runs with 95 % intervals. {words}",
        caption,
    )


def _name(one: RunDifference) -> str:
    return f"{one.later.label} minus {one.earlier.label}"


def _mark(axes: Axes, one: RunDifference, metric: MetricRecord, row: float, look: Look, medium: Medium) -> None:
    value = one.value
    if value.value is None:
        return
    if value.ci_low is not None and value.ci_high is not None:
        axes.plot([value.ci_low, value.ci_high], [row, row], color=look.color.light, linewidth=2.0 * medium.scale, solid_capstyle="round")
    shown = verdict(value, metric.higher_is_better) in ("better", "worse")
    point = look.point(5.8 * medium.scale)
    axes.plot(value.value, row, **{**point, "markerfacecolor": point["color"] if shown else "none"})


def _words(found: Comparison, metric: MetricRecord, couples: list[RunDifference]) -> str:
    said = []
    for one in couples:
        if one.metric == metric.name and one.value.value is not None:
            places = enough_places(one.value.value, difference_digits(found, metric.name))
            ends = interval(one.value.ci_low, one.value.ci_high, places, signed=True)
            said.append(f"{_name(one)} {number(one.value.value, places, signed=True)} {ends}".strip())
    return f"{metric.name}: {'; '.join(said)}."


def marked(found: Comparison, metric: MetricRecord) -> MetricRecord:
    """The metric with its failure in any of the runs."""
    return replace(metric, failure=" ".join(f"{run}: {why}" for run, why in found.failures.get(metric.name, {}).items()))
