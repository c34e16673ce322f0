"""The mean of several trainings, with an interval that covers both another training and other test pairs.

Training s gives the value v_s = m + a_s + p + i_s: a_s is what its seed does everywhere, p what the drawn pairs do to every
training, i_s what the pairs do to this one alone. All trainings are scored on the same pairs, so

    Var(mean of v) = Var(a) / S + Var(p) + Var(i) / S.

The scatter between trainings, sd^2 / S, estimates Var(a) / S + Var(i) / S: the shared pairs cancel from it. What it cannot see,
Var(p), stands in the trainings' own errors over pairs: e_s^2 estimates Var(p) + Var(i). Hence

    V = mean of e_s^2 + sd^2 / S,

which is Var(i) too large. The mean of the e_s^2 bounds the pair variance of the averaged training from above, because the
variance of a mean is never above the mean of the variances (Cauchy and Schwarz: Cov(x, y) <= (Var(x) + Var(y)) / 2), whatever the
trainings' correlation over pairs. So the interval is rather too wide, but hardly where trainings find the same pairs hard.
Student's t has the degrees of freedom of Satterthwaite (those of the pairs for the first part, S - 1 for the second), rounded down:
of three trainings that agree by chance, the fraction would shorten the interval. By 200,000 simulations each of S = 3 and 5 and
nine mixtures of the parts, 95 % intervals hold the true mean in 92.9 to 97 %; the least where S = 3 and the trainings scatter
three times as much as the pairs. Only where i_s is nearly all of the scatter do they always hold it.

Source: Satterthwaite 1946, Biometrics Bull. 2:110 (degrees of freedom of a sum of variances); Bouthillier et al. 2021, MLSys
(benchmarks must cover sampling of data and of seeds together).
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from adis_bench.statistics.clustered import student_t

MIN_SEEDS = 3
"""Trainings below which there is no spread: of two, the interval would be 12.7 standard errors to each side, and hold anything."""
_ROUNDING = 1e-9  # 1.9999999 degrees are 2


@dataclass(frozen=True, slots=True)
class SeedMean:
    """What several trainings say together.

    Attributes:
        mean: of the trainings' values; None where there is none.
        deviation: standard deviation between trainings (n - 1 in its divisor); None below ``MIN_SEEDS``.
        low, high: 95 % interval over trainings and pairs; None where there is none.
        n: trainings that it rests on.
        reason: why something is not there; empty otherwise.
    """

    mean: float | None
    deviation: float | None
    low: float | None
    high: float | None
    n: int
    reason: str = ""

    def leaves_out_zero(self) -> bool:
        """Whether there is an interval, and it excludes 0."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def pair_error(value: float, low: float | None, high: float | None, degrees: int) -> float:
    """The standard error over pairs behind a reported 95 % interval; NaN where there is no interval.

    The larger half counts: an interval may lean, or end where the metric's values do. Intervals within classes were made with fewer
    degrees of freedom than these, so that the error comes out a little too large, never too small.

    Args:
        value: what the interval is about.
        low: its lower end, or None.
        high: its upper end, or None.
        degrees: degrees of freedom over pairs.
    """
    if low is None or high is None:
        return float("nan")
    return max(value - low, high - value, 0.0) / student_t(degrees)


def seed_mean(values: NDArray[np.float64], errors: NDArray[np.float64], degrees: int) -> SeedMean:
    """The mean of trainings that were scored on the same pairs; for paired differences, of one difference per seed.

    Args:
        values: float64 [n], a finite value per training.
        errors: float64 [n], their standard errors over pairs (``pair_error``); NaN where there is none.
        degrees: degrees of freedom over pairs: the smaller of the two group counts, less one.
    """
    n = int(values.size)
    if not n:
        return SeedMean(None, None, None, None, 0, "no training was scored")
    mean = float(values.mean())
    if n < MIN_SEEDS:
        return SeedMean(mean, None, None, None, n, f"no spread and no interval: {n} training{'s' if n > 1 else ''}, {MIN_SEEDS} are needed")
    deviation = float(values.std(ddof=1))
    if not np.isfinite(errors).all():
        missing = int((~np.isfinite(errors)).sum())
        return SeedMean(mean, deviation, None, None, n, f"no interval: {missing} of {n} trainings have none over pairs")
    half = _half_width(float((errors**2).mean()), deviation**2 / n, degrees, n - 1)
    return SeedMean(mean, deviation, mean - half, mean + half, n)


def _half_width(over_pairs: float, over_seeds: float, pair_degrees: int, seed_degrees: int) -> float:
    """Student's t times the root of the sum of two variances of their own degrees of freedom."""
    variance = over_pairs + over_seeds
    if variance == 0:
        return 0.0
    degrees = variance**2 / (over_pairs**2 / pair_degrees + over_seeds**2 / seed_degrees)
    return student_t(int(degrees + _ROUNDING)) * sqrt(variance)
