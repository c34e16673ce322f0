"""Many simulated studies of one kind: what their intervals cover, what they find, and whom their rules leave out."""

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from adis_bench.errors import ConfigError
from adis_bench.progress import track
from adis_bench.seeding import generator
from adis_bench.statistics.crossed import crossed_means
from adis_bench.statistics.plackett_luce import plackett_luce
from adis_bench.study.designs import Design
from adis_bench.study.population import Population
from adis_bench.study.rankings import Rankings
from adis_bench.study.records import ScreeningRules
from adis_bench.study.screening import screen
from adis_bench.study.simulate import KINDS, Simulated, Worker, simulate
from adis_bench.study.strengths import strengths as fitted_strengths

Floats = NDArray[np.float64]
_POPULATION = 200_000
"""Ours: rankings of as many workers and items from which the population's Plackett-Luce strengths are fitted; they are right to 0.005."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is simulated; design, strengths, population, shares of bad workers and labels as those of ``simulate``; rules of screening."""

    design: Design
    strengths: tuple[float, ...]
    population: Population = Population()
    bad: dict[Worker, float] = field(default_factory=dict)
    methods: tuple[str, ...] = ()
    rules: ScreeningRules = ScreeningRules()

    def draw(self, seed: int) -> Simulated:
        """One study."""
        return simulate(self.design, self.strengths, seed, self.population, self.bad, self.methods)


@dataclass(frozen=True, slots=True)
class MethodCheck:
    """One method over all simulated studies.

    Attributes:
        method: its label.
        strength: in units of the noise.
        points: true mean points, of good workers and items without end.
        found, covered: mean of the studies' mean points, and share of the studies with a 95 % interval in which it holds the true ones
            (a study in which all rankings say the same of a method has none).
        log_worth: true Plackett-Luce strength: the one that fits the population best.
        found_log_worth, covered_log_worth: likewise, over the studies that have an interval; None where none has.
    """

    method: str
    strength: float
    points: float
    found: float
    covered: float | None
    log_worth: float
    found_log_worth: float | None
    covered_log_worth: float | None


@dataclass(frozen=True, slots=True)
class PairCheck:
    """Two methods: their true difference in points, its coverage, and the share of the studies that find it with the right sign.

    Shares are of the studies that have an interval. ``found_wrong`` is the share that finds one of the other sign; of
    two equally good methods ``found`` and ``found_wrong`` are false alarms of either sign.
    """

    method: str
    against: str
    difference: float
    covered: float | None
    found: float | None
    found_wrong: float | None


@dataclass(frozen=True, slots=True)
class Checks:
    """What came out of one way to treat the rankings."""

    methods: tuple[MethodCheck, ...]
    pairs: tuple[PairCheck, ...]


@dataclass(frozen=True, slots=True)
class Caught:
    """Workers of one kind over all studies, and how many of them the rules left out."""

    kind: Worker
    n_workers: int
    n_caught: int


@dataclass(frozen=True, slots=True)
class SimulatedStudies:
    """What ``study simulate --studies`` reports.

    Attributes:
        n_studies, seed: of the simulation.
        n_rankings: of one study.
        everybody: with the rankings of all workers.
        screened: without those whom the rules leave out.
        caught: by kind of worker, kinds that don't occur left out.
        n_lost: studies in which the rules left nobody; they don't count in ``screened``.
    """

    n_studies: int
    seed: int
    n_rankings: int
    everybody: Checks
    screened: Checks
    caught: tuple[Caught, ...]
    n_lost: int


@dataclass(slots=True)
class _Estimates:
    """Estimates with half widths of each study, [k] each; pairs [k (k - 1) / 2]; NaN where there is no interval."""

    points: list[tuple[Floats, Floats]] = field(default_factory=list)
    pairs: list[tuple[Floats, Floats]] = field(default_factory=list)
    log_worths: list[tuple[Floats, Floats]] = field(default_factory=list)


def simulated_studies(setup: Setup, n_studies: int, seed: int) -> SimulatedStudies:
    """Draw studies and see what they say, against what is true.

    Args:
        setup: what is simulated.
        n_studies: at least 1.
        seed: of all of them.

    Raises:
        ConfigError: no such studies can be.
    """
    if n_studies < 1:
        raise ConfigError(f"the number of simulated studies must be at least 1, not {n_studies}")
    seeds = generator("simulated-studies", seed).integers(0, 2**62, n_studies).tolist()
    everybody, screened, n_lost = _Estimates(), _Estimates(), 0
    counts = {kind: [0, 0] for kind in KINDS}
    for number in track(seeds, "simulated studies", n_studies):
        study = setup.draw(number)
        kept, rows = screen(study.answers, setup.rules)
        out = {row.worker for row in rows if row.failed}
        for worker, kind in zip(study.answers.rankings.workers, study.kinds, strict=True):
            counts[kind][0] += 1
            counts[kind][1] += worker in out
        _add(everybody, study.answers.rankings)
        if not len(kept.rankings.ranks):
            n_lost += 1
        elif out:
            _add(screened, kept.rankings)
        else:
            for to, of in (
                (screened.points, everybody.points),
                (screened.pairs, everybody.pairs),
                (screened.log_worths, everybody.log_worths),
            ):
                to.append(of[-1])
    log_worths = population_log_worths(study.strengths, setup.population)
    return SimulatedStudies(
        n_studies,
        seed,
        setup.design.n_items * setup.design.raters,
        _checks(everybody, study, log_worths),
        _checks(screened, study, log_worths),
        tuple(Caught(kind, n, n_caught) for kind, (n, n_caught) in counts.items() if n),
        n_lost,
    )


@lru_cache(maxsize=8)
def population_log_worths(strengths: tuple[float, ...], population: Population) -> tuple[float, ...]:
    """The Plackett-Luce strengths that fit all workers and items of the population best; natural logarithms with mean 0.

    With Gumbel noise and no spread of workers and items they are the strengths themselves. Spreads pull them together: a model
    of all rankings at once has no place for tastes.
    """
    if population.noise == "gumbel" and population.worker_sd == population.item_sd == population.ties == 0:
        return tuple((np.array(strengths) - np.mean(strengths)).tolist())
    # As many workers as rankings and as many items: every ranking has effects of its own.
    study = simulate(Design(_POPULATION, _POPULATION, 1), strengths, 0, population)
    return tuple(plackett_luce(study.answers.rankings.ranks).log_worth.tolist())


def _add(estimates: _Estimates, rankings: Rankings) -> None:
    points = rankings.points
    k = points.shape[1]
    first, second = (np.array(column) for column in zip(*combinations(range(k), 2), strict=True))
    means = crossed_means(np.column_stack([points, points[:, first] - points[:, second]]), rankings.worker, rankings.item)
    estimates.points.append((means.mean[:k], means.half[:k]))
    estimates.pairs.append((means.mean[k:], means.half[k:]))
    fitted = fitted_strengths(rankings).strengths
    low, high = (
        np.array([np.nan if end is None else end for end in ends]) for ends in zip(*((s.ci_low, s.ci_high) for s in fitted), strict=True)
    )
    estimates.log_worths.append((np.array([s.log_worth for s in fitted]), (high - low) / 2))


def _checks(estimates: _Estimates, study: Simulated, log_worths: tuple[float, ...]) -> Checks:
    if not estimates.points:
        return Checks((), ())
    points, true = _stack(estimates.points), study.mean_points
    worths, pairs = _stack(estimates.log_worths), _stack(estimates.pairs)
    names = study.answers.rankings.methods
    methods = tuple(
        MethodCheck(
            name,
            study.strengths[column],
            float(true[column]),
            float(points[0][:, column].mean()),
            _covered(points, column, float(true[column])),
            log_worths[column],
            _mean_found(worths, column),
            _covered(worths, column, log_worths[column]),
        )
        for column, name in enumerate(names)
    )
    return Checks(methods, tuple(_pair(pairs, column, names, true, at) for column, at in enumerate(combinations(range(len(names)), 2))))


def _pair(found: tuple[Floats, Floats], column: int, names: tuple[str, ...], true: Floats, at: tuple[int, int]) -> PairCheck:
    better, worse = at if true[at[0]] >= true[at[1]] else at[::-1]
    sign = 1.0 if better == at[0] else -1.0
    values, half = sign * found[0][:, column], found[1][:, column]
    known = np.isfinite(half)
    right, wrong = ((float((side[known] > half[known]).mean()) if known.any() else None) for side in (values, -values))
    difference = float(true[better] - true[worse])
    return PairCheck(names[better], names[worse], difference, _covered((sign * found[0], found[1]), column, difference), right, wrong)


def _stack(found: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    return np.array([value for value, _ in found]), np.array([half for _, half in found])


def _covered(found: tuple[Floats, Floats], column: int, true: float) -> float | None:
    values, half = found[0][:, column], found[1][:, column]
    known = np.isfinite(half)
    return float((np.abs(values - true) <= half)[known].mean()) if known.any() else None


def _mean_found(found: tuple[Floats, Floats], column: int) -> float | None:
    known = np.isfinite(found[1][:, column])
    return float(found[0][known, column].mean()) if known.any() else None
