"""What swept pairs share, and intervals and tests that know it: sources, target sounds, and the sounds that are mixed in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.bootstrap import two_way_intervals
from adis_bench.statistics.clustered import two_way_variance
from adis_bench.statistics.paired import paired_test
from adis_bench.statistics.records import Groups, Interval

Floats = NDArray[np.float64]
_ROWS_AT_ONCE = 500  # against all pairs: 40 MB at 10,000 of them


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What pairs have in common, so that they aren't independent.

    Attributes:
        groups: sources and target sounds, as in a run.
        seconds: int64 [n], the recording that is mixed in, by the number that ``groups.sounds`` has for it; None where none is.
    """

    groups: Groups
    seconds: NDArray[np.int64] | None = None

    def intervals(self, columns: Floats, seed: int) -> list[Interval]:
        """The 95 % intervals of the column means: those of a run, wider where pairs share a sound that is mixed in.

        Args:
            columns: float64 [n, k]; NaN where a pair is not scored.
            seed: of the resamples.
        """
        found = two_way_intervals(columns, self.groups, seed)
        means, _ = _centred(columns)
        return [_stretched(*each) for each in zip(found, means, self.widening(columns), strict=True)]

    def p(self, column: Floats) -> float | None:
        """Two-sided p of the clustered t test that the mean is 0, its error widened like the interval; None where there is no test.

        Args:
            column: float64 [n]; NaN where a pair is not scored.
        """
        from scipy.special import stdtr

        scored = column[np.isfinite(column)]
        test = paired_test(float(scored.mean()), (column - scored.mean()) / scored.size, self.groups, np.zeros(len(column), np.int64))
        if self.seconds is None or test.statistic is None or test.degrees is None:
            return test.p
        return float(2 * stdtr(test.degrees, -abs(test.statistic) / self.widening(column[:, None])[0]))

    def widening(self, columns: Floats) -> Floats:
        """By how much the sounds that are mixed in widen the two-way intervals of the column means, float64 [k], 1 or more.

        It is the root of a ratio of variances. Each is the sum of the products of two pairs' residuals, over all pairs that share
        something: source or target sound in the one (``two_way_variance``), any recording in whatever role as well in the other.

        Source: Aronow, Samii, Assenova 2015, Political Analysis 23:564 (the sum over all observations with a common member).

        Args:
            columns: float64 [n, k]; NaN where a pair is not scored.
        """
        n, k = columns.shape
        if self.seconds is None:
            return np.ones(k)
        _, residuals = _centred(columns)
        together = np.zeros(k)
        for rows in np.array_split(np.arange(n), n // _ROWS_AT_ONCE + 1):
            together += (residuals[rows] * (self._dependent(rows, self.seconds) @ residuals)).sum(axis=0)
        scored = np.isfinite(columns)
        alone = [
            two_way_variance(residuals[there, column], self.groups.take(there))[2] if there.any() else 0.0
            for column, there in enumerate(scored.T)
        ]
        ratio = np.divide(together, alone, out=np.ones(k), where=np.array(alone) > 0)
        widened: Floats = np.sqrt(np.maximum(ratio, 1.0))
        return widened

    def _dependent(self, rows: NDArray[np.int64], seconds: NDArray[np.int64]) -> Floats:
        """1 where a pair shares something with another one: float64 [rows, n]."""
        sources, sounds = self.groups.sources, self.groups.sounds
        ways = ((sources, sources), (sounds, sounds), (seconds, seconds), (sounds, seconds), (seconds, sounds))
        shared: Floats = np.any([one[rows, None] == other for one, other in ways], axis=0).astype(np.float64)
        return shared


def _centred(columns: Floats) -> tuple[Floats, Floats]:
    """The column means over scored pairs, float64 [k], and what pairs differ from them, float64 [n, k]; 0 where not scored."""
    scored = np.isfinite(columns)
    means = np.where(scored, columns, 0.0).sum(axis=0) / np.maximum(scored.sum(axis=0), 1)
    return means, np.where(scored, columns - means, 0.0)


def _stretched(interval: Interval, mean: float, by: float) -> Interval:
    """The interval, longer on either side of the mean."""
    if interval.low is None or interval.high is None:
        return interval
    return Interval(float(mean - by * (mean - interval.low)), float(mean + by * (interval.high - mean)))
