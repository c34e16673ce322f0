"""Cosines, raw and mean-centred, and class prototypes: pure functions on arrays.

Raw cosines of a network's embeddings share a large common part, so that they are high for everything and can even
rank wrong; with the reference's mean subtracted, zero is what an average image gets.
"""

import numpy as np

from adis_bench.metrics.protocol import Array, Floats

_ROUNDING = 1e-6
"""A row this close to the mean, relative to their norms, has no direction: float32 embeddings are no finer."""


def unit(vectors: Array) -> Floats:
    """Rows scaled to norm 1, float64 [n, d]; NaN rows where the norm is zero or not finite."""
    return _scaled(np.asarray(vectors, np.float64), 0.0)


def centred_unit(vectors: Array, mean: Floats) -> Floats:
    """Rows minus ``mean`` scaled to norm 1, float64 [n, d]; NaN rows where nothing but rounding is left."""
    vectors = np.asarray(vectors, np.float64)
    scale = np.linalg.norm(vectors, axis=1, keepdims=True) + np.linalg.norm(mean)
    return _scaled(vectors - mean, _ROUNDING * scale)


def _scaled(vectors: Floats, floor: Floats | float) -> Floats:
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    directed = np.isfinite(norms) & (norms > floor)
    return np.asarray(vectors / np.where(directed, norms, np.nan), np.float64)


def mean(vectors: Array) -> Floats:
    """The mean row, float64 [d]; NaN of no rows."""
    return np.asarray(vectors, np.float64).mean(axis=0) if len(vectors) else np.full(vectors.shape[1], np.nan)


def cosine(first: Floats, second: Floats) -> Floats:
    """Row-wise product of two arrays of unit rows, float64 [n]; NaN where either has no direction."""
    return np.asarray(np.clip(np.einsum("ij,ij->i", first, second), -1.0, 1.0), np.float64)


def prototypes(vectors: Array, labels: Array, n_classes: int) -> Floats:
    """The mean row of each class, float64 [n_classes, d]; NaN rows for classes without any."""
    return np.stack([mean(vectors[labels == label]) for label in range(n_classes)])


def nearest_is_own(units: Floats, prototype_units: Floats, labels: Array) -> Floats:
    """1.0 where the prototype of largest cosine is the row's own class's, else 0.0, float64 [n].

    NaN where the row has no direction or its class has no prototype; other classes without one never win.
    """
    cosines = units @ prototype_units.T
    usable = np.isfinite(cosines)
    winners = np.where(usable, cosines, -np.inf).argmax(axis=1)
    scored = usable[np.arange(len(labels)), labels]
    return np.where(scored, (winners == labels).astype(np.float64), np.nan)
