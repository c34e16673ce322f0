"""Multinomial logistic regression for a handful of labelled vectors."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

Floats = NDArray[np.float64]
PENALTY = 1.0
"""Weight of half the squared weights beside the sum of cross-entropies (biases are free): scikit-learn's default, for every encoder."""


def fit(vectors: Floats, labels: NDArray[np.int64], n_classes: int) -> Floats:
    """Weights and, in the last row, biases: float64 [D + 1, n_classes] of the penalised maximum likelihood.

    Args:
        vectors: float64 [N, D], standardised.
        labels: int64 [N], 0 to n_classes - 1.
        n_classes: number of classes.
    """
    wide = _with_one(vectors)
    wanted = np.eye(n_classes)[labels]
    penalised = np.ones((wide.shape[1], 1))
    penalised[-1] = 0.0

    def value_and_slope(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(-1, n_classes)
        outputs = wide @ weights
        logs = outputs - logsumexp(outputs, axis=1, keepdims=True)
        shrunk = PENALTY * penalised * weights
        return float(-(wanted * logs).sum() + 0.5 * (shrunk * weights).sum()), (wide.T @ (np.exp(logs) - wanted) + shrunk).ravel()

    found: Any = minimize(value_and_slope, np.zeros(wide.shape[1] * n_classes), jac=True, method="L-BFGS-B")
    return np.asarray(found.x, np.float64).reshape(-1, n_classes)


def predict(vectors: Floats, weights: Floats) -> NDArray[np.int64]:
    """int64 [N]: the likeliest class of each vector [N, D]."""
    return np.asarray((_with_one(vectors) @ weights).argmax(axis=1), np.int64)


def _with_one(vectors: Floats) -> Floats:
    return np.concatenate([vectors, np.ones((len(vectors), 1))], axis=1)
