"""How well a metric separates the right image from one of another class: area under the ROC curve with an interval."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adis_bench.metrics.protocol import Floats
from adis_bench.statistics.clustered import clustered_interval
from adis_bench.statistics.proportion import wilson
from adis_bench.statistics.records import Groups

LEAST_BLOCKS = 4
"""Below, Wilson's interval holds 0.5 even where every right block is ahead of every wrong one."""


@dataclass(frozen=True, slots=True)
class Separation:
    """Probability that a right one scores better than a wrong one, ties counting half; 0.5 is none.

    Attributes:
        auc, ci_low, ci_high: 0 to 1, or None with a reason.
        n: right ones, as many as wrong ones.
        of: what was compared: scores of single pairs, or values of blocks of pairs.
        reason: why there is no value or no interval; empty otherwise.
    """

    auc: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    of: Literal["pairs", "blocks"]
    reason: str = ""

    @property
    def fails(self) -> bool:
        """Whether the interval reaches down to chance."""
        return self.ci_low is not None and self.ci_low <= 0.5


def separation(right: Floats, wrong: Floats, groups: Groups, of: Literal["pairs", "blocks"]) -> Separation:
    """Compare right and wrong scores (higher is better) of the same n pairs, every one with every one.

    The interval is two-way clustered, from the placements of both sides (DeLong, DeLong and Clarke-Pearson 1988,
    Biometrics 44:837): a pair moves the value by its right score's place among the wrong ones, and by its wrong
    score's among the right ones. Where nothing overlaps it is Wilson's, with the groups as trials.

    Args:
        right: float64 [n].
        wrong: float64 [n]; pairs where either is NaN are left out.
        groups: the pairs' groups.
        of: what the scores are of.
    """
    used = np.isfinite(right) & np.isfinite(wrong)
    right, wrong, groups = right[used], wrong[used], groups.take(used)
    n = len(right)
    if n < 2:
        return Separation(None, None, None, n, of, f"{n} {of} scored on both sides; two are needed")
    above, below = _placements(right, wrong), 1.0 - _placements(wrong, right)
    auc = float(above.mean())
    if of == "blocks" and n < LEAST_BLOCKS:
        return Separation(auc, None, None, n, of, f"no interval from {n} blocks of pairs; {LEAST_BLOCKS} are needed")
    if auc in (0.0, 1.0):
        trials = min(groups.n_sources, groups.n_sounds)
        bounds = wilson(auc * trials, trials)
    else:
        influence = ((above - auc) + (below - auc)) / n
        bounds = clustered_interval(auc, influence, groups, np.zeros(n, np.int64))
    low, high = (None if end is None else float(np.clip(end, 0.0, 1.0)) for end in (bounds.low, bounds.high))
    return Separation(auc, low, high, n, of, bounds.reason)


def _placements(first: Floats, second: Floats) -> Floats:
    """Share of ``second`` that each of ``first`` exceeds, ties counting half, float64 [len(first)]."""
    ordered = np.sort(second)
    ends = np.searchsorted(ordered, first, "left") + np.searchsorted(ordered, first, "right")
    return np.asarray(ends / (2 * len(second)), np.float64)


def blocks(labels: NDArray[np.int64], n_in_class: int, most: int, seed: int) -> list[NDArray[np.int64]]:
    """Rows of disjoint blocks with as many pairs of every class each, drawn with a seed.

    Args:
        labels: int64 [n].
        n_in_class: pairs of each class that a block needs.
        most: blocks at most.
        seed: of the draw.

    Returns:
        int64 rows of each block; fewer than two where a class is too small.
    """
    rng = np.random.default_rng(seed)
    by_class = [rng.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
    n_blocks = min(most, min((len(rows) // n_in_class for rows in by_class), default=0))
    return [np.sort(np.concatenate([rows[block::n_blocks] for rows in by_class])) for block in range(n_blocks)]
