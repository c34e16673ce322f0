"""Differences of mean points between every two methods, in the same rankings."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.crossed import CrossedMeans, crossed_means
from adis_bench.statistics.holm import holm
from adis_bench.study.method_results import ends
from adis_bench.study.rankings import Rankings
from adis_bench.study.results import MeanDifference


def mean_differences(rankings: Rankings) -> tuple[MeanDifference, ...]:
    """Every pair of methods once, the better one first, the best pairs first.

    A difference is paired: it is the mean over the rankings of one method's points minus the other's. p is Student's with the
    error and the degrees of freedom of the interval, so p < 0.05 just where the interval leaves 0 out. Where all rankings have
    one and the same difference there is no scatter to judge by: there is no interval, and p is the sign test's over the fewer of
    workers and items, 2 / 2^g, and 1 for a difference of 0.

    Args:
        rankings: at least one.
    """
    points, k = rankings.points, len(rankings.methods)
    best_first = np.argsort(-points.mean(axis=0), kind="stable").tolist()
    pairs = list(combinations(best_first, 2))
    values = np.stack([points[:, first] - points[:, second] for first, second in pairs], axis=1)
    means = crossed_means(values, rankings.worker, rankings.item)
    low, high = np.maximum(means.mean - means.half, 1.0 - k), np.minimum(means.mean + means.half, k - 1.0)
    tails = [None] * len(pairs) if means.reason and not means.alike.any() else _tails(means, rankings).tolist()
    adjusted = holm(tails)
    better = (values > 0).mean(axis=0) + (values == 0).mean(axis=0) / 2
    return tuple(
        MeanDifference(
            rankings.methods[first],
            rankings.methods[second],
            float(means.mean[row]),
            *ends(low[row], high[row]),
            tails[row],
            adjusted[row],
            float(better[row]),
        )
        for row, (first, second) in enumerate(pairs)
    )


def _tails(means: CrossedMeans, rankings: Rankings) -> NDArray[np.float64]:
    """Two-sided p-values of the hypotheses that the means are 0."""
    from scipy.special import stdtr

    statistic = np.abs(means.mean) / means.error
    n_groups = min(np.unique(rankings.worker).size, np.unique(rankings.item).size)
    without = np.where(means.mean == 0, 1.0, 2.0 ** (1 - n_groups))
    return np.asarray(np.where(means.alike, without, 2 * stdtr(means.degrees, -statistic)), np.float64)
