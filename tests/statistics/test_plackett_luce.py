"""Plackett-Luce strengths: by hand, against brute force over all orders and an independent fit, and where no maximum exists."""

from itertools import permutations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import rankdata

from adis_bench.statistics.plackett_luce import plackett_luce


def _ranks(n: int, log_worth: np.ndarray, seed: int, coarse: float | None = None) -> np.ndarray:
    """Rankings of a true model; rounding to multiples of ``coarse`` makes ties."""
    utility = np.random.default_rng(seed).gumbel(size=(n, len(log_worth))) + log_worth
    return rankdata(-(utility if coarse is None else np.round(utility / coarse)), axis=1)


def _orders(row: np.ndarray) -> list[tuple[int, ...]]:
    """All orders, best first, that go with a ranking."""
    return [order for order in permutations(range(len(row))) if all(np.diff(row[list(order)]) >= 0)]


def _mean_log_likelihood(ranks: np.ndarray, log_worth: np.ndarray) -> float:
    """Written as the model is told: one choice after the other, in every order of each ranking."""
    total = 0.0
    for row in ranks:
        orders = _orders(row)
        for order in orders:
            for place in range(len(order)):
                left = list(order[place:])
                total += (log_worth[order[place]] - np.log(np.exp(log_worth[left]).sum())) / len(orders)
    return total


@pytest.mark.parametrize("coarse", [None, 0.7, 2.5])
def test_equal_to_brute_force_over_all_orders(coarse: float | None):
    """The maximum of the likelihood over all orders, found by scipy without derivatives of ours."""
    ranks = _ranks(25, np.array([0.8, 0.2, -0.2, -0.8]), seed=3, coarse=coarse)
    best = minimize(lambda free: -_mean_log_likelihood(ranks, np.append(free, -free.sum())), np.zeros(3), tol=1e-10)
    np.testing.assert_allclose(plackett_luce(ranks).log_worth, np.append(best.x, -best.x.sum()), atol=2e-5)


def test_two_methods_by_hand():
    """7 wins, 2 losses and 2 ties of two are 8 wins against 3: odds 8 / 3."""
    fitted = plackett_luce(np.array([[1.0, 2.0]] * 7 + [[2.0, 1.0]] * 2 + [[1.5, 1.5]] * 2))
    np.testing.assert_allclose(fitted.worth, [8 / 11, 3 / 11], rtol=1e-9)
    assert np.exp(np.ptp(fitted.log_worth)) == pytest.approx(8 / 3)
    # Information 11 p (1 - p) for the log odds; a win's gradient is 1 - p, half of which falls to each log worth.
    assert fitted.influence[0] == pytest.approx(np.array([1, -1]) * (3 / 11) / (11 * 8 / 11 * 3 / 11) / 2)


def test_all_tied_says_that_they_are_equal():
    """Ties of all pull together: as many wins as losses for everybody."""
    assert plackett_luce(np.full((3, 4), 2.5)).worth == pytest.approx(np.full(4, 0.25))
    ranks = np.array([[1.0, 2, 3], [2, 1, 3], [1, 3, 2], [3, 2, 1]])
    more = np.vstack([ranks, np.full((20, 3), 2.0)])
    assert np.ptp(plackett_luce(more).log_worth) < np.ptp(plackett_luce(ranks).log_worth) / 2


def test_strengths_are_recovered():
    """20,000 rankings of six: within five standard errors, which are 0.01 or so."""
    truth = np.array([1.2, 0.6, 0.1, -0.1, -0.5, -1.3])
    fitted = plackett_luce(_ranks(20_000, truth, seed=1))
    errors = np.sqrt(np.square(fitted.influence).sum(axis=0))
    assert (errors < 0.02).all()
    assert (np.abs(fitted.log_worth - truth) < 5 * errors).all()
    assert fitted.worth.sum() == pytest.approx(1)


def test_influence_is_the_derivative():
    """Leaving a ranking out changes the strengths by what its influence says, to first order."""
    ranks = _ranks(400, np.array([0.5, 0.0, -0.5]), seed=2, coarse=1.0)
    fitted = plackett_luce(ranks)
    for row in (0, 17, 399):
        without = plackett_luce(np.delete(ranks, row, axis=0)).log_worth
        np.testing.assert_allclose(fitted.log_worth - without, fitted.influence[row], rtol=0.03, atol=1e-5)
    np.testing.assert_allclose(fitted.influence.sum(axis=0), 0, atol=1e-9)


def test_errors_are_those_of_repeated_studies():
    """The scatter of 300 independent studies of 200 rankings, to 10 %."""
    truth = np.array([0.7, 0.0, -0.7])
    fits = [plackett_luce(_ranks(200, truth, seed)) for seed in range(300)]
    scatter = np.std([fit.log_worth for fit in fits], axis=0)
    stated = np.mean([np.sqrt(np.square(fit.influence).sum(axis=0)) for fit in fits], axis=0)
    np.testing.assert_allclose(stated, scatter, rtol=0.1)


def test_only_the_order_counts():
    """Any numbers in the same order, rankings in another order, methods in another order."""
    ranks = _ranks(60, np.array([0.5, 0.0, -0.5, 0.1]), seed=4, coarse=0.8)
    fitted = plackett_luce(ranks)
    np.testing.assert_allclose(plackett_luce(np.exp(ranks)).log_worth, fitted.log_worth, atol=1e-9)
    shuffled = np.random.default_rng(0).permutation(60)
    np.testing.assert_allclose(plackett_luce(ranks[shuffled]).influence, fitted.influence[shuffled], atol=1e-9)
    np.testing.assert_allclose(plackett_luce(ranks[:, [3, 1, 0, 2]]).log_worth, fitted.log_worth[[3, 1, 0, 2]], atol=1e-9)


@pytest.mark.parametrize(
    ("ranks", "ahead"),
    [
        ([[1, 2, 3], [1, 3, 2]], (0,)),
        ([[1, 2, 3], [2, 1, 3]], (0, 1)),
        ([[3, 2, 1]] * 4, (2,)),
        ([[1.5, 1.5, 3]] * 2, (0, 1)),
    ],
)
def test_always_first_has_a_stated_remedy(ranks: list[list[float]], ahead: tuple[int, ...]):
    """A group above all others has no finite strength: imagined wins and losses, finite numbers in the right order, no influence."""
    fitted = plackett_luce(np.array(ranks, float))
    assert fitted.ahead == ahead
    assert np.isfinite(fitted.log_worth).all()
    assert min(fitted.log_worth[list(ahead)]) > max(np.delete(fitted.log_worth, ahead))
    assert not fitted.influence.any()


def test_remedy_by_hand():
    """One win of two: the first has 1.5 wins, the imagined one is level with the geometric middle."""
    fitted = plackett_luce(np.array([[1.0, 2.0]]))
    # With logs d and -d: 1 / (1 + e^2d) + 1/2 = 1 / (1 + e^-d), whose root is d = 1.0986 - found by substitution of x = e^d:
    x = np.exp(fitted.log_worth[0])
    assert 1 / (1 + x**2) + 0.5 == pytest.approx(x / (1 + x))
    assert fitted.log_worth.sum() == pytest.approx(0)


def test_one_reversal_is_enough():
    """Somebody below the last just once, or level with it: a finite maximum, however far."""
    assert plackett_luce(np.array([[1, 2, 3, 4]] * 5000 + [[4, 3, 2, 1]], float)).ahead == ()
    fitted = plackett_luce(np.array([[1.0, 2.0]] * 9_999 + [[1.5, 1.5]]))
    assert np.ptp(fitted.log_worth) == pytest.approx(np.log(9_999.5 / 0.5))


def test_large_ties():
    """Eleven tied of twelve are averaged over rotations: alike, as all orders would have it; 26 tied take no time."""
    ranks = np.vstack([[1.0] + [7.0] * 11, [12.0] + [6.0] * 11, [2.0, 1.0, *range(3, 13)]])
    fitted = plackett_luce(rankdata(ranks, axis=1))
    few = plackett_luce(rankdata(ranks[:2, :10], axis=1))
    assert np.isfinite(fitted.log_worth).all()
    assert np.ptp(few.log_worth[1:]) == pytest.approx(0, abs=1e-9)
    alone = plackett_luce(ranks[:2])
    assert np.ptp(alone.log_worth[1:]) == pytest.approx(0, abs=1e-9)
    assert plackett_luce(np.full((2, 26), 13.5)).worth == pytest.approx(np.full(26, 1 / 26))
