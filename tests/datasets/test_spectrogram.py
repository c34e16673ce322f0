"""Spectrograms for people."""

import numpy as np

from adis_bench.datasets.spectrogram import spectrogram


def test_a_tone_is_one_bright_line_at_its_height():
    """A 1 kHz tone peaks at the row of 1 kHz on the mel scale, in every column."""
    rate = 16_000
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(3 * rate) / rate).astype(np.float32)
    brightness = spectrogram(tone, rate).astype(int).sum(axis=2)[::-1]
    # mel(50) = 77.8, mel(1000) = 1000.0, mel(8000) = 2840.0: row (1000 - 77.8) / 2762.2 * 95 = 31.7.
    inner = brightness[:, 10:-10]
    assert set(inner.argmax(axis=0)) <= {31, 32}
    assert inner[70:].max() < inner.max() / 3


def test_silence_is_dark():
    """Digital silence is not amplified to noise."""
    assert spectrogram(np.zeros(8000, np.float32), 8000).max() < 10
