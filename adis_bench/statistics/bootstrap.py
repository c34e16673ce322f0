"""Two-way grouped bootstrap of means: sources and sounds are resampled independently, in whole groups.

Every pair carries a source image and a sound, and pairs that share either one are dependent. A resample draws as
many source groups and as many sound groups as there are, with replacement. A pair's weight is then
c + d - 1, where c and d say how often its two groups were drawn; the mean's deviation splits into the two ways:

    m* - m = sum over source groups of (c - 1) R + sum over sound groups of (d - 1) R

with R the group's share of the residuals, sum (x - m) / n. What pairs scatter by themselves, without their
groups, is drawn in both ways; so the deviations are scaled by the root of V / (V(sources) + V(sounds)) with the two-way
clustered variance V = V(sources) + V(sounds) - V(both) (statistics/clustered.py), at least 1/sqrt(2). Where the residuals
sum to zero in every group there is nothing to resample: the interval is Student's with V then.

The better known product weight c * d (pigeonhole bootstrap) draws that scatter three times. A list of pairs is a
sparse corner of the grid of all sources and sounds, so it is most of the variance: for 240 pairs over 60 x 60
groups product weights covered 100 % at 1.7 times the width of the interval made here, which covered
95 % (400 simulations; tests/statistics has them).

The deviations are stretched for few groups by t / z * sqrt(g / (g - 1)), with Student's t on g - 1 degrees of freedom
and g the smaller of the two group counts; plain percentiles are too short by that much.

Source: Cameron, Gelbach, Miller 2011, J. Bus. Econ. Stat. 29:238 (two-way variance); Owen 2007, Ann. Appl. Stat. 1:386
(pigeonhole bootstrap, its Theorem 3); Hesterberg 2015, Am. Stat. 69:371 (why percentiles are too short).
"""

from collections.abc import Iterator
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.clustered import student_t, two_way_variance
from adis_bench.statistics.records import LEVEL, Groups, Interval

N_RESAMPLES = 4000
"""Resamples of an interval: the Monte Carlo error of its ends is then 2 % of the half width."""
_ROUNDING = 1e-12  # variances below this share of another are rounding
_CHUNK = 1_000_000  # draws held at once, resamples x groups: 8 MB
_KEPT = 20_000_000  # draws kept for the next metric: 20 MB


def two_way_intervals(columns: NDArray[np.float64], groups: Groups, seed: int) -> list[Interval]:
    """The 95 % intervals of the column means over all scored pairs.

    All columns meet the very same resamples, so that the interval of a column of differences is the paired one.

    Args:
        columns: float64 [n, k]; NaN where a pair is not scored.
        groups: the pairs' groups.
        seed: seed of the resamples.
    """
    scored = np.isfinite(columns)
    n_scored = np.maximum(scored.sum(axis=0), 1)
    means = np.where(scored, columns, 0.0).sum(axis=0) / n_scored
    residuals = np.where(scored, columns - means, 0.0) / n_scored
    sums = _group_sums(residuals, groups.sources), _group_sums(residuals, groups.sounds)
    draws = _draws(seed, len(sums[0]), len(sums[1]))
    deviations = _resampled(sums[0], draws) + _resampled(sums[1], draws)
    intervals = []
    for k, mean in enumerate(means):
        kept = groups.take(scored[:, k])
        if reason := kept.too_few():
            intervals.append(Interval(None, None, reason))
            continue
        by_source, by_sound, together = two_way_variance(residuals[scored[:, k], k], kept)
        n_groups = min(kept.n_sources, kept.n_sounds)
        if by_source + by_sound <= _ROUNDING * together:
            half = student_t(n_groups - 1) * together**0.5
            intervals.append(Interval(float(mean) - half, float(mean) + half))
            continue
        scale = (together / (by_source + by_sound)) ** 0.5
        intervals.append(_percentiles(float(mean), deviations[:, k] * scale, n_groups))
    return intervals


def _group_sums(residuals: NDArray[np.float64], way: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sums over each group, float64 [n_groups, k]."""
    names, numbers = np.unique(way, return_inverse=True)
    sums = np.zeros((names.size, residuals.shape[1]))
    np.add.at(sums, numbers, residuals)
    return sums


def _draws(seed: int, *sizes: int) -> Iterator[NDArray[np.int8]]:
    """How often more than once each group is drawn, chunk by chunk: all resamples of the first way, then of the second."""
    if N_RESAMPLES * sum(sizes) <= _KEPT:
        return iter(_kept_draws(seed, *sizes))
    return _drawn(seed, *sizes)


@lru_cache(maxsize=1)
def _kept_draws(seed: int, *sizes: int) -> tuple[NDArray[np.int8], ...]:
    # All metrics of a run have the same groups and seed, so the same resamples: drawing them takes most of the time.
    return tuple(_drawn(seed, *sizes))


def _drawn(seed: int, *sizes: int) -> Iterator[NDArray[np.int8]]:
    generator = np.random.default_rng(seed)
    for n_groups in sizes:
        chances = np.full(n_groups, 1 / n_groups)
        for n in _chunks(n_groups):
            yield (generator.multinomial(n_groups, chances, size=n) - 1).astype(np.int8)  # over 127 draws of one group: below 1e-200


def _chunks(n_groups: int) -> list[int]:
    step = max(1, _CHUNK // n_groups)
    return [min(step, N_RESAMPLES - start) for start in range(0, N_RESAMPLES, step)]


def _resampled(sums: NDArray[np.float64], draws: Iterator[NDArray[np.int8]]) -> NDArray[np.float64]:
    """What each resample of the groups adds to the column means, float64 [N_RESAMPLES, k]; takes its chunks of the draws."""
    chunks = (next(draws) for _ in _chunks(len(sums)))
    return np.asarray(np.concatenate([extra.astype(np.float64) @ sums for extra in chunks]), np.float64)


def _percentiles(mean: float, deviations: NDArray[np.float64], n_groups: int) -> Interval:
    upper = (1 + LEVEL) / 2
    stretch = student_t(n_groups - 1) / NormalDist().inv_cdf(upper) * (n_groups / (n_groups - 1)) ** 0.5
    low, high = mean + stretch * np.quantile(deviations, [1 - upper, upper])
    return Interval(float(low), float(high))
