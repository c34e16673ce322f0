"""The area under the ROC curve, its interval, and blocks."""

import numpy as np
import pytest

from adis_bench.selfcheck.separation import blocks, separation
from adis_bench.statistics.records import Groups


def own_groups(n: int) -> Groups:
    """Every pair by itself."""
    return Groups(np.arange(n), np.arange(n))


def test_by_hand():
    """Right 1, 3, 3 against wrong 0, 2, 3: of nine couples 1+2+2 are won and two tied: 6/9."""
    got = separation(np.array([1.0, 3, 3]), np.array([0.0, 2, 3]), own_groups(3), "pairs")
    assert got.auc == pytest.approx(6 / 9)
    assert got.ci_low <= got.auc <= got.ci_high
    assert got.fails


def test_nothing_overlaps():
    """Full separation has an interval of positive width below 1, Wilson's over the groups: 10 of 10 gives 0.722."""
    got = separation(np.arange(10.0) + 20, np.arange(10.0), own_groups(10), "pairs")
    assert (got.auc, got.ci_high) == (1.0, 1.0)
    assert got.ci_low == pytest.approx(10 / (10 + 1.959964**2))
    assert not got.fails
    assert separation(np.arange(10.0), np.arange(10.0) + 20, own_groups(10), "pairs").fails


def test_too_few_and_missing_are_said():
    """Pairs without a score on either side are left out and counted; fewer than two are no value."""
    nan = float("nan")
    got = separation(np.array([1.0, nan, 2]), np.array([0.0, 0, nan]), own_groups(3), "blocks")
    assert (got.auc, got.n) == (None, 1)
    assert "two are needed" in got.reason
    assert not got.fails


@pytest.mark.slow
def test_coverage():
    """The 95 % interval covers the normal shift's true area in 92 to 98 % of 1,000 simulated lists."""
    from scipy.stats import norm

    rng, truth, hits = np.random.default_rng(0), norm.cdf(0.8 / 2**0.5), 0
    for _ in range(1000):
        got = separation(rng.standard_normal(60) + 0.8, rng.standard_normal(60), own_groups(60), "pairs")
        hits += got.ci_low <= truth <= got.ci_high
    assert 920 <= hits <= 980


def test_blocks_share_all_classes_out():
    """Disjoint, every pair of the classes used at most once, at least the asked-for number of each class in each block."""
    labels = np.repeat([0, 1, 2], [20, 25, 31])
    found = blocks(labels, 5, 10, seed=0)
    assert len(found) == 4
    assert len(np.unique(np.concatenate(found))) == 76
    assert all((np.bincount(labels[rows]) >= 5).all() for rows in found)
    assert blocks(np.repeat([0, 1], [4, 50]), 5, 10, seed=0) == []
