"""The plots of a study that have a row per method, class or metric: points, ranks, strengths, classes, metrics."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from adis_bench.study.results import ClassResult, MetricAgreement, StudyResults
from reports.drawing import Drawing, as_svg
from reports.figures import FOOT_IN, LEGEND_IN, row_axes
from reports.findings import interval, number
from reports.lettering import row_height, wrapped
from reports.marks import MARKS
from reports.study_findings import best_first, points_places
from reports.study_tables import class_name, labels, place_name, sorted_metrics
from reports.style import GROUND, INK, METHOD_COLORS, MUTED, color, label_tones

MOST_DRAWN = 26
"""Ours: methods that plots with a cell for every two of them, or for each rank, are drawn of. Of more, which tables from elsewhere can
have, cells would be narrower than ten pixels on a phone."""
MOST_NAMED_RANKS = 5
"""Ours: more than fit into one line of a legend; first and last say enough."""
FOOT = FOOT_IN + 0.1
"""Inches below the rows: the numbers of the axis and what they are."""


def mean_points(results: StudyResults) -> Drawing:
    """Mean points with their intervals."""
    order, tones = labels(results), label_tones([m.method for m in results.methods])
    found = {method.method: method for method in results.methods}
    rows = [wrapped(label) for label in order]
    with row_axes(rows, row_height(rows), foot_in=FOOT) as (axes, figure):
        k = len(order)
        axes.axvline((k + 1) / 2, color=MUTED.light, linewidth=1.0, linestyle=(0, (2, 3)))
        for row, label in enumerate(order):
            one = found[label]
            _mark(axes, row, (one.mean_points, one.ci_low, one.ci_high), color(tones[label]).light, hollow=tones[label] == "control")
        _x_axis(axes, f"mean points, 1 to {k}; dashed: no preference")
        svg = as_svg(figure, "mean_points")
    digits = points_places(results)
    ranked = best_first(results.methods)
    said = (f"{m.method} {number(m.mean_points, digits)} {interval(m.ci_low, m.ci_high, digits)}".strip() for m in ranked)
    return Drawing(svg, f"Mean points of each method{_with_intervals(results)}, the best first: {'; '.join(said)}.")


def _with_intervals(results: StudyResults) -> str:
    return "" if "interval" in results.undefined else " with 95 % intervals"


def _mark(
    axes: Axes, row: float, value: tuple[float, float | None, float | None], shade: str, mark: str = "o", hollow: bool = False
) -> None:
    middle, low, high = value
    if low is not None and high is not None:
        axes.plot([low, high], [row, row], color=shade, linewidth=2.2, solid_capstyle="round")
    face = "none" if hollow else shade
    axes.plot(middle, row, marker=mark, markersize=6.5, color=shade, markerfacecolor=face, markeredgewidth=1.5, linestyle="none")


def _x_axis(axes: Axes, text: str) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.set_xlabel(text, color=MUTED.light, loc="right", fontsize=8.5)


def rank_shares(results: StudyResults) -> Drawing | None:
    """How often each method had each rank, as stacked bars; None of more than ``MOST_DRAWN``."""
    if len(results.methods) > MOST_DRAWN:
        return None
    order = labels(results)
    found = {method.method: method.rank_counts for method in results.methods}
    shares = [[100 * n / max(1, results.n_rankings) for n in found[label]] for label in order]
    title = "How often each method had each rank"
    said = "; ".join(f"{label} was first in {row[0]:.0f} % and last in {row[-1]:.0f} %" for label, row in zip(order, shares, strict=True))
    return Drawing(_stacked([wrapped(label) for label in order], shares, "rank_shares"), f"{title}, in percent of the rankings. {said}.")


def _stacked(rows: Sequence[str], shares: Sequence[Sequence[float]], name: str) -> str:
    k = len(shares[0])
    shades = [1.0 if k == 1 else 1.0 - 0.9 * place / (k - 1) for place in range(k)]
    with row_axes(rows, row_height(rows, 0.34), head_in=LEGEND_IN, foot_in=FOOT) as (axes, figure):
        for row, parts in enumerate(shares):
            start = 0.0
            for part, shade in zip(parts, shades, strict=True):
                axes.barh(row, part, left=start, height=0.66, color=METHOD_COLORS[0].light, alpha=shade, linewidth=0)
                if part >= 9:
                    ink = GROUND.light if shade > 0.6 else INK.light
                    axes.text(start + part / 2, row, f"{part:.0f}", ha="center", va="center", color=ink, fontsize=8)
                start += part
        axes.set_xlim(0, 100)
        axes.grid(False)
        _x_axis(axes, "% of the rankings")
        named = range(k) if k <= MOST_NAMED_RANKS else (0, k - 1)
        keys = [Patch(color=METHOD_COLORS[0].light, alpha=shades[place], linewidth=0) for place in named]
        axes.legend(keys, [place_name(place + 1) for place in named], **_legend(len(named)), handlelength=0.9, handleheight=0.9)
        return as_svg(figure, name)


def _legend(columns: int) -> dict[str, Any]:
    return {
        "loc": "lower left",
        "bbox_to_anchor": (-0.02, 1.0),
        "ncols": columns,
        "frameon": False,
        "handletextpad": 0.4,
        "columnspacing": 0.9,
        "labelcolor": MUTED.light,
        "fontsize": 8.5,
    }


def strengths(results: StudyResults) -> Drawing | None:
    """Plackett-Luce log strengths with their intervals; None where there are none."""
    found = {one.method: one for one in results.plackett_luce.strengths}
    order, tones = [label for label in labels(results) if label in found], label_tones([m.method for m in results.methods])
    if not order:
        return None
    rows = [wrapped(label) for label in order]
    with row_axes(rows, row_height(rows), foot_in=FOOT) as (axes, figure):
        axes.axvline(0, color=MUTED.light, linewidth=1.0, linestyle=(0, (2, 3)))
        for row, label in enumerate(order):
            one = found[label]
            _mark(axes, row, (one.log_worth, one.ci_low, one.ci_high), color(tones[label]).light, hollow=tones[label] == "control")
        _x_axis(axes, "log strength; dashed: the average method")
        svg = as_svg(figure, "strengths")
    by_strength = sorted(found.values(), key=lambda one: -one.worth)
    said = "; ".join(f"{one.method} {number(one.log_worth, 2)} {interval(one.ci_low, one.ci_high, 2)}".strip() for one in by_strength)
    return Drawing(svg, f"Plackett-Luce log strengths, the strongest first: {said}.")


def class_points(results: StudyResults) -> Drawing | None:
    """Mean points by class, a mark per method; None where items have no classes."""
    if not results.classes:
        return None
    order, tones = labels(results), label_tones([m.method for m in results.methods])
    rows = [wrapped(class_name(results, one)) for one in results.classes]
    names = [wrapped(label) for label in order]
    longest = max(len(line) for name in names for line in name.split("\n"))
    columns = 3 if longest <= 10 else 2
    lines = max(name.count("\n") + 1 for name in names)
    legend_in = (0.07 + 0.13 * lines) * -(-len(order) // columns) + 0.08
    with row_axes(rows, row_height(rows), legend_in, FOOT) as (axes, figure):
        for place, label in enumerate(order):
            mark, shade, hollow = MARKS[place % len(MARKS)], color(tones[label]).light, tones[label] == "control"
            named = names[place]
            for row, one in enumerate(results.classes):
                value = _points_in(one, label)
                if value is None:
                    continue
                face = "none" if hollow else shade
                axes.plot(value, row, mark, markersize=6, color=shade, markerfacecolor=face, markeredgewidth=1.4, alpha=0.9, label=named)
                named = "_nolegend_"
        axes.set_xlim(0.9, len(order) + 0.1)
        _x_axis(axes, f"mean points, 1 to {len(order)}")
        # At the figure's edge, not the axes': names can be longer than the axes are wide.
        figure.legend(**_legend(columns) | {"loc": "upper left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.1})
        svg = as_svg(figure, "class_points")
    return Drawing(svg, f"Mean points by class. {'; '.join(_class_words(results, one) for one in results.classes)}.")


def _points_in(one: ClassResult, label: str) -> float | None:
    return next((method.mean_points for method in one.methods if method.method == label), None)


def _class_words(results: StudyResults, one: ClassResult) -> str:
    first = best_first(one.methods)[0]
    return f"{class_name(results, one)}: {first.method} leads with {number(first.mean_points, 2)}"


def metrics(results: StudyResults) -> Drawing | None:
    """Correlations of the automatic metrics with people, the highest first; None where no metric has one."""
    found = [m for m in sorted_metrics(results.metrics or ()) if m.kendall is not None or m.method_kendall is not None]
    if not found:
        return None
    rows = [wrapped(m.metric) for m in found]
    with row_axes(rows, row_height(rows, 0.42), head_in=LEGEND_IN, foot_in=FOOT) as (axes, figure):
        axes.axvline(0, color=MUTED.light, linewidth=1.0)
        for row, m in enumerate(found):
            if m.kendall is not None:
                _mark(axes, row - 0.17, (m.kendall, m.kendall_low, m.kendall_high), METHOD_COLORS[0].light)
            if m.method_kendall is not None:
                value = (m.method_kendall, m.method_kendall_low, m.method_kendall_high)
                _mark(axes, row + 0.17, value, METHOD_COLORS[1].light, "D", hollow=True)
        axes.set_xlim(-1.06, 1.06)
        for mark, place, name in (("o", 0, "per item"), ("D", 1, "per method")):
            shade = METHOD_COLORS[place].light
            axes.plot([], [], mark, color=shade, markerfacecolor=shade if mark == "o" else "none", markeredgewidth=1.5, label=name)
        axes.legend(**_legend(2))
        _x_axis(axes, "Kendall's tau-b with people")
        svg = as_svg(figure, "metrics")
    said = "; ".join(map(_metric_words, found))
    return Drawing(svg, f"Agreement of the automatic metrics with people (Kendall's tau-b), the best first. {said}.")


def _metric_words(m: MetricAgreement) -> str:
    if m.kendall is None:
        return f"{m.metric}: nothing per item, {number(m.method_kendall or 0.0, 2)} over methods"
    return f"{m.metric} {number(m.kendall, 2)} {interval(m.kendall_low, m.kendall_high, 2)} per item".replace("  ", " ")
