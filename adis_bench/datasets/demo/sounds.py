"""The eight sounds: what an ear would name, in 3 seconds; intensity sets level and density."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.demo.style import Style
from adis_bench.datasets.demo.synthesis import (
    N_SAMPLES,
    SAMPLE_RATE_HZ,
    Signal,
    band,
    grains,
    impulses,
    place,
    resonate,
    seconds,
    step_times,
    swell,
    unit,
)
from adis_bench.datasets.demo.voice import speech

_WEAK_DB, _STRONG_DB = -33.0, -20.0
"""Root mean square of a sound at intensity 0 and 1, against full scale; leaves room for peaks."""


def sound(style: Style, rng: np.random.Generator) -> NDArray[np.float32]:
    """The sound of a style: float32 [48000] in [-1, 1] at 16 kHz."""
    signal = unit(_SOUNDS[style.label](style.intensity, rng))
    # A floor of air keeps pauses from being digital silence.
    air = 0.01 * unit(band(rng.standard_normal(N_SAMPLES), 0.0, 3000.0))
    level = 10 ** ((_WEAK_DB + (_STRONG_DB - _WEAK_DB) * style.intensity) / 20)
    # Peaks of clicks are bent, not cut.
    return (0.98 * np.tanh(level * (signal + air) / 0.98)).astype(np.float32)


def _snow(intensity: float, rng: np.random.Generator) -> Signal:
    """Crunching: every step is a press of squeaking grains, dull, rising and falling."""
    presses = np.zeros(N_SAMPLES)
    starts = step_times(rng, 1.3 + 1.0 * intensity)
    for start in starts:
        length = int(SAMPLE_RATE_HZ * rng.uniform(0.24, 0.32))
        place(presses, start, rng.uniform(0.8, 1.2) * np.sin(np.pi * np.linspace(0.0, 1.0, length) ** 0.7) ** 1.5)
    # Snow gives way in jerks, some 120 a second: the squeak.
    jerks = np.repeat(np.minimum(rng.exponential(1.0, N_SAMPLES // 130 + 1), 3.0), 130)[:N_SAMPLES]
    crunch = band(rng.standard_normal(N_SAMPLES) * presses * jerks, 500.0, 1900.0, 3)
    return unit(crunch) + 0.25 * unit(_thuds(rng, starts, 95.0))


def _gravel(intensity: float, rng: np.random.Generator) -> Signal:
    """Walking on gravel: every step a handful of hard, bright clicks."""
    starts = step_times(rng, 1.4 + 1.1 * intensity)
    n_clicks = 45 + int(70 * intensity)
    offsets = rng.beta(1.3, 2.6, (starts.size, n_clicks)) * 0.26
    times = (starts[:, None] + offsets).ravel()
    strengths = rng.exponential(1.0, times.size)
    return grains(rng, times, strengths, (2200.0, 6800.0), 0.0016, 8) + 0.35 * grains(
        rng, times[::3], strengths[::3], (900.0, 1800.0), 0.003, 3
    )


def _dirt(intensity: float, rng: np.random.Generator) -> Signal:
    """Steps on earth: dull thuds with a soft scuff."""
    starts = step_times(rng, 1.3 + 1.1 * intensity)
    scuffs = np.zeros(N_SAMPLES)
    for start in starts:
        length = int(0.16 * SAMPLE_RATE_HZ)
        t = np.linspace(0.0, 1.0, length)
        place(scuffs, start + 0.03, rng.standard_normal(length) * np.sin(np.pi * t) ** 2)
    return _thuds(rng, starts, 78.0) + (0.10 + 0.10 * intensity) * band(scuffs, 150.0, 650.0)


def _thuds(rng: np.random.Generator, starts: Signal, frequency_hz: float) -> Signal:
    blows = impulses(rng, starts, rng.uniform(0.8, 1.2, starts.size))
    heel = resonate(blows, frequency_hz, 0.035) + 0.5 * resonate(blows, 2.3 * frequency_hz, 0.018)
    return band(heel, 0.0, 400.0)


def _rain(intensity: float, rng: np.random.Generator) -> Signal:
    """A steady hiss with drops that can be heard one by one."""
    hiss = band(rng.standard_normal(N_SAMPLES), 1200.0, 8000.0, 1)
    n_drops = 60 + int(540 * intensity)
    times = rng.uniform(0.0, 3.0, n_drops)
    drops = grains(rng, times, rng.exponential(1.0, n_drops), (1500.0, 6000.0), 0.004, 8)
    return (0.6 + 0.8 * intensity) * unit(hiss) + 1.3 * unit(drops)


def _birds(intensity: float, rng: np.random.Generator) -> Signal:
    """Phrases of chirps that sweep through 2.5 to 6 kHz."""
    total = np.zeros(N_SAMPLES)
    for _ in range(2 + round(7 * intensity)):
        start, centre = rng.uniform(0.0, 2.6), rng.uniform(3000.0, 5200.0)
        depth, length = rng.uniform(500.0, 1300.0) * rng.choice([-1.0, 1.0]), rng.uniform(0.07, 0.13)
        for k in range(int(rng.integers(2, 6))):
            place(total, start + k * (length + 0.045), rng.uniform(0.6, 1.0) * _chirp(centre, depth, length))
    return total


def _chirp(centre_hz: float, depth_hz: float, length_s: float) -> Signal:
    n_samples = int(length_s * SAMPLE_RATE_HZ)
    t = np.linspace(0.0, 1.0, n_samples)
    frequency = centre_hz + depth_hz * np.sin(np.pi * (1.4 * t - 0.2)) + 0.15 * depth_hz * np.sin(2 * np.pi * 4 * t)
    phase = 2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE_HZ
    return np.asarray(np.sin(phase) * np.sin(np.pi * t) ** 1.2)


def _ocean(intensity: float, rng: np.random.Generator) -> Signal:
    """Surf: deep noise that swells slowly, and a hiss of foam after every crest."""
    gap = rng.uniform(1.7, 2.3) - 0.5 * intensity
    crests: Signal = np.asarray(rng.uniform(0.3, 1.2) + gap * np.arange(-1, 3), dtype=np.float64)
    roar = band(rng.standard_normal(N_SAMPLES), 0.0, 500.0, 1) * (0.25 + swell(crests, 0.45, 0.75))
    foam = band(rng.standard_normal(N_SAMPLES), 900.0, 3500.0, 1) * swell(crests + 0.25, 0.22, 0.55)
    return unit(roar) + (0.25 + 0.35 * intensity) * unit(foam)


def _stream(intensity: float, rng: np.random.Generator) -> Signal:
    """Burbling: bubbles whose pitch rises as they close, over a bed of running water."""
    total = np.zeros(N_SAMPLES)
    for _ in range(70 + int(190 * intensity)):
        frequency, length = 380.0 * 2 ** rng.uniform(0.0, 2.1), int(SAMPLE_RATE_HZ * rng.uniform(0.02, 0.06))
        t = np.arange(length) / SAMPLE_RATE_HZ
        rising = frequency * (t + rng.uniform(1.0, 5.0) * t**2)
        place(
            total, rng.uniform(-0.02, 3.0), rng.exponential(1.0) * np.sin(2 * np.pi * rising) * np.exp(-5.0 * t * SAMPLE_RATE_HZ / length)
        )
    bed = band(rng.standard_normal(N_SAMPLES), 300.0, 1400.0, 1) * (1 + 0.3 * np.sin(2 * np.pi * rng.uniform(0.5, 1.5) * seconds()))
    return unit(total) + (0.12 + 0.25 * intensity) * unit(bed)


_SOUNDS: dict[str, Callable[[float, np.random.Generator], Signal]] = {
    "crunching_snow": _snow,
    "gravel": _gravel,
    "dirt": _dirt,
    "rain": _rain,
    "birds_chirping": _birds,
    "ocean": _ocean,
    "stream": _stream,
    "human_speech": speech,
}
