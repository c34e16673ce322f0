"""Cells in rows and columns, tinted by their values: classes, wins, places."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import cos, radians, sin
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from adis_bench.datasets.description_text import shortened
from reports.drawing import Medium
from reports.figures import names_in
from reports.lettering import row_edges, small_pt, width_in
from reports.style import GROUND, INK, LINE, MUTED, Color

FAINTEST, DEEPEST = 0.06, 0.54
"""Shares of a tint's colour (ours). Of more, the number on it would have a contrast below 4.5 : 1 (WCAG 2.1, 1.4.3) on dark ground."""
_DEEPEST_IN_PRINT = 0.66
"""Ours: paper is white, where the number has 6 : 1 then."""
_SLANT = 45.0
_GAP_IN, _BESIDE_IN = 0.022, 0.06
"""Between cells, and beside what stands on them (ours)."""
_LONGEST_HEAD = 22
_SHORTEST_HEAD = 6
"""Characters (ours) of a column's slanted name: at most, and however narrow the figure is; the alternative text has all of it."""
_ROUNDS = 4
"""Ours: the fourth moves names by less than a hundredth of an inch."""
_LEAST_SHARE = 0.45
"""Of a figure's width (ours) that the cells have; slanted names that would take more are cut."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A cell.

    Attributes:
        text: what stands on it; left out in cells that are too narrow.
        shade: its colour; None for a cell that has no value.
        depth: how much of that colour, 0 to 1.
        dot: whether a dot under the text marks it.
    """

    text: str = ""
    shade: Color | None = None
    depth: float = 0.0
    dot: bool = False


def matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    tiles: Sequence[Sequence[Tile | None]],
    medium: Medium,
    row_in: float = 0.27,
    foot_in: float = 0.0,
    tails: Sequence[str] = (),
) -> tuple[Figure, Axes]:
    """A figure of tinted cells, to be made in ``drawing_on`` of the medium.

    Args:
        rows: names at the left, in lines already.
        columns: names above; they are slanted where they are wider than a cell.
        tiles: a row of cells each; None leaves a place empty.
        medium: where the figure will stand.
        row_in: inches of a row of one line, on a page.
        foot_in: inches below the cells, on a page.
        tails: what follows the names of columns, and stays where these must be cut.
    """
    scale, width = medium.scale, medium.width_in
    left, size_pt = names_in(rows, medium), small_pt(medium)
    right = 0.06 * scale
    cell_in = (width - left - right) / len(columns)
    tails = tails or [""] * len(columns)
    heads = [name + tail for name, tail in zip(columns, tails, strict=True)]
    slanted = width_in(heads, size_pt) > cell_in - _BESIDE_IN
    head_in = 0.24 * scale
    if slanted:
        heads, beyond = _slanted((columns, tails), width - left, (1 - _LEAST_SHARE) * width - left, size_pt)
        head_in = width_in(heads, size_pt) * sin(radians(_SLANT)) + 0.16 * scale
        right = max(right, beyond)
        cell_in = (width - left - right) / len(columns)
    edges = row_edges(rows, row_in)
    body_in = scale * row_in * edges[-1]
    foot = scale * foot_in + 0.03
    height = head_in + body_in + foot
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((left / width, foot / height, cell_in * len(columns) / width, body_in / height))
    axes.set_xlim(0, len(columns))
    axes.set_ylim(edges[-1], 0)
    fits = width_in((tile.text for line in tiles for tile in line if tile), size_pt) <= cell_in - _BESIDE_IN
    for ends, line in zip(pairwise(edges), tiles, strict=True):
        for column, tile in enumerate(line):
            if tile is not None:
                _draw(
                    axes,
                    (ends, column),
                    tile if fits else replace(tile, text=""),
                    (_GAP_IN / cell_in, _GAP_IN * edges[-1] / body_in),
                    medium,
                )
    axes.set_yticks([(top + bottom) / 2 for top, bottom in pairwise(edges)], rows)
    _head(axes, heads, size_pt, slanted)
    axes.tick_params(axis="y", length=0, pad=5 * scale)
    axes.tick_params(axis="x", length=0, pad=(0 if slanted else 4) * scale)
    return figure, axes


def _slanted(heads: tuple[Sequence[str], Sequence[str]], room_in: float, most_in: float, size_pt: float) -> tuple[list[str], float]:
    """Slanted names, shortened as far as they must be, and the inches by which they reach beyond the cells."""
    across, up = cos(radians(_SLANT)), sin(radians(_SLANT)) * size_pt / 72
    least, n = 0.06, len(heads[0])
    for longest in range(_LONGEST_HEAD, _SHORTEST_HEAD - 1, -1):
        named = [shortened(name, longest) + tail for name, tail in zip(*heads, strict=True)]
        reach = [width_in([text], size_pt) * across + up for text in named]
        cell_in, beyond = room_in / n, 0.0
        # Room beyond the cells makes them narrower, and that moves the names.
        for _ in range(_ROUNDS):
            beyond = max(least, *(one - (n - place - 0.5) * cell_in for place, one in enumerate(reach)), 0.0)
            cell_in = (room_in - beyond) / n
        if beyond <= max(most_in, least):
            break
    return named, beyond


def _head(axes: Axes, heads: Sequence[str], size_pt: float, slanted: bool) -> None:
    axes.set_xticks([column + 0.5 for column in range(len(heads))], heads, fontsize=size_pt, color=INK.light)
    axes.xaxis.tick_top()
    if slanted:
        for text in axes.get_xticklabels():
            text.set(rotation=_SLANT, ha="left", va="bottom", rotation_mode="anchor")
    for side in axes.spines.values():
        side.set_visible(False)


def _draw(axes: Axes, place: tuple[tuple[float, float], int], tile: Tile, gaps: tuple[float, float], medium: Medium) -> None:
    (top, bottom), column = place
    alpha = 0.35 if tile.shade is None else FAINTEST + (_deepest(medium) - FAINTEST) * tile.depth
    across, down = gaps
    face = Rectangle((column + across / 2, top + down / 2), 1 - across, bottom - top - down, **tinted(tile.shade or LINE, alpha, medium))
    # Not add_patch: that measures every cell anew for limits which are set already.
    axes.add_artist(face)
    if tile.text:
        middle = (top + bottom) / 2 + 0.02
        axes.text(column + 0.5, middle, tile.text, ha="center", va="center", fontsize=small_pt(medium), color=INK.light)
    if tile.dot:
        # Under the number: beside it, a dot is taken for a sign of degrees or for a point.
        axes.plot(column + 0.5, bottom - 1.9 * down, "o", color=INK.light, markersize=2.2 * medium.scale, markeredgewidth=0)


def _deepest(medium: Medium) -> float:
    return _DEEPEST_IN_PRINT if medium.paper else DEEPEST


def tinted(shade: Color, share: float, medium: Medium) -> dict[str, Any]:
    """Matplotlib's options of a face of so much colour: see-through on a page, whose ground may be dark, and plain in print."""
    if not medium.paper:
        return {"color": shade.light, "alpha": share, "linewidth": 0}
    red, green, blue = (share * one + (1 - share) * ground for one, ground in zip(to_rgb(shade.light), to_rgb(GROUND.light), strict=True))
    return {"color": to_hex((red, green, blue)), "linewidth": 0}


def scale_of_steps(figure: Figure, axes: Axes, shade: Color, ends: tuple[str, str], medium: Medium, n_steps: int) -> None:
    """Under a matrix: its tints from the faintest to the deepest, with what their ends are.

    Args:
        figure: of ``matrix``, with room below the cells.
        axes: of ``matrix``.
        shade: its colour.
        ends: words beside the faintest and beside the deepest.
        medium: where the figure will stand.
        n_steps: how many tints there are.
    """
    width, height = figure.get_size_inches()
    step, tall = 0.11 * medium.scale, 0.1 * medium.scale
    size_pt, beside = small_pt(medium), 0.06 * medium.scale
    words_in = width_in([ends[0]], size_pt) + beside
    all_in = words_in + n_steps * step + beside + width_in([ends[1]], size_pt)
    # Under the cells, or farther left where it would be cut off.
    left = max(0.02, min(axes.get_position().x0 * width, width - all_in - beside))
    strip = figure.add_axes(((left + words_in) / width, 0.05 * medium.scale / height, n_steps * step / width, tall / height))
    strip.set_xlim(0, n_steps)
    strip.set_ylim(0, 1)
    strip.set_axis_off()
    for place in range(n_steps):
        alpha = FAINTEST + (_deepest(medium) - FAINTEST) * place / (n_steps - 1)
        strip.add_artist(Rectangle((place, 0), 1, 1, **tinted(shade, alpha, medium)))
    words: dict[str, Any] = {"va": "center", "fontsize": size_pt, "color": MUTED.light, "clip_on": False}
    strip.text(-0.5, 0.5, ends[0], ha="right", **words)
    strip.text(n_steps + 0.5, 0.5, ends[1], ha="left", **words)
