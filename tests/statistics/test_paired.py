"""The paired test against scipy's, agreement with its interval, and its error rate by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from adis_bench.statistics.bootstrap import two_way_intervals
from adis_bench.statistics.clustered import clustered_interval
from adis_bench.statistics.paired import paired_test
from adis_bench.statistics.records import Groups


def of_mean(differences: np.ndarray, groups: Groups):
    """The test of a mean of pairs' differences."""
    n = np.isfinite(differences).sum()
    return paired_test(np.nanmean(differences), (differences - np.nanmean(differences)) / n, groups, np.zeros(differences.size, int))


def test_is_students_paired_test_without_groups():
    """With a source and a sound of its own for every pair it is scipy's paired t test."""
    generator = np.random.default_rng(0)
    first, second = generator.standard_normal((2, 25)) + [[0.3], [0.0]]
    theirs = ttest_rel(first, second)
    ours = of_mean(first - second, Groups(np.arange(25), np.arange(25)))
    assert (ours.p, ours.statistic, ours.degrees) == (
        pytest.approx(theirs.pvalue, rel=1e-10),
        pytest.approx(theirs.statistic, rel=1e-10),
        24,
    )


def test_copies_make_nothing_more_certain():
    """Ten copies of every pair in the groups of their original leave p as it was."""
    differences, names = np.random.default_rng(1).standard_normal(20) + 0.4, np.arange(20)
    once = of_mean(differences, Groups(names, names))
    copied = of_mean(np.repeat(differences, 10), Groups(np.repeat(names, 10), np.repeat(names, 10)))
    assert copied.p == pytest.approx(once.p, rel=1e-9)


def test_scatter_that_cancels_in_every_group_is_scatter():
    """Differences of +1 and -1 that sum to zero in every source and every sound are not 40 equal differences."""
    names = np.repeat(np.arange(20), 2)
    noise = np.tile([1.0, -1.0], 20)
    groups = Groups(names, np.roll(names, 1))  # a pair's sound is shared with the next source's first pair
    assert not any(np.bincount(way, weights=noise).any() for way in (groups.sources, groups.sounds))
    test = of_mean(0.05 + noise, groups)
    assert test.p > 0.5
    interval = clustered_interval(0.05, noise / 40, groups, np.zeros(40, int))
    resampled = two_way_intervals((0.05 + noise)[:, None], groups, seed=0)[0]
    for found in (interval, resampled):
        assert found.low < -0.2
        assert found.high > 0.3


def test_by_hand_with_groups():
    """Four pairs over two sources, sounds of their own: t is 3 over the sources' error of 1, on one degree."""
    test = of_mean(np.array([1.0, 3.0, 4.0, 4.0]), Groups(np.array([0, 0, 1, 1]), np.arange(4)))
    # Influence (-2, 0, 1, 1) / 4. By source: (1/4 + 1/4) * 2 / 1 = 1; by sound (4 + 1 + 1) / 16 * 4 / 3 = 1/2; by both 1/2: 1 + 1/2 - 1/2.
    assert test.statistic == pytest.approx(3.0)
    # On one degree Student's t is Cauchy: p = 1 - 2 arctan(t) / pi.
    assert test.p == pytest.approx(1 - 2 * np.arctan(3) / np.pi, rel=1e-10)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 12), st.integers(2, 12), st.floats(-1.5, 1.5), st.integers(1, 3))
def test_agrees_with_the_interval(seed, n_sources, n_sounds, shift, n_strata):
    """P is below 0.05 just where the 95 % interval leaves 0 out, whatever groups and strata."""
    generator = np.random.default_rng(seed)
    n = 40
    groups = Groups(generator.integers(0, n_sources, n), generator.integers(0, n_sounds, n))
    strata = np.sort(generator.integers(0, n_strata, n))
    influence = generator.standard_normal(n) / n
    for stratum in np.unique(strata):
        influence[strata == stratum] -= influence[strata == stratum].mean()
    interval, test = clustered_interval(shift, influence, groups, strata), paired_test(shift, influence, groups, strata)
    assert (test.p is None) == (interval.low is None)
    if test.p is not None:
        assert (test.p < 0.05) == (not interval.low <= 0 <= interval.high)


def test_differences_that_are_all_alike():
    """Without scatter p is the sign test's over the fewer groups, 2 / 2^3 here; a difference of 0 is no difference."""
    groups = Groups(np.arange(6), np.arange(6) % 3)
    assert of_mean(np.full(6, 0.1), groups).p == 0.25
    assert of_mean(np.zeros(6), groups).p == 1.0


def test_no_scatter_to_see_is_no_test():
    """One sound group for all pairs: no test, with the reason; unscored pairs are left out."""
    test = of_mean(np.array([1.0, 2.0, 3.0]), Groups(np.arange(3), np.zeros(3, int)))
    assert (test.p, test.reason) == (None, "no test: all scored pairs share one sound group")
    names = np.arange(5)
    holed = of_mean(np.array([1.0, 2.0, np.nan, 4.0, 4.5]), Groups(names, names))
    assert holed == of_mean(np.array([1.0, 2.0, 4.0, 4.5]), Groups(names[:4], names[:4]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "n_sources", "n_sounds", "shares", "skewed"),
    [
        (240, 240, 240, (0.0, 0.0), False),
        (240, 60, 60, (0.4, 0.4), False),
        (240, 60, 30, (0.2, 0.2), False),
        (240, 120, 16, (0.0, 0.3), False),
        (240, 60, 60, (0.3, 0.3), True),
    ],
)
def test_error_rate_over_designs(n, n_sources, n_sounds, shares, skewed):
    """1,000 simulations of methods that are alike: 2 to 8 % of tests reject at 0.05, also where differences are skewed."""
    generator = np.random.default_rng([n, n_sources, n_sounds])
    rejected = 0
    for _ in range(1000):
        groups = Groups(np.resize(generator.permutation(n_sources), n), np.resize(generator.permutation(n_sounds), n))

        def draw(size, generator=generator):
            return generator.exponential(size=size) - 1 if skewed else generator.standard_normal(size)

        grouped = shares[0] ** 0.5 * draw(n_sources)[groups.sources] + shares[1] ** 0.5 * draw(n_sounds)[groups.sounds]
        rejected += of_mean(grouped + (1 - sum(shares)) ** 0.5 * draw(n), groups).p < 0.05
    assert 0.02 <= rejected / 1000 <= 0.08
