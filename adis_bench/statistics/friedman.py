"""Friedman's test and Kendall's W over blocks: do the blocks order the treatments alike?

With rank sums R(j) of k treatments over n blocks, mid-ranks for ties and t the sizes of the groups of ties,

    chi2 = sum over j of (R(j) - n (k + 1) / 2)^2 * 12 / (n k (k + 1) - sum of (t^3 - t) / (k - 1))
    W = chi2 / (n (k - 1))

and p is the upper tail of chi-square on k - 1 degrees of freedom, an approximation that is poor for few blocks.

Source: Hollander, Wolfe, Chicken 2014, Nonparametric Statistical Methods, 3rd ed., ch. 7;
the statistic equals ``scipy.stats.friedmanchisquare``, which wants three treatments.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Friedman:
    """Friedman's test; all None with a reason where it is undefined.

    Attributes:
        statistic: chi-square, 0 and above.
        p: probability of it or more if every order of the treatments is equally likely in each block.
        w: Kendall's coefficient of concordance of the blocks, 0 to 1.
        reason: why there are none; empty otherwise.
    """

    statistic: float | None
    p: float | None
    w: float | None
    reason: str = ""


def friedman(values: NDArray[np.float64]) -> Friedman:
    """Test n blocks (rows) of k treatments (columns); values are ranked within each block.

    Args:
        values: float64 [n, k], finite; treatments that are equal within a block share its mid-rank.
    """
    from scipy.special import chdtrc
    from scipy.stats import rankdata

    n, k = values.shape
    if n < 2 or k < 2:
        return Friedman(None, None, None, f"undefined: {n} item{'s' * (n != 1)} of {k} methods; it takes two of each")
    ranks = np.asarray(rankdata(values, axis=1), np.float64)
    # sum (t^3 - t) / 12 is what ties take from a block's sum of squares: k (k^2 - 1) / 12 without any.
    spread = float(np.square(ranks - (k + 1) / 2).sum())
    if spread == 0:
        return Friedman(None, None, None, "undefined: all methods are tied in every item")
    deviations = ranks.sum(axis=0) - n * (k + 1) / 2
    statistic = float(deviations @ deviations) * (k - 1) / spread
    return Friedman(statistic, float(chdtrc(k - 1, statistic)), statistic / (n * (k - 1)))
