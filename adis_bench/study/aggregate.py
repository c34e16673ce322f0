"""From rankings to statistics."""

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.crossed import crossed_means
from adis_bench.statistics.friedman import friedman
from adis_bench.statistics.krippendorff import ordinal_alpha
from adis_bench.study.rankings import Rankings
from adis_bench.study.rejection import Rejection
from adis_bench.study.results import MethodResult, StudyResults

_ROUNDING = 1e-6
"""A count this near a whole number is one: three thirds of a three-way tie needn't sum to 1 exactly."""


def aggregate(rankings: Rankings, rejected: tuple[Rejection, ...] = ()) -> StudyResults:
    """The statistics of rankings.

    Args:
        rankings: at least one.
        rejected: what the reader left out.
    """
    test = friedman(_item_ranks(rankings))
    # Unit = item x method, raters = workers.
    n, k = rankings.ranks.shape
    unit = rankings.item[:, None] * k + np.arange(k)
    alpha = ordinal_alpha(unit.ravel(), rankings.ranks.ravel())
    methods, reason = _methods(rankings)
    reasons = {"interval": reason, "friedman": test.reason, "krippendorff_alpha": alpha.reason}
    return StudyResults(
        n_items=np.unique(rankings.item).size,
        n_workers=np.unique(rankings.worker).size,
        n_rankings=n,
        rejected=rejected,
        methods=methods,
        friedman_statistic=test.statistic,
        friedman_p=test.p,
        kendall_w=test.w,
        krippendorff_alpha=alpha.value,
        undefined={name: why for name, why in reasons.items() if why},
    )


def _item_ranks(rankings: Rankings) -> NDArray[np.float64]:
    """Sums of the ranks over each item's workers, float64 [n_items, k]: in the order of the means, and exact, so that ties stay ties."""
    numbers = np.unique(rankings.item, return_inverse=True)[1]
    sums = np.zeros((int(numbers.max()) + 1, len(rankings.methods)))
    np.add.at(sums, numbers, rankings.ranks)
    return sums


def _methods(rankings: Rankings) -> tuple[tuple[MethodResult, ...], str]:
    means = crossed_means(rankings.points, rankings.worker, rankings.item)
    counts = _rank_counts(rankings.ranks)
    # No mean lies outside 1 ... k, so the part of an interval that does covers nothing.
    low = np.maximum(means.mean - means.half, 1.0)
    high = np.minimum(means.mean + means.half, float(len(rankings.methods)))
    found = [
        MethodResult(
            method,
            float(means.mean[column]),
            None if means.reason else float(low[column]),
            None if means.reason else float(high[column]),
            tuple(_whole(count) for count in counts[column].tolist()),
        )
        for column, method in enumerate(rankings.methods)
    ]
    return tuple(found), means.reason


def _rank_counts(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often each method had each place, float64 [k, k]; t methods that share t places have 1 / t of each."""
    k = ranks.shape[1]
    n_tied = (ranks[:, :, None] == ranks[:, None, :]).sum(axis=2)
    places = np.arange(1, k + 1)
    # The mid-rank r of t methods stands for the places r - (t - 1) / 2 ... r + (t - 1) / 2.
    held = np.abs(places - ranks[:, :, None]) <= (n_tied[:, :, None] - 1) / 2
    return np.asarray((held / n_tied[:, :, None]).sum(axis=0), np.float64)


def _whole(count: float) -> int | float:
    return round(count) if abs(count - round(count)) < _ROUNDING else count
