"""Speech-like sound: syllables of a buzzing voice through the resonances of vowels."""

import numpy as np
from scipy.signal import lfilter

from adis_bench.datasets.demo.synthesis import N_SAMPLES, SAMPLE_RATE_HZ, Signal, band, place, resonate

_VOWELS_HZ = {
    "i": (270.0, 2290.0, 3010.0),
    "e": (530.0, 1840.0, 2480.0),
    "a": (730.0, 1090.0, 2440.0),
    "o": (570.0, 840.0, 2410.0),
    "u": (300.0, 870.0, 2240.0),
}
"""First three formants. Source: Peterson and Barney 1952, means of men."""


_TILT = 0.8
"""A voice's pulses are soft: one pole that falls 6 dB per octave from about 600 Hz."""


def speech(intensity: float, rng: np.random.Generator) -> Signal:
    """Words of two to four syllables with pauses between them; the pitch falls within a word."""
    total = np.zeros(N_SAMPLES)
    pitch_hz, time = rng.uniform(105.0, 210.0), rng.uniform(0.0, 0.25)
    pause, length = 0.45 - 0.33 * intensity, 0.21 - 0.06 * intensity
    while time < 2.9:
        n_syllables = int(rng.integers(2, 5))
        for k in range(n_syllables):
            duration = length * rng.uniform(0.8, 1.25)
            if rng.random() < 0.6:
                place(total, time - 0.05, _consonant(rng))
            place(total, time, _syllable(rng, pitch_hz * (1.12 - 0.08 * k) * rng.uniform(0.95, 1.05), duration))
            time += duration + 0.02
        time += pause * rng.uniform(0.7, 1.3)
    return total


def _syllable(rng: np.random.Generator, pitch_hz: float, duration_s: float) -> Signal:
    n_samples = int(duration_s * SAMPLE_RATE_HZ)
    t = np.linspace(0.0, 1.0, n_samples)
    phase = np.cumsum(pitch_hz * (1.0 + 0.06 * np.sin(np.pi * t))) / SAMPLE_RATE_HZ
    pulses = np.asarray(lfilter([1.0], [1.0, -_TILT], np.diff(np.floor(phase), prepend=0.0)))
    names = rng.choice(list(_VOWELS_HZ), 2)
    start, end = (_vowel(pulses, _VOWELS_HZ[str(name)]) for name in names)
    glide = np.clip(2.0 * t - 0.7, 0.0, 1.0)
    return np.asarray((start * (1 - glide) + end * glide) * np.sin(np.pi * t) ** 0.6)


def _vowel(pulses: Signal, formants_hz: tuple[float, float, float]) -> Signal:
    """Parallel resonators; higher formants are weaker and broader."""
    total = np.zeros_like(pulses)
    for frequency, decay_s, gain in zip(formants_hz, (0.008, 0.005, 0.004), (1.0, 0.5, 0.2), strict=True):
        total += gain * resonate(pulses, frequency, decay_s)
    return total


def _consonant(rng: np.random.Generator) -> Signal:
    n_samples = int(rng.uniform(0.03, 0.07) * SAMPLE_RATE_HZ)
    hiss = band(rng.standard_normal(n_samples), 2500.0, 6500.0) * np.sin(np.pi * np.linspace(0, 1, n_samples))
    return 0.12 * hiss
