"""Images by sounds: what one method makes of each image with each sound; the appendix's generalization grid (its Figure 4).

Known of the original: arbitrary images of Places with arbitrary sounds of VGG-Sound (protocol.md, A). How many there were, how they were
chosen, and how they stood on the page isn't; that is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adis_bench.datasets.raw import slug
from adis_bench.results import MethodRecord
from reports.data import RunData
from reports.drawing import Drawn, Medium, NotDrawn, drawing_on
from reports.lettering import LEAST_PT, small_pt
from reports.marks import looks
from reports.paper_figures.captions import basis, sentences
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
    about_pixels,
    about_sounds,
    block_in,
    cell_in,
    heard,
    lefts,
    line_in,
    on_one_line,
    printed_side,
    printed_sound,
    seen,
)
from reports.paper_figures.image_sound_grid import ImageSoundGrid, fullest_grid
from reports.paper_figures.qualitative_sheet import MARK_PT
from reports.paper_figures.row_panels import fitting
from reports.wording import listed

_LEAST_FILLED = 0.5
"""Ours: of the cells of a grid; one that is emptier shows a pair here and there, as the qualitative figure does."""
_HEAD_LINES = 2
_SPECTROGRAM_SHARE = 0.4
"""Height of a spectrogram in its width: that of its pixels."""
_SAME_CLASS, _NO_PAIR = "same class", "no pair"
_Outputs = dict[tuple[Path, Path], Tile]


@dataclass(frozen=True, slots=True, eq=False)
class _Material:
    """What all figures of a run share.

    Attributes:
        grid: images, sounds and pairs.
        images: source pictures by rows.
        sounds: spectrograms by columns.
        cell: inches of a picture.
        seed: that chose among equals.
    """

    grid: ImageSoundGrid
    images: tuple[Tile, ...]
    sounds: tuple[SoundTile, ...]
    cell: float
    seed: int

    @property
    def groups(self) -> tuple[int, int]:
        return 1, len(self.sounds)


def draw_generalization(run: RunData, medium: Medium, images: int = 4, sounds: int = 5, seed: int | None = None) -> list[Drawn]:
    """A figure for each method: rows are source images, columns are target sounds.

    Args:
        run: a finished run; best on out-of-domain data whose pair list holds every image with every sound.
        medium: where the figures will stand.
        images: rows at most; fewer where more would not fit.
        sounds: columns at most; fewer where more would not fit.
        seed: decides which; the run's by default.

    Raises:
        NotDrawn: the run has controls only, or its images met too few of the sounds, or their outputs are gone.
    """
    if not run.asked:
        raise NotDrawn("the run has controls only")
    seed = run.results.seed if seed is None else seed
    sounds = min(sounds, _most_sounds(medium))
    cell = min(cell_in(medium, (1, sounds)), MOST_CELL_IN * medium.scale)
    images = min(images, max(1, int((TALLEST_IN * medium.scale - _head_in(medium, cell, _HEAD_LINES)) / (cell + line_in(medium) + GAP_IN))))
    grid = fullest_grid(run.pairs, images, sounds, seed)
    _refuse_sparse(grid)
    if not any(run.output_path(method.label, pair.pair_id).is_file() for method in run.asked for pair in grid.pairs.values()):
        raise NotDrawn(f"the outputs of all {len(grid.pairs)} chosen pairs are gone")
    cell = min(cell_in(medium, (1, len(grid.sounds))), MOST_CELL_IN * medium.scale)
    pictures = tuple(seen(path, run.results.resolution, "image missing") for path in grid.images)
    material = _Material(grid, pictures, tuple(map(heard, grid.sounds)), cell, seed)
    with drawing_on(medium):
        return [_figure(run, medium, material, method) for method in run.asked]


def _most_sounds(medium: Medium) -> int:
    n = 1
    while cell_in(medium, (1, n + 1)) >= LEAST_CELL_IN * medium.scale:
        n += 1
    return n


def _refuse_sparse(grid: ImageSoundGrid) -> None:
    n_images, n_sounds, n = len(grid.images), len(grid.sounds), len(grid.pairs)
    if min(n_images, n_sounds) < 2:
        raise NotDrawn(f"the pair list has {n_images} images and {n_sounds} sounds; a grid takes two of each")
    if n < _LEAST_FILLED * grid.n_cells:
        raise NotDrawn(
            f"of {n_images} images and {n_sounds} sounds, {n} of {grid.n_cells} combinations are in the pair list; every image meets "
            "every sound of `adis-bench data out-of-domain --n-images I --n-sounds S` where I x S is no more than the preset's pairs"
        )


def _figure(run: RunData, medium: Medium, material: _Material, method: MethodRecord) -> Drawn:
    grid = material.grid
    outputs = {(image, sound): _output(run, grid, method, image, sound) for image in grid.images for sound in grid.sounds}
    figure, side = _sheet(run, medium, material, method, outputs)
    title = f"{'Generalization' if run.train_data else 'Images by sounds'}: {method.label}"
    return Drawn(
        name=f"generalization-{slug(method.label).replace('_', '-')}",
        title=title,
        figure=figure.figure,
        alt=_alt(run, grid, outputs, title),
        caption=_caption(run, material, method, side),
    )


def _output(run: RunData, grid: ImageSoundGrid, method: MethodRecord, image: Path, sound: Path) -> Tile:
    pair = grid.pairs.get((image, sound))
    if pair is None:
        return Tile(None, _SAME_CLASS if grid.images[image] == grid.sounds[sound] else _NO_PAIR)
    return seen(run.output_path(method.label, pair.pair_id), run.results.resolution, "no output")


def _head_in(medium: Medium, cell: float, n_lines: int) -> float:
    """Inches of the method's name, the names of the sounds and their spectrograms."""
    return (1.2 + n_lines) * line_in(medium) + _SPECTROGRAM_SHARE * cell + 4 * GAP_IN


def _sheet(run: RunData, medium: Medium, material: _Material, method: MethodRecord, outputs: _Outputs) -> tuple[Sheet, int]:
    """A figure, and the pixels of a side of its pictures."""
    grid, cell, displays = material.grid, material.cell, run.results.dataset.displays
    names = [fitting(displays.get(label, label), cell, small_pt(medium), _HEAD_LINES) for label in grid.sounds.values()]
    head = _head_in(medium, cell, max(name.count("\n") + 1 for name in names))
    titled = len(set(grid.images.values())) > 1
    row = cell + GAP_IN + (line_in(medium) + GAP_IN if titled else 0.0)
    sheet = Sheet(medium, 2 * MARGIN_IN + head + len(grid.images) * row)
    side = printed_side([*material.images, *outputs.values()], material.sounds, cell)
    across = block_in(material.groups, cell)
    places = lefts(material.groups, cell, (medium.width_in - across) / 2)
    look = looks(run.methods)[method.label].point(MARK_PT)
    sheet.marked(places[1], MARGIN_IN, on_one_line(method.label, across - cell - 2 * GROUP_GAP_IN, medium), look)
    _heads(sheet, material, names, places, MARGIN_IN + head - 2 * GAP_IN)
    for at, (image, label) in enumerate(grid.images.items()):
        top = MARGIN_IN + head + at * row
        if titled:
            sheet.text(places[0], top, on_one_line(displays.get(label, label), across, medium))
            top += line_in(medium)
        for left, tile in zip(places, [material.images[at], *(outputs[image, sound] for sound in grid.sounds)], strict=True):
            sheet.tile(tile.at_most(side), left, top, cell)
    return sheet, side


def _heads(sheet: Sheet, material: _Material, names: Sequence[str], places: Sequence[float], bottom: float) -> None:
    """Sounds with their names above the columns."""
    cell = material.cell
    sheet.text(places[0] + cell / 2, bottom, "source", muted=True, ha="center", va="baseline")
    top = bottom - _SPECTROGRAM_SHARE * cell
    for left, name, sound in zip(places[1:], names, material.sounds, strict=True):
        if sound.pixels is None:
            words = fitting(sound.gap, cell, LEAST_PT)
            sheet.text(left + cell / 2, (top + bottom) / 2, words, muted=True, ha="center", va="center", fontsize=LEAST_PT)
        else:
            sheet.tile(printed_sound(sound, cell), left, top, cell)
        sheet.text(left + cell / 2, top - 1.5 * GAP_IN, name, ha="center", va="baseline")


def _alt(run: RunData, grid: ImageSoundGrid, outputs: _Outputs, title: str) -> str:
    displays = run.results.dataset.displays
    rows, columns = (list(dict.fromkeys(displays.get(label, label) for label in side.values())) for side in (grid.images, grid.sounds))
    gaps = [
        f"{displays.get(grid.images[image], grid.images[image])} with {displays.get(grid.sounds[sound], grid.sounds[sound])}: {tile.gap}"
        for (image, sound), tile in outputs.items()
        if tile.pixels is None
    ]
    missing = f" Empty: {'; '.join(gaps)}." if gaps else ""
    return (
        f"{title}. Grid of pictures: {len(grid.images)} images ({listed(rows)}) by {len(grid.sounds)} sounds ({listed(columns)}).{missing}"
    )


def _caption(run: RunData, material: _Material, method: MethodRecord, side: int) -> str:
    grid = material.grid
    where = f"trained on {run.train_data['name']}" if run.train_data else "on the run's own test data"
    filled = "" if len(grid.pairs) == grid.n_cells else f"{len(grid.pairs)} of {grid.n_cells} combinations are in the pair list."
    return sentences(
        f"What {method.label}, {where}, makes of images (rows; first column: the source) with sounds (columns).",
        f"Images and sounds that met each other most in the pair list, among equals by seed {material.seed} and spread over classes; "
        "outputs had no say.",
        filled,
        about_sounds(material.sounds),
        about_pixels(side, run.results.resolution, material.cell),
        basis(run),
    )
