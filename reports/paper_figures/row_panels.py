"""Plots side by side that share the names of their rows; in a narrow column they stand in several bands."""

from collections.abc import Sequence
from math import ceil

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from adis_bench.printable import printable
from adis_bench.results import MetricRecord
from reports.drawing import Medium
from reports.figures import dressed_rows, names_in
from reports.lettering import MOST_LINES, columns_in, row_edges, small_pt, width_in, wrapped
from reports.paper_figures.captions import mark_of_failure
from reports.style import INK

_NARROWEST_IN = 1.0
"""Ours, on a page: narrower axes have no room for three numbers."""
_FEWEST = 6
"""Ours: letters of a line; fewer are no words."""
_GAP_IN, _EDGE_IN, _LINE_IN, _FOOT_IN = 0.2, 0.15, 0.17, 0.34


def row_panels(
    metrics: Sequence[MetricRecord], labels: Sequence[str], medium: Medium, row_in: float = 0.24, legend_in: float = 0.0
) -> tuple[Figure, list[Axes]]:
    """A figure with one plot per metric, to be made in ``drawing_on`` of the medium.

    Args:
        metrics: what each plot shows, and its title.
        labels: names of the rows, the first on top; long ones are wrapped.
        medium: where the figure will stand.
        row_in: inches of a row of one line, on a page.
        legend_in: inches above all, for a legend, on a page.

    Returns:
        The figure and its axes in the order of the metrics.
    """
    scale, width = medium.scale, medium.width_in
    rows = [wrapped(label) for label in labels]
    left, gap, edge = names_in(rows, medium), _GAP_IN * scale, _EDGE_IN * scale
    room = width - left - edge
    most = max(1, int((room + gap) / (_NARROWEST_IN * scale + gap)))
    n_bands = ceil(len(metrics) / most)
    n_columns = ceil(len(metrics) / n_bands)
    panel_in = (room - gap * (n_columns - 1)) / n_columns
    heads = [_head(metric, panel_in, medium) for metric in metrics]
    edges = row_edges(rows, row_in)
    body_in = scale * row_in * edges[-1]
    head_in = scale * (0.08 + _LINE_IN * max(text.count("\n") + 1 for text in heads))
    band_in = head_in + body_in + scale * _FOOT_IN
    height = band_in * n_bands + scale * legend_in
    figure, made = Figure(figsize=(width, height)), []
    for place, head in enumerate(heads):
        band, column = divmod(place, n_columns)
        bottom = height - scale * legend_in - band * band_in - head_in - body_in
        axes = figure.add_axes(((left + column * (panel_in + gap)) / width, bottom / height, panel_in / width, body_in / height))
        dressed_rows(axes, rows, medium, edges)
        axes.set_title(head, fontsize=medium.font_pt, color=INK.light, pad=4 * scale)
        axes.xaxis.set_major_locator(MaxNLocator(max(2, int(panel_in / (0.36 * scale))), steps=[1, 2, 5, 10]))
        axes.tick_params(axis="x", labelsize=small_pt(medium), pad=2 * scale)
        if column:
            axes.tick_params(axis="y", labelleft=False)
        made.append(axes)
    return figure, made


def _head(metric: MetricRecord, inches: float, medium: Medium) -> str:
    """A metric's name with its direction, and a mark where it fails, in lines of at most these inches."""
    tail = f" {'↑' if metric.higher_is_better else '↓'}{f' {mark_of_failure(medium)}' if metric.failure else ''}"
    return fitting(metric.name, inches - width_in([tail], medium.font_pt), medium.font_pt) + tail


def fitting(text: str, inches: float, size_pt: float, most_lines: int = MOST_LINES) -> str:
    """A text in lines of at most these inches, as far as it can be broken.

    Args:
        text: any text.
        inches: the room that it has.
        size_pt: size of its letters in points.
        most_lines: what is left behind them becomes an ellipsis; of 1, a text that is too long loses its end.
    """
    # Broken and cut no more than it must be: at first it has room for all its letters, however wide they are.
    columns = ceil(columns_in(printable(text)))
    broken = wrapped(text, columns, most_lines)
    while columns > _FEWEST and width_in([broken], size_pt) > inches:
        columns -= 1
        broken = wrapped(text, columns, most_lines)
    return broken
