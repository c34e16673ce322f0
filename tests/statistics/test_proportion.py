"""Wilson's interval against scipy's."""

import pytest
from scipy.stats import binomtest

from adis_bench.statistics.proportion import wilson


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (0, 12), (5, 10), (12, 12), (187, 240)])
def test_equals_scipy(successes, n):
    """Both ends are scipy's score interval without continuity correction."""
    expected = binomtest(successes, n).proportion_ci(0.95, method="wilson")
    interval = wilson(successes, n)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_no_trials_give_no_interval():
    """Zero trials have a reason instead of an interval."""
    assert wilson(0, 0).low is None
    assert wilson(0, 0).reason


def test_impossible_counts_are_refused():
    """More successes than trials are an error of the caller."""
    with pytest.raises(ValueError, match="11 successes in 10 trials"):
        wilson(11, 10)
