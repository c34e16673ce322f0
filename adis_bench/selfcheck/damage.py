"""Damaged copies of real images: what a metric should or should not notice."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageFilter

from adis_bench.datasets.media import Images


@dataclass(frozen=True, slots=True)
class Damage:
    """One kind of damage at one strength.

    Attributes:
        kind: ``blur``, ``noise``, ``jpeg`` or ``brightness``.
        strength: what it says, with its unit, for people.
        apply: uint8 [H, W, 3] to uint8 [H, W, 3]; the generator decides what is random.
    """

    kind: str
    strength: str
    apply: Callable[[Images, np.random.Generator], Images]

    def label(self, base: str) -> str:
        """Folder name of a control's images with this damage."""
        return f"{base}-{self.kind}-{self.strength}".replace(" ", "_").replace("%", "pc")


def _blurred(share: float) -> Damage:
    """Gaussian blur; the deviation is a share of the image's side, so that it looks alike at any resolution."""

    def apply(image: Images, rng: np.random.Generator) -> Images:
        return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(share * image.shape[0])))

    return Damage("blur", f"{share:.0%} of the side", apply)


def _noisy(deviation: float) -> Damage:
    """Gaussian noise, the same in no two pixels."""

    def apply(image: Images, rng: np.random.Generator) -> Images:
        noisy = image + rng.normal(0.0, deviation, image.shape)
        return noisy.round().clip(0, 255).astype(np.uint8)

    return Damage("noise", f"{deviation:.0f} grey levels", apply)


def _jpeg(quality: int) -> Damage:
    """Written as JPEG and read again, by Pillow."""

    def apply(image: Images, rng: np.random.Generator) -> Images:
        buffer = BytesIO()
        Image.fromarray(image).save(buffer, format="JPEG", quality=quality)
        return np.asarray(Image.open(buffer).convert("RGB"))

    return Damage("jpeg", f"quality {quality}", apply)


def _darker(factor: float) -> Damage:
    """All grey levels times a factor."""

    def apply(image: Images, rng: np.random.Generator) -> Images:
        return (image * factor).round().clip(0, 255).astype(np.uint8)

    return Damage("brightness", f"times {factor}", apply)


DAMAGES = (_blurred(0.01), _blurred(0.04), _noisy(10), _noisy(40), _jpeg(50), _jpeg(10), _darker(0.8), _darker(0.5))
"""A slight and a strong form of each kind; strengths are the suite's own choice."""
STRONGEST_NOISE = DAMAGES[3]
"""What a distance to all real frames must notice: no control of a run shows anything but real frames."""
VERSION = 1
"""Raised when a damage becomes another one: images that were kept are made anew."""
WRONG_SHARES = (0.25, 0.5, 0.75)
"""Shares of the pairs whose image is one of another class; 1 is the control ``shuffled``."""
