"""Nemenyi's and Conover's tests: published and hand-made examples, scikit-posthocs, and the corners."""

import numpy as np
import pytest
import scikit_posthocs
from scipy.stats import rankdata

from adis_bench.statistics.posthoc import maximal_groups, pair_tests


def _blocks(n: int, k: int, seed: int, digits: int = 6) -> np.ndarray:
    """Few digits make ties."""
    return (np.random.default_rng(seed).normal(size=(n, k)) + np.linspace(0, 1, k)).round(digits)


CASES = {
    "usual": _blocks(30, 4, 0),
    "ties": _blocks(40, 5, 1, digits=0),
    "two treatments": _blocks(15, 2, 2),
    "two blocks": _blocks(2, 4, 3),
    "many treatments": _blocks(12, 20, 4),
    "many blocks": _blocks(20_000, 4, 5),
    "nearly alike": _blocks(2_000, 3, 6) * np.array([1.0, 1.0, 50.0]),
}


@pytest.mark.parametrize("name", CASES)
def test_equal_to_scikit_posthocs(name: str):
    """Both tests of all pairs, also in the far tails."""
    values = CASES[name]
    found = pair_tests(values)
    expected = scikit_posthocs.posthoc_nemenyi_friedman(values).to_numpy()
    np.testing.assert_allclose(found.nemenyi, np.clip(expected, 0, 1), rtol=1e-9, atol=1e-12)
    expected = scikit_posthocs.posthoc_conover_friedman(values, p_adjust="holm").to_numpy()
    np.testing.assert_allclose(found.conover, expected, rtol=1e-7, atol=1e-300)
    np.testing.assert_allclose(found.mean_ranks, rankdata(values, axis=1).mean(axis=0))


def test_critical_difference_of_the_table():
    """Demsar's table 5 has q(0.05) = 2.343 for 3, 2.569 for 4 and 3.164 for 10 classifiers; CD = q sqrt(k (k + 1) / (6 n))."""
    for k, q in ((2, 1.960), (3, 2.343), (4, 2.569), (10, 3.164)):
        found = pair_tests(_blocks(14, k, 0))
        assert found.critical_difference == pytest.approx(q * (k * (k + 1) / 84) ** 0.5, rel=3e-4)


def test_nemenyi_agrees_with_its_critical_difference():
    """A pair has p below 0.05 just where its mean ranks lie the critical difference apart."""
    found = pair_tests(_blocks(40, 6, 8))
    apart = np.abs(found.mean_ranks[:, None] - found.mean_ranks) > found.critical_difference
    assert 0 < apart.sum() < 30
    np.testing.assert_array_equal(found.nemenyi < 0.05, apart)


def test_conover_by_hand():
    """Three blocks, ranks (1 2 3), (1 2 3), (2 1 3)."""
    found = pair_tests(np.array([[1.0, 2, 3], [1, 2, 3], [2, 1, 3]]))
    # Sums 4, 5, 9; A = 3 * 14 = 42, n k (k + 1)^2 / 4 = 36, S = (42 - 36) / 2 = 3; T = (4 + 1 + 9) / 3 = 14 / 3.
    # The t of 1 and 2 is 1 / sqrt(2 * 3 * 3 * (1 - 14 / 18) / 2) = 1 / sqrt(2), on 4 degrees of freedom:
    # both tails of t on 4 are 1 - s (3 - s^2) / 2 with s = t / sqrt(4 + t^2) = 1 / 3 here: 14 / 27.
    assert found.conover[0, 1] == pytest.approx(14 / 27)
    # 1 and 3: t = 5 / sqrt(2), s = 5 / sqrt(33); 2 and 3: t = 4 / sqrt(2), s = 4 / sqrt(24). Holm takes the least times three.
    tail = {t: 1 - s * (3 - s**2) / 2 for t, s in ((5, 5 / 33**0.5), (4, 4 / 24**0.5))}
    assert found.conover[0, 2] == pytest.approx(3 * tail[5])
    assert found.conover[1, 2] == pytest.approx(2 * tail[4])


def test_all_blocks_alike():
    """No scatter, no t: the sign test's p, and 1 for those who are always tied; never 0 or NaN."""
    found = pair_tests(np.tile([1.0, 2.0, 2.0], (6, 1)))
    # 2 / 2^6, the two equal ones times 3 and 2 by Holm, which may not fall: both 3 / 32.
    np.testing.assert_allclose(found.conover, [[1, 3 / 32, 3 / 32], [3 / 32, 1, 1], [3 / 32, 1, 1]])
    assert np.isfinite(found.nemenyi).all()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.ones((5, 3)), "undefined: all methods are tied in every item"),
        (np.arange(3.0)[None], "undefined: 1 item of 3 methods; it takes two of each"),
    ],
)
def test_undefined(values: np.ndarray, reason: str):
    """Nothing to compare: no tests, and why; mean ranks are there."""
    found = pair_tests(values)
    assert (found.critical_difference, found.nemenyi.size, found.conover.size, found.reason) == (None, 0, 0, reason)
    assert found.mean_ranks.sum() == 6


def test_maximal_groups():
    """Sets within the critical difference; parts of larger sets and single ones aren't listed, and the difference itself is apart."""
    assert maximal_groups(np.array([1.0, 2.0, 3.0]), 0.5) == ()
    assert maximal_groups(np.array([1.0, 2.0, 3.0]), 1.0) == ()
    assert maximal_groups(np.array([1.0, 2.0, 3.0]), 1.5) == ((0, 1), (1, 2))
    assert maximal_groups(np.array([3.0, 1.0, 2.0]), 9.0) == ((1, 2, 0),)
    assert maximal_groups(np.array([1.0, 1.4, 1.5, 3.0, 3.2, 5.0]), 0.6) == ((0, 1, 2), (3, 4))


def test_maximal_groups_against_all_subsets():
    """By trying every set of six."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        ranks = rng.uniform(1, 6, 6)
        inside = [
            frozenset(np.flatnonzero(chosen).tolist())
            for number in range(64)
            if (chosen := np.array([number >> bit & 1 for bit in range(6)], bool)).sum() > 1 and np.ptp(ranks[chosen]) < 1.3
        ]
        expected = {group for group in inside if not any(group < other for other in inside)}
        found = maximal_groups(ranks, 1.3)
        assert {frozenset(group) for group in found} == expected
        assert len(found) == len(expected)
