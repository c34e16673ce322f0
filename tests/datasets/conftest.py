"""A small folder of images and sounds as people have them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

RATE_HZ = 8000


def write_image(path: Path, seed: int, side: int = 12) -> None:
    """A picture of noise; the format follows the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)).save(path)


def write_sound(path: Path, seed: int, seconds: float = 4.0, rate: int = RATE_HZ) -> None:
    """A sound of noise; the format follows the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * rate)), rate)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Make ``images/<class>/<k>.png`` and ``audio/<class>/<k>.wav`` without a manifest."""

    def make(classes: tuple[str, ...] = ("rain", "Crunching Snow"), n_images: int = 6, n_sounds: int = 4) -> Path:
        src = tmp_path / "src"
        for number, name in enumerate(classes):
            for k in range(n_images):
                write_image(src / "images" / name / f"{k}.png", 1000 * number + k)
            for k in range(n_sounds):
                write_sound(src / "audio" / name / f"{k}.wav", 1000 * number + k)
        return src

    return make
