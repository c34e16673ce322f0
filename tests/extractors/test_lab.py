"""The CIELAB embedding against published values."""

import numpy as np
import pytest

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError
from adis_bench.extractors.lab import Lab, srgb_to_lab_halved
from adis_bench.extractors.protocol import Extractor, ExtractorOptions

# Source: Bruce Lindbloom's CIE calculator, sRGB, D65, no adaptation; rounded to two decimals.
KNOWN = {
    (255, 255, 255): (100.00, 0.00, 0.00),
    (0, 0, 0): (0.00, 0.00, 0.00),
    (255, 0, 0): (53.24, 80.09, 67.20),
    (0, 255, 0): (87.73, -86.18, 83.18),
    (0, 0, 255): (32.30, 79.19, -107.86),
    (119, 119, 119): (50.03, 0.00, 0.00),
}


@pytest.mark.parametrize(("rgb", "lab"), KNOWN.items())
def test_known_colours(rgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    """Primaries, white, black and grey have the CIELAB values of the standard."""
    image = np.tile(np.array(rgb, np.uint8), (1, 2, 2, 1))
    assert srgb_to_lab_halved(image)[0, 0, 0] == pytest.approx(lab, abs=0.02)


def test_pixels_are_averaged_before_the_conversion() -> None:
    """A black and white checkerboard is the grey of sRGB 127.5 (L* 53.39), not the mean L* of 50."""
    board = np.zeros((1, 2, 2, 3), np.uint8)
    board[0, 0, 0] = board[0, 1, 1] = 255
    # ((127.5 / 255 + 0.055) / 1.055) ** 2.4 = 0.21404; L* = 116 * 0.21404 ** (1 / 3) - 16 = 53.39
    assert srgb_to_lab_halved(board)[0, 0, 0] == pytest.approx((53.39, 0.0, 0.0), abs=0.02)


def test_rows_do_not_depend_on_their_place() -> None:
    """An image has the same bits alone, first and last in a batch."""
    images = np.random.default_rng(0).integers(0, 256, (5, 6, 6, 3), dtype=np.uint8)
    lab = Lab(ExtractorOptions(6))
    assert isinstance(lab, Extractor)
    whole = lab.embed(images)
    assert whole.shape == (5, 27)
    assert np.array_equal(lab.embed(images[::-1])[::-1], whole)
    assert np.array_equal(lab.embed(images[4:]), whole[4:])


def test_the_resolution_is_part_of_the_digest(tiny_dataset) -> None:
    """Runs of other resolutions don't share embeddings; the judge split is not needed."""
    judge: Dataset = tiny_dataset()
    first, second = Lab(ExtractorOptions(64)), Lab(ExtractorOptions(128))
    first.prepare(judge)
    assert first.digest == Lab(ExtractorOptions(64)).digest != second.digest


def test_an_odd_resolution_is_refused() -> None:
    """What cannot be halved is said before anything is computed."""
    with pytest.raises(ConfigError, match="odd"):
        Lab(ExtractorOptions(65))
