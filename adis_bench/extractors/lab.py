"""The CIELAB picture itself as an embedding: no network, for distances to an exact answer."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError
from adis_bench.extractors.protocol import Embeddings, ExtractorOptions
from adis_bench.files import digest_json

_VERSION = 1

# Linear sRGB to XYZ, and the D65 white point (2 degrees). Source: IEC 61966-2-1:1999; CIE 15:2004.
_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]], np.float64)
_WHITE = (0.95047, 1.0, 1.08883)
_KINK = 6 / 29  # CIE 15:2004: below its cube the cube root is replaced by a line


def _linear_of_sum() -> NDArray[np.float64]:
    """Linear light of the mean of four 8-bit sRGB values, indexed by their sum (0-1020)."""
    encoded = np.arange(4 * 255 + 1) / (4 * 255)
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


_LINEAR = _linear_of_sum()


def srgb_to_lab_halved(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Average 2 x 2 pixels of the sRGB values and convert to CIELAB (D65).

    Args:
        images: uint8 [N, H, W, 3], 0-255, H and W even.

    Returns:
        float32 [N, H / 2, W / 2, 3]: L* in 0-100, a* and b* about -128 to 128.
    """
    n, height, width, _ = images.shape
    sums = images.reshape(n, height // 2, 2, width // 2, 2, 3).sum(axis=(2, 4), dtype=np.int64)
    linear = _LINEAR[sums]
    lab_f = []
    for row, white in zip(_TO_XYZ, _WHITE, strict=True):
        # Written out: a matrix product may sum in another order at another batch position.
        ratio = (linear[..., 0] * row[0] + linear[..., 1] * row[1] + linear[..., 2] * row[2]) / white
        lab_f.append(np.where(ratio > _KINK**3, np.cbrt(ratio), ratio / (3 * _KINK**2) + 4 / 29))
    fx, fy, fz = lab_f
    return np.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], axis=-1).astype(np.float32)


class Lab:
    """CIELAB values of the image at half the run's resolution, flattened to [H / 2 * W / 2 * 3]."""

    name = "lab"
    description = "CIELAB (D65) pixels at half the resolution; no network"
    modality: Literal["image", "audio"] = "image"
    sample_rate_hz = 0
    batch_size = 32

    def __init__(self, options: ExtractorOptions) -> None:
        if options.resolution % 2:
            raise ConfigError(f"extractor lab halves the images, and the run's resolution {options.resolution} is odd; choose an even one")
        self._resolution = options.resolution

    def prepare(self, judge: Dataset) -> None:
        """Nothing to load."""

    @property
    def digest(self) -> str:
        """sha256 over name, version and resolution; there are no weights."""
        return digest_json([self.name, _VERSION, self._resolution])

    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """float32 [N, D] of uint8 [N, H, W, 3]."""
        return srgb_to_lab_halved(batch).reshape(len(batch), -1)

    def facts(self) -> Mapping[str, Any]:
        """Side of the averaged picture in pixels, and the white point."""
        return {"weights": "none", "size": self._resolution // 2, "colour_space": "CIELAB, D65"}
