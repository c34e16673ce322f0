"""Rank correlations of many short rows at once: Kendall's tau-b and Spearman's rho, where both may have ties and holes.

For a row of k values, s(j, l) is the sign of x(j) - x(l), 0 where either value is missing, and t(j, l) likewise of y:

    tau-b = sum s t / root(sum s^2 sum t^2)
    rho   = sum a b / root(sum a^2 sum b^2),    a(j) = sum over l of s(j, l), b(j) likewise

a is twice the mid-rank of x(j) less its mean, so rho is Pearson's correlation of mid-ranks.

Source: Kendall 1945, Biometrika 33:239 (tau-b, and rho by signs); equal to ``scipy.stats.kendalltau`` and ``spearmanr``.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Signs = NDArray[np.int8]


def kendall(x: Floats, y: Floats) -> Floats:
    """Tau-b of each row, float64 [n], -1 to 1; NaN where all of x, or all of y, are equal.

    Args:
        x: float64 [n, k]; NaN where missing.
        y: float64 [n, k]; NaN where missing. Only places that both have count.
    """
    s, t = _signs(x, y)
    return _cosine(_pairs(s), _pairs(t))


def spearman(x: Floats, y: Floats) -> Floats:
    """Rho of each row, float64 [n]; arguments as those of ``kendall``."""
    s, t = _signs(x, y)
    return _cosine(s.sum(axis=2, dtype=np.int64), t.sum(axis=2, dtype=np.int64))


def _signs(x: Floats, y: Floats) -> tuple[Signs, Signs]:
    """Int8 [n, k, k] of both; comparisons with NaN are false both ways, so holes of x are made holes of y and are 0."""
    x, y = np.where(np.isnan(y), np.nan, x), np.where(np.isnan(x), np.nan, y)
    s, t = ((v[:, :, None] > v[:, None, :]).astype(np.int8) - (v[:, :, None] < v[:, None, :]) for v in (x, y))
    return s, t


def _pairs(signs: Signs) -> NDArray[np.int64]:
    return signs.reshape(len(signs), -1).astype(np.int64)


def _cosine(a: NDArray[np.int64], b: NDArray[np.int64]) -> Floats:
    product = np.square(a).sum(axis=1) * np.square(b).sum(axis=1)
    return np.asarray(np.divide((a * b).sum(axis=1), np.sqrt(product), out=np.full(len(a), np.nan), where=product > 0), np.float64)
