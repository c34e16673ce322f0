"""What each method gains in correspondence with the sound, against the structure of the source that it keeps."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from math import dist
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from adis_bench.results import MetricRecord, Score
from reports.data import RunData
from reports.drawing import Drawn, Medium, NotDrawn, drawing_on
from reports.findings import decimals, interval, is_pooled, number
from reports.lettering import small_pt, wrapped
from reports.marks import Look, looks
from reports.paper_figures.captions import HOLLOW, INTERVALS, basis, sentences, units
from reports.paper_figures.name_places import MARK_IN, Obstacle, place_names
from reports.style import CONTROL_COLOR, INK, LINE, MUTED
from reports.wording import listed

_HEIGHT_SHARE, _TALLEST_IN = 0.66, 2.9
"""Height of axes by their width, and the most (ours)."""
_WIDE_IN = 5.0
"""Ours, on a page: from here on two plots stand side by side."""
_MOST_NAMED = 4
"""Ours: more methods have their names in the close-up only, but for those at a control's place."""
_TITLES = ("with the controls", "the methods alone")
_NAME_COLUMNS = 18


@dataclass(frozen=True, slots=True)
class Point:
    """A method's two scores."""

    label: str
    across: Score
    up: Score

    @property
    def at(self) -> tuple[float, float]:
        """Both values."""
        return self.across.value or 0.0, self.up.value or 0.0


def draw_pareto(run: RunData, medium: Medium) -> list[Drawn]:
    """One figure: the first metric of correspondence that works, over the structure that is kept.

    Raises:
        NotDrawn: one of the two is missing or fails on this data, or no method has both.
    """
    across, up = _structure(run), _correspondence(run)
    points = [point for m in run.methods if (point := _point(run, m.label, across, up)) is not None]
    methods = {m.label for m in run.asked}
    if not methods & {point.label for point in points}:
        raise NotDrawn(f"no method was scored on both {up.name} and {across.name}")
    front = pareto_front([point for point in points if point.label in methods], across, up)
    with drawing_on(medium):
        figure, panels = _panels(medium, 2 if _needs_close_up(points, methods) else 1)
        for axes, shown, title in zip(panels, (points, [p for p in points if p.label in methods]), _TITLES, strict=False):
            _dress(axes, (across, up), medium)
            _draw(axes, shown, front, look := looks(run.methods), (across, up), medium)
            crowded = len(panels) > 1 and shown is points and len(methods) > _MOST_NAMED
            _name(axes, _not_to_be_mixed_up(axes, shown, methods, medium) if crowded else shown, shown, look, medium)
            if len(panels) > 1:
                axes.set_title(title, fontsize=medium.font_pt, color=MUTED.light, pad=4 * medium.scale)
    return [
        Drawn("pareto", "Correspondence against structure", figure, _alt(run, points, front, (across, up)), _caption(run, (across, up)))
    ]


def _needs_close_up(points: Sequence[Point], methods: Set[str]) -> bool:
    """Whether controls, which lie at the ends of both scales, crowd several methods together."""
    return sum(point.label in methods for point in points) > 1 and any(point.label not in methods for point in points)


def _not_to_be_mixed_up(axes: Axes, points: Sequence[Point], methods: Set[str], medium: Medium) -> list[Point]:
    """The controls, and the methods whose marks touch a control's: without its own name such a method would seem to bear that one."""
    places = _in_inches(axes, points)
    controls = [place for place, point in zip(places, points, strict=True) if point.label not in methods]

    def touches(place: tuple[float, float]) -> bool:
        return any(dist(place, control) < 2 * MARK_IN * medium.scale for control in controls)

    return [point for place, point in zip(places, points, strict=True) if point.label not in methods or touches(place)]


def _in_inches(axes: Axes, points: Sequence[Point]) -> list[tuple[float, float]]:
    dpi = axes.figure.dpi
    return [(float(x) / dpi, float(y) / dpi) for x, y in (axes.transData.transform(point.at) for point in points)]


def _panels(medium: Medium, n: int) -> tuple[Figure, list[Axes]]:
    """Axes side by side, or one above the other in a narrow column."""
    scale, width = medium.scale, medium.width_in
    columns = n if width / scale >= _WIDE_IN else 1
    left, bottom, edge, head = (scale * inches for inches in (0.62, 0.5, 0.12, 0.12 if n == 1 else 0.26))
    panel_in = (width - columns * (left + edge)) / columns
    tall = min(_HEIGHT_SHARE * panel_in, _TALLEST_IN * scale) if columns == 1 else 0.85 * panel_in
    rows = n // columns
    height = rows * (tall + bottom + head)
    figure = Figure(figsize=(width, height))
    made = []
    for place in range(n):
        row, column = divmod(place, columns)
        x, y = left + column * (panel_in + left + edge), height - (row + 1) * (tall + bottom + head) + bottom
        made.append(figure.add_axes((x / width, y / height, panel_in / width, tall / height)))
    return figure, made


def _structure(run: RunData) -> MetricRecord:
    # Its ceiling is the source unchanged.
    found = next((metric for metric in run.headline if metric.checked_by[0] == "identity"), None)
    if found is None:
        raise NotDrawn("no headline metric measures the structure that is kept")
    if found.failure:
        raise NotDrawn(f"{found.name} does not tell right images from wrong ones on this data")
    return found


def _correspondence(run: RunData) -> MetricRecord:
    found = [metric for metric in run.headline if metric.checked_by[0] != "identity" and not is_pooled(metric)]
    if not found:
        raise NotDrawn("no headline metric measures how outputs fit their sounds")
    working = [metric for metric in found if not metric.failure]
    if not working:
        raise NotDrawn(f"{listed([m.name for m in found])} {'do' if len(found) > 1 else 'does'} not tell right images from wrong ones here")
    return working[0]


def _point(run: RunData, label: str, across: MetricRecord, up: MetricRecord) -> Point | None:
    x, y = run.score(label, across.name), run.score(label, up.name)
    return None if x is None or y is None or x.value is None or y.value is None else Point(label, x, y)


def pareto_front(points: Sequence[Point], across: MetricRecord, up: MetricRecord) -> list[Point]:
    """The points that no other one beats in one score without losing in the other, from left to right."""
    signs = tuple(1 if metric.higher_is_better else -1 for metric in (across, up))

    def gains(point: Point) -> tuple[float, ...]:
        return tuple(sign * value for sign, value in zip(signs, point.at, strict=True))

    def is_beaten(one: Point) -> bool:
        return any(gains(other) != gains(one) and all(a >= b for a, b in zip(gains(other), gains(one), strict=True)) for other in points)

    return sorted((point for point in points if not is_beaten(point)), key=lambda point: point.at)


def _dress(axes: Axes, metrics: tuple[MetricRecord, MetricRecord], medium: Medium) -> None:
    scale = medium.scale
    across, up = metrics
    axes.set_xlabel(f"{across.name} {'↑' if across.higher_is_better else '↓'}", color=INK.light)
    axes.set_ylabel(f"{up.name} {'↑' if up.higher_is_better else '↓'}", color=INK.light)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(ScalarFormatter(useOffset=False))
    axes.tick_params(labelsize=small_pt(medium), labelcolor=MUTED.light, length=0, pad=3 * scale)
    axes.grid(color=LINE.light, linewidth=0.8 * scale)
    axes.set_axisbelow(True)
    axes.margins(0.14)
    for side in axes.spines.values():
        side.set_visible(False)


def _draw(
    axes: Axes,
    points: Sequence[Point],
    front: Sequence[Point],
    look: dict[str, Look],
    metrics: tuple[MetricRecord, MetricRecord],
    medium: Medium,
) -> None:
    scale = medium.scale
    if len(front) > 1:
        # Steps: nothing between two points of the front has been reached.
        axes.step(
            *zip(*(p.at for p in front), strict=True),
            where="pre" if metrics[0].higher_is_better else "post",
            color=MUTED.light,
            linewidth=1.1 * scale,
            zorder=1.5,
        )
    for point in points:
        (x, y), shade = point.at, look[point.label].color.light
        bar: dict[str, Any] = {"color": shade, "linewidth": 1.3 * scale, "zorder": 2, "solid_capstyle": "butt"}
        if point.across.ci_low is not None and point.across.ci_high is not None:
            axes.plot([point.across.ci_low, point.across.ci_high], [y, y], **bar)
        if point.up.ci_low is not None and point.up.ci_high is not None:
            axes.plot([x, x], [point.up.ci_low, point.up.ci_high], **bar)
        # A control's ring can be seen over a method's mark; the other way round the mark would hide it.
        axes.plot(x, y, zorder=3.5 if look[point.label].hollow else 3, **look[point.label].point(5.8 * scale))
    # Where worse stands for more, the axis runs the other way: better is always right and up.
    if not metrics[0].higher_is_better:
        axes.invert_xaxis()
    if not metrics[1].higher_is_better:
        axes.invert_yaxis()
    axes.autoscale_view()


def _name(axes: Axes, points: Sequence[Point], every: Sequence[Point], look: dict[str, Look], medium: Medium) -> None:
    """Names beside the points, where they touch neither each other nor a point."""
    names = [wrapped(point.label, _NAME_COLUMNS) for point in points]
    to_inches = axes.transData.transform
    dpi, box = axes.figure.dpi, axes.get_window_extent()
    places = _in_inches(axes, points)
    bounds = (box.x0 / dpi, box.y0 / dpi, box.x1 / dpi, box.y1 / dpi)
    bars = []
    for point in every:
        for ends in [(point.at, point.at), *_ends(point)]:
            (x0, y0), (x1, y1) = ((value / dpi for value in to_inches(end)) for end in ends)
            bars.append(Obstacle(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
    size_pt = small_pt(medium)
    for name, point, spot in zip(names, points, place_names(names, places, bars, bounds, size_pt, medium), strict=True):
        of = look[point.label]
        axes.annotate(
            name,
            point.at,
            (72 * spot.dx, 72 * spot.dy),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=size_pt,
            color=MUTED.light if of.hollow else of.color.light,
            linespacing=1.05,
            arrowprops={"arrowstyle": "-", "color": CONTROL_COLOR.light, "linewidth": 0.6 * medium.scale, "shrinkA": 1, "shrinkB": 4}
            if spot.far
            else None,
            zorder=4,
        )


def _ends(point: Point) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    (x, y), found = point.at, []
    if point.across.ci_low is not None and point.across.ci_high is not None:
        found.append(((point.across.ci_low, y), (point.across.ci_high, y)))
    if point.up.ci_low is not None and point.up.ci_high is not None:
        found.append(((x, point.up.ci_low), (x, point.up.ci_high)))
    return found


def _alt(run: RunData, points: Sequence[Point], front: Sequence[Point], metrics: tuple[MetricRecord, MetricRecord]) -> str:
    across, up = metrics

    def said(score: Score, metric: MetricRecord) -> str:
        places = decimals(metric.name, run)
        return f"{metric.name} {number(score.value or 0.0, places)} {interval(score.ci_low, score.ci_high, places)}".strip()

    every = "; ".join(f"{p.label} {said(p.up, up)}, {said(p.across, across)}" for p in points)
    return f"{up.name} over {across.name}, with 95 % intervals. {every}. On the front of the methods: {listed([p.label for p in front])}."


def _caption(run: RunData, metrics: tuple[MetricRecord, MetricRecord]) -> str:
    across, up = metrics
    return sentences(
        f"{up.name} over {across.name}; better is right and up. Line: the front of the methods, which no other method beats in one without "
        "losing in the other, by their values, whatever the intervals say.",
        HOLLOW if any(m.control for m in run.methods) else "",
        INTERVALS,
        basis(run),
        units(metrics),
    )
