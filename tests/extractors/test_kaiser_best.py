"""The library's resampler, in its own terms; golden data: test_openl3_golden.py."""

import numpy as np
import pytest

from adis_bench.extractors.kaiser_best import resampled


@pytest.mark.parametrize(("rate", "wanted"), [(16_000, 48_000), (44_100, 48_000), (22_050, 48_000), (96_000, 48_000)])
def test_a_tone_stays_the_tone(rate: int, wanted: int) -> None:
    """Away from the ends a tone is the same tone at any other rate, up or down."""
    before, after = (np.sin(2 * np.pi * 440 * np.arange(2 * r) / r).astype(np.float32) for r in (rate, wanted))
    made = resampled(before, rate, wanted)
    assert made.dtype == np.float32
    assert len(made) == len(after)
    np.testing.assert_allclose(made[wanted // 10 : -wanted // 10], after[wanted // 10 : -wanted // 10], rtol=0, atol=1e-3)


def test_each_value_is_the_windowed_sum_of_its_neighbours() -> None:
    """One value by hand: 64 zero crossings of a Kaiser-windowed sinc on either side, in closed form instead of a table."""
    wave = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    distances = np.arange(1000) - 500 * 44_100 / 48_000
    inside = np.abs(distances) < 64
    window = np.i0(14.769656459379492 * np.sqrt(1 - (distances[inside] / 64) ** 2)) / np.i0(14.769656459379492)
    expected = (wave[inside] * window * 0.9475937167399596 * np.sinc(0.9475937167399596 * distances[inside])).sum()
    assert resampled(wave, 44_100, 48_000)[500] == pytest.approx(expected, abs=2e-5)
