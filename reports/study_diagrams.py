"""The plots of a study with a form of their own: who stands above whom, places, critical differences, workers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adis_bench.study.results import StudyResults, WorkerRow
from reports.drawing import PAGE, Drawing, as_svg, drawing_on, style
from reports.figures import names_in
from reports.findings import number
from reports.lettering import row_height, wrapped
from reports.matrix import Tile, matrix
from reports.study_figures import FOOT, MOST_DRAWN
from reports.study_findings import versus
from reports.study_tables import labels, place_name
from reports.style import BAD, INK, LINE, METHOD_COLORS, MUTED, color, label_tones
from reports.wording import listed

WIDTH_IN = 4.3
SMALLEST_CELL_IN = 0.24
"""Ours: narrower cells of a matrix hold no number of three digits; the table beside has it."""
MOST_TICKS = 15
"""Ours: numbers of two digits begin to touch."""
NAMED_PAIRS = 6
"""Pairs that an alt text names; the table has all."""


@contextmanager
def _canvas(height: float) -> Iterator[Figure]:
    with mpl.rc_context(style(PAGE)):
        yield Figure(figsize=(WIDTH_IN, height))


def wins(results: StudyResults) -> Drawing | None:
    """How often the row's method stands above the column's: blue above half, orange below; None where no pair was compared.

    Nor is it drawn of more methods than ``MOST_DRAWN``, here and in ``places``.
    """
    if not results.differences or len(results.methods) > MOST_DRAWN:
        return None
    order, pairs = labels(results), versus(results)
    cells = [[pairs[first, second].share_better if (first, second) in pairs else None for second in order] for first in order]
    rows = [f"{place}  {wrapped(label)}".replace("\n", "\n    ") for place, label in enumerate(order, 1)]
    svg = _matrix(rows, [str(place) for place in range(1, len(order) + 1)], cells, "wins", middle=0.5)
    found = sorted(results.differences, key=lambda one: -one.share_better)
    said = "; ".join(f"{one.method} above {one.against} in {100 * one.share_better:.0f} %" for one in found[:NAMED_PAIRS])
    more = f"; {len(found) - NAMED_PAIRS} more pairs in the table" if len(found) > NAMED_PAIRS else ""
    return Drawing(svg, f"Share of the rankings in which one method stands above another: {said}{more}.")


def places(results: StudyResults) -> Drawing | None:
    """How often each method came 1st ... kth over resamples; None without resampling."""
    if not results.bootstrap.n_replicates or len(results.methods) > MOST_DRAWN:
        return None
    order = labels(results)
    shares = {method.method: row for method, row in zip(results.methods, results.bootstrap.places, strict=True)}
    rows = [wrapped(label) for label in order]
    cells = [list(shares[label]) for label in order]
    svg = _matrix(rows, [place_name(place) for place in range(1, len(order) + 1)], cells, "places", middle=0.0)
    often = {label: max(range(len(order)), key=shares[label].__getitem__) for label in order}
    said = (f"{label} {place_name(place + 1)} in {100 * shares[label][place]:.0f} %" for label, place in often.items())
    over = f"{results.bootstrap.n_replicates:,} resamples of workers and items"
    return Drawing(svg, f"Place by mean points over {over}; the most frequent place of each: {'; '.join(said)}.")


def _matrix(rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[float | None]], name: str, middle: float) -> str:
    """Shares of 0 to 1 as tinted cells, deeper the farther they are from the middle."""
    # Numbers that don't fit above their cells stand at the left, in the same order.
    named = columns if (WIDTH_IN - names_in(rows, PAGE)) / len(columns) >= SMALLEST_CELL_IN else [""] * len(columns)
    with drawing_on(PAGE):
        figure, _ = matrix(rows, named, [[_tile(share, middle) for share in shares] for shares in cells], PAGE, row_in=0.32)
        return as_svg(figure, name)


def _tile(share: float | None, middle: float) -> Tile:
    if share is None:
        return Tile()
    return Tile(f"{100 * share:.0f}", METHOD_COLORS[0 if share >= middle else 1], abs(share - middle) / max(middle, 1 - middle))


def critical_difference(results: StudyResults) -> Drawing | None:
    """Mean ranks on one axis, best at the left; bars join methods that Nemenyi's test can't tell apart; None without the test."""
    post_hoc = results.post_hoc
    if post_hoc.critical_difference is None:
        return None
    ranks = {method.method: rank for method, rank in zip(results.methods, post_hoc.mean_ranks, strict=True)}
    order = sorted(ranks, key=lambda label: ranks[label])
    rows, k = [wrapped(label) for label in order], len(order)
    groups = [group for group in post_hoc.groups if len(group) > 1]
    longest = max(len(line) for row in rows for line in row.split("\n"))
    left = min(0.45, (0.25 + 0.085 * longest) / WIDTH_IN)
    row_in, head_in, bars_in = row_height(rows, 0.26), 0.62, 0.1 + 0.1 * len(groups)
    body_in = bars_in + row_in * k
    height = head_in + body_in + 0.05
    with _canvas(height) as figure:
        axes = figure.add_axes((left, 0.05 / height, 0.95 - left, body_in / height))
        axes.set_xlim(1, k)
        axes.set_ylim(body_in, 0)
        _ruler(axes, post_hoc.critical_difference, k, height)
        for place, group in enumerate(groups):
            ends = [ranks[label] for label in group]
            down, pad = 0.1 + 0.1 * place, 0.008 * k
            axes.plot([min(ends) - pad, max(ends) + pad], [down, down], color=INK.light, linewidth=4, solid_capstyle="round", clip_on=False)
        _stems(axes, [ranks[label] for label in order], [bars_in + row_in * (row + 0.5) for row in range(k)], _shades(results, order))
        axes.set_yticks([bars_in + row_in * (row + 0.5) for row in range(k)], rows)
        axes.tick_params(axis="y", length=0, pad=8)
        svg = as_svg(figure, "critical_difference")
    return Drawing(svg, _critical_words(ranks, order, groups, post_hoc.critical_difference))


def _shades(results: StudyResults, order: Sequence[str]) -> list[str]:
    tones = label_tones([method.method for method in results.methods])
    return [color(tones[label]).light for label in order]


def _ruler(axes: Axes, critical: float, k: int, height: float) -> None:
    axes.xaxis.tick_top()
    axes.set_xticks(range(1, k + 1) if k <= MOST_TICKS else [1, *range(k // 5, k + 1, k // 5)])
    axes.tick_params(axis="x", color=MUTED.light)
    for side in ("left", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["top"].set_color(MUTED.light)
    end = min(1 + critical, k)
    above = axes.get_xaxis_transform()
    lift = 1 + 0.32 / (axes.get_position().height * height)
    axes.plot([1, end], [lift, lift], color=MUTED.light, linewidth=1.5, marker="|", markersize=6, transform=above, clip_on=False)
    more = " (beyond the axis)" if 1 + critical > k else ""
    above_ruler: dict[str, Any] = {"transform": above, "fontsize": 8.5, "color": MUTED.light, "va": "bottom"}
    axes.text(1, lift + 0.09 * (lift - 1) / 0.32, f"critical difference {critical:.2f}{more}", **above_ruler)


def _stems(axes: Axes, ranks: Sequence[float], rows: Sequence[float], shades: Sequence[str]) -> None:
    for rank, row, shade in zip(ranks, rows, shades, strict=True):
        axes.plot([1, rank, rank], [row, row, 0], color=shade, linewidth=1.2, solid_joinstyle="round", clip_on=False)
        axes.plot(rank, 0, "o", color=shade, markersize=5, clip_on=False, zorder=3)


def _critical_words(ranks: dict[str, float], order: Sequence[str], groups: Sequence[Sequence[str]], critical: float) -> str:
    said = "; ".join(f"{label} {number(ranks[label], 2)}" for label in order)
    joined = "; ".join(listed(list(group)) for group in groups)
    rest = f"Not told apart: {joined}." if groups else "All methods are told apart."
    return f"Mean ranks over items, the best first: {said}. Critical difference {critical:.2f} (Nemenyi, 5 %). {rest}"


def workers(results: StudyResults) -> Drawing | None:
    """Every worker's share of known answers against the agreement with the others; None where either is unknown for all."""
    if results.screening is None:
        return None
    found = [place for row in results.screening.workers if (place := _at(row)) is not None]
    if not found:
        return None
    rules, n_out = results.screening.rules, sum(out for _, _, out in found)
    height = 3.1
    with _canvas(height) as figure:
        axes = figure.add_axes((0.14, FOOT / height, 0.82, (height - FOOT - 0.36) / height))
        axes.grid(color=LINE.light, linewidth=0.8)
        axes.set_axisbelow(True)
        dashed: dict[str, Any] = {"color": MUTED.light, "linewidth": 1.0, "linestyle": (0, (2, 3))}
        if rules.min_gold is not None:
            axes.axvline(100 * rules.min_gold, **dashed)
        if rules.min_agreement is not None:
            axes.axhline(rules.min_agreement, **dashed)
        for out, mark, shade, name in ((False, "o", METHOD_COLORS[0], "stays"), (True, "X", BAD, "left out")):
            at = [(gold, agreement) for gold, agreement, failed in found if failed is out]
            style: dict[str, Any] = {
                "color": shade.light,
                "alpha": 0.65,
                "markersize": 6.5,
                "markeredgewidth": 0,
                "label": f"{name} ({len(at)})",
            }
            axes.plot([x for x, _ in at], [y for _, y in at], mark, **style)
        _worker_axes(axes)
        svg = as_svg(figure, "workers")
    unknown = len(results.screening.workers) - len(found)
    rest = f" {unknown} more have no known answers or nobody to agree with." if unknown else ""
    said = f"{len(found)} workers by known answers passed and by agreement with the others; {n_out} of them are left out."
    return Drawing(svg, f"{said}{rest}")


def _worker_axes(axes: Axes) -> None:
    axes.set_xlim(-4, 104)
    axes.set_xlabel("known answers passed, %; dashed: the rules", color=MUTED.light, loc="right", fontsize=8.5)
    axes.set_ylabel("tau-b with the others", color=MUTED.light, fontsize=8.5)
    axes.tick_params(axis="y", labelcolor=MUTED.light, length=0)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (-0.03, 1.0), "ncols": 2, "frameon": False}
    axes.legend(**place, handletextpad=0.1, columnspacing=1.0, labelcolor=MUTED.light, fontsize=8.5)


def _at(row: WorkerRow) -> tuple[float, float, bool] | None:
    """Known answers passed in percent, agreement, and whether the worker is left out; None where the first two aren't known."""
    return (100 * row.gold_passed / row.n_gold, row.agreement, bool(row.failed)) if row.n_gold and row.agreement is not None else None
