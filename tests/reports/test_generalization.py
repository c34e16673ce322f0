"""The grid of images by sounds: which ones, what stands in each cell, and when there is no grid."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import AxesImage
from matplotlib.text import Text

from adis_bench.datasets.media import read_image
from reports.data import PairRow, RunData
from reports.drawing import CVPR, CVPR_WIDE, ECCV, PAGE, Drawn, Medium, NotDrawn, drawing_on, saved
from reports.paper_figures.generalization import draw_generalization
from reports.paper_figures.image_sound_grid import fullest_grid
from tests.reports.paper_runs import LONG


def _pair(image: int, sound: int, n_classes: int = 50) -> PairRow:
    return PairRow(f"{image}-{sound}", "images", f"class {sound % n_classes:02d}", Path(f"{image}.png"), Path(f"{sound}.wav"))


def _words(drawn: Drawn) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in drawn.figure.findobj(Text) if text.get_text()]


def test_a_full_list_gives_a_full_grid():
    """Where every image meets every sound, the grid has the asked size and no hole, and its sounds are of different classes."""
    grid = fullest_grid([_pair(image, sound, 5) for image in range(9) for sound in range(20)], 4, 5, seed=0)
    assert (len(grid.images), len(grid.sounds), len(grid.pairs)) == (4, 5, 20)
    assert len(set(grid.sounds.values())) == 5


def test_the_fullest_part_of_a_sparse_list_is_found():
    """A full grid of 4 x 5 is found among 60 images and 60 sounds that else met twice each, wherever it lies."""
    rng = np.random.default_rng(0)
    for seed in range(3):
        images, sounds = rng.permutation(60), rng.permutation(60)
        dense = {(image, sound) for image in images[:4] for sound in sounds[:5]}
        sparse = {(image, (image + step) % 60) for image in range(60) for step in (0, 7)}
        grid = fullest_grid([_pair(image, sound) for image, sound in sorted(dense | sparse)], 4, 5, seed)
        assert {path.stem for path in grid.images} == {str(image) for image in images[:4]}
        assert len(grid.pairs) == grid.n_cells == 20


def test_the_choice_is_seeded_and_blind_to_the_order_of_pairs():
    """The same seed gives the same grid, however the list is ordered; another seed another one."""
    pairs = [_pair(image, sound) for image in range(9) for sound in range(20)]
    first, turned, other = (fullest_grid(some, 4, 5, seed) for some, seed in ((pairs, 1), (pairs[::-1], 1), (pairs, 2)))
    assert (list(first.images), list(first.sounds)) == (list(turned.images), list(turned.sounds))
    assert set(first.sounds) != set(other.sounds)
    assert first.pairs == turned.pairs


def test_cells_hold_the_output_of_their_image_and_sound(run_dir):
    """In row and column, pixel by pixel; an image never meets a sound of its own class, and that cell says so."""
    run = RunData.open(run_dir)
    grid = fullest_grid(run.pairs, 4, 5, seed=0)
    drawn = draw_generalization(run, ECCV)[0]
    shown = [image for image in drawn.figure.findobj(AxesImage) if image.get_array().shape[:2] == (64, 64)]
    lefts = sorted({round(image.get_extent()[0], 6) for image in shown})[1:]
    tops = sorted({round(image.get_extent()[3], 6) for image in shown})
    at = {(round(image.get_extent()[3], 6), round(image.get_extent()[0], 6)): np.asarray(image.get_array()) for image in shown}
    for (image, sound), pair in grid.pairs.items():
        place = tops[list(grid.images).index(image)], lefts[list(grid.sounds).index(sound)]
        assert np.array_equal(at[place], read_image(run.output_path("ours", pair.pair_id), 64))
    assert _words(drawn).count("same class") == 4
    assert "12 of 16 combinations are in the pair list" in drawn.caption


def test_missing_pairs_and_outputs_are_named(run_dir):
    """A combination that the list lacks is 'no pair', an output that is gone 'no output', a damaged one 'cannot be read'."""
    run = RunData.open(run_dir)
    run.output_path("ours", run.pairs[0].pair_id).unlink()
    run.output_path("ours", run.pairs[1].pair_id).write_bytes(b"")
    drawn = draw_generalization(RunData(run.folder, run.results, run.pairs[:-1]), ECCV)[0]
    for reason in ("no pair", "no output", "cannot be read"):
        assert _words(drawn).count(reason) == 1
        assert f": {reason}" in drawn.alt


def test_each_method_has_a_figure_of_the_same_grid(run_dir):
    """File names are the methods'; images and sounds are the same in all."""
    drawn = draw_generalization(RunData.open(run_dir), ECCV, images=2, sounds=2)
    assert [one.name for one in drawn] == ["generalization-ours", "generalization-cut", "generalization-cyclegan"]
    assert len({one.alt.partition(". ")[2] for one in drawn}) == 1
    assert all("seed 0" in one.caption and "outputs had no say" in one.caption for one in drawn)


def test_the_same_run_gives_the_same_bytes(run_dir):
    """SVG and PDF don't depend on when they were made."""
    run = RunData.open(run_dir)
    first, again = (draw_generalization(run, CVPR, images=2, sounds=2)[0] for _ in range(2))
    for file_format in ("svg", "pdf"):
        assert saved(first.figure, "g", file_format, CVPR) == saved(again.figure, "g", file_format, CVPR)


def test_a_sparse_list_has_no_grid(run_dir):
    """Where each image met one sound, the reason says what to make instead; so do too few images, controls alone and lost outputs."""
    run = RunData.open(run_dir)
    once = tuple(replace(pair, source_path=Path(f"{at}.png"), target_audio_path=Path(f"{at}.wav")) for at, pair in enumerate(run.pairs))
    with pytest.raises(NotDrawn, match=r"4 images and 5 sounds, \d of 20 combinations .*--n-images I --n-sounds S"):
        draw_generalization(RunData(run.folder, run.results, once), ECCV)
    with pytest.raises(NotDrawn, match="1 images and 3 sounds"):
        draw_generalization(RunData(run.folder, run.results, run.pairs[:3]), ECCV)
    controls = tuple(method for method in run.results.methods if method.control)
    with pytest.raises(NotDrawn, match="controls only"):
        draw_generalization(RunData(run.folder, replace(run.results, methods=controls), run.pairs), ECCV)
    lost = tuple(replace(pair, pair_id=f"gone-{at}") for at, pair in enumerate(run.pairs))
    with pytest.raises(NotDrawn, match="outputs of all 12 chosen pairs are gone"):
        draw_generalization(RunData(run.folder, run.results, lost), ECCV)


@pytest.mark.parametrize("medium", [PAGE, ECCV, CVPR, CVPR_WIDE], ids=lambda medium: medium.name)
def test_nothing_is_cut_off_and_all_can_be_read(run_dir, medium: Medium):
    """Figures are as wide as their medium, hold their words in 6 points and more, and show no more sounds than fit."""
    run = RunData.open(run_dir)
    (run_dir / "outputs" / "ours").rename(run_dir / "outputs" / LONG)
    one = RunData(run.folder, replace(run.results, methods=(replace(run.asked[0], label=LONG),)), run.pairs)
    for drawn in (*draw_generalization(one, medium, 2, 2), *draw_generalization(one, medium, images=40, sounds=40)):
        width, height = drawn.figure.get_size_inches()
        texts = [text for text in drawn.figure.findobj(Text) if text.get_text()]
        with drawing_on(medium):
            drawn.figure.draw_without_rendering()
            boxes = [text.get_window_extent() for text in texts]
        assert width == pytest.approx(medium.width_in)
        assert height < 9
        assert min(text.get_fontsize() for text in texts) >= 6
        assert all(
            box.x0 >= -2 and box.x1 <= drawn.figure.bbox.x1 + 2 and box.y0 >= -2 and box.y1 <= drawn.figure.bbox.y1 + 2 for box in boxes
        )
