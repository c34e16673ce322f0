"""The mean scores of a sweep along its steps, method by method, with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from adis_bench.sweeps.records import MOVED, Curve, Sweep
from reports.drawing import Drawn, Medium
from reports.lettering import small_pt, width_in
from reports.marks import DASHES, Look, looks
from reports.paper_figures.captions import HOLLOW, mark_of_failure, sentences
from reports.paper_figures.grid import on_one_line
from reports.paper_figures.sweep_subjects import Subject
from reports.paper_figures.sweep_words import (
    AXES,
    KIND_TITLES,
    RHO,
    ground,
    headline,
    heard_sentence,
    rho_sentence,
    rho_words,
    scores_in_words,
    steps_in_words,
    strip_metric,
    summed_up,
    thinned,
    trend_words,
    warnings_of,
)
from reports.style import INK, LINE, MUTED

_BODY_IN, _WIDEST_PANEL_IN = 1.15, 1.7
"""Height of axes on a page, and the width from which on another column fits (ours)."""
_LEFT_IN, _SIDE_IN, _EDGE_IN, _LINE_IN, _FOOT_IN = 0.44, 0.16, 0.1, 0.17, 0.36
"""On a page (ours): numbers beside axes, a name beside them, what is free on the right, a line of text, numbers and name below."""
_NAMED = 2
"""Methods whose correlations fit above a panel; of more, the caption has those of one metric."""
_DIFFERENCE = ", second \N{MINUS SIGN} target"
_SHIFT = 0.012
"""Of the axis (ours): methods stand a little beside each other, so that no interval hides another."""


def draw_summary(subject: Subject, medium: Medium) -> Drawn:
    """One panel per headline metric: mean scores of every swept method, with 95 % intervals.

    Args:
        subject: a sweep with a method whose sounds were changed.
        medium: where the figure will stand; called inside its ``drawing_on``.
    """
    sweep, look = subject.sweep, _looks(subject)
    panels = {name: curves for name in headline(sweep) if (curves := _curves(sweep, name))}
    figure, axes, panel_in = _panels(sweep, len(panels), list(look), medium)
    for panel, (name, curves) in zip(axes, panels.items(), strict=True):
        _panel(panel, subject, curves, look, (medium, panel_in))
        _head(panel, subject, name, look, (medium, panel_in))
    _legend(figure, look, medium)
    title = f"{KIND_TITLES[sweep.kind]}: scores along the steps"
    words = (
        f"{name}{_DIFFERENCE if curve.toward == 'difference' else ''}, {label}: "
        f"{scores_in_words(subject.run, curve)}; {trend_words(curve)}."
        for name, curves in panels.items()
        for label, curve in curves.items()
    )
    alt = f"{title}, with 95 % intervals, at {steps_in_words(sweep)}. {' '.join(words)}"
    return Drawn(f"sweep-{sweep.kind}", title, figure, alt, _caption(subject, panels, medium))


def _curves(sweep: Sweep, metric: str) -> dict[str, Curve]:
    return {method.label: curve for method in sweep.methods if (curve := summed_up(method, metric)) is not None}


def _looks(subject: Subject) -> dict[str, Look]:
    """Every method's look in all figures; several controls, which are all hollow and grey, have lines of different shapes here."""
    of_run = looks(subject.run.methods)
    found = {method.label: of_run[method.label] for method in subject.sweep.methods}
    controls = [label for label, look in found.items() if look.hollow]
    return found | {label: replace(found[label], dash=DASHES[place % len(DASHES)]) for place, label in enumerate(controls)}


def _named(subject: Subject) -> list[str]:
    """The methods whose correlations stand above panels, if they fit there."""
    asked = [method.label for method in subject.heard if not method.control]
    return asked if len(asked) <= _NAMED else []


def _panels(sweep: Sweep, n: int, labels: Sequence[str], medium: Medium) -> tuple[Figure, list[Axes], float]:
    """Figure, axes, and the inches that each of these is wide."""
    scale, width = medium.scale, medium.width_in
    rows = ceil(n / max(1, min(n, int(width / (_WIDEST_PANEL_IN * scale)))))
    columns = ceil(n / rows)  # as even as can be
    asked = sum(not method.control and method.reading is not None for method in sweep.methods)
    left = scale * (_LEFT_IN + _SIDE_IN * (sweep.kind == "mix"))
    head, body, foot, edge = (
        scale * inches for inches in (0.1 + _LINE_IN * (1 + (asked if asked <= _NAMED else 0)), _BODY_IN, _FOOT_IN, _EDGE_IN)
    )
    panel_in = width / columns - left - edge
    height = rows * (head + body + foot) + _Legend.of(labels, medium).height_in
    figure, made = Figure(figsize=(width, height)), []
    for place in range(n):
        row, column = divmod(place, columns)
        bottom = height - row * (head + body + foot) - head - body
        made.append(figure.add_axes(((column * (width / columns) + left) / width, bottom / height, panel_in / width, body / height)))
    return figure, made, panel_in


def _panel(axes: Axes, subject: Subject, curves: dict[str, Curve], look: dict[str, Look], size: tuple[Medium, float]) -> None:
    (medium, panel_in), sweep = size, subject.sweep
    steps = np.array([step.value for step in sweep.steps])
    for place, (label, curve) in enumerate(curves.items()):
        _draw(axes, steps + (place - (len(curves) - 1) / 2) * _SHIFT * float(np.ptp(steps)), curve, look[label], medium.scale)
    low, high = axes.get_xlim()
    axes.set_xlim(low, high)
    places_in = [float(panel_in * (step - low) / (high - low)) for step in steps]
    points = small_pt(medium)
    axes.set_xticks(steps, thinned([step.text for step in sweep.steps], places_in, points))
    axes.locator_params(axis="y", nbins=4)
    axes.tick_params(axis="both", length=0, pad=2, labelsize=points, labelcolor=INK.light)
    axes.grid(axis="y", color=LINE.light, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    wide = width_in([AXES[sweep.kind]], points) > panel_in
    axes.set_xlabel(AXES[sweep.kind], fontsize=points, labelpad=2 * medium.scale, loc="right" if wide else "center")
    if any(curve.toward == "difference" for curve in curves.values()):
        axes.axhline(0, color=MUTED.light, linewidth=0.7)
        axes.set_ylabel("second \N{MINUS SIGN} target", fontsize=points, va="center")
        # At the panel's edge: numbers of any width then stand between it and the axes.
        axes.yaxis.set_label_coords(-medium.scale * (_LEFT_IN + 0.5 * _SIDE_IN) / panel_in, 0.5)


def _draw(axes: Axes, steps: NDArray[np.float64], curve: Curve, look: Look, scale: float) -> None:
    means, lows, highs = (
        np.array([np.nan if (value := getattr(score, name)) is None else value for score in curve.steps])
        for name in ("value", "ci_low", "ci_high")
    )
    shade, width = look.color.light, 1.1 * scale
    axes.errorbar(steps, means, yerr=np.vstack([means - lows, highs - means]), fmt="none", ecolor=shade, elinewidth=width)
    axes.plot(steps, means, color=shade, linestyle=look.dash, linewidth=width)
    axes.plot(steps, means, **_point(look, scale))


def _point(look: Look, scale: float) -> dict[str, Any]:
    # The line would run through a point without any filling.
    return {**look.point(4.2 * scale), **({"markerfacecolor": "white"} if look.hollow else {})}


def _head(axes: Axes, subject: Subject, name: str, look: dict[str, Look], size: tuple[Medium, float]) -> None:
    """The metric, and below it the correlations of one or two methods."""
    (medium, panel_in), points = size, small_pt(size[0])
    metric = next(metric for metric in subject.sweep.metrics if metric.name == name)
    curves = _curves(subject.sweep, name)
    undirected = name == MOVED or any(curve.toward == "difference" for curve in curves.values())
    tail = "" if undirected else " \N{UPWARDS ARROW}" if metric.higher_is_better else " \N{DOWNWARDS ARROW}"
    tail += f" {mark_of_failure(medium)}" if metric.failure else ""
    # Above the numbers beside the axes there is room, too.
    room = panel_in + medium.scale * (_EDGE_IN / 2 + 0.8 * _LEFT_IN)
    lines = [(f"{on_one_line(name, room - width_in([tail], points), medium)}{tail}", INK.light)]
    named = [label for label in _named(subject) if label in curves]
    for label in named:
        text = f"{RHO} {rho_words(curves[label])}"
        if len(named) > 1:
            text = f"{on_one_line(label, room - width_in([f' {text}'], points), medium)} {text}"
        lines.append((text, look[label].color.light))
    for place, (text, shade) in enumerate(reversed(lines)):
        wide = width_in([text], points) > panel_in
        offset = (72 * medium.scale * _EDGE_IN / 2 * wide, 72 * medium.scale * (0.05 + place * _LINE_IN))
        side = "right" if wide else "left"
        axes.annotate(text, (float(wide), 1), offset, "axes fraction", "offset points", ha=side, fontsize=points, color=shade)


@dataclass(frozen=True, slots=True)
class _Legend:
    """Room for the names: as many columns as the longest allows."""

    columns: int
    column_in: float
    height_in: float

    @classmethod
    def of(cls, labels: Sequence[str], medium: Medium) -> "_Legend":
        handle = 0.5 * medium.scale
        columns = max(1, min(len(labels), int(medium.width_in / (width_in(labels, small_pt(medium)) + handle))))
        return cls(columns, medium.width_in / columns - handle, (0.1 + 0.2 * ceil(len(labels) / columns)) * medium.scale)


def _legend(figure: Figure, look: dict[str, Look], medium: Medium) -> None:
    room, scale = _Legend.of(list(look), medium), medium.scale
    handles = [
        Line2D(
            [],
            [],
            **{**_point(one, scale), "linestyle": one.dash, "linewidth": 1.1 * scale},
            label=on_one_line(label, room.column_in, medium),
        )
        for label, one in look.items()
    ]
    figure.legend(
        handles=handles,
        loc="center",
        bbox_to_anchor=(0.5, room.height_in / 2 / float(figure.get_size_inches()[1])),
        ncols=room.columns,
        frameon=False,
        fontsize=small_pt(medium),
        handlelength=2.2,
        columnspacing=1.2,
    )


def _caption(subject: Subject, panels: dict[str, dict[str, Curve]], medium: Medium) -> str:
    sweep, lead = subject.sweep, strip_metric(subject.sweep)
    asked = [method.label for method in subject.heard if not method.control] or [method.label for method in subject.heard]
    # Of many methods one metric's correlations are told; the alternative text has all.
    if len(asked) <= _NAMED:
        only, told = "", [(label, [(name, panels[name][label]) for name in panels if name != MOVED]) for label in asked]
    else:
        only, told = "The other metrics' are in the alternative text.", [(lead, [(label, panels[lead][label]) for label in asked])]
    return sentences(
        f"Mean scores along the {AXES[sweep.kind]}, of {len(sweep.pairs)} of the run's pairs, drawn by seed {sweep.seed}.",
        "Second \N{MINUS SIGN} target above 0: nearer to the second sound." if sweep.kind == "mix" else "",
        HOLLOW if subject.n_controls else "",
        rho_sentence(told, len(sweep.pairs)),
        only,
        heard_sentence(sweep.methods),
        subject.missing,
        *warnings_of(sweep.methods),
        subject.beside,
        ground(subject, list(panels), medium),
    )
