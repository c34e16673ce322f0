"""A made-up population of workers and items: how utilities of methods come about, and the mean points that follow.

Worker w ranks the methods on item i by their utilities, the largest first:

    u(m) = strength(m) + worker_sd * a(w, m) + item_sd * b(i, m) + e

with a and b standard normal (a worker's taste for a method, a method's luck on an item), and e either standard normal
(Thurstone's model, case V) or Gumbel (rankings are Plackett-Luce then, given a and b). With ``ties`` above 0, utilities that
fall into the same step of that width are tied; where the steps begin is drawn anew for every ranking.

Source: Thurstone 1927, Psychol. Rev. 34:273; Luce 1959, Individual Choice Behavior; Yellott 1977, J. Math. Psychol. 15:109 (Gumbel
utilities make Plackett-Luce rankings).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adis_bench.errors import ConfigError

Floats = NDArray[np.float64]
_NODES = 81
"""Ours: nodes of the quadratures; the expected points are right to 1e-6 for any strengths and spreads up to 5 (tested)."""


@dataclass(frozen=True, slots=True)
class Population:
    """Spreads in units of the noise; the standard values are ours, not measured: nobody has published them for this task.

    Attributes:
        worker_sd: standard deviation of a worker's taste for a method; half of the noise.
        item_sd: standard deviation of a method's luck on an item; half of the noise.
        noise: of a single ranking: ``normal`` with standard deviation 1, or ``gumbel`` with scale 1 (standard deviation 1.28).
        ties: width of the steps within which methods are tied; 0 for no ties.
    """

    worker_sd: float = 0.5
    item_sd: float = 0.5
    noise: Literal["normal", "gumbel"] = "normal"
    ties: float = 0.0

    def __post_init__(self) -> None:
        if min(self.worker_sd, self.item_sd, self.ties) < 0 or not np.isfinite([self.worker_sd, self.item_sd, self.ties]).all():
            raise ConfigError(
                f"spreads of workers and items and steps of ties are numbers from 0, not {self.worker_sd}, {self.item_sd} and {self.ties}"
            )


def draw_noise(population: Population, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """What a single ranking adds to the utilities, float64 of ``shape``."""
    return rng.standard_normal(shape) if population.noise == "normal" else rng.gumbel(size=shape)


def share_above(difference: Floats, population: Population) -> Floats:
    """Expected share of rankings in which one method stands above another, ties counting half.

    Args:
        difference: float64, strength of the one minus that of the other; any shape.
        population: of workers and items that are new in every ranking.
    """
    from scipy.special import expit, ndtr

    # With u uniform on the steps' beginnings, E(above + tied / 2) is the mean of P(D > t) over t in -ties ... ties.
    steps, step_weights = np.polynomial.legendre.leggauss(_NODES) if population.ties else (np.zeros(1), np.full(1, 2.0))
    shifted = np.asarray(difference, np.float64)[..., None] + population.ties * steps
    effects = (2 * (population.worker_sd**2 + population.item_sd**2)) ** 0.5
    if population.noise == "normal":
        above = ndtr(shifted / (effects**2 + 2) ** 0.5)
    else:
        # The difference of two Gumbels is logistic; the effects around it are normal.
        nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        above = expit(shifted[..., None] + effects * nodes) @ (weights / weights.sum())
    return np.asarray(above @ (step_weights / 2), np.float64)


def expected_points(strengths: Sequence[float], population: Population) -> Floats:
    """Mean points of the methods over all workers and items of the population, float64 [k], from 1 to k.

    A method's points are 1 and one for every method below it, half of one for every tied one; so pairs are all that counts.
    """
    values = np.asarray(strengths, np.float64)
    return np.asarray(share_above(values[:, None] - values, population).sum(axis=1) + 0.5, np.float64)
