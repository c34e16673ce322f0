"""What plots of scores and of paired differences are made of: axes of rows, marks with their intervals, legends, words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from adis_bench.results import MetricRecord
from reports.data import RunData
from reports.drawing import PAGE, Drawing, Medium, drawing_on
from reports.findings import Verdict, compare, decimals, interval, number, references
from reports.lettering import LEAST_PT, width_in
from reports.marks import looks
from reports.media import MediaFolder
from reports.style import INK, LINE, MUTED, PANEL, darkened

_ROW_IN, _GAP_IN = 0.27, 0.24
LEGEND_IN, FOOT_IN = 0.26, 0.38
"""Room for a legend of one line above a plot, and for the numbers below it."""
_WIDEST_NAMES = 0.45
"""Share of a figure's width (ours): more for the names of rows leaves too little for the plot."""


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


def panel_of(metric: MetricRecord, drawing: Drawing, media: MediaFolder) -> Panel:
    """The drawing among the page's media, for light and for dark pages."""
    light = media.add(drawing.svg.encode(), ".svg")
    return Panel(metric, light, media.add(darkened(drawing.svg).encode(), ".svg"), drawing.alt)


def scored(run: RunData, metric: MetricRecord) -> list[str]:
    """Labels that have a value, controls first."""
    return [m.label for m in run.methods if (s := run.score(m.label, metric.name)) is not None and s.value is not None]


def score_words(run: RunData, metric: MetricRecord, rows: Sequence[str]) -> str:
    """What ``mark_scores`` draws into these rows, in words."""
    places = decimals(metric.name, run)
    found = [s for label in rows if (s := run.score(label, metric.name)) is not None and s.value is not None]
    return "; ".join(f"{s.method} {number(s.value or 0.0, places)} {interval(s.ci_low, s.ci_high, places)}".strip() for s in found)


def mark_scores(axes: Axes, run: RunData, metric: MetricRecord, rows: Sequence[str], medium: Medium) -> None:
    """Draw values and intervals into axes of rows.

    Args:
        axes: of ``dressed_rows``.
        run: a run.
        metric: one of its metrics.
        rows: labels of methods and controls, the first on top; what has no value is said to have none.
        medium: where the figure will stand.
    """
    look, places = looks(run.methods), axes.get_yticks()
    for row, label in zip(places, rows, strict=True):
        score, of = run.score(label, metric.name), look[label]
        if score is None or score.value is None:
            across = axes.get_yaxis_transform()
            axes.text(0.5, row, "not scored", transform=across, ha="center", va="center", color=MUTED.light, fontsize=_aside_pt(medium))
            continue
        if score.ci_low is not None and score.ci_high is not None:
            width = 2.2 * medium.scale
            axes.plot([score.ci_low, score.ci_high], [row, row], color=of.color.light, linewidth=width, solid_capstyle="round")
        # Controls are hollow: told apart from methods without colour, too.
        axes.plot(score.value, row, **of.point((5.2 if medium.paper else 6.5) * medium.scale))
    n_controls = sum(look[label].hollow for label in rows)
    if 0 < n_controls < len(rows):
        axes.axhline((places[n_controls - 1] + places[n_controls]) / 2, color=LINE.light, linewidth=1.0)


def _aside_pt(medium: Medium) -> float:
    return max(LEAST_PT, 0.8 * medium.font_pt)


def compared(run: RunData, metric: MetricRecord) -> list[str]:
    """Labels of the methods that have a difference from a control of reference."""
    return [m.label for m in run.asked if any(compare(run, m.label, control, metric).value for control in references(run))]


def difference_words(run: RunData, metric: MetricRecord) -> str:
    """What ``mark_differences`` draws, in words."""
    every = ((label, compare(run, label, against, metric)) for label in compared(run, metric) for against in references(run))
    return "; ".join(f"{label} {c.words} ({c.value} {c.interval})" for label, c in every if c.value)


REFERENCE_MARKS = ("o", "D")
"""Shapes of the differences from ``reports.findings.references``."""
_SHIFTS = (-0.17, 0.17)
_BESIDE_ZERO = 0.03
"""Share of an axis (ours) behind a line that would be its edge."""


def mark_differences(axes: Axes, run: RunData, metric: MetricRecord, rows: Sequence[str], medium: Medium) -> None:
    """Draw the differences from the controls of reference into axes of rows, one shape for each control.

    Args:
        axes: of ``dressed_rows``.
        run: a run.
        metric: one of its metrics.
        rows: labels of methods, the first on top.
        medium: where the figure will stand.
    """
    look = looks(run.methods)
    for mark, against, shift in zip(REFERENCE_MARKS, references(run), _SHIFTS, strict=False):
        for row, label in zip(axes.get_yticks(), rows, strict=True):
            mark_difference(axes, run, metric, (label, against), row + shift, (look[label].color.light, mark), medium)
    show_better(axes, metric)


def mark_difference(
    axes: Axes, run: RunData, metric: MetricRecord, of: tuple[str, str], row: float, look: tuple[str, str], medium: Medium
) -> None:
    """Draw one difference with its interval; hollow where no difference is shown.

    Args:
        axes: where.
        run: a run.
        metric: one of its metrics.
        of: the labels; the second is subtracted.
        row: height in the axes.
        look: colour and shape.
        medium: where the figure will stand.
    """
    found = run.difference(*of, metric.name)
    if found is None or found.value is None:
        return
    shade, mark = look
    if found.ci_low is not None and found.ci_high is not None:
        axes.plot([found.ci_low, found.ci_high], [row, row], color=shade, linewidth=2.0 * medium.scale, solid_capstyle="round")
    shown = compare(run, *of, metric).verdict in (Verdict.BETTER, Verdict.WORSE)
    face = shade if shown else "white" if medium.paper else "none"
    size = (5.0 if mark == "D" else 5.8) * medium.scale
    axes.plot(found.value, row, marker=mark, markersize=size, color=shade, markerfacecolor=face, markeredgewidth=1.2 * medium.scale)


def show_better(axes: Axes, metric: MetricRecord) -> None:
    """A line at no difference, and a tint where the metric is better."""
    low, high = axes.get_xlim()
    low, high = min(low, 0.0), max(high, 0.0)
    low, high = low - _BESIDE_ZERO * (high - low) * (low == 0), high + _BESIDE_ZERO * (high - low) * (high == 0)
    axes.axvspan(0, high if metric.higher_is_better else low, color=PANEL.light, linewidth=0, zorder=0)
    axes.axvline(0, color=MUTED.light, linewidth=1.0)
    axes.set_xlim(low, high)


def name_references(figure: Figure, controls: Sequence[str], medium: Medium) -> None:
    """A legend of the shapes of ``mark_differences`` along the upper edge.

    Args:
        figure: with axes.
        controls: what is subtracted, in the order of ``REFERENCE_MARKS``.
        medium: where the figure will stand.
    """
    axes = figure.axes[0]
    names = [f"minus {control}" for control in controls]
    # At the axes' edge, or farther left where it would be cut off.
    words_in = sum(width_in([name], medium.font_pt) for name in names) + 0.5 * medium.scale * len(names)
    left = max(0.01, min(axes.get_position().x0, 1 - words_in / medium.width_in))
    for mark, name in zip(REFERENCE_MARKS, names, strict=False):
        axes.plot([], [], marker=mark, linestyle="none", color=INK.light, markersize=5 * medium.scale, label=name)
    figure.legend(
        loc="upper left",
        bbox_to_anchor=(left - 0.01, 1.0),
        ncols=2,
        frameon=False,
        handletextpad=0.3,
        columnspacing=1.2,
        borderaxespad=0.2,
        labelcolor=MUTED.light,
    )


@contextmanager
def row_axes(
    rows: Sequence[str], row_in: float = _ROW_IN, head_in: float = 0.0, foot_in: float = FOOT_IN, medium: Medium = PAGE
) -> Iterator[tuple[Axes, Figure]]:
    """Axes with one row per name (of one or more lines), the first on top, and no more ink than that needs.

    Args:
        rows: the names.
        row_in: inches of a row on a page; other media scale them.
        head_in: inches above the rows, for a legend.
        foot_in: inches below them.
        medium: where the figure will stand.
    """
    with drawing_on(medium):
        row, head, foot, gap = (medium.scale * inches for inches in (row_in, head_in, foot_in, _GAP_IN))
        height = foot + gap + head + row * len(rows)
        figure = Figure(figsize=(medium.width_in, height))
        left = names_in(rows, medium) / medium.width_in
        axes = figure.add_axes((left, foot / height, 0.95 - left, (height - foot - head - 0.06) / height))
        dressed_rows(axes, rows, medium)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        yield axes, figure


def names_in(rows: Sequence[str], medium: Medium) -> float:
    """Inches that the names of rows take at the left of a figure."""
    return min(_WIDEST_NAMES * medium.width_in, width_in(rows, medium.font_pt) + 0.16 * medium.scale)


def dressed_rows(axes: Axes, rows: Sequence[str], medium: Medium, edges: Sequence[float] = ()) -> None:
    """Give axes their rows and their grid.

    Args:
        axes: to be dressed.
        rows: the names, the first on top.
        medium: where the figure will stand.
        edges: where rows begin and the last one ends (``reports.lettering.row_edges``); by default all are 1 tall, and centred on 0, 1 ...
    """
    edges = edges or [row - 0.5 for row in range(len(rows) + 1)]
    axes.set_ylim(edges[-1], edges[0])
    axes.set_yticks([(top + bottom) / 2 for top, bottom in pairwise(edges)], rows)
    axes.tick_params(axis="y", length=0, pad=8 * medium.scale)
    # An offset beside the axis (+1.2e3) is overlooked.
    axes.xaxis.set_major_formatter(ScalarFormatter(useOffset=False))
    axes.grid(axis="x", color=LINE.light, linewidth=0.8 * medium.scale)
    axes.set_axisbelow(True)
    axes.margins(x=0.06)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
