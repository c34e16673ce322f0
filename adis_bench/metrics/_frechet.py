"""Fréchet distance between Gaussians fitted to two sets of embeddings: pure functions on float64 arrays.

    FD = |m1 - m2|^2 + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2)

With any factors S1 = A'A and S2 = B'B the last trace is the nuclear norm of A B'. Centred rows are such
a factor, so a set with fewer rows than dimensions needs no covariance matrix; a larger one has its
Cholesky factor. No matrix square root is formed, and a rank-deficient covariance needs no jitter.

Source: Heusel et al. 2017 (arXiv 1706.08500), Eq. 6; value as GaParmar/clean-fid 0.1.35, fid.py, which
takes the covariance with n - 1.
"""

from dataclasses import dataclass

import numpy as np

from adis_bench.metrics.protocol import Array, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A set that is kept whole.

    Attributes:
        rows: float64 [n, d].
    """

    rows: Floats

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.rows.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """A set of which only the first two moments are kept.

    Attributes:
        n: number of rows.
        mean: float64 [d].
        scatter: float64 [d, d], sum of the outer products of the centred rows.
    """

    n: int
    mean: Floats
    scatter: Floats


State = Rows | Moments
"""What is known of a set: its rows while that is the smaller (n <= d), its moments beyond."""


def state_of(rows: Array) -> State:
    """The state of float [n, d] rows."""
    return _compact(Rows(np.asarray(rows, np.float64)))


def merge(first: State, second: State) -> State:
    """The state of both sets together (associative up to rounding)."""
    if first.n == 0:
        return second
    if second.n == 0:
        return first
    if isinstance(first, Rows) and isinstance(second, Rows):
        return _compact(Rows(np.concatenate([first.rows, second.rows])))
    a, b = moments(first), moments(second)
    n = a.n + b.n
    shift = b.mean - a.mean
    # Chan, Golub, LeVeque 1979: centred moments merge without the cancellation of E[xx'] - mm'.
    scatter = a.scatter + b.scatter + np.outer(shift, shift) * (a.n * b.n / n)
    return Moments(n, a.mean + shift * (b.n / n), scatter)


def moments(state: State) -> Moments:
    """Mean and centred second moment of a set."""
    if isinstance(state, Moments):
        return state
    mean, centred = _centred(state.rows)
    return Moments(state.n, mean, centred.T @ centred)


def frechet_distance(first: State, second: State) -> float:
    """The distance, in squared units of the embeddings; NaN where a set has fewer than two rows."""
    if first.n < 2 or second.n < 2:
        return float("nan")
    if min(first.n, second.n) > _dimensions(first):
        first, second = moments(first), moments(second)
    mean1, trace1 = _mean_and_trace(first)
    mean2, trace2 = _mean_and_trace(second)
    shift = mean1 - mean2
    distance = float(shift @ shift) + trace1 + trace2 - 2.0 * _cross_trace(first, second)
    return max(distance, 0.0)  # rounding can leave -1e-15 of the traces where the sets are equal


def influence(rows: Array, reference: State) -> Floats:
    """How much each row moves the distance: the empirical influence values divided by n, float64 [n].

    Raising row i's weight from 1/n to (1 + e)/n, and scaling the others down, moves the distance by
    e times the i-th value, to first order; the values sum to zero, and the variance of the distance is the
    variance of their sum (infinitesimal jackknife). With T the derivative of 2 tr (S1 S2)^(1/2) in S1:

        n IF_i = 2 (m1 - m2)'c_i + n/(n-1) (|c_i|^2 - c_i'T c_i) - mean,    c_i = x_i - m1

    where c_i'T c_i comes from one symmetric eigenproblem of the smaller side, n or d.

    Args:
        rows: float [n, d].
        reference: the other set, taken as fixed.
    """
    n = rows.shape[0]
    if n < 2 or reference.n < 2:
        return np.full(n, np.nan)
    mean, centred = _centred(np.asarray(rows, np.float64))
    reference_mean, _ = _mean_and_trace(reference)
    by_row = n <= centred.shape[1]
    quadratic = _quadratic_by_row(centred, reference) if by_row else _quadratic_by_dimension(centred, reference)
    second = (np.einsum("ij,ij->i", centred, centred) - quadratic) * (n / (n - 1))
    moved = 2.0 * (centred @ (mean - reference_mean)) + second - second.mean()
    return np.asarray(moved / n, np.float64)


def _compact(state: State) -> State:
    return moments(state) if state.n > _dimensions(state) else state


def _dimensions(state: State) -> int:
    return int((state.rows if isinstance(state, Rows) else state.scatter).shape[1])


def _centred(rows: Floats) -> tuple[Floats, Floats]:
    mean = rows.mean(axis=0)
    return mean, rows - mean


def _mean_and_trace(state: State) -> tuple[Floats, float]:
    if isinstance(state, Moments):
        return state.mean, float(np.trace(state.scatter)) / (state.n - 1)
    mean, centred = _centred(state.rows)
    return mean, float(np.einsum("ij,ij->", centred, centred)) / (state.n - 1)


def _cross_trace(first: State, second: State) -> float:
    """Tr (S1 S2)^(1/2)."""
    if isinstance(first, Moments) and isinstance(second, Moments):
        # Half the work of a singular value decomposition, and as exact where both have full rank.
        factor = _factor(first)
        values = np.linalg.eigvalsh(factor @ (second.scatter / (second.n - 1)) @ factor.T)
        return float(np.sqrt(np.clip(values, 0.0, None)).sum())
    # The singular values directly: their squares' eigenvalues would bury the small ones in rounding.
    return float(np.linalg.svd(_factor(first) @ _factor(second).T, compute_uv=False).sum())


def _factor(state: State) -> Floats:
    """F [k, d] with F'F = S."""
    if isinstance(state, Rows):
        return np.asarray(_centred(state.rows)[1] / np.sqrt(state.n - 1), np.float64)
    covariance = state.scatter / (state.n - 1)
    try:
        return np.asarray(np.linalg.cholesky(covariance).T, np.float64)
    except np.linalg.LinAlgError:  # repeated rows or constant dimensions: n > d, and yet not of full rank
        values, vectors = np.linalg.eigh(covariance)
        return np.asarray(np.sqrt(np.clip(values, 0.0, None))[:, None] * vectors.T, np.float64)


def _quadratic_by_row(centred: Floats, reference: State) -> Floats:
    """c_i'T c_i = (n - 1) (M^(1/2))_ii with M = C S2 C' / (n - 1): the n x n side."""
    n = centred.shape[0]
    if isinstance(reference, Moments):
        gram = centred @ (reference.scatter / (reference.n - 1)) @ centred.T
    else:
        crossed = centred @ _factor(reference).T
        gram = crossed @ crossed.T
    values, vectors = np.linalg.eigh(gram / (n - 1))
    return np.asarray((n - 1) * (vectors**2 @ np.sqrt(np.clip(values, 0.0, None))), np.float64)


def _quadratic_by_dimension(centred: Floats, reference: State) -> Floats:
    """c_i'T c_i with T = F' (F S1 F')^(-1/2) F and S2 = F'F: the d x d side."""
    projected = centred @ _factor(_compact(reference)).T
    values, vectors = np.linalg.eigh(projected.T @ projected / (centred.shape[0] - 1))
    kept = values > values.max(initial=0.0) * values.shape[0] * np.finfo(np.float64).eps
    rotated = projected @ vectors[:, kept]
    return np.asarray(rotated**2 @ (1.0 / np.sqrt(values[kept])), np.float64)
