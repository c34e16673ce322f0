"""Mean points of the methods with their intervals, and how often each had each place; of all items, and class by class."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.crossed import NO_SCATTER, CrossedMeans, crossed_means
from adis_bench.study.rankings import Rankings
from adis_bench.study.results import ClassResult, MethodResult

_ROUNDING = 1e-6
"""A count this near a whole number is one: three thirds of a three-way tie needn't sum to 1 exactly."""


def method_results(rankings: Rankings) -> tuple[tuple[MethodResult, ...], str]:
    """The methods in the order of the rankings, and why some or all have no interval (empty where all have).

    Args:
        rankings: at least one.
    """
    means = crossed_means(rankings.points, rankings.worker, rankings.item)
    counts = rank_counts(rankings.ranks)
    # No mean lies outside 1 ... k, so the part of an interval that does covers nothing.
    low = np.maximum(means.mean - means.half, 1.0)
    high = np.minimum(means.mean + means.half, float(len(rankings.methods)))
    found = [
        MethodResult(
            method,
            float(means.mean[column]),
            *ends(low[column], high[column]),
            tuple(_whole(count) for count in counts[column].tolist()),
        )
        for column, method in enumerate(rankings.methods)
    ]
    return tuple(found), why_none(means, rankings.methods)


def ends(low: float, high: float) -> tuple[float | None, float | None]:
    """Of an interval; None twice where they are NaN, since there is none."""
    return (None, None) if np.isnan(low) else (float(low), float(high))


def why_none(means: CrossedMeans, names: Sequence[str]) -> str:
    """Why some or all means have no interval; empty where all have.

    Args:
        means: of c columns.
        names: c, of the columns.
    """
    alike = ", ".join(name for name, same in zip(names, means.alike, strict=True) if same)
    return means.reason or (f"no interval of {alike}: all rankings say the same of it, {NO_SCATTER}" if alike else "")


def class_results(rankings: Rankings) -> tuple[ClassResult, ...]:
    """The methods on the items of each class that has rankings, by label; items without a label are in none."""
    if not rankings.labels:
        return ()
    # By number: an array of texts drops NULs at their ends.
    numbers = {label: number for number, label in enumerate(sorted(set(rankings.labels) - {""}))}
    of_ranking = np.array([numbers.get(label, -1) for label in rankings.labels])[rankings.item]
    found = []
    for label, number in numbers.items():
        part = rankings.where(of_ranking == number)
        if not len(part.ranks):
            continue
        methods, reason = method_results(part)
        found.append(ClassResult(label, np.unique(part.item).size, len(part.ranks), methods, reason))
    return tuple(found)


def rank_counts(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often each of k things had each place, float64 [k, k]; t of them that share t places have 1 / t of each.

    Args:
        ranks: float64 [n, k], rows with mid-ranks for ties.
    """
    k = ranks.shape[1]
    places = np.arange(1, k + 1)
    counts = np.zeros((k, k))
    for column in range(k):
        n_tied = (ranks == ranks[:, [column]]).sum(axis=1)
        # The mid-rank r of t things stands for the places r - (t - 1) / 2 ... r + (t - 1) / 2.
        held = np.abs(places - ranks[:, [column]]) <= (n_tied[:, None] - 1) / 2
        counts[column] = (held / n_tied[:, None]).sum(axis=0)
    return counts


def _whole(count: float) -> int | float:
    return round(count) if abs(count - round(count)) < _ROUNDING else count
