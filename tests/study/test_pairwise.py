"""Differences between methods: by hand, and in their corners."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from adis_bench.statistics.holm import holm
from adis_bench.study.pairwise import mean_differences
from tests.study.rankings import crossed_rankings, make_rankings


def test_differences_by_hand():
    """Three workers with an item each: the paired t test of their differences; the better method first, ties half above."""
    ranks = [[1, 3, 2], [2, 3, 1], [1.5, 1.5, 3]]
    found = mean_differences(make_rankings(ranks, [0, 1, 2], [0, 1, 2]))
    assert [(row.method, row.against) for row in found] == [("m0", "m2"), ("m0", "m1"), ("m2", "m1")]
    first, second, third = found
    values = np.array([2.0, 1.0, 0.0])  # m0 over m1
    assert second.value == pytest.approx(1.0)
    assert second.p == pytest.approx(ttest_1samp(values, 0).pvalue)
    assert second.share_better == pytest.approx(2.5 / 3)
    assert second.ci_low == pytest.approx(1 - 4.302653 * (1 / 3) ** 0.5, rel=1e-6)
    assert second.ci_high == 2.0  # the most that there can be between three methods
    assert (first.value, third.value) == pytest.approx((0.5, 0.5))
    assert [row.p_holm for row in found] == holm([row.p for row in found])


def test_p_goes_with_the_interval():
    """Below 0.05 just where the interval leaves 0 out; and differences are those of the mean points."""
    rankings = crossed_rankings()
    found = mean_differences(rankings)
    assert len(found) == 6
    assert {row.p < 0.05 for row in found} == {True, False}
    for row in found:
        assert (row.p < 0.05) == (not row.ci_low <= 0 <= row.ci_high)
        columns = [rankings.methods.index(name) for name in (row.method, row.against)]
        means = rankings.points.mean(axis=0)[columns]
        assert row.value == pytest.approx(means[0] - means[1])
        assert row.value >= 0


def test_no_scatter_has_the_sign_tests_p():
    """All of 4 workers on 3 items agree: 2 / 2^3, and 1 for two who are always tied; no interval, which would have no width."""
    worker, item = (numbers.ravel().tolist() for numbers in np.indices((4, 3)))
    found = mean_differences(make_rankings([[1, 2.5, 2.5]] * 12, item, worker))
    assert [row.p for row in found] == [0.25, 0.25, 1.0]
    assert [row.p_holm for row in found] == [0.75, 0.75, 1.0]
    assert [(row.ci_low, row.ci_high) for row in found] == [(None, None)] * 3


def test_one_worker_has_no_test():
    """Values and shares are there; intervals and p aren't."""
    (found,) = mean_differences(make_rankings([[2, 1], [2, 1], [1, 2]], [0, 1, 2], [0, 0, 0]))
    assert (found.method, found.value, found.share_better) == ("m1", pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert (found.ci_low, found.ci_high, found.p, found.p_holm) == (None, None, None, None)
