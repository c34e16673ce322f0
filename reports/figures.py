"""Plots of scores and of paired differences with their intervals, as SVG for light and dark ground."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from adis_bench.results import MetricRecord
from reports.data import RunData
from reports.drawing import PAGE, Drawing, as_svg, drawing_on
from reports.findings import compare, decimals, interval, number, references
from reports.media import MediaFolder
from reports.style import LINE, METHOD_COLORS, MUTED, color, darkened, tones

_ROW_IN, _GAP_IN = 0.27, 0.24
LEGEND_IN, FOOT_IN = 0.26, 0.38
"""Room for a legend of one line above a plot, and for the numbers below it."""
_AGAINST_MARKS = (("o", METHOD_COLORS[0]), ("D", METHOD_COLORS[1]))


@dataclass(frozen=True, slots=True)
class Panel:
    """A plot of one metric in the report's folder.

    Attributes:
        metric: what is plotted.
        light, dark: addresses relative to ``index.html``.
        alt: the plot in words, with its numbers.
    """

    metric: MetricRecord
    light: str
    dark: str
    alt: str


def score_panels(run: RunData, media: MediaFolder) -> tuple[Panel, ...]:
    """One panel per headline metric: a row per method, its value and its interval."""
    drawn = ((metric, scores(run, metric)) for metric in run.headline)
    return tuple(panel_of(metric, drawing, media) for metric, drawing in drawn if drawing)


def difference_panels(run: RunData, media: MediaFolder) -> tuple[Panel, ...]:
    """One forest plot per headline metric: methods against identity and shuffled."""
    drawn = ((metric, differences(run, metric)) for metric in run.headline)
    return tuple(panel_of(metric, drawing, media) for metric, drawing in drawn if drawing)


def panel_of(metric: MetricRecord, drawing: Drawing, media: MediaFolder) -> Panel:
    """The drawing among the page's media, for light and for dark pages."""
    light = media.add(drawing.svg.encode(), ".svg")
    return Panel(metric, light, media.add(darkened(drawing.svg).encode(), ".svg"), drawing.alt)


def scores(run: RunData, metric: MetricRecord) -> Drawing | None:
    """Values with intervals; None where no method was scored."""
    found = [s for m in run.methods if (s := run.score(m.label, metric.name)) is not None and s.value is not None]
    if not found:
        return None
    tone, asked = tones(run.methods), {m.label for m in run.asked}
    with row_axes([s.method for s in found]) as (axes, figure):
        for row, score in enumerate(found):
            shade, value = color(tone[score.method]).light, score.value or 0.0
            if score.ci_low is not None and score.ci_high is not None:
                axes.plot([score.ci_low, score.ci_high], [row, row], color=shade, linewidth=2.2, solid_capstyle="round")
            # Controls are hollow: told apart from methods without colour, too.
            face = shade if score.method in asked else "none"
            axes.plot(value, row, marker="o", markersize=6.5, color=shade, markerfacecolor=face, markeredgewidth=1.5)
        n_controls = sum(s.method not in asked for s in found)
        if 0 < n_controls < len(found):
            axes.axhline(n_controls - 0.5, color=LINE.light, linewidth=1.0)
        svg = as_svg(figure, f"scores-{metric.name}")
    places = decimals(metric.name, run)
    words = "; ".join(f"{s.method} {number(s.value or 0.0, places)} {interval(s.ci_low, s.ci_high, places)}".strip() for s in found)
    return Drawing(svg, f"{metric.name} by method with 95 % intervals. {words}.")


def differences(run: RunData, metric: MetricRecord) -> Drawing | None:
    """Paired differences with intervals and the line at 0; None where there are none."""
    controls = references(run)
    rows = [m.label for m in run.asked if any(compare(run, m.label, c, metric).value for c in controls)]
    if not rows:
        return None
    with row_axes(rows, row_in=0.42, head_in=LEGEND_IN) as (axes, figure):
        axes.axvline(0, color=MUTED.light, linewidth=1.0)
        for (mark, shade), against, shift in zip(_AGAINST_MARKS, controls, (-0.17, 0.17), strict=False):
            _forest(axes, run, rows, against, metric, shift, mark, shade.light)
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-0.01, 1.0),
            ncols=2,
            frameon=False,
            handletextpad=0.3,
            columnspacing=1.2,
            labelcolor=MUTED.light,
        )
        svg = as_svg(figure, f"differences-{metric.name}")
    words = "; ".join(
        f"{label} {c.words} ({c.value} {c.interval})"
        for label in rows
        for against in controls
        if (c := compare(run, label, against, metric)).value
    )
    return Drawing(svg, f"Paired differences in {metric.name} with 95 % intervals. {words}.")


def _forest(axes: Axes, run: RunData, rows: Sequence[str], against: str, metric: MetricRecord, shift: float, mark: str, shade: str) -> None:
    label: str | None = f"minus {against}"
    for row, method in enumerate(rows):
        found = run.difference(method, against, metric.name)
        if found is None or found.value is None:
            continue
        if found.ci_low is not None and found.ci_high is not None:
            axes.plot([found.ci_low, found.ci_high], [row + shift] * 2, color=shade, linewidth=2.2, solid_capstyle="round")
        axes.plot(found.value, row + shift, marker=mark, markersize=5.5, color=shade, linestyle="none", label=label)
        label = None


@contextmanager
def row_axes(rows: Sequence[str], row_in: float = _ROW_IN, head_in: float = 0.0, foot_in: float = FOOT_IN) -> Iterator[tuple[Axes, Figure]]:
    """Axes with one row per name (of one or more lines), the first on top, and no more ink than that needs.

    Args:
        rows: the names.
        row_in: inches of a row.
        head_in: inches above the rows, for a legend.
        foot_in: inches below them.
    """
    with drawing_on(PAGE):
        height = foot_in + _GAP_IN + head_in + row_in * len(rows)
        figure = Figure(figsize=(PAGE.width_in, height))
        longest = max(len(line) for row in rows for line in row.split("\n"))
        left = min(0.45, (0.25 + 0.085 * longest) / PAGE.width_in)
        axes = figure.add_axes((left, foot_in / height, 0.95 - left, (height - foot_in - head_in - 0.06) / height))
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), rows)
        axes.tick_params(axis="y", length=0, pad=8)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.grid(axis="x", color=LINE.light, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.margins(x=0.06)
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        yield axes, figure
