"""Histograms with edges that people read easily."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adis_bench.datasets.histogram import MAX_BINS, histogram


def test_by_hand():
    """Ends are rounded to the width; an edge belongs to the bin above it, the last one to the last bin."""
    found = histogram([0.0, 10.0, 19.9, 20.0, 50.0], "min", max_bins=5)
    assert found.edges == (0.0, 10.0, 20.0, 30.0, 40.0, 50.0)
    assert found.counts == (1, 2, 1, 0, 1)


def test_values_on_edges_of_fractions():
    """0.3 is three tenths, though 0.3 / 0.1 is below 3 in binary."""
    found = histogram([0.0, 0.1, 0.2, 0.3, 0.4], "s", max_bins=4)
    assert found.edges == (0.0, 0.1, 0.2, 0.3, 0.4)
    assert found.counts == (1, 1, 1, 2)


def test_equal_values_are_one_bin():
    """Segments of 3 s each are one bar around 3."""
    assert histogram([3.0] * 7, "s").edges == (2.5, 3.5)
    assert histogram([3.0] * 7, "s").counts == (7,)
    assert histogram([], "s").counts == ()


def test_negative_values():
    """Levels lie below 0."""
    found = histogram([-31.0, -29.0, -20.5], "dBFS", max_bins=3)
    assert found.edges == (-35.0, -30.0, -25.0, -20.0)
    assert found.counts == (1, 1, 1)


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=50), st.integers(2, 40))
def test_every_value_is_counted_once(values, max_bins):
    """Few enough bins of one width hold all values between their edges."""
    found = histogram(values, "s", max_bins)
    assert sum(found.counts) == len(values)
    assert 1 <= len(found.counts) == len(found.edges) - 1 <= max(max_bins, 1)
    width = found.edges[1] - found.edges[0]
    assert found.edges[0] <= min(values) + 1e-6 * width
    assert found.edges[-1] >= max(values) - 1e-6 * width


def test_the_papers_videos_fill_the_bins():
    """94 durations from 1.5 to 223 minutes are drawn in steps of ten minutes; three of them alone in steps of fifty."""
    found = histogram([1.5, 22.75, *[30.0] * 91, 223.0], "min")
    assert found.edges[:2] == (0.0, 10.0)
    assert len(found.counts) == 23 <= MAX_BINS
    assert {k: n for k, n in enumerate(found.counts) if n} == {0: 1, 2: 1, 3: 91, 22: 1}
    assert histogram([1.5, 22.75, 223.0], "min").counts == (2, 0, 0, 0, 1)


def test_the_default_is_a_limit():
    """However many values there are, bars stay wide enough to see."""
    assert len(histogram([k / 7 for k in range(10_000)], "s").counts) <= MAX_BINS
    assert histogram([1, 2], "s").counts[0] == pytest.approx(1)
