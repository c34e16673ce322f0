"""Images of other modes than 8-bit RGB."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adis_bench.datasets.inspection import upright
from adis_bench.datasets.media import read_image
from adis_bench.errors import DataError

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
