"""How images become what OpenL3's image tower sees: crop, scale, and the range of the values."""

from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from adis_bench.errors import ConfigError, DataError

SIDE = 224
"""Pixels that the tower takes a side. Source of all constants: marl/openl3 0.4.2 (3bb35fd), core.py."""
SCALED_SIDE = 256
"""The shorter side to which larger images are scaled."""

RangePolicy = Literal["openl3", "documented"]
"""``openl3``: what the library does; ``documented``: what its docstring says, -1 to 1 whatever the size. See ``pixels``."""


def checked_policy(policy: str) -> RangePolicy:
    """A range policy by name.

    Raises:
        ConfigError: no such policy.
    """
    for known in get_args(RangePolicy):
        if policy == known:
            return known  # type: ignore[no-any-return]
    raise ConfigError(f"range_policy must be one of {', '.join(get_args(RangePolicy))}, not {policy!r}")


def pixels(images: NDArray[np.uint8], policy: RangePolicy = "openl3") -> NDArray[np.float32]:
    """Crop and scale as the library does, then map the values.

    The middle 224 x 224 pixels are taken; images whose shorter side is above 256 are first scaled to 256 there
    (bilinear, without antialiasing). The library's range depends on the size, against its docstring:

    - 224 x 224: -1 to 1.
    - shorter side 224 to 256, any other shape: 0 to 1, by division by the largest value OF THE BATCH (none where that
      is 0 or 1), so an image's numbers depend on its batch mates.
    - shorter side above 256: 0 to 1.

    With ``documented`` it is -1 to 1 for all, and no image depends on another.

    Args:
        images: uint8 [N, H, W, 3], 0-255, N > 0, H and W at least 224.
        policy: range of the values.

    Returns:
        float32 [N, 224, 224, 3].

    Raises:
        DataError: other shapes, other types, or too small.
    """
    if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8 or not len(images):
        raise DataError(f"OpenL3 takes images as uint8 [N, H, W, 3] with N > 0, not {images.dtype} {list(images.shape)}")
    height, width = images.shape[1:3]
    if min(height, width) < SIDE:
        raise DataError(f"OpenL3 takes images of at least {SIDE} x {SIDE} pixels, not {width} x {height}")
    scaled = min(height, width) > SCALED_SIDE
    cropped = np.stack([_cropped(_scaled(image) if scaled else image) for image in images])
    if policy == "documented" or (height, width) == (SIDE, SIDE):
        # Scaled images are 0 to 1 already.
        return (cropped.astype(np.float32) * np.float32(2.0 if scaled else 2.0 / 255)) - np.float32(1.0)
    values = cropped.astype(np.float32)
    return values if scaled else values / np.float32(max(1, cropped.max()))


def _cropped(image: NDArray[np.generic]) -> NDArray[np.generic]:
    top, left = (side // 2 - SIDE // 2 for side in image.shape[:2])
    return image[top : top + SIDE, left : left + SIDE]


def _scaled(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Scale to a shorter side of 256, float64 0-1: torch's bilinear is scikit-image's ``rescale`` to 3e-8."""
    scale = SCALED_SIDE / min(image.shape[:2])
    height, width = (int(np.round(side * scale)) for side in image.shape[:2])
    planes = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].double() / 255
    scaled = torch.nn.functional.interpolate(planes, size=(height, width), mode="bilinear", align_corners=False)
    return scaled[0].permute(1, 2, 0).numpy()
