"""Images of other modes than 8-bit RGB."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from adis_bench.datasets.inspection import upright
from adis_bench.datasets.media import read_image
from adis_bench.errors import DataError
from tests.datasets import damaged

RAMP = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)


def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path) -> None:
    """A 16-bit grey ramp is the 8-bit one, where Pillow's own conversion would make it white."""
    path = tmp_path / "ramp.png"
    Image.fromarray(RAMP).save(path)
    for pixels in (read_image(path), upright(path)):
        assert np.abs(pixels[..., 0].astype(float) - RAMP / 257).max() <= 0.5
        assert (pixels[..., 0] == pixels[..., 2]).all()


def test_pixels_without_a_known_range_are_refused(tmp_path: Path) -> None:
    """Floats may reach to 1 or to 255: nothing is guessed."""
    path = tmp_path / "float.tif"
    Image.fromarray(RAMP.astype(np.float32)).save(path)
    with pytest.raises(DataError, match="mode F have no known range"):
        read_image(path)


@pytest.mark.parametrize("side", [9_500, 40_000])
def test_images_above_the_limit_are_refused_before_they_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, side: int) -> None:
    """Nine times ten million pixels, where Pillow only warns, and 1.6 billion: one clear error, no warning, nothing decoded."""
    path = tmp_path / "bomb\n.png"
    path.write_bytes(damaged.png(side, side))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("decoded"))
    for read in (read_image, upright):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            with pytest.raises((DataError, ValueError), match=r"more than 89,478,485, the limit; scale the image down") as caught:
                read(path)
        assert told == []
        assert len(str(caught.value).splitlines()) == 1


def test_large_photographs_below_the_limit_are_read(tmp_path: Path) -> None:
    """An 80-megapixel camera's picture is an image like any other."""
    path = tmp_path / "large.png"
    Image.new("1", (10_000, 8_000), 1).save(path)
    assert (read_image(path, 8) == 255).all()
