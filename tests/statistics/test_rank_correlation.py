"""Rank correlations of many rows against scipy's of one."""

import numpy as np
import pytest
from scipy.stats import kendalltau, spearmanr

from adis_bench.statistics.rank_correlation import kendall, spearman


@pytest.mark.parametrize("k", [2, 3, 4, 7])
@pytest.mark.parametrize("values", [2, 4, 1000])
@pytest.mark.filterwarnings("ignore:An input array is constant")
def test_equal_to_scipy(k: int, values: int):
    """With many ties, some and none; NaN where a side is constant."""
    rng = np.random.default_rng([k, values])
    x, y = rng.integers(0, values, (2, 60, k)).astype(float)
    taus, rhos = kendall(x, y), spearman(x, y)
    for row in range(len(x)):
        np.testing.assert_allclose(taus[row], kendalltau(x[row], y[row]).statistic, atol=1e-12)
        np.testing.assert_allclose(rhos[row], spearmanr(x[row], y[row]).statistic, atol=1e-12)
    if values == k == 2:
        assert np.isnan(taus).any()


def test_missing_places_count_on_neither_side():
    """A hole in one side takes the place out of both; with fewer than two places left there is nothing to order."""
    x = np.array([[1, np.nan, 3, 2, 9], [1, 2, np.nan, np.nan, np.nan], [np.nan] * 5])
    y = np.array([[2, 5, 3, 1, np.nan], [np.nan, 2, 3, 4, 5], [1, 2, 3, 4, 5]])
    np.testing.assert_allclose(kendall(x, y), [1 / 3, np.nan, np.nan])
    np.testing.assert_allclose(spearman(x, y), [0.5, np.nan, np.nan])
