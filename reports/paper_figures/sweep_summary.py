"""The mean scores of a sweep along its steps, method by method, with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from adis_bench.sweeps.records import MOVED, Curve, Sweep, SweptMethod
from reports.data import RunData
from reports.drawing import Drawn, Medium
from reports.paper_figures.sweep_words import (
    AXES,
    KIND_TITLES,
    LETTER_EM,
    SMALLEST_PT,
    curve_of,
    fitted,
    headline,
    not_swept,
    of_run,
    reading_words,
    rho_words,
    small_pt,
    thinned,
    trend_words,
)
from reports.style import INK, LINE, MUTED, color, ordered_labels, tones

_MARKS = ("o", "s", "^", "D", "v", "P", "X")  # one more than colours: two methods of one colour differ in their mark
_PANEL_IN, _WIDEST_PANEL_IN = 1.45, 1.7
"""Height of a panel on a page, and the width from which on another column fits (ours)."""
_NAMED = 2
"""Methods whose correlations fit above a panel; of more, the caption has them."""


def draw_summary(run: RunData, sweep: Sweep, medium: Medium) -> Drawn:
    """One panel per headline metric: mean scores of every swept method, with 95 % intervals.

    Args:
        run: the run.
        sweep: one of its sweeps, with a method that was swept.
        medium: where the figure will stand; called inside its ``drawing_on``.
    """
    methods = _ordered(sweep)
    metrics = [name for name in headline(sweep) if _shown(methods[-1], name) is not None]
    columns = max(1, min(len(metrics), int(medium.width_in / (_WIDEST_PANEL_IN * medium.scale))))
    n_rows = -(-len(metrics) // columns)
    columns = -(-len(metrics) // n_rows)  # as even as can be
    foot = _Foot.of([method.label for method in methods], medium)
    height = n_rows * (_PANEL_IN + 0.6) * medium.scale + foot.height_in
    figure = Figure(figsize=(medium.width_in, height))
    axes, lines = figure.subplots(n_rows, columns, squeeze=False).ravel(), _lines(run, methods)
    for panel, metric in zip(axes, metrics, strict=False):
        curves = {method.label: curve for method in methods if (curve := _shown(method, metric)) is not None}
        _panel(panel, sweep, curves, lines, medium, 0.8 * medium.width_in / columns)
    for panel in axes[len(metrics) :]:
        panel.set_axis_off()
    _legend(figure, lines, foot, medium)
    figure.tight_layout(rect=(0, foot.height_in / height, 1, 1), pad=0.3, h_pad=1.0, w_pad=0.9)
    title = f"{KIND_TITLES[sweep.kind]}: scores along the steps"
    words = [
        f"{method.label}, {_name(curve)}: {trend_words(curve)}"
        for metric in metrics
        for method in methods
        if (curve := _shown(method, metric))
    ]
    return Drawn(
        name=f"sweep-{sweep.kind}",
        title=title,
        figure=figure,
        alt=f"{title}, {AXES[sweep.kind]}. {'; '.join(f'{name}: {_numbers(method, name)}' for name in metrics for method in methods)}.",
        caption=_caption(run, sweep, methods, words),
    )


def _ordered(sweep: Sweep) -> list[SweptMethod]:
    """Controls first, as everywhere."""
    swept = {method.label: method for method in sweep.methods if method.state == "swept"}
    controls = [method.label for method in swept.values() if method.control]
    return [swept[label] for label in (*ordered_labels(controls), *(label for label in swept if label not in controls))]


def _shown(method: SweptMethod, metric: str) -> Curve | None:
    """What a panel shows: of a mixture how much nearer the picture is to the second sound than to the first."""
    return curve_of(method, metric, "difference") or curve_of(method, metric, "target")


def _name(curve: Curve) -> str:
    return f"{curve.metric}, second \u2212 target" if curve.toward == "difference" else curve.metric


@dataclass(frozen=True, slots=True)
class _Line:
    """How a method is drawn."""

    shade: str
    mark: str
    hollow: bool

    @property
    def face(self) -> str:
        return "white" if self.hollow else self.shade


def _lines(run: RunData, methods: Sequence[SweptMethod]) -> dict[str, _Line]:
    shades = tones(run.methods)
    return {
        m.label: _Line(color(shades.get(m.label, "control")).light, _MARKS[place % len(_MARKS)], m.control)
        for place, m in enumerate(methods)
    }


def _panel(axes: Axes, sweep: Sweep, curves: dict[str, Curve], lines: dict[str, _Line], medium: Medium, width_in: float) -> None:
    steps = np.array([step.value for step in sweep.steps])
    for place, (label, curve) in enumerate(curves.items()):
        # Methods stand a little beside each other, so that no interval hides another.
        shifted = steps + (place - (len(curves) - 1) / 2) * 0.012 * float(np.ptp(steps))
        _draw(axes, shifted, curve, lines[label], medium.scale)
    _head(axes, sweep, curves, lines, small_pt(medium), width_in)
    points = max(SMALLEST_PT, small_pt(medium) - 0.5)
    axes.set_xticks(steps, thinned([step.text for step in sweep.steps], width_in, points))
    axes.locator_params(axis="y", nbins=4)
    axes.tick_params(axis="both", length=0, pad=2, labelsize=points, labelcolor=INK.light)
    axes.grid(axis="y", color=LINE.light, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel(AXES[sweep.kind], fontsize=points)


def _draw(axes: Axes, steps: NDArray[np.float64], curve: Curve, line: _Line, scale: float) -> None:
    means, lows, highs = (
        np.array([np.nan if (value := getattr(score, name)) is None else value for score in curve.steps])
        for name in ("value", "ci_low", "ci_high")
    )
    axes.errorbar(steps, means, yerr=np.vstack([means - lows, highs - means]), fmt="none", ecolor=line.shade, elinewidth=1.1 * scale)
    axes.plot(steps, means, color=line.shade, marker=line.mark, markersize=4 * scale, markerfacecolor=line.face, linewidth=1.1 * scale)


def _head(axes: Axes, sweep: Sweep, curves: dict[str, Curve], lines: dict[str, _Line], points: float, width_in: float) -> None:
    """The metric, and below it the correlations of one or two methods."""
    first = next(iter(curves.values()))
    metric = next(metric for metric in sweep.metrics if metric.name == first.metric)
    arrow = "" if first.toward == "difference" else " \u2191" if metric.higher_is_better else " \u2193"
    named = [label for label in curves if not lines[label].hollow]
    named = named[::-1] if len(named) <= _NAMED else []
    name = fitted(first.metric, width_in - 3 * points / 72, points)
    title = f"{name}{'' if metric.name == MOVED else arrow}{' (fails its controls)' if metric.failure else ''}"
    axes.set_title(title, fontsize=points, loc="left", pad=4 + 1.25 * points * len(named))
    for place, label in enumerate(named):
        small, text = max(SMALLEST_PT, points - 0.5), rho_words(curves[label])
        if len(named) > 1:
            text = f"{fitted(label, width_in - (len(text) + 1) * LETTER_EM * small / 72, small)} {text}"
        axes.annotate(
            text, (0, 1), (0, 3 + place * 1.25 * points), "axes fraction", "offset points", fontsize=small, color=lines[label].shade
        )
    if first.toward == "difference":
        axes.axhline(0, color=MUTED.light, linewidth=0.7)
        axes.set_ylabel("second \u2212 target", fontsize=max(SMALLEST_PT, points - 0.5), labelpad=1)


def _legend(figure: Figure, lines: dict[str, _Line], foot: "_Foot", medium: Medium) -> None:
    handles = [
        Line2D(
            [],
            [],
            color=line.shade,
            marker=line.mark,
            markersize=4,
            markerfacecolor=line.face,
            label=fitted(label, foot.column_in, medium.font_pt),
        )
        for label, line in lines.items()
    ]
    place = (0.5, foot.height_in / 2 / float(figure.get_size_inches()[1]))
    figure.legend(
        handles=handles, loc="center", bbox_to_anchor=place, ncols=foot.columns, frameon=False, handlelength=1.4, columnspacing=1.2
    )


@dataclass(frozen=True, slots=True)
class _Foot:
    """Room for the legend: as many columns as the longest name allows."""

    columns: int
    column_in: float
    height_in: float

    @classmethod
    def of(cls, labels: Sequence[str], medium: Medium) -> "_Foot":
        head = 0.45 * medium.scale
        longest = max(map(len, labels)) * LETTER_EM * medium.font_pt / 72
        columns = max(1, min(len(labels), int(medium.width_in / (longest + head))))
        n_rows = -(-len(labels) // columns)
        return cls(columns, medium.width_in / columns - head, (0.1 + 0.22 * n_rows) * medium.scale)


def _numbers(method: SweptMethod, metric: str) -> str:
    curve = _shown(method, metric)
    if curve is None:
        return f"{method.label} none"
    return f"{method.label} " + ", ".join("none" if score.value is None else f"{score.value:.3f}" for score in curve.steps)


def _caption(run: RunData, sweep: Sweep, methods: list[SweptMethod], words: list[str]) -> str:
    heard = [f"{m.label}: {reading_words(m)}" for m in methods if m.reading is not None]
    warnings = [f"Beware, {method.label}: {method.warning}." for method in methods if method.warning]
    parts = [
        f"Means with 95 % intervals over pairs along the {AXES[sweep.kind]}, {of_run(run, sweep)}",
        f"{'; '.join(heard)}." if heard else "",
        f"\u03c1 is the mean over pairs of the rank correlation of step and score: {'; '.join(words)}.",
        not_swept(sweep),
        *warnings,
    ]
    return " ".join(part for part in parts if part)
