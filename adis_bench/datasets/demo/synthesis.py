"""Building blocks of the sounds: resonators, grains, steps, envelopes."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from adis_bench.datasets.records import SEGMENT_S

SAMPLE_RATE_HZ = 16_000
N_SAMPLES = round(SEGMENT_S * SAMPLE_RATE_HZ)

Signal = NDArray[np.float64]
"""A mono signal, [T]."""


def seconds(n_samples: int = N_SAMPLES) -> Signal:
    """Times of ``n_samples`` samples."""
    return np.arange(n_samples) / SAMPLE_RATE_HZ


def band(signal: Signal, low_hz: float, high_hz: float, order: int = 2) -> Signal:
    """Butterworth band-pass; a low-pass where ``low_hz`` is 0, a high-pass where ``high_hz`` is 8000."""
    return np.asarray(sosfilt(_sections(low_hz, high_hz, order), signal))


@lru_cache(maxsize=64)
def _sections(low_hz: float, high_hz: float, order: int) -> Signal:
    if low_hz <= 0:
        return np.asarray(butter(order, high_hz, "lowpass", fs=SAMPLE_RATE_HZ, output="sos"))
    if high_hz >= SAMPLE_RATE_HZ / 2:
        return np.asarray(butter(order, low_hz, "highpass", fs=SAMPLE_RATE_HZ, output="sos"))
    return np.asarray(butter(order, (low_hz, high_hz), "bandpass", fs=SAMPLE_RATE_HZ, output="sos"))


def resonate(signal: Signal, frequency_hz: float, decay_s: float) -> Signal:
    """Ring every impulse of ``signal`` as a sine that falls to 1/e in ``decay_s``; peak gain about 1."""
    radius = np.exp(-1.0 / (decay_s * SAMPLE_RATE_HZ))
    angle = 2 * np.pi * frequency_hz / SAMPLE_RATE_HZ
    return np.asarray(lfilter([0.0, np.sin(angle)], [1.0, -2 * radius * np.cos(angle), radius**2], signal))


def impulses(rng: np.random.Generator, times_s: Signal, amplitudes: Signal) -> Signal:
    """One sample per event, of random sign; events outside the segment are dropped."""
    positions = np.round(times_s * SAMPLE_RATE_HZ).astype(np.int64)
    inside = (positions >= 0) & (positions < N_SAMPLES)
    train = np.zeros(N_SAMPLES)
    np.add.at(train, positions[inside], (amplitudes * rng.choice([-1.0, 1.0], amplitudes.size))[inside])
    return train


def grains(
    rng: np.random.Generator, times_s: Signal, amplitudes: Signal, bands_hz: tuple[float, float], decay_s: float, n_bands: int = 6
) -> Signal:
    """Short rings at ``n_bands`` frequencies spread over ``bands_hz``; every event picks one of them."""
    frequencies = np.geomspace(*bands_hz, n_bands)
    choice = rng.integers(0, n_bands, times_s.size)
    total = np.zeros(N_SAMPLES)
    for k, frequency in enumerate(frequencies):
        chosen = choice == k
        total += resonate(impulses(rng, times_s[chosen], amplitudes[chosen]), float(frequency), decay_s)
    return total


def step_times(rng: np.random.Generator, steps_per_s: float) -> Signal:
    """Onsets of a walker's steps with a little unevenness."""
    start = rng.uniform(0.02, 0.6 / steps_per_s)
    count = int((N_SAMPLES / SAMPLE_RATE_HZ - start - 0.15) * steps_per_s) + 1
    return np.asarray(start + np.arange(count) / steps_per_s + rng.normal(0.0, 0.012, count))


def place(total: Signal, start_s: float, piece: Signal) -> None:
    """Add ``piece`` at ``start_s``; what reaches past the end is cut."""
    start = max(round(start_s * SAMPLE_RATE_HZ), 0)
    length = min(piece.size, total.size - start)
    if length > 0:
        total[start : start + length] += piece[:length]


def swell(points_s: Signal, rise_s: float, fall_s: float) -> Signal:
    """Sum of humps that rise and fall around ``points_s``."""
    t = seconds()
    total = np.zeros(N_SAMPLES)
    for point in points_s:
        total += np.where(t < point, np.exp(-(((t - point) / rise_s) ** 2)), np.exp(-(((t - point) / fall_s) ** 2)))
    return total


def unit(signal: Signal) -> Signal:
    """Scaled to a root mean square of 1."""
    return np.asarray(signal / np.sqrt(np.mean(signal**2) + 1e-12))
