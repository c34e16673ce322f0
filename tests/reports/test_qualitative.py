"""The qualitative comparison: which pairs, which columns, and what stands where something is missing."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import AxesImage
from matplotlib.text import Text

from adis_bench.datasets.media import read_image
from reports.data import PairRow, RunData
from reports.drawing import CVPR, CVPR_WIDE, ECCV, PAGE, Drawn, Medium, NotDrawn, drawing_on, saved
from reports.paper_figures.grid import MOST_PICTURE_BYTES, Sheet, Tile, about_pixels, cell_in, printed_side
from reports.paper_figures.qualitative import chosen_pairs, draw_qualitative
from tests.reports.paper_runs import EIGHT


def _words(drawn: Drawn) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in drawn.figure.findobj(Text) if text.get_text()]


def _pictures(drawn: Drawn) -> list[tuple[float, float, np.ndarray]]:
    """(left, top, pixels) of every picture and spectrogram."""
    images = drawn.figure.findobj(AxesImage)
    return [(image.get_extent()[0], image.get_extent()[3], np.asarray(image.get_array())) for image in images]


def _with_methods(run: RunData, labels: tuple[str, ...]) -> RunData:
    template = run.asked[0]
    methods = (*(m for m in run.results.methods if m.control), *(replace(template, label=label) for label in labels))
    return RunData(run.folder, replace(run.results, methods=methods), run.pairs)


def _many_pairs(n_classes: int, n_images: int = 6) -> list[PairRow]:
    return [
        PairRow(f"{target}-{image}-{sound}", "images", f"class {target:02d}", Path(f"{image}.png"), Path(f"{target}-{sound}.wav"))
        for target in range(n_classes)
        for image in range(n_images)
        for sound in range(2)
    ]


def test_columns_stand_in_order(run_dir):
    """Source, sound, the methods as they were asked for, then the target and the oracle; other controls are left out."""
    drawn = draw_qualitative(RunData.open(run_dir), ECCV)[0]
    names = ("source", "sound", "ours", "cut", "cyclegan", "target", "oracle")
    found = sorted((text.get_position()[0], text.get_text()) for text in drawn.figure.findobj(Text) if text.get_text() in names)
    assert [name for _, name in found] == list(names)
    assert not {"identity", "shuffled", "retrieval"} & set(_words(drawn))


def test_pictures_are_the_pairs_own(run_dir):
    """Each row holds the source as the methods saw it and every method's output of that pair, pixel by pixel."""
    run = RunData.open(run_dir)
    pairs = chosen_pairs(run.pairs, 3, seed=5)
    drawn = draw_qualitative(run, ECCV, rows=3, seed=5)[0]
    tops = sorted({top for left, top, pixels in _pictures(drawn) if pixels.shape[0] == pixels.shape[1]})
    for pair, top in zip(pairs, tops, strict=True):
        row = [pixels for _, at, pixels in sorted(_pictures(drawn), key=lambda one: one[0]) if at == top]
        files = [pair.source_path, *(run.output_path(m, pair.pair_id) for m in ("ours", "cut", "cyclegan", "target", "oracle"))]
        assert len(row) == len(files)
        assert all(np.array_equal(pixels, read_image(file, 64)) for pixels, file in zip(row, files, strict=True))


def test_rows_are_seeded(run_dir):
    """The run's seed by default; another seed shows other pairs; the caption names seed and counts and says that nothing was picked."""
    run = RunData.open(run_dir)
    first, same, other = (draw_qualitative(run, ECCV, rows=4, seed=seed)[0] for seed in (None, 0, 1))
    assert first.alt == same.alt != other.alt
    assert "4 of 12 pairs, drawn by seed 0" in first.caption
    assert "drawn by seed 1 " in other.caption
    assert "none was picked by hand" in first.caption


def test_classes_and_images_are_spread():
    """With fewer rows than classes each row has another class, and seeds choose which; images take turns."""
    pairs = _many_pairs(12)
    shown = [chosen_pairs(pairs, 6, seed) for seed in range(8)]
    assert all(len({pair.target_label for pair in some}) == 6 for some in shown)
    assert {pair.target_label for some in shown for pair in some} == {pair.target_label for pair in pairs}
    assert all(max(Counter(pair.source_path for pair in some).values()) == 1 for some in shown)
    assert len(chosen_pairs(pairs[:5], 9, seed=0)) == 5


def test_the_same_run_gives_the_same_bytes(run_dir):
    """SVG and PDF don't depend on when they were made."""
    run = RunData.open(run_dir)
    first, again = (draw_qualitative(run, CVPR, rows=2)[0] for _ in range(2))
    for file_format in ("svg", "pdf"):
        assert saved(first.figure, "q", file_format, CVPR) == saved(again.figure, "q", file_format, CVPR)


def test_what_is_missing_is_named(run_dir):
    """Outputs, sources and sounds that are gone or damaged leave a cell that says so, and the text for the blind says it too."""
    run = RunData.open(run_dir)
    pair, other = chosen_pairs(run.pairs, 2, seed=0)
    run.output_path("ours", pair.pair_id).unlink()
    run.output_path("cut", pair.pair_id).write_bytes(b"no picture")
    pairs = (pair, replace(other, source_path=run_dir / "gone.png", target_audio_path=run_dir / "gone.wav"))
    drawn = draw_qualitative(RunData(run.folder, run.results, pairs), ECCV)[0]
    assert {"no output", "cannot be read", "image missing", "sound missing"} <= set(_words(drawn))
    assert "ours no output" in drawn.alt
    assert "sound sound missing" in drawn.alt


def test_a_run_without_pictures_has_no_figure(run_dir):
    """Controls alone, or pictures that are all gone, are no comparison."""
    run = RunData.open(run_dir)
    with pytest.raises(NotDrawn, match="controls only"):
        draw_qualitative(_with_methods(run, ()), ECCV)
    gone = tuple(replace(pair, pair_id=f"gone-{at}", source_path=Path("gone.png")) for at, pair in enumerate(run.pairs))
    with pytest.raises(NotDrawn, match="pictures of all 6 chosen pairs are gone"):
        draw_qualitative(RunData(run.folder, run.results, gone), ECCV)


def test_more_methods_than_fit_stand_in_further_figures(run_dir):
    """Every method once, source, sound and controls in each figure, in pictures of one size; a wide page holds all."""
    run = _with_methods(RunData.open(run_dir), tuple(f"m{at}" for at in range(8)))
    drawn = draw_qualitative(run, CVPR)
    assert [one.name for one in drawn] == ["qualitative", "qualitative-2", "qualitative-3"]
    assert [[word for word in _words(one) if word in {m.label for m in run.asked}] for one in drawn] == [
        ["m0", "m1", "m2"],
        ["m3", "m4", "m5"],
        ["m6", "m7"],
    ]
    assert all({"source", "sound", "target", "oracle"} <= set(_words(one)) for one in drawn)
    assert "(3 of 3)" in drawn[-1].caption
    assert len(draw_qualitative(run, CVPR_WIDE)) == 1


def test_rows_that_do_not_fit_a_page_go_on(run_dir):
    """Twelve rows of a narrow column are two figures of six, none higher than a page."""
    drawn = draw_qualitative(RunData.open(run_dir), ECCV, rows=12)
    assert len(drawn) == 2
    assert all(one.figure.get_size_inches()[1] <= 7.1 for one in drawn)
    assert "12 of 12 pairs, 6 of them here" in drawn[0].caption


@pytest.mark.parametrize("medium", [PAGE, ECCV, CVPR, CVPR_WIDE], ids=lambda medium: medium.name)
@pytest.mark.parametrize("labels", [("ours",), EIGHT], ids=["one", "eight"])
def test_nothing_is_cut_off_and_all_can_be_read(run_dir, medium: Medium, labels):
    """Figures are as wide as their medium and hold all words, which have 6 points and more and don't overlap."""
    run = _with_methods(RunData.open(run_dir), labels)
    for drawn in draw_qualitative(run, medium, rows=3):
        assert drawn.figure.get_size_inches()[0] == pytest.approx(medium.width_in)
        texts = [text for text in drawn.figure.findobj(Text) if text.get_text()]
        with drawing_on(medium):
            drawn.figure.draw_without_rendering()
            boxes = [text.get_window_extent() for text in texts]
        whole = drawn.figure.bbox
        assert min(text.get_fontsize() for text in texts) >= 6
        assert all(box.x0 >= whole.x0 - 2 and box.x1 <= whole.x1 + 2 and box.y0 >= -2 and box.y1 <= whole.y1 + 2 for box in boxes)
        overlapping = [
            (a.get_text(), b.get_text())
            for at, (a, one) in enumerate(zip(texts, boxes, strict=True))
            for b, two in zip(texts[at + 1 :], boxes[at + 1 :], strict=True)
            if min(one.x1, two.x1) - max(one.x0, two.x0) > 1 and min(one.y1, two.y1) - max(one.y0, two.y0) > 2
        ]
        assert not overlapping


def test_large_pictures_are_bounded():
    """36 pictures that can't be compressed stay below 2 MB as SVG and as PDF; the caption says how many pixels are left."""
    rng = np.random.default_rng(3)
    tiles = [Tile(rng.integers(0, 255, (256, 256, 3), np.uint8)) for _ in range(36)]
    cell = cell_in(ECCV, (6,))
    side = printed_side(tiles, [], cell)
    with drawing_on(ECCV):
        sheet = Sheet(ECCV, 6 * cell)
        for at, tile in enumerate(tiles):
            sheet.tile(tile.at_most(side), at % 6 * cell, at // 6 * cell, cell)
        sizes = [len(saved(sheet.figure, "grid", file_format, ECCV)) for file_format in ("svg", "pdf")]
    assert 0.5 * MOST_PICTURE_BYTES < max(sizes) < 2_000_000
    assert f"reduced from 256 to {side} pixels" in about_pixels(side, 256, cell)


def test_small_pictures_keep_their_pixels():
    """64 pixels in a column are fewer than print takes: none is added, none is lost; a huge one has 300 per inch."""
    assert printed_side([Tile(np.zeros((64, 64, 3), np.uint8))], [], 1.0) == 64
    assert printed_side([Tile(np.zeros((900, 900, 3), np.uint8))], [], 0.5) == 150
