"""Strips: where things stand, and that a louder sound looks louder."""

import numpy as np
import pytest
import torch

from reference_model.strip import MIN_CELL, Column, draw


def _picture(height: int, width: int, value: int) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def _contains(strip: np.ndarray, color: tuple[int, int, int]) -> tuple[int, int]:
    """Height and width of the area of exactly one colour."""
    rows, columns = np.where((strip == np.array(color)).all(axis=2))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@pytest.mark.parametrize(
    ("height", "width", "factor"), [(16, 16, 12), (64, 64, 3), (128, 128, 2), (192, 192, 1), (300, 200, 1), (64, 128, 2)]
)
def test_pictures_are_enlarged_by_whole_factors(height: int, width: int, factor: int) -> None:
    """Every pixel of a picture stands in the strip as a square of equal size; large pictures stand as they are."""
    source = np.zeros((height, width, 3), np.uint8)
    source[..., 0] = 200
    strip = draw([Column(source, "source"), Column(_picture(height, width, 90), "0 dB", torch.randn(48_000))], "title")
    assert _contains(strip, (200, 0, 0)) == (factor * height, factor * width)
    assert factor * width >= MIN_CELL


def test_pictures_stand_in_order() -> None:
    """From left to right as they were given."""
    colors = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    columns = [
        Column(np.broadcast_to(np.array(c, np.uint8), (192, 192, 3)), "x", torch.randn(48_000) if k else None) for k, c in enumerate(colors)
    ]
    strip = draw(columns, "")
    found = [np.where((strip == np.array(c)).all(axis=2))[1].mean() for c in colors]
    assert found == sorted(found)
    assert len(set(found)) == 3


def test_a_louder_sound_looks_louder() -> None:
    """All spectrograms of a strip share one scale: 20 dB more are brighter, and silence is black."""
    noise = torch.randn(48_000, generator=torch.Generator().manual_seed(0))
    columns = [Column(_picture(192, 192, 255), "s")] + [
        Column(_picture(192, 192, 255), "x", gain * noise) for gain in (0.0, 0.01, 0.1, 1.0)
    ]
    strip = draw(columns, "")
    below = strip[-14 - 72 : -14].astype(float)
    light = [below[:, 14 + 200 * k : 14 + 200 * k + 192].mean() for k in range(1, 5)]
    assert light == sorted(light)
    assert light[0] < 5
    assert light[3] - light[2] > 20


def test_low_frequencies_stand_at_the_bottom() -> None:
    """A tone of 1 kHz of 8 shines in the lowest fifth of its spectrogram."""
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(48_000) / 16_000)
    strip = draw([Column(_picture(192, 192, 0), ""), Column(_picture(192, 192, 0), "", tone)], "")
    rows = strip[-14 - 72 : -14, 14 + 200 : 14 + 392].astype(float).mean(axis=(1, 2))
    assert 72 * 0.8 <= rows.argmax() <= 72 * 0.95


def test_long_and_odd_names_stay_inside() -> None:
    """A title longer than the strip, and one with line breaks and other letters, change no size and raise nothing."""
    columns = [Column(_picture(64, 64, 0), "source"), Column(_picture(64, 64, 0), "w = 0.123456789" * 9, torch.randn(48_000))]
    plain = draw(columns, "a")
    long = draw(columns, "x" * 500)
    odd = draw(columns, "Café\n\x00日本語.wav")
    assert plain.shape == long.shape == odd.shape
    assert (long[:, -10:] == 255).all()
    assert not np.array_equal(plain, odd)
