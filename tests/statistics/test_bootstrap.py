"""The two-way grouped bootstrap: hand-made cases, and coverage by simulation."""

import numpy as np
import pytest

from adis_bench.statistics.bootstrap import two_way_intervals
from adis_bench.statistics.records import Groups


def deal(generator: np.random.Generator, n: int, n_groups: int) -> np.ndarray:
    """Each of n pairs gets one of the groups, all used equally often."""
    return np.resize(generator.permutation(n_groups), n)


def coverage(n: int, n_sources: int, n_sounds: int, shares: tuple[float, float], simulations: int) -> tuple[float, float]:
    """Share of intervals that hold the true mean 0, and their mean width against the ideal one.

    A pair's value has variance 1, of which the two shares belong to its source group and its sound group.
    """
    generator = np.random.default_rng([n, n_sources, n_sounds])
    held, widths, means = 0, [], []
    for k in range(simulations):
        groups = Groups(deal(generator, n, n_sources), deal(generator, n, n_sounds))
        values = (
            shares[0] ** 0.5 * generator.standard_normal(n_sources)[groups.sources]
            + shares[1] ** 0.5 * generator.standard_normal(n_sounds)[groups.sounds]
            + (1 - sum(shares)) ** 0.5 * generator.standard_normal(n)
        )
        interval = two_way_intervals(values[:, None], groups, seed=k)[0]
        held += interval.low <= 0 <= interval.high
        widths.append(interval.high - interval.low)
        means.append(values.mean())
    return held / simulations, float(np.mean(widths) / (2 * 1.96 * np.std(means)))


def test_no_groups_to_speak_of_is_the_usual_interval():
    """With a source and a sound of its own for each of 400 pairs the half width is 1.96 s / sqrt(n), to 5 %."""
    values = np.random.default_rng(0).standard_normal(400)
    interval = two_way_intervals(values[:, None], Groups(np.arange(400), np.arange(400)), seed=1)[0]
    usual = 1.96 * values.std(ddof=1) / 20
    assert (interval.high - interval.low) / 2 == pytest.approx(usual, rel=0.05)
    assert (interval.high + interval.low) / 2 == pytest.approx(values.mean(), abs=0.1 * usual)


def test_copies_within_groups_do_not_shrink_it():
    """Ten copies of every pair, in the groups of their original, leave the interval as it was."""
    values = np.random.default_rng(0).standard_normal(30)
    names = np.arange(30)
    once = two_way_intervals(values[:, None], Groups(names, names), seed=1)[0]
    copied = two_way_intervals(np.repeat(values, 10)[:, None], Groups(np.repeat(names, 10), np.repeat(names, 10)), seed=1)[0]
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high), abs=1e-12)


def test_differences_are_paired():
    """Methods a constant apart differ by exactly that constant, however wide their own intervals are."""
    generator = np.random.default_rng(0)
    first = generator.standard_normal(60) * 5
    columns = np.stack([first, first + 0.25, first - (first + 0.25)], axis=1)
    own, _, difference = two_way_intervals(columns, Groups(deal(generator, 60, 20), deal(generator, 60, 12)), seed=3)
    assert own.high - own.low > 1
    assert (difference.low, difference.high) == pytest.approx((-0.25, -0.25), abs=1e-12)


def test_columns_meet_the_same_resamples():
    """A column's interval doesn't depend on which columns stand beside it, and the seed fixes it."""
    generator = np.random.default_rng(0)
    columns = generator.standard_normal((50, 3))
    groups = Groups(deal(generator, 50, 25), deal(generator, 50, 10))
    together = two_way_intervals(columns, groups, seed=5)
    alone = two_way_intervals(columns[:, 2:], groups, seed=5)[0]
    assert (alone.low, alone.high) == pytest.approx((together[2].low, together[2].high), abs=1e-12)
    assert two_way_intervals(columns, groups, seed=5) == together
    assert two_way_intervals(columns, groups, seed=6)[2] != together[2]


def test_unscored_pairs_are_left_out():
    """NaN pairs leave the interval around the mean of the others, and don't spread to other columns."""
    generator = np.random.default_rng(0)
    whole = generator.standard_normal(80) * 0.1 + 3
    holed = whole.copy()
    holed[::4] = np.nan
    groups = Groups(deal(generator, 80, 40), deal(generator, 80, 20))
    with_nan, without = two_way_intervals(np.stack([holed, whole], axis=1), groups, seed=1)
    assert with_nan.low < np.nanmean(holed) < with_nan.high
    assert with_nan.high - with_nan.low > without.high - without.low
    alone = two_way_intervals(whole[:, None], groups, seed=1)[0]
    assert (without.low, without.high) == pytest.approx((alone.low, alone.high), abs=1e-12)


@pytest.mark.parametrize(
    ("sources", "sounds", "reason"),
    [([0, 0, 0], [0, 1, 2], "one source group"), ([0, 1, 2], [4, 4, 4], "one sound group")],
)
def test_one_group_gives_a_reason(sources, sounds, reason):
    """Where all pairs share one group there is no interval, and the reason names the way."""
    interval = two_way_intervals(np.array([[1.0], [2.0], [3.0]]), Groups(np.array(sources), np.array(sounds)), seed=0)[0]
    assert interval.low is None
    assert interval.high is None
    assert reason in interval.reason


def test_nothing_scored_gives_a_reason():
    """A column of NaN has no interval."""
    interval = two_way_intervals(np.full((4, 1), np.nan), Groups(np.arange(4), np.arange(4)), seed=0)[0]
    assert interval == type(interval)(None, None, "no interval: no scored pairs")


def test_three_groups_are_not_taken_for_many():
    """Few groups widen the interval as Student's t does: at least its t / z times the plain normal one."""
    generator = np.random.default_rng(2)
    groups = Groups(deal(generator, 60, 3), deal(generator, 60, 60))
    values = generator.standard_normal(3)[groups.sources]
    interval = two_way_intervals(values[:, None], groups, seed=0)[0]
    centred = np.array([values[groups.sources == k].mean() for k in range(3)]) - values.mean()
    plain = 1.96 * np.sqrt((centred**2).sum() / (3 * 2))
    assert (interval.high - interval.low) / 2 > 4.30 / 1.96 * plain * 0.8


def test_coverage_is_about_nominal():
    """80 simulations of 240 pairs over 60 x 60 groups: 95 % intervals cover in 88 % at least and are no wider than 1.2 ideal ones."""
    held, width = coverage(240, 60, 60, (0.3, 0.3), simulations=80)
    assert held >= 0.88
    assert 0.8 < width < 1.25


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "n_sources", "n_sounds", "shares"),
    [
        (240, 240, 240, (0.0, 0.0)),
        (240, 60, 60, (0.0, 0.0)),
        (240, 60, 60, (0.4, 0.4)),
        (240, 60, 30, (0.2, 0.2)),
        (240, 120, 16, (0.0, 0.3)),
    ],
)
def test_coverage_over_designs(n, n_sources, n_sounds, shares):
    """400 simulations of each design: 95 % intervals cover in 92 to 98 %, at no more than 1.15 times the ideal width."""
    held, width = coverage(n, n_sources, n_sounds, shares, simulations=400)
    assert 0.92 <= held <= 0.98
    assert width < 1.15
