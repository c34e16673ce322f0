"""What the sounds of the demo world promise."""

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import welch

from adis_bench.datasets.demo.sounds import sound
from adis_bench.datasets.demo.style import DISPLAYS, Style
from adis_bench.datasets.demo.synthesis import N_SAMPLES, SAMPLE_RATE_HZ, resonate

LABELS = tuple(DISPLAYS)
STEPS = ("crunching_snow", "gravel", "dirt")


def a_sound(label: str, intensity: float, k: int = 0) -> NDArray[np.float64]:
    """Sound number ``k`` of a class."""
    return sound(Style(label, intensity, 0.0, 0.0, k), np.random.default_rng([21, LABELS.index(label), k])).astype(float)


def level_db(signal: NDArray[np.float64]) -> float:
    """Root mean square against full scale."""
    return float(10 * np.log10(np.mean(signal**2)))


def share_between(signal: NDArray[np.float64], low_hz: float, high_hz: float) -> float:
    """Share of the energy in a band."""
    frequency, power = welch(signal, SAMPLE_RATE_HZ, nperseg=1024)
    return float(power[(frequency >= low_hz) & (frequency < high_hz)].sum() / power.sum())


def envelope(signal: NDArray[np.float64], window_s: float = 0.02) -> NDArray[np.float64]:
    """Root mean square of every window."""
    size = int(window_s * SAMPLE_RATE_HZ)
    return np.sqrt((signal.reshape(-1, size) ** 2).mean(axis=1))


def bursts(signal: NDArray[np.float64]) -> int:
    """How often the envelope rises through a fifth of its peak after at least 0.1 s below it."""
    loud = envelope(signal) > 0.2 * envelope(signal).max()
    quiet, count = 5, 0
    for now in loud:
        count += bool(now and quiet >= 5)
        quiet = 0 if now else quiet + 1
    return count


def features(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log spectrum in 16 bands without its level, and how each band fluctuates."""
    frames = signal[: 46 * 1024].reshape(46, 1024) * np.hanning(1024)
    power = np.abs(np.fft.rfft(frames)) ** 2
    borders = np.geomspace(3, 512, 17).astype(int)
    bands = np.log(np.array([power[:, a:b].mean(axis=1) for a, b in zip(borders[:-1], borders[1:], strict=True)]) + 1e-9)
    return np.concatenate([bands.mean(axis=1) - bands.mean(), bands.std(axis=1)])


@pytest.mark.parametrize("label", LABELS)
def test_three_seconds_within_range_and_repeatable(label: str) -> None:
    """A sound is 3 s at 16 kHz, never clips, and is the same for the same generator."""
    first = sound(Style(label, 1.0, 0.0, 0.0, 0), np.random.default_rng(5))
    second = sound(Style(label, 1.0, 0.0, 0.0, 0), np.random.default_rng(5))
    assert first.shape == (48_000,) == (N_SAMPLES,)
    assert first.dtype == np.float32
    assert np.abs(first).max() < 0.98
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("label", LABELS)
def test_level_rises_with_intensity(label: str) -> None:
    """The level goes from -33 dB at intensity 0 up to about -20 dB at intensity 1."""
    levels = [level_db(a_sound(label, i)) for i in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert levels == sorted(levels)
    # 13 dB in all; soft limiting takes off less than 2.
    assert levels[0] == pytest.approx(-33.0, abs=0.3)
    assert -22.0 < levels[-1] < -19.7


@pytest.mark.parametrize("label", STEPS)
def test_steps_are_heard_one_by_one_and_quicken(label: str) -> None:
    """Footsteps are separate bursts: about 1.35 a second when weak, 2.4 when strong."""
    weak, strong = ([bursts(a_sound(label, i, k)) for k in range(6)] for i in (0.0, 1.0))
    assert 3 <= np.mean(weak) <= 5
    assert 5.5 <= np.mean(strong) <= 8


@pytest.mark.parametrize("label", ["birds_chirping", "human_speech"])
def test_voices_fill_more_time_when_strong(label: str) -> None:
    """More chirps and more words: less silence."""

    def busy(intensity: float) -> float:
        levels = [envelope(a_sound(label, intensity, k)) for k in range(8)]
        return float(np.mean([(level > 0.15 * level.max()).mean() for level in levels]))

    assert busy(1.0) > busy(0.5) > busy(0.0)
    assert busy(1.0) > busy(0.0) + 0.08


@pytest.mark.parametrize("label", ["rain", "stream"])
def test_drops_and_bubbles_become_denser(label: str) -> None:
    """Few drops stand out, many merge: the envelope's peaks sink towards its mean."""

    def peakiness(intensity: float) -> float:
        return float(np.mean([(s**4).mean() / (s**2).mean() ** 2 for s in (a_sound(label, intensity, k) for k in range(6))]))

    assert peakiness(0.0) > 1.3 * peakiness(1.0)


def test_spectra_are_where_an_ear_expects_them() -> None:
    """Thuds are low, chirps are narrow and high, gravel is brighter than snow, rain hisses, surf and speech are low."""

    def share(label: str, low_hz: float, high_hz: float) -> float:
        return float(np.mean([share_between(a_sound(label, 0.6, k), low_hz, high_hz) for k in range(4)]))

    assert share("dirt", 0, 700) > 0.9
    assert share("birds_chirping", 2000, 7000) > 0.9
    assert share("gravel", 2000, 8000) > 0.7
    assert share("crunching_snow", 400, 2500) > 0.6
    assert share("rain", 1000, 8000) > 0.9
    assert share("stream", 300, 2200) > 0.75
    assert share("ocean", 0, 1000) > 0.5
    assert share("human_speech", 80, 3500) > 0.9


def test_surf_swells_slowly() -> None:
    """The sea's loudness rises and falls in seconds; rain's hardly moves."""

    def slow_swing(label: str) -> float:
        return float(np.mean([envelope(s, 0.25).max() / envelope(s, 0.25).min() for s in (a_sound(label, 0.5, k) for k in range(6))]))

    assert slow_swing("ocean") > 2.0 > slow_swing("rain")


def test_speech_has_a_voice() -> None:
    """Speech repeats itself within a pitch period of 80 to 260 Hz; rain does not."""

    def voicing(signal: NDArray[np.float64]) -> float:
        frames = signal.reshape(-1, 800)
        loud = frames[np.argsort((frames**2).sum(axis=1))[-10:]]
        lags = range(SAMPLE_RATE_HZ // 260, SAMPLE_RATE_HZ // 80)
        return float(np.mean([max(np.corrcoef(f[:-lag], f[lag:])[0, 1] for lag in lags) for f in loud]))

    assert voicing(a_sound("human_speech", 0.5)) > 0.6
    assert voicing(a_sound("rain", 0.5)) < 0.4


def test_classes_are_told_apart_whatever_their_level() -> None:
    """Nearest class means over a spectrum without its level name the class of 95 % of unheard sounds."""
    intensities = np.linspace(0.05, 0.95, 8)
    data = np.array([[features(a_sound(label, float(i), k)) for k, i in enumerate(intensities)] for label in LABELS])
    train, test = data[:, ::2], data[:, 1::2]
    flat = train.reshape(-1, train.shape[-1])
    centroids = (train / flat.std(axis=0)).mean(axis=1)
    distance = ((test / flat.std(axis=0))[:, :, None] - centroids) ** 2
    assert (distance.sum(axis=-1).argmin(axis=-1) == np.arange(8)[:, None]).mean() >= 0.95


def test_resonator_rings_at_its_frequency_and_decays() -> None:
    """An impulse rings as sin(2 pi f t) exp(-t / decay)."""
    impulse = np.zeros(1600)
    impulse[0] = 1.0
    t = np.arange(1600) / SAMPLE_RATE_HZ
    # The two-pole filter's impulse response is r^(n-1) sin(n angle), with r = exp(-1 / (decay rate)).
    expected = np.sin(2 * np.pi * 1000 * t) * np.exp(-(t - 1 / SAMPLE_RATE_HZ) / 0.01)
    np.testing.assert_allclose(resonate(impulse, 1000.0, 0.01), expected, atol=1e-9)


def test_samples_are_frozen() -> None:
    """The sounds of version 1: models were trained on them; who changes them must raise ``world.VERSION``."""
    samples = [np.round(a_sound(label, 0.5) * 32767).astype("<i2").tobytes() for label in LABELS]
    assert hashlib.sha256(b"".join(samples)).hexdigest() == "9051635d1f2cc9bc68ae8af6d29943cfa733c97d852b3cec0f3c32d2a5821762"
