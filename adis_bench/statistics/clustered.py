"""Two-way clustered intervals of an estimate from its influence values.

An estimate moves, to first order, by the sum of its pairs' influence values (metrics/_frechet.py has those of
the Fréchet distance). Pairs that share a source group or a sound group move together, so the variance is

    V = V(source groups) + V(sound groups) - V(both)

with V(groups) = sum over groups of (sum of the group's influences)^2, times g / (g - 1) within a stratum that
has g groups; V(both) takes out what the first two count twice. It is never less than any of the three, which sampling
noise could otherwise bring about: residuals that happen to sum to zero in every group still scatter by themselves. The
interval is the estimate -/+ Student's t times sqrt(V), with the degrees of freedom of the way that has fewer.

What it covers: the value to be expected from new sources and sounds *at this number of pairs*, against these very
reference frames. For a Fréchet distance this is not the distance of the two populations: with n outputs in d
dimensions the fitted covariance is noisy or singular, and the expected value lies above the populations' distance
by a bias that shrinks as n grows (30 rows of one and the same Gaussian in 256 dimensions are 4.8 away from it, with
total variance 6.1). At n < d no correction removes it: the jackknife's takes 4.8 to 2.8, not to 0. So none is made: the
value is compared at equal n only, where the bias is common, and its interval is about the expectation at this n,
for which the value itself is unbiased. A resample with replacement, in contrast, repeats rows, loses rank and
is biased once more: percentiles of bootstrapped distances lie above the value, and are not used.

Source: Cameron, Gelbach, Miller 2011, J. Bus. Econ. Stat. 29:238 (two-way clustering); Efron 1982, The Jackknife,
the Bootstrap and Other Resampling Plans, ch. 6 (infinitesimal jackknife); Chong & Forsyth 2020, CVPR (bias of FID at finite n).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.records import LEVEL, Groups, Interval


@dataclass(frozen=True, slots=True)
class ClusteredError:
    """A two-way clustered standard error.

    Attributes:
        error: in the value's unit; NaN where there is none.
        degrees: degrees of freedom for Student's t.
        reason: why there is none; empty otherwise.
    """

    error: float
    degrees: int
    reason: str = ""


def clustered_interval(value: float, influence: NDArray[np.float64], groups: Groups, strata: NDArray[np.int64]) -> Interval:
    """The 95 % interval of ``value``.

    Args:
        value: the estimate.
        influence: float64 [n], summing to zero within every stratum; NaN for pairs that take no part.
        groups: the pairs' groups.
        strata: int64 [n], parts within which the estimate was made (target classes of a mean over classes); all equal
            where there is one.
    """
    spread = clustered_error(influence, groups, strata)
    if spread.reason:
        return Interval(None, None, spread.reason)
    half = student_t(spread.degrees) * spread.error
    return Interval(value - half, value + half)


def clustered_error(influence: NDArray[np.float64], groups: Groups, strata: NDArray[np.int64]) -> ClusteredError:
    """The standard error that intervals and tests share; arguments as those of ``clustered_interval``."""
    used = np.isfinite(influence)
    groups, strata, influence = groups.take(used), strata[used], influence[used]
    reason = groups.too_few() or _poor_stratum(groups, strata)
    if reason:
        return ClusteredError(float("nan"), 0, reason)
    variance = two_way_variance(influence, groups, strata)[2]
    # A stratum's centre costs one degree; sources are shared between strata and lose at most as many.
    return ClusteredError(variance**0.5, max(1, min(groups.n_sources, groups.n_sounds) - np.unique(strata).size))


def two_way_variance(influence: NDArray[np.float64], groups: Groups, strata: NDArray[np.int64] | None = None) -> tuple[float, float, float]:
    """The variance by source groups, by sound groups, and of both ways together.

    Args:
        influence: float64 [n], finite.
        groups: the pairs' groups.
        strata: as in ``clustered_interval``, to scale by g / (g - 1); None leaves the scaling out.
    """
    both = groups.sources * (groups.sounds.max() + 1) + groups.sounds
    by_source, by_sound, by_both = (_variance(influence, way, strata) for way in (groups.sources, groups.sounds, both))
    return by_source, by_sound, max(by_source + by_sound - by_both, by_source, by_sound, by_both)


def _variance(influence: NDArray[np.float64], way: NDArray[np.int64], strata: NDArray[np.int64] | None) -> float:
    """Sum of the squared group sums, each stratum's part scaled by g / (g - 1) for its g groups."""
    scaled = influence.copy()
    for stratum in [] if strata is None else np.unique(strata):
        inside = strata == stratum
        n_groups = np.unique(way[inside]).size
        scaled[inside] *= (n_groups / (n_groups - 1)) ** 0.5
    sums = np.bincount(np.unique(way, return_inverse=True)[1], weights=scaled)
    return float(sums @ sums)


def _poor_stratum(groups: Groups, strata: NDArray[np.int64]) -> str:
    """Why a stratum's scatter cannot be seen, or an empty string."""
    names = np.unique(strata)
    for way, word in ((groups.sources, "source"), (groups.sounds, "sound")):
        poor = sum(np.unique(way[strata == stratum]).size < 2 for stratum in names)
        if poor:
            return f"no interval: {poor} of {names.size} classes rest on one {word} group"
    return ""


def student_t(degrees: int) -> float:
    """The two-sided 95 % point of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + LEVEL) / 2))
