"""Two-way grouped bootstrap of means: sources and sounds are resampled independently, in whole groups.

Every pair carries a source image and a sound, and pairs that share either one are dependent. A resample draws as
many source groups and as many sound groups as there are, with replacement. A pair's weight is then
c + d - 1, where c and d say how often its two groups were drawn; the mean's deviation splits into the two ways:

    m* - m = sum over source groups of (c - 1) R + sum over sound groups of (d - 1) R

with R the group's share of the residuals, sum (x - m) / n. What pairs scatter by themselves, without their
groups, is drawn in both ways; so the deviations are scaled by the root of V / (V(sources) + V(sounds)) with the two-way
clustered variance V = V(sources) + V(sounds) - V(both) (statistics/clustered.py), at least 1/sqrt(2).

The better known product weight c * d (pigeonhole bootstrap) draws that scatter three times. A list of pairs is a
sparse corner of the grid of all sources and sounds, so it is most of the variance: for 240 pairs over 60 x 60
groups product weights covered 100 % at 1.7 times the width of the interval made here, which covered
95 % (400 simulations; tests/statistics has them).

The deviations are stretched for few groups by t / z * sqrt(g / (g - 1)), with Student's t on g - 1 degrees of freedom
and g the smaller of the two group counts; plain percentiles are too short by that much.

Source: Cameron, Gelbach, Miller 2011, J. Bus. Econ. Stat. 29:238 (two-way variance); Owen 2007, Ann. Appl. Stat. 1:386
(pigeonhole bootstrap, its Theorem 3); Hesterberg 2015, Am. Stat. 69:371 (why percentiles are too short).
"""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.clustered import student_t, two_way_variance
from adis_bench.statistics.records import LEVEL, Groups, Interval

N_RESAMPLES = 2000
"""Resamples of an interval: the Monte Carlo error of a 2.5 % point is then 0.35 percentage points."""


def two_way_intervals(columns: NDArray[np.float64], groups: Groups, seed: int) -> list[Interval]:
    """The 95 % intervals of the column means over all scored pairs.

    All columns meet the very same resamples, so that the interval of a column of differences is the paired one.

    Args:
        columns: float64 [n, k]; NaN where a pair is not scored.
        groups: the pairs' groups.
        seed: seed of the resamples.
    """
    generator = np.random.default_rng(seed)
    sources, n_sources = _numbered(groups.sources)
    sounds, n_sounds = _numbered(groups.sounds)
    drawn_sources, drawn_sounds = _extra_draws(n_sources, generator), _extra_draws(n_sounds, generator)
    intervals = []
    for column in columns.T:
        scored = np.isfinite(column)
        kept = groups.take(scored)
        if reason := kept.too_few():
            intervals.append(Interval(None, None, reason))
            continue
        mean = column[scored].mean()
        residuals = np.where(scored, column - mean, 0.0) / scored.sum()
        by_source = np.bincount(sources, weights=residuals, minlength=n_sources)
        by_sound = np.bincount(sounds, weights=residuals, minlength=n_sounds)
        deviations = drawn_sources @ by_source + drawn_sounds @ by_sound
        intervals.append(_percentiles(mean, deviations * _scale(residuals[scored], kept), min(kept.n_sources, kept.n_sounds)))
    return intervals


def _numbered(groups: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    names, numbers = np.unique(groups, return_inverse=True)
    return numbers, names.size


def _extra_draws(n_groups: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """How much oftener than once each group is drawn, float64 [N_RESAMPLES, n_groups]."""
    return np.asarray(generator.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=N_RESAMPLES) - 1, np.float64)


def _scale(residuals: NDArray[np.float64], groups: Groups) -> float:
    by_source, by_sound, together = two_way_variance(residuals, groups)
    return float((together / (by_source + by_sound)) ** 0.5) if by_source + by_sound > 0 else 1.0


def _percentiles(mean: float, deviations: NDArray[np.float64], n_groups: int) -> Interval:
    upper = (1 + LEVEL) / 2
    stretch = student_t(n_groups - 1) / NormalDist().inv_cdf(upper) * (n_groups / (n_groups - 1)) ** 0.5
    low, high = mean + stretch * np.quantile(deviations, [1 - upper, upper])
    return Interval(float(low), float(high))
