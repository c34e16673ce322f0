"""The paired test of two methods on the same pairs: two-way clustered Student's t, the same that the interval is made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.clustered import clustered_error
from adis_bench.statistics.records import Groups

_ROUNDING = 1e-12
"""Errors below this share of the difference are rounding."""


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A test of the hypothesis that a difference is 0 on new photographs and recordings.

    Attributes:
        p: two-sided, or None where there is no test.
        statistic: difference over its clustered standard error; None where there is no test or no scatter.
        degrees: degrees of freedom of Student's t.
        reason: why there is no test; empty otherwise.
    """

    p: float | None
    statistic: float | None
    degrees: int | None
    reason: str = ""


def paired_test(difference: float, influence: NDArray[np.float64], groups: Groups, strata: NDArray[np.int64]) -> PairedTest:
    """Student's t of a paired difference, with the standard error and degrees of freedom of ``clustered_interval``.

    So p < 0.05 just where the 95 % interval leaves 0 out. Where nothing scatters the two part: a difference
    that is the same in all pairs gets the sign test's p over the g groups of the way that has fewer, 2 / 2^g, and a
    difference of 0 gets 1.

    Args:
        difference: one method's value minus another's.
        influence: float64 [n], the first's influence minus the second's (for a mean of pairs: the pairs' differences
            minus their mean, over n); NaN for pairs that take no part.
        groups: the pairs' groups.
        strata: int64 [n], as in ``clustered_interval``.
    """
    from scipy.special import stdtr

    spread = clustered_error(influence, groups, strata)
    if spread.reason:
        return PairedTest(None, None, None, spread.reason.replace("no interval", "no test"))
    if spread.error <= _ROUNDING * abs(difference):
        used = groups.take(np.isfinite(influence))
        p = 2.0 ** (1 - min(used.n_sources, used.n_sounds)) if difference else 1.0
        return PairedTest(p, None, spread.degrees)
    statistic = difference / spread.error
    return PairedTest(float(2 * stdtr(spread.degrees, -abs(statistic))), statistic, spread.degrees)
