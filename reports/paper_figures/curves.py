"""The losses of the trainings, step by step."""

from collections.abc import Sequence
from math import ceil
from statistics import median
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.data import RunData
from reports.drawing import Drawn, Medium, NotDrawn, drawing_on
from reports.lettering import small_pt, width_in
from reports.marks import Look, looks
from reports.paper_figures.captions import sentences
from reports.paper_figures.row_panels import fitting
from reports.paper_figures.training_logs import Log, find_logs
from reports.style import INK, LINE, MUTED
from reports.wording import listed

_NARROWEST_IN, _BODY_IN = 1.6, 1.0
"""Ours, on a page."""
_GAP_IN, _LEFT_IN, _EDGE_IN, _HEAD_IN, _FOOT_IN, _LEGEND_IN = 0.5, 0.48, 0.12, 0.26, 0.3, 0.24
_MEDIAN_SHARE, _FEWEST_ROWS = 0.05, 20
"""Rows of the running median by those of the log, and the rows from which there is one (ours)."""
_MOST_POINTS = 1000
"""Ours: of a raw curve; more can't be told apart and make heavy files."""


def draw_curves(run: RunData, medium: Medium) -> list[Drawn]:
    """One figure: a plot for each loss, a curve for each method that has it.

    Raises:
        NotDrawn: there is no log.
    """
    logs, missing = find_logs(run)
    if not logs:
        raise NotDrawn(_absent(missing) or "only controls were run, which are not trained")
    names = list(dict.fromkeys(name for log in logs for name in log.losses))
    look = looks(run.methods)
    with drawing_on(medium):
        figure, panels = _panels(names, [log.label for log in logs], medium)
        for axes, name in zip(panels, names, strict=True):
            for log in logs:
                if name in log.losses:
                    _draw(axes, log.losses[name], look[log.label], medium)
            if (steps := {step for log in logs for step, _ in log.losses.get(name, ())}) and len(steps) == 1:
                # Around a single step the ticks would be fractions of a step, which all read the same.
                axes.set_xticks([*steps])
        _legend(figure, logs, look, medium)
    caption = sentences(
        "Losses by training step; thin: as logged"
        + (f" (every {_stride(logs)}th row)" if _stride(logs) > 1 else "")
        + f", {_smoothing(logs)}. Methods have different objectives: a lower loss does not mean a better one.",
        f"Without a curve: {_absent(missing)}." if missing else "",
        f"Trained on {run.results.dataset.name if run.train_data is None else run.train_data['name']}.",
    )
    return [Drawn("curves", "Training curves", figure, _words(logs), caption)]


def _absent(missing: Sequence[tuple[str, str]]) -> str:
    reasons = dict.fromkeys(reason for _, reason in missing)
    return "; ".join(f"{listed([label for label, why in missing if why == reason])}: {reason}" for reason in reasons)


def running_median(values: Sequence[float], n: int) -> list[float]:
    """The median of the ``n`` values around each one, fewer at the ends; ``n`` is odd."""
    half = n // 2
    return [median(values[max(0, at - half) : at + half + 1]) for at in range(len(values))]


def window(n_rows: int) -> int:
    """Rows of the running median: odd, and 0 where the log is too short for one."""
    return 0 if n_rows < _FEWEST_ROWS else 2 * max(1, round(_MEDIAN_SHARE * n_rows / 2)) + 1


def _rows(log: Log) -> int:
    return max(map(len, log.losses.values()))


def _stride(logs: Sequence[Log]) -> int:
    return max(1, *(ceil(_rows(log) / _MOST_POINTS) for log in logs))


def _smoothing(logs: Sequence[Log]) -> str:
    windows = {log.label: window(_rows(log)) for log in logs}
    if not any(windows.values()):
        return "not smoothed"
    distinct = sorted({n for n in windows.values() if n})
    return f"thick: running median of {listed([str(n) for n in distinct])} rows"


def _draw(axes: Axes, points: Sequence[tuple[float, float]], look: Look, medium: Medium) -> None:
    steps, values = [step for step, _ in points], [value for _, value in points]
    n, stride, shade = window(len(points)), max(1, ceil(len(points) / _MOST_POINTS)), look.color.light
    thin: dict[str, Any] = {"linewidth": 0.6 * medium.scale, "alpha": 0.45 if n else 1.0}
    axes.plot(steps[::stride], values[::stride], color=shade, linestyle="-", marker="." if len(points) == 1 else "", **thin)
    if n:
        axes.plot(steps[::stride], running_median(values, n)[::stride], color=shade, linestyle=look.dash, linewidth=1.5 * medium.scale)


def _panels(names: Sequence[str], labels: Sequence[str], medium: Medium) -> tuple[Figure, list[Axes]]:
    scale, width = medium.scale, medium.width_in
    gap, left, edge, head, foot = (scale * inches for inches in (_GAP_IN, _LEFT_IN, _EDGE_IN, _HEAD_IN, _FOOT_IN))
    most = max(1, int((width - left - edge + gap) / (scale * _NARROWEST_IN)))
    n_bands = ceil(len(names) / most)
    n_columns = ceil(len(names) / n_bands)
    panel_in, body = (width - left - edge - gap * (n_columns - 1)) / n_columns, _BODY_IN * scale
    top = scale * (_LEGEND_IN * _legend_lines(labels, medium) + 0.04)
    height = n_bands * (head + body + foot) + top + 0.12 * scale
    figure, made = Figure(figsize=(width, height)), []
    for place, name in enumerate(names):
        band, column = divmod(place, n_columns)
        bottom = height - top - band * (head + body + foot) - head - body
        axes = figure.add_axes(((left + column * (panel_in + gap)) / width, bottom / height, panel_in / width, body / height))
        axes.set_title(fitting(name, panel_in, medium.font_pt, 1), fontsize=medium.font_pt, color=INK.light, pad=4 * scale)
        axes.xaxis.set_major_locator(MaxNLocator(max(2, int(panel_in / (0.5 * scale))), integer=True, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.tick_params(labelsize=small_pt(medium), labelcolor=MUTED.light, pad=3 * scale)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", color=LINE.light, linewidth=0.8 * scale)
        axes.set_axisbelow(True)
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        made.append(axes)
    figure.text(
        1 - edge / width, 0.02 * scale / height, "training step", ha="right", va="bottom", fontsize=small_pt(medium), color=MUTED.light
    )
    return figure, made


def _legend_columns(labels: Sequence[str], medium: Medium) -> int:
    return max(1, int((medium.width_in - 0.2) / (width_in(labels, medium.font_pt) + 0.55 * medium.scale)))


def _legend_lines(labels: Sequence[str], medium: Medium) -> int:
    return ceil(len(labels) / _legend_columns(labels, medium))


def _legend(figure: Figure, logs: Sequence[Log], look: dict[str, Look], medium: Medium) -> None:
    width = 1.8 * medium.scale
    lines = [Line2D([], [], color=look[log.label].color.light, linestyle=look[log.label].dash, linewidth=width) for log in logs]
    labels = [log.label for log in logs]
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0.01, 1.0), "borderaxespad": 0.2}
    figure.legend(lines, labels, **place, ncols=_legend_columns(labels, medium), frameon=False, handlelength=2.2, columnspacing=1.4)


def _words(logs: Sequence[Log]) -> str:
    """First and last value of each curve."""
    said = []
    for log in logs:
        ends = (f"{name} from {points[0][1]:.3g} to {points[-1][1]:.3g}" for name, points in log.losses.items())
        said.append(f"{log.label} over {max(points[-1][0] for points in log.losses.values()):,.0f} steps: {', '.join(ends)}")
    return f"Losses by training step. {'; '.join(said)}."
