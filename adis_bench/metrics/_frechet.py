"""Fréchet distance between Gaussians fitted to two sets of embeddings: pure functions on float64 arrays.

    FD = |m1 - m2|^2 + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2)

With any factors S1 = A'A and S2 = B'B the last trace is the nuclear norm of A B'. Centred rows are such
a factor, so a set with fewer rows than dimensions needs no covariance matrix; a larger one has its
Cholesky factor. No matrix square root is formed, and a rank-deficient covariance needs no jitter.

Rows may come as float32: beyond d of them they are taken in blocks, so that what is held in float64 is d x d however
many follow. A set that many are compared with is worked out once (``prepared``).

Source: Heusel et al. 2017 (arXiv 1706.08500), Eq. 6; value as GaParmar/clean-fid 0.1.35, fid.py, which
takes the covariance with n - 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np

from adis_bench.metrics.protocol import Array, Floats

_MIN_BLOCK = 1024  # rows at once where d is small: a product of fewer costs more to start than to make


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


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A set as others are compared with it, over and over.

    Attributes:
        n: number of rows.
        mean: float64 [d].
        trace: trace of the covariance S.
        factor: float64 [k, d], F with F'F = S; k <= d.
        full: whether S was taken from moments (n > d).
        triangular: whether F is upper triangular (Cholesky's).
    """

    n: int
    mean: Floats
    trace: float
    factor: Floats
    full: bool
    triangular: bool


def state_of(rows: Array) -> State:
    """The state of float [n, d] rows; beyond d of them no more than a block is in float64 at any time."""
    if rows.shape[0] <= rows.shape[1]:
        return Rows(np.asarray(rows, np.float64))
    return reduce(_merged, (_moments(block) for block in _blocks(rows)))


def merge(first: State, second: State) -> State:
    """The state of both sets together (associative up to rounding)."""
    if first.n == 0:
        return second
    if second.n == 0:
        return first
    if isinstance(first, Rows) and isinstance(second, Rows):
        return _compact(Rows(np.concatenate([first.rows, second.rows])))
    return _merged(moments(first), moments(second))


def moments(state: State) -> Moments:
    """Mean and centred second moment of a set."""
    return state if isinstance(state, Moments) else _moments(state.rows)


def prepared(state: State) -> Prepared:
    """The set ready to be compared with: n >= 2."""
    state = _compact(state)
    mean, trace = _mean_and_trace(state)
    factor, triangular = _factor(state)
    return Prepared(state.n, mean, trace, factor, isinstance(state, Moments), triangular)


def frechet_distance(first: State, second: State | Prepared) -> float:
    """The distance, in squared units of the embeddings; NaN where a set has fewer than two rows."""
    if first.n < 2 or second.n < 2:
        return float("nan")
    first, against = _compact(first), _prepared(second)
    mean, trace = _mean_and_trace(first)
    shift = mean - against.mean
    distance = float(shift @ shift) + trace + against.trace - 2.0 * _cross_trace(first, against)
    return max(distance, 0.0)  # rounding can leave -1e-15 of the traces where the sets are equal


def influence(rows: Array, reference: State | Prepared) -> Floats:
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
    against = _prepared(reference)
    values = _by_dimension(rows, against) if n > rows.shape[1] else _by_row(np.asarray(rows, np.float64), against)
    return np.asarray((values - values.mean()) / n, np.float64)


def _blocks(rows: Array) -> Iterator[Floats]:
    """The rows in float64, at most max(d, _MIN_BLOCK) at once."""
    size = max(rows.shape[1], _MIN_BLOCK)
    return (np.asarray(rows[start : start + size], np.float64) for start in range(0, rows.shape[0], size))


def _moments(rows: Floats) -> Moments:
    mean, centred = _centred(rows)
    return Moments(rows.shape[0], mean, centred.T @ centred)


def _merged(a: Moments, b: Moments) -> Moments:
    n = a.n + b.n
    shift = b.mean - a.mean
    # Chan, Golub, LeVeque 1979: centred moments merge without the cancellation of E[xx'] - mm'.
    scatter = np.outer(shift * (a.n * b.n / n), shift)
    scatter += a.scatter
    scatter += b.scatter
    return Moments(n, a.mean + shift * (b.n / n), scatter)


def _compact(state: State) -> State:
    return moments(state) if isinstance(state, Rows) and state.n > state.rows.shape[1] else state


def _prepared(state: State | Prepared) -> Prepared:
    return state if isinstance(state, Prepared) else prepared(state)


def _centred(rows: Floats) -> tuple[Floats, Floats]:
    mean = rows.mean(axis=0)
    return mean, rows - mean


def _mean_and_trace(state: State) -> tuple[Floats, float]:
    if isinstance(state, Moments):
        return state.mean, float(np.trace(state.scatter)) / (state.n - 1)
    mean, centred = _centred(state.rows)
    return mean, float(np.einsum("ij,ij->", centred, centred)) / (state.n - 1)


def _cross_trace(first: State, against: Prepared) -> float:
    """Tr (S1 S2)^(1/2)."""
    if isinstance(first, Moments) and against.full:
        # Half the work of a singular value decomposition, and as exact where both have full rank.
        values = np.linalg.eigvalsh(_inner(first, against))
        return float(np.sqrt(np.clip(values, 0.0, None)).sum())
    # The singular values directly: their squares' eigenvalues would bury the small ones in rounding.
    return float(np.linalg.svd(_factor(first)[0] @ against.factor.T, compute_uv=False).sum())


def _inner(first: Moments, against: Prepared) -> Floats:
    """F S1 F', float64 [k, k]; only the lower triangle is to be read, as numpy's eigenvalues do."""
    from scipy.linalg.lapack import dsygst

    covariance = first.scatter / (first.n - 1)
    if not against.triangular:
        return np.asarray(against.factor @ covariance @ against.factor.T, np.float64)
    # LAPACK's reduction uses symmetry and triangle: a quarter of the two products' work. It reads by columns, hence the turns.
    inner, _ = dsygst(covariance.T, against.factor, itype=2, lower=0, overwrite_a=1)
    return np.asarray(inner.T, np.float64)


def _factor(state: State) -> tuple[Floats, bool]:
    """F [k, d] with F'F = S, and whether it is upper triangular."""
    if isinstance(state, Rows):
        return np.asarray(_centred(state.rows)[1] / np.sqrt(state.n - 1), np.float64), False
    covariance = state.scatter / (state.n - 1)
    try:
        return np.asarray(np.linalg.cholesky(covariance).T, np.float64), True
    except np.linalg.LinAlgError:  # repeated rows or constant dimensions: n > d, and yet not of full rank
        values, vectors = np.linalg.eigh(covariance)
        return np.asarray(np.sqrt(np.clip(values, 0.0, None))[:, None] * vectors.T, np.float64), False


def _by_row(rows: Floats, against: Prepared) -> Floats:
    """N IF_i up to a constant; c_i'T c_i = (n - 1) (M^(1/2))_ii with M = C S2 C' / (n - 1): the n x n side."""
    n = rows.shape[0]
    mean, centred = _centred(rows)
    crossed = centred @ against.factor.T
    values, vectors = np.linalg.eigh(crossed @ crossed.T / (n - 1))
    quadratic = (n - 1) * (vectors**2 @ np.sqrt(np.clip(values, 0.0, None)))
    return _values(centred, mean - against.mean, quadratic, n)


def _by_dimension(rows: Array, against: Prepared) -> Floats:
    """N IF_i up to a constant; c_i'T c_i with T = F' (F S1 F')^(-1/2) F = R'R: the d x d side, rows in blocks."""
    first = moments(state_of(rows))
    values, vectors = np.linalg.eigh(_inner(first, against))
    kept = values > values.max(initial=0.0) * values.shape[0] * np.finfo(np.float64).eps
    root = (vectors[:, kept] / values[kept] ** 0.25).T @ against.factor

    def of_block(block: Floats) -> Floats:
        centred = block - first.mean
        turned = centred @ root.T
        return _values(centred, first.mean - against.mean, np.einsum("ij,ij->i", turned, turned), first.n)

    return np.concatenate([of_block(block) for block in _blocks(rows)])


def _values(centred: Floats, shift: Floats, quadratic: Floats, n: int) -> Floats:
    return np.asarray(2.0 * (centred @ shift) + (np.einsum("ij,ij->i", centred, centred) - quadratic) * (n / (n - 1)), np.float64)
