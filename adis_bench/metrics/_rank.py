"""Percentiles of a pair's own cosine among the cosines with others."""

import numpy as np

from adis_bench.metrics.protocol import Array, Floats

_ROUNDING = 1e-12
_ROWS = 1024  # rows at a time: 1,024 x 10,000 float64 cosines are 80 MB


def percentile_among_others(units: Floats, own: Floats, others: Floats, labels: Array, other_labels: Array) -> Floats:
    """How often a row is nearer to its own than to one of another class, ties counting half, float64 [n] in [0, 1].

    All others are compared with, so nothing is drawn at random. NaN where a row or its own has no direction, or no
    other class has any.

    Args:
        units: unit rows [n, d].
        own: unit rows [n, d], what each row belongs to.
        others: unit rows [m, d]; rows without direction are left out.
        labels: int64 [n], classes of the rows.
        other_labels: int64 [m].
    """
    usable = np.isfinite(others).all(axis=1)
    others, other_labels = others[usable], other_labels[usable]
    result = np.full(len(units), np.nan)
    for start in range(0, len(units), _ROWS):
        rows = slice(start, start + _ROWS)
        paired = np.einsum("ij,ij->i", units[rows], own[rows])[:, None]
        cosines = units[rows] @ others.T
        # Two ways of summing the same product differ by rounding: what differs by no more is a tie.
        tied = np.abs(cosines - paired) <= _ROUNDING
        foreign = labels[rows, None] != other_labels[None]
        beaten = np.where(tied, 0.5, cosines < paired) * foreign
        n_foreign = foreign.sum(axis=1)
        scored = np.isfinite(paired[:, 0]) & (n_foreign > 0)
        result[rows] = np.where(scored, beaten.sum(axis=1) / np.maximum(n_foreign, 1), np.nan)
    return result
