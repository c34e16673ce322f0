"""Friedman's test and Kendall's W equal scipy's, and examples by hand."""

import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from adis_bench.statistics.friedman import friedman


@pytest.mark.parametrize("levels", [2, 3, 1000])
def test_equals_scipy(levels: int):
    """Statistic and p with many ties, some and hardly any."""
    values = np.random.default_rng(levels).integers(0, levels, (25, 4)) + np.array([0.0, 0.0, 1.0, 1.0])
    found, expected = friedman(values), friedmanchisquare(*values.T)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.w == pytest.approx(expected.statistic / (25 * 3), rel=1e-12)


def test_by_hand():
    """Three blocks of three treatments with a tie."""
    found = friedman(np.array([[1.0, 2.0, 3.0], [1.0, 3.0, 2.0], [5.0, 5.0, 9.0]]))
    # Ranks 1 2 3, 1 3 2, 1.5 1.5 3: sums 3.5, 6.5, 8, mean 6: deviations 6.25 + 0.25 + 4 = 10.5.
    # Ties: one pair, t^3 - t = 6: 12 * 10.5 / (3 * 3 * 4 - 6 / 2) = 126 / 33.
    assert found.statistic == pytest.approx(126 / 33)
    assert found.w == pytest.approx(126 / 33 / 6)
    # Two degrees of freedom: the tail is exp(-x / 2).
    assert found.p == pytest.approx(np.exp(-63 / 33))


def test_full_concordance():
    """All blocks alike: W is 1."""
    assert friedman(np.tile([4.0, 1.0], (5, 1))).w == 1.0


@pytest.mark.parametrize("values", [np.ones((4, 3)), np.array([[1.0, 2.0]]), np.arange(5.0)[:, None]])
def test_undefined(values: np.ndarray):
    """Only ties, one block, or one treatment: nothing, and why."""
    found = friedman(values)
    assert (found.statistic, found.p, found.w) == (None, None, None)
    assert found.reason.startswith("undefined: ")
