"""How the rows of the qualitative comparison stand on a page: sizes, columns, and drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from reports.drawing import Medium
from reports.lettering import LEAST_PT, small_pt
from reports.marks import Look
from reports.paper_figures.grid import (
    GAP_IN,
    GROUP_GAP_IN,
    LEAST_CELL_IN,
    MARGIN_IN,
    MOST_CELL_IN,
    TALLEST_IN,
    Sheet,
    SoundTile,
    Tile,
    block_in,
    cell_in,
    lefts,
    line_in,
    on_one_line,
    picture_share,
    printed_side,
    printed_sound,
)
from reports.paper_figures.row_panels import fitting

MARK_PT = 4.5
"""Size of a method's point beside its name."""
_HEAD_LINES = 3
_SHRUNK = 0.75
"""Ours: pictures may be so much smaller than the width allows where all rows then fit on one page."""


@dataclass(frozen=True, slots=True)
class Column:
    """A method or a control, and how it is marked."""

    label: str
    look: Look


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A pair with its pictures.

    Attributes:
        title: classes of source and sound.
        source: the source image.
        sound: the target sound.
        outputs: by the labels of methods and controls.
    """

    title: str
    source: Tile
    sound: SoundTile
    outputs: dict[str, Tile]


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes that all figures of a comparison share.

    Attributes:
        cell: inches of a picture.
        n_blocks: how often the columns stand side by side.
        n_methods: most methods of a figure.
        n_rows: most rows of a figure, all blocks together.
    """

    cell: float
    n_blocks: int
    n_methods: int
    n_rows: int


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What stands in one figure.

    Attributes:
        rows: pairs.
        methods: columns behind source and sound.
        controls: columns that are set apart behind them; may be none.
        place: its place among the figures, from 1.
        n_parts: number of figures.
    """

    rows: Sequence[Row]
    methods: Sequence[Column]
    controls: Sequence[Column]
    place: int
    n_parts: int

    @property
    def columns(self) -> list[Column]:
        """Methods, then controls."""
        return [*self.methods, *self.controls]

    @property
    def groups(self) -> list[int]:
        """Numbers of columns that stand together."""
        return [n for n in (2, len(self.methods), len(self.controls)) if n]

    @property
    def words(self) -> str:
        """`` (1 of 2)``; empty where one figure holds everything."""
        return f" ({self.place} of {self.n_parts})" if self.n_parts > 1 else ""


def layout_of(medium: Medium, n_methods: int, n_controls: int, n_rows: int) -> Layout:
    """The layout with the fewest figures; rows stand in several blocks where pictures as wide as the page allows are larger than needed.

    Args:
        medium: where the figures will stand.
        n_methods: number of methods, at least 1.
        n_controls: number of controls that every figure repeats.
        n_rows: number of pairs, at least 1.
    """
    groups = [n for n in (2, n_methods, n_controls) if n]
    while groups[1] > 1 and cell_in(medium, groups) < LEAST_CELL_IN * medium.scale:
        groups[1] -= 1
    groups[1] = ceil(n_methods / ceil(n_methods / groups[1]))
    least, most = LEAST_CELL_IN * medium.scale, MOST_CELL_IN * medium.scale
    room = TALLEST_IN * medium.scale - 2 * MARGIN_IN - _head_in(medium, _HEAD_LINES)
    for n_blocks in range(1, n_rows + 1):
        wide, tall = cell_in(medium, groups, n_blocks), room / ceil(n_rows / n_blocks) - _row_in(medium, 0.0)
        if least <= wide <= most and tall >= max(least, _SHRUNK * wide):
            return Layout(min(wide, tall), n_blocks, groups[1], n_rows)
    cell = min(cell_in(medium, groups), most)
    return Layout(cell, 1, groups[1], max(1, int(room / _row_in(medium, cell))))


def _head_in(medium: Medium, n_lines: int) -> float:
    """Inches of the columns' heads: a point, and names of so many lines."""
    return (1 + n_lines) * line_in(medium) + 2 * GAP_IN


def _row_in(medium: Medium, cell: float) -> float:
    return line_in(medium) + cell + 3 * GAP_IN


def side_of(part: Part, cell: float) -> int:
    """Pixels of a side of the figure's pictures."""
    pictures = [tile for row in part.rows for tile in (row.source, *(row.outputs[column.label] for column in part.columns))]
    return printed_side(pictures, [row.sound for row in part.rows], cell)


def draw_sheet(medium: Medium, layout: Layout, part: Part, side: int) -> Sheet:
    """One figure, in ``drawing_on`` of its medium; its pictures have ``side`` pixels at most."""
    cell = layout.cell
    heads = [fitting(column.label, cell, small_pt(medium), _HEAD_LINES) for column in part.columns]
    head = _head_in(medium, max(text.count("\n") + 1 for text in heads))
    n_blocks = min(layout.n_blocks, len(part.rows))
    per_block = ceil(len(part.rows) / n_blocks)
    sheet = Sheet(medium, 2 * MARGIN_IN + head + per_block * _row_in(medium, cell))
    across = block_in(part.groups, cell)
    left = (medium.width_in - n_blocks * across - (n_blocks - 1) * 2 * GROUP_GAP_IN) / 2
    alike = len({row.sound.words for row in part.rows if row.sound.pixels is not None}) == 1
    for block in range(n_blocks):
        places = lefts(part.groups, cell, left + block * (across + 2 * GROUP_GAP_IN))
        rows = part.rows[block * per_block : (block + 1) * per_block]
        if rows:
            _heads(sheet, cell, places, part.columns, heads, MARGIN_IN + head - 2 * GAP_IN)
        for at, row in enumerate(rows):
            top = MARGIN_IN + head + at * _row_in(medium, cell)
            sheet.text(places[0], top, on_one_line(row.title, across, medium))
            top += line_in(medium)
            for x, tile in zip([places[0], *places[2:]], [row.source, *(row.outputs[c.label] for c in part.columns)], strict=True):
                sheet.tile(tile.at_most(side), x, top, cell)
            _sound(sheet, row.sound, hinted=at == 0 or not alike, left=places[1], top=top, cell=cell)
    return sheet


def _heads(sheet: Sheet, cell: float, places: Sequence[float], columns: Sequence[Column], heads: Sequence[str], bottom: float) -> None:
    for left, name in zip(places, ("source", "sound"), strict=False):
        sheet.text(left + cell / 2, bottom, name, muted=True, ha="center", va="baseline")
    for left, column, head in zip(places[2:], columns, heads, strict=True):
        middle = left + cell / 2
        sheet.text(middle, bottom, head, color=column.look.color.light, ha="center", va="baseline")
        sheet.point(middle, bottom - (head.count("\n") + 1.4) * line_in(sheet.medium), column.look.point(MARK_PT))


def _sound(sheet: Sheet, sound: SoundTile, *, hinted: bool, left: float, top: float, cell: float) -> None:
    """A spectrogram in the middle of its cell; ``hinted``, with the ends of its axes (frequency, time) above and below it."""
    height = cell * picture_share(sound)
    upper = top + (cell - height) / 2
    sheet.tile(printed_sound(sound, cell), left, upper, cell)
    if hinted:
        highest, length = sound.words
        sheet.text(left, upper - 0.5 * GAP_IN, highest, muted=True, va="bottom", fontsize=LEAST_PT)
        sheet.text(left + cell, upper + height + 0.5 * GAP_IN, length, muted=True, ha="right", fontsize=LEAST_PT)
