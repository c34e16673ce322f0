"""Strengths of k things from complete rankings: the Plackett-Luce model, with ties.

A ranking is made by choosing the best of all, then the best of the rest, and so on; i is chosen from a set C with probability
w(i) / sum of w(j) over C. With t = log w the log-likelihood of a ranking is the sum over its sets of t(chosen) - log sum exp t.

Ties: a ranking with equal ranks counts as the mean log-likelihood of all orders that break them, each with the same weight.
For two things a tie is half a win for each, as in the usual treatment of draws in the Bradley-Terry model, and like mid-ranks
in mean points. The two common alternatives answer other questions: the likelihood that one of these orders was meant (exploded
logit with exact, Breslow's or Efron's ties) learns nothing from a tie of all, so that one win beside a hundred ties is an infinite
strength; parameters for ties (Turner et al. 2020) make the worths conditional on no tie. In the mean over orders each subset
of s of m tied things is what is left of them equally often, so it is a sum over subsets with weights 1 / (m over s), not over
m! orders. Ties of more than 10 are averaged over the m rotations of one order instead, in which each thing has each place once.

There is a finite maximum just if no group of things stands above all others in every ranking (Hunter 2004, assumption 1: the
graph of who is ranked above or level with whom is strongly connected). Otherwise each thing is given half a win and half a loss
against an imagined one, the remedy and the number (``npseudo = 0.5``) of the R package PlackettLuce (Turner et al. 2020), which always
adds them.

Influence: at the maximum H d = sum of the rankings' gradients s for a small change of their weights, with H the information
of all; so row r of ``influence`` is H^-1 s(r), and as n means of independent rows it has the sandwich as its variance.

Source: Plackett 1975, Appl. Stat. 24:193; Luce 1959, Individual Choice Behavior; Hunter 2004, Ann. Stat. 32:384 (existence of the
maximum); Turner, van Etten, Firth, Kosmidis 2020, Comput. Stat. 35:1027. Averaging over orders with equal weights is ours.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TIES = "a ranking with equal ranks counts as all orders that break them, each with the same weight (for two methods: half a win each)"
"""How ties are counted, for readers."""
_MOST_TIED = 10
"""Ties of more are averaged over rotations: they have more than 2^10 subsets."""
_PSEUDO = 0.5
"""Wins, and losses, of each thing against the imagined one."""
_STEPS = 200
"""Newton's method takes 5 to 20; it is stopped with an error long after."""
_TOLERANCE = 1e-10
"""Largest gradient left, per ranking."""


@dataclass(frozen=True, slots=True, eq=False)
class Strengths:
    """A fitted model of k things from n rankings.

    Attributes:
        log_worth: float64 [k], natural logarithms of the worths, with mean 0.
        influence: float64 [n, k], what each ranking adds to ``log_worth`` to first order; columns sum to 0. Zeros where ``ahead``
            is not empty.
        ahead: the smallest group of things that stands above all others in every ranking, so that imagined wins and losses were
            added; empty where the maximum is finite as it is.
    """

    log_worth: Floats
    influence: Floats
    ahead: tuple[int, ...] = ()

    @property
    def worth(self) -> Floats:
        """Probabilities to be the best of all, float64 [k], summing to 1."""
        powers = np.exp(self.log_worth - self.log_worth.max())
        return np.asarray(powers / powers.sum(), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Choices:
    """Distinct sets that were chosen from: bool [c, k] members, float64 [c] how often; float64 [k] how often each thing was chosen."""

    members: NDArray[np.bool_]
    times: Floats
    chosen: Floats


def plackett_luce(ranks: Floats) -> Strengths:
    """Fit the model by maximum likelihood.

    Args:
        ranks: float64 [n, k], n at least 1, k at least 2; lower is better, equal is tied, only the order within a row counts.
    """
    from scipy.sparse import csr_matrix

    n, k = ranks.shape
    patterns, pattern, counts = np.unique(ranks, axis=0, return_inverse=True, return_counts=True)
    pattern = pattern.reshape(-1)  # numpy 2.0 gave it a second axis
    sets: dict[tuple[int, ...], int] = {}
    rows, columns, weights = [], [], []
    for row, values in enumerate(patterns):
        for left, weight in _sets(values):
            rows.append(row)
            columns.append(sets.setdefault(left, len(sets)))
            weights.append(weight)
    per_pattern = csr_matrix((weights, (rows, columns)), shape=(len(patterns), len(sets)))
    members = np.zeros((len(sets), k), bool)
    for left, row in sets.items():
        members[row, list(left)] = True
    # The last thing is chosen from a set of itself: so each is chosen once in a ranking.
    choices = _Choices(members, np.asarray(per_pattern.T @ counts, np.float64), np.full(k, float(n)))
    ahead = _ahead(patterns, counts)
    if ahead:
        found = _newton(_with_imagined(choices))[:k]
        return Strengths(found - found.mean(), np.zeros((n, k)), ahead)
    log_worth = _newton(choices)
    shares = _shares(choices, log_worth)
    gradients = 1.0 - per_pattern @ shares
    return Strengths(log_worth, (gradients @ np.linalg.inv(_information(choices, shares)))[pattern])


def _sets(values: Floats) -> list[tuple[tuple[int, ...], float]]:
    """The sets that a ranking chose from, worst places first, with the share of its orders in which they occur."""
    left: tuple[int, ...] = ()
    found = []
    for value in np.unique(values)[::-1]:
        tied = tuple(np.flatnonzero(values == value).tolist())
        found += [(tuple(sorted(left + some)), weight) for some, weight in _left_of(tied)]
        left += tied
    return found


def _left_of(tied: tuple[int, ...]) -> list[tuple[tuple[int, ...], float]]:
    """What can be left of tied things while they are chosen one after the other, with its share of the orders."""
    m = len(tied)
    if m <= _MOST_TIED:
        return [(some, 1 / comb(m, size)) for size in range(1, m + 1) for some in combinations(tied, size)]
    shares: dict[tuple[int, ...], float] = defaultdict(float)
    for start in range(m):
        rotated = tied[start:] + tied[:start]
        for size in range(1, m + 1):
            shares[tuple(sorted(rotated[:size]))] += 1 / m
    return list(shares.items())


def _ahead(patterns: Floats, counts: NDArray[np.int64]) -> tuple[int, ...]:
    """The smallest group that is above all others in every ranking; such a group leads by mean ranks too."""
    order = np.argsort(counts @ patterns, kind="stable")
    for size in range(1, len(order)):
        if (patterns[:, order[:size]].max(axis=1) < patterns[:, order[size:]].min(axis=1)).all():
            return tuple(sorted(order[:size].tolist()))
    return ()


def _with_imagined(choices: _Choices) -> _Choices:
    """One more thing, which wins and loses against each other one ``_PSEUDO`` times."""
    c, k = choices.members.shape
    duels = np.column_stack([np.eye(k, dtype=bool), np.ones(k, bool)])
    members = np.vstack([np.column_stack([choices.members, np.zeros(c, bool)]), duels])
    chosen = np.append(choices.chosen + _PSEUDO, k * _PSEUDO)
    return _Choices(members, np.concatenate([choices.times, np.full(k, 2 * _PSEUDO)]), chosen)


def _newton(choices: _Choices) -> Floats:
    """The maximum of the concave log-likelihood, with mean 0."""
    log_worth = np.zeros(len(choices.chosen))
    value = _likelihood(choices, log_worth)
    for _ in range(_STEPS):
        shares = _shares(choices, log_worth)
        gradient = choices.chosen - choices.times @ shares
        if np.abs(gradient).max() <= _TOLERANCE * choices.chosen.max():
            return log_worth
        step = np.linalg.solve(_information(choices, shares), gradient)
        # Full steps from afar can overshoot; near the maximum they don't, and there the value is rounding.
        while (reached := _likelihood(choices, log_worth + step)) < value - _TOLERANCE * abs(value):
            step /= 2
        log_worth, value = log_worth + step, reached
        log_worth -= log_worth.mean()
    raise ArithmeticError(f"the likelihood of {len(choices.chosen)} strengths has no maximum after {_STEPS} steps")


def _log_sums(choices: _Choices, log_worth: Floats) -> Floats:
    inside = np.where(choices.members, log_worth, -np.inf)
    highest = inside.max(axis=1)
    return np.asarray(highest + np.log(np.exp(inside - highest[:, None]).sum(axis=1)), np.float64)


def _likelihood(choices: _Choices, log_worth: Floats) -> float:
    return float(choices.chosen @ log_worth - choices.times @ _log_sums(choices, log_worth))


def _shares(choices: _Choices, log_worth: Floats) -> Floats:
    """The probability of each thing to be chosen from each set, float64 [c, k]."""
    return np.asarray(choices.members * np.exp(np.minimum(log_worth - _log_sums(choices, log_worth)[:, None], 0.0)), np.float64)


def _information(choices: _Choices, shares: Floats) -> Floats:
    """Minus the second derivatives; the direction in which nothing changes, all by the same, is filled so that an inverse exists."""
    k = shares.shape[1]
    weighted = choices.times[:, None] * shares
    filled = choices.times.sum() / k**2
    return np.asarray(np.diag(weighted.sum(axis=0)) - weighted.T @ shares + filled, np.float64)
