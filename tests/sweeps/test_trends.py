"""How scores move along steps, by numbers that can be worked out by hand."""

import numpy as np
import pytest

from adis_bench.statistics.records import Groups
from adis_bench.sweeps.records import Trend
from adis_bench.sweeps.shared import Shared
from adis_bench.sweeps.trends import curve

NAN = float("nan")
STEPS = np.array([-20.0, -10.0, 0.0])


def _groups(n: int, n_sounds: int | None = None) -> Groups:
    return Groups(np.arange(n), np.arange(n) % (n_sounds or n))


def _trend(rows: list[list[float]], groups: Groups | None = None, seconds: np.ndarray | None = None) -> Trend:
    scores = np.array(rows, np.float64)
    return curve("metric", "target", scores, STEPS, Shared(groups or _groups(len(rows)), seconds), seed=0).trend


def test_means_over_pairs():
    """Ranks 1 2 3 give rho 1, 1 3 2 give 1 - 6 * 2 / 24 = 0.5 (tau 1/3), 3 2 1 give -1."""
    trend = _trend([[0, 1, 2], [0, 2, 1], [2, 1, 0]])
    assert trend.rho == pytest.approx((1 + 0.5 - 1) / 3)
    assert trend.tau == pytest.approx((1 + 1 / 3 - 1) / 3)
    assert (trend.n, trend.n_rising, trend.n_falling, trend.n_complete) == (3, 1, 1, 3)
    assert trend.change == pytest.approx((2 + 1 - 2) / 3)


def test_pairs_without_a_correlation_are_counted():
    """All equal: not defined. One score: not scored. Neither is a 0 in the mean."""
    trend = _trend([[0, 1, 2], [1, 1, 1], [NAN, NAN, 4]])
    assert (trend.rho, trend.n, trend.n_undefined, trend.n_unscored, trend.n_complete) == (1.0, 1, 1, 1, 2)


def test_missing_scores_leave_the_others():
    """A correlation rests on the steps that have a score; a row with a hole is neither rising nor falling."""
    trend = _trend([[0, NAN, 2], [5, NAN, 3]])
    assert (trend.rho, trend.n, trend.n_rising, trend.n_falling) == (0.0, 2, 0, 0)


def test_ties_are_monotone_but_constants_are_not():
    """Never falling is rising where it rises at all."""
    trend = _trend([[0, 0, 1], [1, 0, 0], [2, 2, 2]])
    assert (trend.n_rising, trend.n_falling, trend.n_undefined) == (1, 1, 1)


def test_nothing_scored():
    """No number, and a reason."""
    trend = _trend([[NAN] * 3] * 2)
    assert (trend.rho, trend.p, trend.change, trend.n_unscored) == (None, None, None, 2)
    assert trend.reason


def test_the_null_is_what_chance_gives():
    """With three steps a third of all orders is monotone; of 40 unrelated recordings the mean rho scatters by 1.96 / root(2 * 40)."""
    trend = _trend([[0.0, 1.0, 2.0]] * 40)
    assert trend.null_monotone == pytest.approx(1 / 3, abs=0.01)
    assert trend.null_high == pytest.approx(1.96 / 80**0.5, abs=0.03)


def test_the_null_moves_recordings_as_one():
    """40 pairs of 4 recordings are 4 draws, not 40: the null is as wide as that of 4 pairs."""
    few = _trend([[0.0, 1.0, 2.0]] * 40, _groups(40, n_sounds=4))
    assert few.null_high is not None
    assert few.null_high > 0.5


def test_no_effect_is_seldom_called_one():
    """Noise without a trend has p below 0.05 about as often as it should, and its interval covers 0 as often."""
    rng = np.random.default_rng(3)
    trends = [_trend(rng.normal(size=(20, 3)).tolist(), _groups(20, n_sounds=10)) for _ in range(60)]
    called = sum(trend.p is not None and trend.p < 0.05 for trend in trends)
    assert called <= 8  # 3 to be expected, deviation 1.7
    assert all(trend.ci_low is not None and -1 <= trend.ci_low <= 1 for trend in trends)


def test_steps_have_means_and_intervals():
    """One per step, over the pairs that have a score there."""
    made = curve("metric", "target", np.array([[1.0, 2.0, NAN], [3.0, 5.0, NAN], [2.0, 2.0, 9.0]]), STEPS, Shared(_groups(3)), seed=0)
    assert [step.value for step in made.steps] == [2.0, 3.0, 9.0]
    assert [step.n for step in made.steps] == [3, 3, 1]
    assert made.steps[2].ci_low is None
    assert made.scores[0] == (1.0, 2.0, None)
    assert made.rhos == (1.0, 1.0, pytest.approx(0.866, abs=1e-3))


def test_pairs_that_share_a_second_sound_widen_the_interval():
    """Twelve pairs of three second sounds that decide everything are three: the variance of the mean is four times as large."""
    rows = [[0.0, value / 2, value] for value in (1.0, 2.0, 6.0) for _ in range(4)]
    apart, together = _trend(rows), _trend(rows, seconds=np.repeat([20, 21, 22], 4))
    assert (apart.change, apart.rho) == (together.change, together.rho)
    for one, end in (("change_low", -1), ("change_high", 1)):
        assert getattr(together, one) - 3.0 == pytest.approx(2 * (getattr(apart, one) - 3.0))
        assert end * (getattr(apart, one) - 3.0) > 0


def test_the_test_knows_second_sounds_too():
    """Orders that follow the second sound: the error is twice as large, so t is half, with the same degrees of freedom."""
    from scipy.special import stdtr, stdtrit

    orders = [[0.0, 1.0, 2.0], [0.0, 2.0, 1.0], [1.0, 0.0, 2.0]]
    rows = [orders[min(number, 2)] if number else [2.0, 1.0, 0.0] for number in range(4) for _ in range(4)]
    apart, together = _trend(rows), _trend(rows, seconds=np.repeat([20, 21, 22, 23], 4))
    assert apart.p is not None
    assert together.p == pytest.approx(2 * stdtr(15, stdtrit(15, apart.p / 2) / 2))
