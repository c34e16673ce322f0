"""Other sounds over a sound: what pretraining makes its views with, and the probe its test."""

import numpy as np

from adis_bench.datasets.media import Waveform


def power(waveform: Waveform) -> float:
    """Mean square of a waveform [T]."""
    return float(np.mean(np.square(waveform, dtype=np.float64)))


def mixed(waveform: Waveform, other: Waveform, snr_db: float) -> Waveform:
    """A waveform float32 [T] with another one added so much weaker; digital silence on either side adds nothing."""
    theirs = power(other)
    gain = (power(waveform) / theirs * 10 ** (-snr_db / 10)) ** 0.5 if theirs > 0 else 0.0
    return (waveform + gain * other).astype(np.float32)


def coloured_noise(n_samples: int, exponent: float, rng: np.random.Generator) -> Waveform:
    """Gaussian noise float32 [n_samples] whose power falls with frequency f as f ** -exponent: 0 is white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(rng.standard_normal(n_samples))
    places = np.maximum(np.arange(len(spectrum)), 1)
    return np.fft.irfft(spectrum * places ** (-exponent / 2), n_samples).astype(np.float32)


def babble(waveforms: list[Waveform], rng: np.random.Generator) -> Waveform:
    """Several sounds float32 [T] at once, equally strong, each turned round by a random time."""
    total = np.zeros_like(waveforms[0])
    for waveform in waveforms:
        turned = np.roll(waveform, int(rng.integers(len(waveform))))
        total = total + turned / max(power(turned), 1e-12) ** 0.5
    return total
