"""Squared maximum mean discrepancy of two sets under KID's cubic kernel: pure functions, float64 inside.

    k(x, y) = (x.y / d + 1)^3        MMD^2 = mean k(x, x') + mean k(y, y') - 2 mean k(x, y),  x' != x, y' != y

This is the full U-statistic: unbiased at any n. The usual block estimate (Binkowski et al. 2018: the mean over random
subsets of the same formula on each subset) is a Monte Carlo estimate of it: over all subsets of a size its mean is
exactly the U-statistic, and its spread over subsets is no standard error, since subsets share rows.

Source: Binkowski et al. 2018 (arXiv 1801.01401), Eq. 3 and 4; kernel as GaParmar/clean-fid 0.1.35 and torch-fidelity 0.4.
"""

from dataclasses import dataclass

import numpy as np

from adis_bench.metrics.protocol import Array, Floats

_BLOCK = 1024  # rows of either side at once: two kernels of 8 MB and rows of 17 MB at d = 2048, whatever n


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """A set's mean kernel values, row by row.

    Attributes:
        own: float64 [n], over the set's other rows.
        cross: float64 [n], over the rows of the other set.
    """

    own: Floats
    cross: Floats


def own_means(rows: Array) -> Floats:
    """Mean kernel of each row with the others, float64 [n], n >= 2."""
    n = len(rows)
    sums = np.zeros(n)
    for a in range(0, n, _BLOCK):
        first = _float64(rows, a)
        for b in range(a, n, _BLOCK):
            kernel = _kernel(first, first if a == b else _float64(rows, b))
            if a == b:
                np.fill_diagonal(kernel, 0.0)
            else:
                sums[b : b + _BLOCK] += kernel.sum(axis=0)
            sums[a : a + _BLOCK] += kernel.sum(axis=1)
    return sums / (n - 1)


def cross_means(rows: Array, others: Array) -> Floats:
    """Mean kernel of each row with all of ``others``, float64 [n]."""
    sums = np.zeros(len(rows))
    for a in range(0, len(rows), _BLOCK):
        first = _float64(rows, a)
        for b in range(0, len(others), _BLOCK):
            sums[a : a + _BLOCK] += _kernel(first, _float64(others, b)).sum(axis=1)
    return sums / len(others)


def discrepancy(means: Means, reference_own: float) -> float:
    """MMD^2, from one set's means and the other's mean kernel within itself."""
    return float(means.own.mean() + reference_own - 2.0 * means.cross.mean())


def influence(means: Means) -> Floats:
    """How much each row moves MMD^2 against a fixed other set, float64 [n]: empirical influence over n, summing to zero.

    n IF_i = 2 (own_i - mean own) - 2 (cross_i - mean cross), the first-order part of the U-statistic (Hoeffding 1948).
    """
    moved = 2.0 * (means.own - means.cross)
    return np.asarray((moved - moved.mean()) / len(moved), np.float64)


def _float64(rows: Array, start: int) -> Floats:
    return np.asarray(rows[start : start + _BLOCK], np.float64)


def _kernel(first: Floats, second: Floats) -> Floats:
    values = first @ second.T
    values /= first.shape[1]
    values += 1.0
    cubed = values * values
    cubed *= values
    return np.asarray(cubed, np.float64)
