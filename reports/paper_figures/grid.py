"""Sheets of pictures and spectrograms: what both picture grids of a paper are drawn with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from adis_bench.datasets.media import read_audio, read_image
from adis_bench.datasets.spectrogram import RANGE_DB, spectrogram
from adis_bench.errors import DataError
from reports.drawing import Medium
from reports.lettering import small_pt, width_in, wrapped
from reports.media import MAX_RATE_HZ
from reports.paper_figures.row_panels import fitting
from reports.style import INK, MUTED, PANEL

MARGIN_IN, GAP_IN, GROUP_GAP_IN = 0.02, 0.025, 0.09
"""Around everything, between pictures, and between groups of columns."""
LEAST_CELL_IN, MOST_CELL_IN = 0.53, 1.45
"""Ours, on a page (0.42 and 1.14 in print): a smaller picture shows no texture, larger ones cost paper and show no more."""
TALLEST_IN = 8.9
"""Ours, on a page (7.0 in print): a page of LNCS is 7.6 in high (``\\textheight 19.3cm`` in llncs.cls), and a caption stands below."""
PICTURES_PER_IN = 300
"""Most pixels of an inch: what journals ask for."""
MOST_PICTURE_BYTES = 1_350_000
"""Ours, of all pictures of a figure as PNG: an SVG holds them as text, a third longer, and stays below 2 MB with its letters."""
_LEAST_SIDE = 32
"""Ours: with fewer pixels a picture shows nothing, whatever a file may weigh."""
_HINTED = 0.96
"""Letters that are fitted to a screen's pixels can be so much wider than their outlines (measured at 100 dots per inch)."""
_LINE_SHARE = 1.3
_POINTS_PER_INCH = 72


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A picture before it is placed.

    Attributes:
        pixels: uint8 [H, W, 3], or None where there is none.
        gap: why there is none, in a word or two.
    """

    pixels: NDArray[np.uint8] | None
    gap: str = ""

    def at_most(self, width: int) -> "Tile":
        """The same picture, ``width`` pixels across where it has more."""
        if self.pixels is None or self.pixels.shape[1] <= width:
            return self
        size = width, max(1, round(width * self.pixels.shape[0] / self.pixels.shape[1]))
        return replace(self, pixels=np.asarray(Image.fromarray(self.pixels).resize(size, Image.Resampling.LANCZOS)))


@dataclass(frozen=True, slots=True, eq=False)
class SoundTile(Tile):
    """A spectrogram before it is placed.

    Attributes:
        seconds: length of the sound.
        highest_hz: upper end of the spectrogram.
    """

    seconds: float = 0.0
    highest_hz: float = 0.0

    @property
    def words(self) -> tuple[str, str]:
        """Upper end and length for readers: ``8 kHz``, ``3 s``; empty where the sound is gone."""
        return ("", "") if self.pixels is None else (f"{self.highest_hz / 1000:.3g} kHz", f"{self.seconds:.2g} s")


def picture_share(tile: Tile) -> float:
    """Height of a tile in its width; a gap is a square."""
    return 1.0 if tile.pixels is None else tile.pixels.shape[0] / tile.pixels.shape[1]


def seen(path: Path, side: int, absent: str) -> Tile:
    """A picture as the methods see it ([side, side, 3]); a gap with its reason where the file is gone or damaged.

    Args:
        path: its file.
        side: the run's resolution.
        absent: what a gap says where there is no file.
    """
    try:
        return Tile(read_image(path, side))
    except DataError:
        return Tile(None, "cannot be read" if path.is_file() else absent)


def heard(path: Path) -> SoundTile:
    """A sound as the report shows it; a gap with its reason where the file is gone or damaged."""
    try:
        samples, rate = read_audio(path)
        if rate > MAX_RATE_HZ:
            samples, rate = read_audio(path, MAX_RATE_HZ)
    except DataError:
        return SoundTile(None, "cannot be read" if path.is_file() else "sound missing")
    return SoundTile(spectrogram(samples, rate), "", len(samples) / rate, rate / 2)


def printed_side(tiles: Sequence[Tile], sounds: Sequence[SoundTile], cell_in: float) -> int:
    """Pixels of a side so that pictures have ``PICTURES_PER_IN`` at most and all of them take ``MOST_PICTURE_BYTES`` at most.

    Args:
        tiles: all pictures of a figure, square.
        sounds: its spectrograms, which count but are not reduced further than ``printed_sound`` does.
        cell_in: inches of a side.
    """
    sides = [len(tile.pixels) for tile in tiles if tile.pixels is not None]
    side = min([round(cell_in * PICTURES_PER_IN), max(sides, default=1)])
    room = MOST_PICTURE_BYTES - sum(_png_bytes(printed_sound(sound, cell_in)) for sound in sounds)
    while (n_bytes := sum(_png_bytes(tile.at_most(side)) for tile in tiles)) > room and side > _LEAST_SIDE:
        side = max(_LEAST_SIDE, min(side - 1, int(0.98 * side * sqrt(max(0, room) / n_bytes))))
    return side


def printed_sound(sound: SoundTile, cell_in: float) -> Tile:
    """A spectrogram with ``PICTURES_PER_IN`` at most."""
    return sound.at_most(round(cell_in * PICTURES_PER_IN))


def _png_bytes(tile: Tile) -> int:
    if tile.pixels is None:
        return 0
    buffer = BytesIO()
    # As matplotlib writes them: with an opaque fourth channel.
    Image.fromarray(tile.pixels).convert("RGBA").save(buffer, format="PNG")
    return buffer.tell()


def cell_in(medium: Medium, groups: Sequence[int], n_blocks: int = 1) -> float:
    """Inches of a cell where these columns fill the width.

    Args:
        medium: where the figure will stand.
        groups: numbers of columns that stand together.
        n_blocks: how often all of them stand side by side.
    """
    return (medium.width_in - 2 * MARGIN_IN - (n_blocks - 1) * 2 * GROUP_GAP_IN - n_blocks * _gaps_in(groups)) / (n_blocks * sum(groups))


def _gaps_in(groups: Sequence[int]) -> float:
    return sum(n - 1 for n in groups) * GAP_IN + (len(groups) - 1) * GROUP_GAP_IN


def block_in(groups: Sequence[int], cell: float) -> float:
    """Inches that the columns take."""
    return sum(groups) * cell + _gaps_in(groups)


def lefts(groups: Sequence[int], cell: float, start: float) -> list[float]:
    """Where each column begins, in inches."""
    found, x = [], start
    for n in groups:
        found += [x + place * (cell + GAP_IN) for place in range(n)]
        x += n * cell + (n - 1) * GAP_IN + GROUP_GAP_IN
    return found


class Sheet:
    """A figure that is drawn on in inches from its upper left corner, inside ``drawing_on`` of its medium."""

    def __init__(self, medium: Medium, height_in: float) -> None:
        self.medium = medium
        self.figure = Figure(figsize=(medium.width_in, height_in))
        self._axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set(xlim=(0, medium.width_in), ylim=(height_in, 0))
        self._axes.set_axis_off()
        self._axes.autoscale(False)

    def text(self, x: float, y: float, text: str, *, muted: bool = False, **options: Any) -> None:
        """Text whose first line begins at ``y``, unless ``options`` (matplotlib's) say otherwise."""
        shade = MUTED.light if muted else INK.light
        self._axes.text(x, y, text, **{"fontsize": small_pt(self.medium), "color": shade, "va": "top", "linespacing": 1.1, **options})

    def point(self, x: float, y: float, look: dict[str, Any]) -> None:
        """A point with its middle there; ``look`` are matplotlib's options."""
        self._axes.plot(x, y, **look)

    def marked(self, x: float, y: float, name: str, look: dict[str, Any]) -> None:
        """A method's name on one line in its colour, behind its point."""
        reach = look["markersize"] / _POINTS_PER_INCH
        self.point(x + reach / 2, y + line_in(self.medium) / 2, look)
        self.text(x + 1.6 * reach, y + line_in(self.medium) / 2, name, color=look["color"], va="center")

    def tile(self, tile: Tile, left: float, top: float, cell: float) -> None:
        """A picture of ``cell`` inches across with square pixels, or an empty square that says why there is none."""
        if tile.pixels is None:
            self._gap(tile.gap, left, top, cell)
            return
        height = cell * picture_share(tile)
        # Pixels are kept as they are: no drawing at 100 dots per inch stands between them and the printer.
        self._axes.imshow(tile.pixels, extent=(left, left + cell, top + height, top), interpolation="none", aspect="auto", zorder=2)

    def _gap(self, reason: str, left: float, top: float, cell: float) -> None:
        self._axes.fill([left, left + cell, left + cell, left], [top, top, top + cell, top + cell], color=PANEL.light, linewidth=0)
        points = small_pt(self.medium)
        words = fitting(reason, cell - 2 * GAP_IN, points)
        self.text(left + cell / 2, top + cell / 2, words, muted=True, ha="center", va="center")


def line_in(medium: Medium) -> float:
    """Inches of a line of small text."""
    return _LINE_SHARE * small_pt(medium) / _POINTS_PER_INCH


def on_one_line(text: str, inches: float, medium: Medium) -> str:
    """A name that loses its end where it is wider than so many inches."""
    points, room = small_pt(medium), _HINTED * inches
    whole = wrapped(text, len(text) * 2 + 1, 1)
    return whole if width_in([whole], points) <= room else fitting(text, room, points, 1)


def about_sounds(sounds: Sequence[SoundTile]) -> str:
    """What spectrograms span, in a sentence for a caption; empty where all sounds are gone."""
    known = [sound for sound in sounds if sound.pixels is not None]
    if not known:
        return ""
    up = _span([s.words[0] for s in sorted(known, key=lambda s: s.highest_hz)])
    across = _span([s.words[1] for s in sorted(known, key=lambda s: s.seconds)])
    return f"Spectrograms: {across} across, mel scale up to {up}, {RANGE_DB:g} dB below the loudest cell."


def _span(words: Sequence[str]) -> str:
    return words[0] if words[0] == words[-1] else f"between {words[0]} and {words[-1]}"


def about_pixels(side: int, resolution: int, cell: float) -> str:
    """Whether pictures are the run's own pixels, in a sentence for a caption."""
    if side >= resolution:
        return "Pictures have the run's own pixels."
    return f"Pictures are reduced from {resolution} to {side} pixels a side ({side / cell:.0f} per inch)."
