"""How small a difference between two methods a study of some size can find."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adis_bench.errors import ConfigError
from adis_bench.seeding import generator
from adis_bench.statistics.crossed import crossed_means
from adis_bench.statistics.records import LEVEL
from adis_bench.study.designs import Design, assign
from adis_bench.study.population import Population, draw_noise, expected_points, share_above

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
POWER = 0.8
"""The customary power of a planned study. Source: Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, 2nd ed., ch. 2."""
_GRID = np.array([0.4, 0.6, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0])
"""Ours: differences that are tried, as multiples of what the standard error of a few studies lets expect."""
_N_PILOTS = 6
_BUDGET = 4_000_000
"""Ours: rankings drawn in all; 20,000 of 200 studies take 3 s on one core, and the result scatters by 3 % then."""
_FEWEST, _MOST = 40, 1000
_CEILING = 0.97
"""Ours: differences above this share of the largest possible one (k - 1 points) are not tried."""


@dataclass(frozen=True, slots=True)
class Power:
    """The smallest difference that is found with 80 % power, and under what assumptions.

    Found means: the 95 % interval of the paired difference of mean points, for new workers and new items
    (``statistics/crossed.py``), lies above 0. All assumptions are ours; a pilot study can replace them.

    Attributes:
        difference: in mean points, of the best and the worst of the methods, the others evenly between; None with a reason.
        error: standard error of ``difference`` by the number of simulated studies.
        share_better: share of the rankings in which the better of the two stands above the worse at that difference.
        reason: why there is none; empty otherwise.
        power: wanted.
        n_items, n_workers, raters, n_methods: of the study.
        worker_sd, item_sd: standard deviations of a worker's taste for a method and of a method's luck on an item, both in units of
            the standard deviation (1) of what a single ranking adds.
        n_studies, seed: of the simulation.
    """

    difference: float | None
    error: float | None
    share_better: float | None
    reason: str
    power: float
    n_items: int
    n_workers: int
    raters: int
    n_methods: int
    worker_sd: float
    item_sd: float
    n_studies: int
    seed: int


def smallest_difference(n_items: int, n_workers: int, raters: int, k: int, seed: int = 0, population: Population | None = None) -> Power:
    """The smallest difference in mean points between two methods that a study finds with 80 % power, by simulation.

    Takes 3 s for 1,000 items x 20 workers. The same noise meets every difference, so that power grows with it smoothly.

    Args:
        n_items: items that are ranked, gold and repeats aside.
        n_workers: workers.
        raters: rankings of each item, 1 to ``n_workers``; ``n_workers`` where everybody ranks everything.
        k: methods, 2 or more.
        seed: of the simulation.
        population: spreads of workers and items; by default those of ``Population``.

    Raises:
        ConfigError: a size that makes no study.
    """
    if k < 2:
        raise ConfigError(f"a study compares two or more methods, not {k}")
    # Ties are left out: they take little from the power, and what people will tie nobody knows beforehand.
    population = replace(population or Population(), ties=0.0)
    design = Design(n_items, n_workers, raters)
    worker, item = assign(n_items, n_workers, raters)
    n_studies = int(np.clip(_BUDGET // item.size, _FEWEST, _MOST))
    rng = generator("study-power", n_items, n_workers, raters, k, seed)

    def record(difference: float | None, error: float | None, share: float | None, reason: str = "") -> Power:
        sizes = design.n_items, design.n_workers, design.raters, k
        return Power(difference, error, share, reason, POWER, *sizes, population.worker_sd, population.item_sd, n_studies, seed)

    gaps, reason = _gaps(worker, item, k, population, rng)
    if reason:
        return record(None, None, None, reason)
    hits = np.mean([_found(gaps, worker, item, k, population, rng) for _ in range(n_studies)], axis=0)
    # The noise is common to all gaps, so a step down is chance in the intervals' widths.
    hits = np.maximum.accumulate(hits)
    if hits[-1] < POWER:
        largest = _difference(gaps[-1:], k, population)[0]
        return record(
            None,
            None,
            None,
            f"not even {largest:.2f} of at most {k - 1} points are found with {100 * POWER:.0f} % power: add workers first, then items",
        )
    differences = _difference(gaps, k, population)
    place = int(np.searchsorted(hits, POWER))
    # The first gap is 0, where a false alarm is all that can be found.
    slope = (hits[place] - hits[place - 1]) / (differences[place] - differences[place - 1])
    found = float(differences[place] - (hits[place] - POWER) / slope)
    error = float((POWER * (1 - POWER) / n_studies) ** 0.5 / slope)
    return record(found, error, float(share_above(np.asarray(np.interp(found, differences, gaps)), population)))


def _places(k: int) -> Floats:
    """Strengths of the methods for a gap of 1: the first is best, the last worst, the others evenly between."""
    return np.linspace(0.5, -0.5, k)


def _difference(gaps: Floats, k: int, population: Population) -> Floats:
    """Expected points of the best minus those of the worst method at each gap of strengths."""
    points = [expected_points((gap * _places(k)).tolist(), population) for gap in gaps]
    return np.array([values[0] - values[-1] for values in points])


def _gaps(worker: Ints, item: Ints, k: int, population: Population, rng: np.random.Generator) -> tuple[Floats, str]:
    """Gaps of strengths at which power goes from little to nearly all, rising from 0; or why there are none."""
    from scipy.special import stdtrit

    pilots = [crossed_means(_differences(np.zeros(1), worker, item, k, population, rng), worker, item) for _ in range(_N_PILOTS)]
    if all(pilot.reason for pilot in pilots):
        return np.zeros(0), pilots[0].reason
    known = [pilot for pilot in pilots if not pilot.reason]  # a pilot of two workers can happen to have all answers alike
    error = float(np.mean([pilot.error[0] for pilot in known]))
    degrees = float(np.mean([pilot.degrees[0] for pilot in known]))
    likely = float(stdtrit(degrees, (1 + LEVEL) / 2) + stdtrit(degrees, POWER)) * error
    ceiling = _CEILING * (k - 1)
    wanted = likely * _GRID
    if wanted[-1] > ceiling:
        wanted = np.linspace(min(wanted[0], ceiling / 2), ceiling, _GRID.size)
    wanted = np.concatenate([[0.0], wanted])
    # Expected differences rise with the gap to k - 1; 10 spreads part any two methods.
    curve = np.concatenate([[0.0], np.geomspace(1e-4, 10 * (1 + population.worker_sd + population.item_sd) * (k - 1), 400)])
    return np.interp(wanted, _difference(curve, k, population), curve), ""


def _found(gaps: Floats, worker: Ints, item: Ints, k: int, population: Population, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Whether one study finds each of the gaps."""
    means = crossed_means(_differences(gaps, worker, item, k, population, rng), worker, item)
    # Where all answers are alike there is no interval, and nothing is found.
    return np.asarray(means.mean > means.half)


def _differences(gaps: Floats, worker: Ints, item: Ints, k: int, population: Population, rng: np.random.Generator) -> Floats:
    """Points of the best minus those of the worst method in one study, float64 [n rankings, n gaps]; all gaps meet the same noise."""
    utility = draw_noise(population, (worker.size, k), rng)
    utility += (population.worker_sd * rng.standard_normal((int(worker.max()) + 1, k)))[worker]
    utility += (population.item_sd * rng.standard_normal((int(item.max()) + 1, k)))[item]
    places = _places(k)
    points = np.zeros((worker.size, gaps.size), np.float64)
    for method, sign in ((0, 1.0), (k - 1, -1.0)):
        for other in range(k):
            if other != method:
                gained = (utility[:, method] - utility[:, other])[:, None] > gaps * (places[other] - places[method])
                points += sign * gained
    return points
