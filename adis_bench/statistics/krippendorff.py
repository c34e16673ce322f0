"""Krippendorff's alpha for ordinal values: how far raters agree beyond chance.

Values are pairable where their unit has two or more. With o(c, k) the coincidences of values c and k within units (each
unit's ordered pairs of different raters, divided by its number of values less one), n(c) the marginals and n their sum,

    alpha = 1 - (n - 1) * sum o(c, k) d(c, k) / sum n(c) n(k) d(c, k)
    d(c, k) = (sum of n(g) for g from c to k, less (n(c) + n(k)) / 2)^2

Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, University of Pennsylvania.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha, 1 for agreement and 0 for chance; None with a reason where it is undefined."""

    value: float | None
    reason: str = ""


def ordinal_alpha(unit: NDArray[np.int64], values: NDArray[np.float64]) -> Alpha:
    """Agreement of the raters of the units.

    Args:
        unit: int64 [n], what was rated; who rated it does not matter, but nobody may rate a unit twice.
        values: float64 [n], finite; only their order counts.
    """
    _, unit_number, sizes = np.unique(unit, return_inverse=True, return_counts=True)
    pairable = sizes[unit_number] > 1
    if not pairable.any():
        return Alpha(None, "undefined: no item has rankings of two workers")
    levels, level = np.unique(values[pairable], return_inverse=True)
    if levels.size < 2:
        return Alpha(None, "undefined: all ranks are the same, so that there is nothing to agree about")
    _, row, raters = np.unique(unit[pairable], return_inverse=True, return_counts=True)
    counts = np.zeros((raters.size, levels.size))
    np.add.at(counts, (row, level), 1.0)
    weighted = counts / (raters - 1)[:, None]
    coincidences = weighted.T @ counts - np.diag(weighted.sum(axis=0))
    marginals = counts.sum(axis=0)
    middle = marginals.cumsum() - marginals / 2
    distance = np.square(middle[:, None] - middle[None, :])
    observed = float((coincidences * distance).sum())
    expected = float((np.outer(marginals, marginals) * distance).sum())
    return Alpha(1 - (float(marginals.sum()) - 1) * observed / expected)
