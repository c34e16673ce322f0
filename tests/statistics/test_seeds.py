"""Means over training seeds: hand-computed intervals, and coverage by simulation."""

import numpy as np
import pytest

from adis_bench.statistics.clustered import student_t
from adis_bench.statistics.seeds import pair_error, seed_mean


def test_an_error_is_read_from_an_interval():
    """Half of a symmetric interval over Student's t; the larger half of one that leans; NaN without one."""
    # t(4) = 2.776445
    assert pair_error(1.0, 1.0 - 2.776445, 1.0 + 2.776445, 4) == pytest.approx(1.0, rel=1e-6)
    assert pair_error(1.0, 1.0 - 2.776445, 1.2, 4) == pytest.approx(1.0, rel=1e-6)
    assert np.isnan(pair_error(1.0, None, None, 4))
    assert np.isnan(pair_error(1.0, 0.5, None, 4))


def test_mean_spread_and_interval_by_hand():
    """Three trainings: mean, deviation, variance of both parts and Satterthwaite's degrees, worked out by hand."""
    found = seed_mean(np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.5, 0.5]), 4)
    assert (found.mean, found.deviation, found.n, found.reason) == (2.0, 1.0, 3, "")
    # V = 0.25 + 1 / 3 = 7 / 12; degrees = (7/12)^2 / ((1/4)^2 / 4 + (1/3)^2 / 2) = 0.340278 / 0.071181 = 4.78.
    # Rounded down: t(4) = 2.776445.
    assert found.high - found.mean == pytest.approx(2.776445 * (7 / 12) ** 0.5, rel=1e-6)
    assert found.mean - found.low == pytest.approx(found.high - found.mean)


def test_without_scatter_between_trainings_the_pairs_interval_remains():
    """Equal values: the interval is that of the pairs alone, with their degrees of freedom."""
    found = seed_mean(np.full(4, 0.3), np.full(4, 0.1), 20)
    assert (found.low, found.high) == pytest.approx((0.3 - student_t(20) * 0.1, 0.3 + student_t(20) * 0.1))


def test_without_errors_over_pairs_students_interval_of_the_trainings_remains():
    """Errors of 0: the textbook's interval of a mean of three, 4.302653 times s / sqrt(3)."""
    found = seed_mean(np.array([1.0, 2.0, 3.0]), np.zeros(3), 4)
    assert found.high - 2.0 == pytest.approx(4.302653 / 3**0.5, rel=1e-6)
    assert seed_mean(np.ones(3), np.zeros(3), 4).high == 1.0


@pytest.mark.parametrize(("values", "mean", "reason"), [([0.4], 0.4, "1 training"), ([0.4, 0.6], 0.5, "2 trainings")])
def test_below_three_trainings_there_is_no_spread(values, mean, reason):
    """One or two trainings have a mean, no deviation, no interval, and a reason."""
    found = seed_mean(np.array(values), np.full(len(values), 0.1), 9)
    assert found.mean == pytest.approx(mean)
    assert (found.deviation, found.low, found.high, found.n) == (None, None, None, len(values))
    assert found.reason == f"no spread and no interval: {reason}, 3 are needed"
    assert not found.leaves_out_zero()


def test_without_trainings_there_is_nothing():
    """No value at all is a state with a reason."""
    found = seed_mean(np.array([]), np.array([]), 9)
    assert (found.mean, found.n, found.reason) == (None, 0, "no training was scored")


def test_a_missing_pair_interval_takes_the_interval_but_not_the_spread():
    """Spread between trainings needs no interval over pairs; the joint interval does, and says how many lack."""
    found = seed_mean(np.array([1.0, 2.0, 3.0]), np.array([0.5, np.nan, 0.5]), 4)
    assert (found.deviation, found.low) == (1.0, None)
    assert found.reason == "no interval: 1 of 3 trainings have none over pairs"


def test_an_interval_leaves_out_zero_or_holds_it():
    """On either side of 0 it leaves it out; around 0, it doesn't."""
    errors = np.full(3, 0.01)
    assert seed_mean(np.array([1.0, 1.1, 0.9]), errors, 30).leaves_out_zero()
    assert seed_mean(-np.array([1.0, 1.1, 0.9]), errors, 30).leaves_out_zero()
    assert not seed_mean(np.array([-1.0, 0.1, 0.9]), errors, 30).leaves_out_zero()


N_SIMULATIONS, N_PAIRS = 2000, 60


def _scores(generator: np.random.Generator, n_seeds: int, seed: float, pair: float, interaction: float) -> np.ndarray:
    """Scores [simulations, seeds, pairs] around 0; the deviations are those of seeds and of the means over pairs."""
    size = N_PAIRS**0.5
    of_seeds = seed * generator.standard_normal((N_SIMULATIONS, n_seeds, 1))
    of_pairs = pair * size * generator.standard_normal((N_SIMULATIONS, 1, N_PAIRS))
    return of_seeds + of_pairs + interaction * size * generator.standard_normal((N_SIMULATIONS, n_seeds, N_PAIRS))


def _coverage(scores: np.ndarray) -> float:
    """How often the interval over seeds and pairs holds the true value 0, made from each training's own interval."""
    degrees = N_PAIRS - 1
    values, errors = scores.mean(axis=2), scores.std(axis=2, ddof=1) / N_PAIRS**0.5
    halves = student_t(degrees) * errors
    held = 0
    for value, half in zip(values, halves, strict=True):
        error = np.array([pair_error(v, v - h, v + h, degrees) for v, h in zip(value, half, strict=True)])
        held += not seed_mean(value, error, degrees).leaves_out_zero()
    return held / N_SIMULATIONS


@pytest.mark.parametrize("n_seeds", [3, 5])
@pytest.mark.parametrize(
    ("seed", "pair", "interaction"),
    [(1.0, 0.6, 0.3), (1.0, 0.0, 0.1), (0.1, 1.0, 0.1), (0.5, 1.0, 0.5)],
    ids=["both", "seeds", "pairs", "interaction"],
)
def test_the_interval_covers_seeds_and_pairs(n_seeds, seed, pair, interaction):
    """Crossed random effects: the true mean is held in at least 93 %, and the interval is not so wide that it always is."""
    covered = _coverage(_scores(np.random.default_rng([n_seeds, 7]), n_seeds, seed, pair, interaction))
    assert 0.93 <= covered <= 0.995


def test_the_paired_interval_covers_the_difference():
    """Two methods on shared pairs whose effects cancel in part: their difference is held in 93 to 99.5 %."""
    generator = np.random.default_rng(11)
    shared = _scores(generator, 1, 0.0, 2.0, 0.0)
    first, second = (shared + _scores(generator, 3, 0.6, 0.4, 0.2) for _ in range(2))
    assert 0.93 <= _coverage(first - second) <= 0.995


def test_the_interval_over_pairs_alone_would_be_too_short():
    """What the joint interval is for: one training's own interval holds the mean over trainings far too rarely."""
    scores = _scores(np.random.default_rng(3), 3, 1.0, 0.6, 0.3)
    halves = student_t(N_PAIRS - 1) * scores[:, 0].std(axis=1, ddof=1) / N_PAIRS**0.5
    assert np.mean(abs(scores[:, 0].mean(axis=1)) < halves) < 0.8
