"""Sounds over sounds."""

import numpy as np
import pytest

from reference_model.pretraining.noise import babble, coloured_noise, mixed, power


def test_a_mixture_has_its_ratio() -> None:
    """What is added has the wanted share of the sound's power, and silence adds and takes nothing."""
    rng = np.random.default_rng(0)
    sound, other = rng.standard_normal((2, 4000)).astype(np.float32)
    added = mixed(sound, 7 * other, 6.0) - sound
    assert 10 * np.log10(power(sound) / power(added)) == pytest.approx(6.0, abs=1e-4)
    np.testing.assert_array_equal(mixed(sound, 0 * other, -6.0), sound)
    np.testing.assert_array_equal(mixed(0 * sound, other, -6.0), 0 * sound)


@pytest.mark.parametrize(("exponent", "octave_db"), [(0.0, 0.0), (1.0, -3.01), (2.0, -6.02)])
def test_coloured_noise_falls_by_the_octave(exponent: float, octave_db: float) -> None:
    """Power per hertz falls by 10 log10 (2 ** exponent) dB an octave."""
    spectrum = np.square(np.abs(np.fft.rfft(coloured_noise(2**17, exponent, np.random.default_rng(0)))))
    low, high = spectrum[1000:1100].mean(), spectrum[8000:8800].mean()
    assert 10 * np.log10(high / low) / 3 == pytest.approx(octave_db, abs=0.4)


def test_babble_holds_its_sounds_equally_strong() -> None:
    """A loud and a soft tone come out with the same power."""
    times = np.arange(8000) / 8000
    tones = [np.sin(2 * np.pi * hz * times).astype(np.float32) * level for hz, level in ((400, 1.0), (900, 0.01))]
    spectrum = np.abs(np.fft.rfft(babble(tones, np.random.default_rng(0))))
    assert spectrum[400] == pytest.approx(spectrum[900], rel=1e-3)
