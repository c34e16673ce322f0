"""Which treatments differ, after Friedman's test over blocks: Nemenyi's and Conover's tests of all pairs.

With mean ranks r(j) and rank sums R(j) of k treatments over n blocks, mid-ranks for ties:

Nemenyi: sqrt(2) |r(i) - r(j)| / sqrt(k (k + 1) / (6 n)) is compared with the studentized range of k values on infinitely
many degrees of freedom; two treatments whose mean ranks lie the critical difference or more apart differ. It knows nothing
of ties, which make it conservative.

Conover: with A the sum of all squared ranks, S = (A - n k (k + 1)^2 / 4) / (k - 1) and Friedman's statistic T,

    t = |R(i) - R(j)| / sqrt(2 n S (1 - T / (n (k - 1))) / (n - 1))

on (n - 1) (k - 1) degrees of freedom; here with Holm's correction over the pairs. Where all blocks are ranked alike (T = n (k - 1))
there is no scatter and no t: then p is the sign test's, 2 / 2^n.

Source: Demsar 2006, J. Mach. Learn. Res. 7:1 (Nemenyi's test and the critical difference); Conover 1999, Practical
Nonparametric Statistics, 3rd ed., 5.8. Equal to ``posthoc_nemenyi_friedman`` and ``posthoc_conover_friedman`` of
scikit-posthocs, but for the case without scatter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.friedman import friedman
from adis_bench.statistics.holm import holm
from adis_bench.statistics.records import LEVEL

Floats = NDArray[np.float64]
_ROUNDING = 1e-12
"""A share of the ranks' scatter below this is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class PairTests:
    """Tests of all pairs of k treatments.

    Attributes:
        mean_ranks: float64 [k], 1 for a treatment that always has the lowest value.
        critical_difference: of mean ranks at 5 %, by Nemenyi's test; None where there is none.
        nemenyi, conover: float64 [k, k], symmetric p-values, 1 on the diagonal; those of Conover's test after Holm's
            correction. Empty [0, 0] where there are none.
        reason: why there are no tests; empty otherwise.
    """

    mean_ranks: Floats
    critical_difference: float | None
    nemenyi: Floats
    conover: Floats
    reason: str = ""


def pair_tests(values: Floats) -> PairTests:
    """Compare k treatments (columns) over n blocks (rows); values are ranked within each block.

    Args:
        values: float64 [n, k], finite; n at least 1. Treatments that are equal within a block share its mid-rank.
    """
    from scipy.stats import rankdata, studentized_range

    n, k = values.shape
    ranks = np.asarray(rankdata(values, axis=1), np.float64)
    mean = ranks.mean(axis=0)
    reason = friedman(values).reason
    if reason:
        return PairTests(mean, None, np.empty((0, 0)), np.empty((0, 0)), reason)
    unit = (k * (k + 1) / (6 * n)) ** 0.5
    first, second = np.triu_indices(k, 1)
    ranges = np.abs(mean[first] - mean[second]) / unit * 2**0.5
    # Far out the upper tail of the range comes from a difference with 1 and can end a rounding below 0.
    tails = np.clip(studentized_range.sf(ranges, k, np.inf), 0.0, 1.0)
    critical = float(studentized_range.ppf(LEVEL, k, np.inf)) / 2**0.5 * unit
    return PairTests(mean, critical, _square(tails, k), _square(_conover(ranks), k))


def maximal_groups(mean_ranks: Floats, critical_difference: float) -> tuple[tuple[int, ...], ...]:
    """The largest sets of two or more treatments of which no two lie the critical difference apart; best first, each best first.

    Args:
        mean_ranks: float64 [k].
        critical_difference: above 0.

    >>> maximal_groups(np.array([1.2, 2.9, 2.1, 3.8]), 1.0)
    ((0, 2), (2, 1), (1, 3))
    """
    order = np.argsort(mean_ranks, kind="stable")
    ranked = mean_ranks[order]
    groups, last_end = [], 0
    for start in range(len(ranked)):
        end = int(np.searchsorted(ranked, ranked[start] + critical_difference, side="left"))
        # A set that ends where the one before it did is a part of it.
        if end > last_end and end - start > 1:
            groups.append(tuple(order[start:end].tolist()))
        last_end = max(last_end, end)
    return tuple(groups)


def _conover(ranks: Floats) -> Floats:
    """The p-values of the pairs, in the order of ``triu_indices``."""
    from scipy.special import stdtr

    n, k = ranks.shape
    sums = ranks.sum(axis=0)
    centred = sums - n * (k + 1) / 2
    # S from deviations: A - n k (k + 1)^2 / 4 is a difference of large sums.
    scatter = float(np.square(ranks - (k + 1) / 2).sum()) / (k - 1)
    left = 1 - float(centred @ centred) / scatter / (n * (k - 1))
    first, second = np.triu_indices(k, 1)
    difference = np.abs(sums[first] - sums[second])
    if left <= _ROUNDING:
        tails = np.where(difference > 0, 2.0 ** (1 - n), 1.0)
    else:
        tails = 2 * stdtr((n - 1) * (k - 1), -difference / (2 * n * scatter * left / (n - 1)) ** 0.5)
    return np.array(holm(tails.tolist()), np.float64)


def _square(upper: Floats, k: int) -> Floats:
    whole = np.ones((k, k))
    first, second = np.triu_indices(k, 1)
    whole[first, second] = whole[second, first] = upper
    return whole
