"""Intervals of means whose observations share a worker or an item: crossed random effects by the method of moments.

A value that worker w gives to item i is ``y = m + a(w) + b(i) + e`` with independent effects of variances A2, B2, E2
(the worker's taste for this item is part of e: nobody ranks an item twice). The estimate is the plain mean of the n
values, and with N(w), N(i) values of a worker and an item

    Var(mean) = p A2 + q B2 + E2 / n,    p = sum N(w)^2 / n^2,    q = sum N(i)^2 / n^2.

The variances follow from three sums of squares by their expectations, for any pattern of who saw what:

    within workers   sum (y - mean of w)^2 = (n - workers) (B2 + E2)
    within items     sum (y - mean of i)^2 = (n - items) (A2 + E2)
    all              sum (y - mean)^2 = n [(1 - p) A2 + (1 - q) B2 + (1 - 1/n) E2]

Solved so that the way with more groups, whose own sum of squares can be empty or nearly so, enters with the small weight
q - 1/n only: where every item has one rating, B2 and E2 cannot be told apart and need not be. A2 and B2 may come out below 0
and stay so, since Student's t allows for the noise of the sum: with either set to 0, intervals over-covered (97.4 %) where neither
workers nor items differ. The sum is kept above half of what the way with more groups and the rest, not below 0, say alone.

Degrees of freedom are Satterthwaite's for ``Var = T(workers) + T(items) - T(rest)`` with

    T(workers) = p A2 + g B2 + E2 / n    on 1/p - 1 (as many as workers less one, where all did equally much)
    T(items)   = q B2 + g A2 + E2 / n    on 1/q - 1
    T(rest)    = g A2 + g B2 + E2 / n    on n - min(workers, items)

and never fewer than the way with the fewest groups has alone: a sum that came out small by chance would else look as if it rested
on nothing (ours; 5 workers x 10 items that don't differ: 97.8 % covered in place of 99.7).

g = sum over all cells of (seen / n - N(w) N(i) / n^2)^2 is what is left of the items' effects between workers' means: 0 where
everybody ranks everything (T are then the mean squares of the two-way analysis of variance), nearly 1/n where nobody shares
an item (only T(workers) counts then: this is the t interval of the workers' means). The form between these two is ours.

Source: Gao & Owen 2017, Electron. J. Stat. 11:1235 (the moments); Owen 2007, Ann. Appl. Stat. 1:386 (Var(mean), and
why the two-way bootstrap over-covers in sparse designs); Satterthwaite 1946, Biometrics Bull. 2:110 (degrees of freedom).
Coverage by simulation: tests/statistics/test_crossed.py.

Values that are all alike have no interval: a width of 0 would claim that no new worker could say otherwise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.records import LEVEL

Floats = NDArray[np.float64]
_FLOOR = 0.5
"""Ours, by simulation: where groups differ much in size the estimate is noisier than its degrees of freedom say and can come
out at 0 (93.0 % covered with a floor of 0.1, for 20 workers of unequal shares)."""
_ROUNDING = 1e-9
"""Values this near to each other differ by rounding: points are halves, taus and log worths of order 1."""
NO_SCATTER = "there is no scatter to judge by"
ALIKE = f"no interval: all rankings are alike, {NO_SCATTER}"


@dataclass(frozen=True, slots=True, eq=False)
class CrossedMeans:
    """Means with what an interval is made from, for c columns of values.

    Attributes:
        mean: float64 [c], in the unit of the values.
        error: float64 [c], standard error of the mean, above 0; NaN where there is none.
        degrees: float64 [c], degrees of freedom of Student's t, at least 1; NaN where there is none.
        alike: bool [c], columns without an interval because all their values are alike.
        reason: why no column has an interval; empty where one has.
    """

    mean: Floats
    error: Floats
    degrees: Floats
    alike: NDArray[np.bool_]
    reason: str = ""

    @property
    def half(self) -> Floats:
        """Half the width of the 95 % intervals, float64 [c]."""
        from scipy.special import stdtrit

        return np.asarray(stdtrit(self.degrees, (1 + LEVEL) / 2) * self.error, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """One way of grouping: how many values each group has, the share p, and the mean square within groups [c] (0 if empty)."""

    n_groups: int
    share: float
    within: Floats
    n_within: int


def crossed_means(values: Floats, worker: NDArray[np.int64], item: NDArray[np.int64]) -> CrossedMeans:
    """Means of the columns, with standard errors for new workers and new items.

    Args:
        values: float64 [n, c], finite; n at least 1.
        worker: int64 [n], who gave the values of the row.
        item: int64 [n], to what; no (worker, item) twice.
    """
    n = len(values)
    mean = values.mean(axis=0)
    nothing, none_alike = np.full(mean.shape, np.nan), np.zeros(mean.shape, bool)
    for way, word in ((worker, "worker"), (item, "item")):
        if np.unique(way).size < 2:
            return CrossedMeans(mean, nothing, nothing, none_alike, f"no interval: all rankings share one {word}")
    centred = values - mean
    counts_worker, counts_item = _counts(worker), _counts(item)
    # What g needs: the mean product of the two group sizes that a row belongs to.
    product = float((counts_worker * counts_item).mean())
    first, second = _way(centred, worker), _way(centred, item)
    if first.n_groups > second.n_groups:
        first, second = second, first
    few, many, rest = _components(first, second, np.square(centred).sum(axis=0) / n, n)
    unshared = max(0.0, 1 / n - 2 * product / n**2 + first.share * second.share)
    others = second.share * np.maximum(many, 0.0) + np.minimum(rest, first.within) / n
    variance = np.maximum(first.share * few + second.share * many + rest / n, _FLOOR * others)
    parts = [
        (first.share * few + unshared * many + rest / n, 1 / first.share - 1),
        (second.share * many + unshared * few + rest / n, 1 / second.share - 1),
        (unshared * (few + many) + rest / n, n - first.n_groups),
    ]
    if second.n_within == 0:
        # The last two are one and the same then, and cancel: the t interval of the first way's means.
        parts = [(variance, 1 / first.share - 1)]
    noise = np.sum([np.square(part) / max(degrees, 1.0) for part, degrees in parts], axis=0)
    degrees = np.divide(np.square(variance), noise, out=np.ones(mean.shape), where=noise > 0)
    fewest = 1 / max(first.share, second.share) - 1
    degrees = np.maximum(degrees, max(fewest, 1.0))
    alike = (np.ptp(values, axis=0) <= _ROUNDING) | (variance <= 0)
    error, degrees = (np.where(alike, np.nan, found) for found in (np.sqrt(variance), degrees))
    return CrossedMeans(mean, error, degrees, alike, ALIKE if alike.all() else "")


def _components(first: _Way, second: _Way, total: Floats, n: int) -> tuple[Floats, Floats, Floats]:
    """Variances of the ways with fewer and with more groups (may be below 0) and of the rest; ``total`` is the mean square of all."""
    p, q = first.share, second.share
    if second.n_within == 0:
        # Every group of the second way has one value: its effects are the rest.
        rest = np.zeros_like(total)
    else:
        # 1 - p - q + 1/n is the share of pairs of rows that have neither worker nor item in common: above 0 with two of each.
        rest = (second.within * (1 - p) + first.within * (1 - q) - total) / (1 - p - q + 1 / n)
        rest = np.maximum(rest, 0.0)
    many = first.within - rest if first.n_within else total / (1 - 1 / n)  # without any repeat all values are independent
    few = (total - (1 - q) * first.within - (q - 1 / n) * rest) / (1 - p) if first.n_within else np.zeros_like(total)
    return few, many, rest


def _way(centred: Floats, groups: NDArray[np.int64]) -> _Way:
    order = np.argsort(groups, kind="stable")
    _, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    sums = np.add.reduceat(centred[order], starts, axis=0)
    n_within = len(groups) - sizes.size
    # Differences of large sums would leave rounding where a group's values are all equal; so the residuals are squared.
    residuals = np.square(centred[order] - np.repeat(sums / sizes[:, None], sizes, axis=0)).sum(axis=0)
    return _Way(sizes.size, float(np.square(sizes / len(groups)).sum()), residuals / max(n_within, 1), n_within)


def _counts(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each row the number of rows in its group."""
    _, numbers, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return np.asarray(sizes[numbers], np.int64)
