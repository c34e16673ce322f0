"""How large a paired difference is beside the scatter of the pairs, whatever the metric's unit."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.clustered import clustered_error, clustered_interval, student_t
from adis_bench.statistics.proportion import wilson
from adis_bench.statistics.records import LEVEL, Groups, Interval

_ROUNDING = 1e-12
"""Differences that agree to this share of their size scatter by rounding only."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Effect sizes of a paired difference.

    Attributes:
        d_z: Cohen's d_z, the mean difference over the standard deviation of the differences; None where nothing scatters.
        d_z_interval: its 95 % interval.
        share_better: share of the pairs in which the difference is above 0, ties counted half, 0 to 1 (the common-language
            effect size); None where there is no pair.
        share_interval: its 95 % interval.
    """

    d_z: float | None
    d_z_interval: Interval
    share_better: float | None
    share_interval: Interval


def paired_effect(differences: NDArray[np.float64], groups: Groups) -> Effect:
    """Both effect sizes, with two-way clustered intervals.

    Source: Cohen 1988, Statistical Power Analysis, 2.3.5 (d_z); McGraw & Wong 1992, Psychol. Bull. 111:361 (common
    language), here over the pairs themselves.

    Args:
        differences: float64 [n], above 0 where the first method is better; NaN where a pair is not scored.
        groups: the pairs' groups.
    """
    scored = np.isfinite(differences)
    return Effect(*_d_z(differences[scored], groups.take(scored)), *_share(differences[scored], groups.take(scored)))


def _d_z(differences: NDArray[np.float64], groups: Groups) -> tuple[float | None, Interval]:
    if differences.size < 2 or np.ptp(differences) <= _ROUNDING * abs(differences).max():
        return None, Interval(None, None, "no effect size: the differences do not scatter")
    n = differences.size
    standard = (differences - differences.mean()) / differences.std(ddof=1)
    d_z = float(differences.mean() / differences.std(ddof=1))
    # The mean moves by the deviation, and the variance under the root by its own: x/s - d/2 (x^2/s^2 - 1).
    moved = (standard - d_z / 2 * (standard**2 - (n - 1) / n)) / n
    return d_z, clustered_interval(d_z, moved, groups, np.zeros(n, np.int64))


def _share(differences: NDArray[np.float64], groups: Groups) -> tuple[float | None, Interval]:
    """The share, and Wilson's interval with as many trials as would scatter as much as the clustered share does.

    Source: Dean & Pagano 2015, J. Surv. Stat. Methodol. 3:484 (Wilson's interval with the effective sample size is the
    one to use in clustered samples); Korn & Graubard 1998, Surv. Methodol. 24:193 (the trials' correction by (z / t)^2).
    """
    if not differences.size:
        return None, Interval(None, None, "no effect size: no scored pairs")
    wins = (np.sign(differences) + 1) / 2
    share = float(wins.mean())
    spread = clustered_error((wins - share) / wins.size, groups, np.zeros(wins.size, np.int64))
    if spread.reason:
        return share, Interval(None, None, spread.reason)
    if not spread.error:  # all agree: the groups of the way that has fewer are the trials
        n_groups = min(groups.n_sources, groups.n_sounds)
        return share, wilson(share * n_groups, n_groups)
    few = NormalDist().inv_cdf((1 + LEVEL) / 2) / student_t(spread.degrees)
    n_trials = max(1.0, share * (1 - share) / spread.error**2 * few**2)
    return share, wilson(share * n_trials, n_trials)
