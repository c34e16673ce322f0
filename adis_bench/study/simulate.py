"""A made-up study: rankings from known strengths, by good workers and bad ones, with gold items, repeats and times."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from adis_bench.errors import ConfigError
from adis_bench.seeding import generator
from adis_bench.study.answers import Answers, GoldAnswer, RepeatAnswer
from adis_bench.study.designs import Design, assign
from adis_bench.study.population import Population, draw_noise, expected_points
from adis_bench.study.rankings import Rankings
from adis_bench.study.records import SLOTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Worker = Literal["good", "random", "straight", "fast", "inverted"]
"""``random`` workers rank at random, ``fast`` ones too and take no time, ``straight`` ones give one order of the places on the page
all the time, ``inverted`` ones put the best last."""
KINDS: tuple[Worker, ...] = get_args(Worker)

# All numbers below are ours: plausible, and not taken from any study.
_GOLD_PASSED: dict[Worker, float] = {"good": 0.97, "random": 0.5, "straight": 0.5, "fast": 0.5, "inverted": 0.03}
"""Probability of a right gold answer: controls are far apart, and attention lapses now and then."""
_SECONDS: dict[Worker, float] = {"good": 18.0, "random": 14.0, "straight": 9.0, "fast": 2.0, "inverted": 18.0}
"""Median time on an item over workers: four images and a sound of three seconds take a quarter of a minute."""
_WORKER_SPREAD, _ITEM_SPREAD = 0.3, 0.4
"""Standard deviations of the logarithm of a time, between workers and within one."""


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """A simulated study and what is true of it.

    Attributes:
        answers: as if read from a file; workers are ``w1`` ..., items ``i1`` ..., gold items ``g1`` ....
        kinds: what each of ``answers.rankings.workers`` is.
        strengths: of the methods, in units of the noise.
        mean_points: float64 [k], of good workers and items without end.
    """

    answers: Answers
    kinds: tuple[Worker, ...]
    strengths: tuple[float, ...]
    mean_points: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Cast:
    """Who is who: one of ``KINDS`` by its number for each worker, int64 [n_workers]."""

    kind: Ints

    def rows(self, worker: Ints, *names: Worker) -> NDArray[np.bool_]:
        """Which rows of ``worker`` are of these kinds."""
        return np.isin(self.kind[worker], [KINDS.index(name) for name in names])


def simulate(
    design: Design,
    strengths: Sequence[float],
    seed: int,
    population: Population | None = None,
    bad: dict[Worker, float] | None = None,
    methods: Sequence[str] = (),
) -> Simulated:
    """Draw one study.

    Args:
        design: its size.
        strengths: of the k methods, finite, in units of the noise of a ranking.
        seed: of everything that is drawn; the assignment of items depends on the design only.
        population: spreads of workers and items; by default those of ``Population``.
        bad: shares of the workers that are of each bad kind, rounded to whole workers; the others are good.
        methods: k labels; by default ``A``, ``B``, ....

    Raises:
        ConfigError: no such study can be.
    """
    population, bad = population or Population(), bad or {}
    methods = tuple(methods) or tuple(SLOTS[: len(strengths)])
    _refuse(strengths, methods, bad)
    rng = generator("simulated-study", seed)
    cast = _Cast(_kinds(design.n_workers, bad, rng))
    worker, item = assign(design.n_items, design.n_workers, design.raters)
    tastes = _effects(population.worker_sd, (design.n_workers, len(methods)), rng)
    luck = _effects(population.item_sd, (design.n_items, len(methods)), rng)
    fixed = np.asarray(strengths, np.float64) + tastes[worker] + luck[item]
    place = _places(design.n_items, len(methods), rng)
    habits = np.asarray(rng.random((design.n_workers, len(methods))).argsort(axis=1) + 1, np.float64)
    straight = np.take_along_axis(habits[worker], place[item], axis=1)
    ranks = _ranks(fixed, straight, worker, cast, population, rng)
    names = tuple(f"w{number + 1}" for number in range(design.n_workers))
    items = tuple(f"i{number + 1}" for number in range(design.n_items))
    rankings = Rankings(methods, items, names, item, worker, ranks, seconds=_seconds(worker, cast, rng))
    shown_again = np.isin(item, rng.permutation(design.n_items)[: design.n_repeats])
    # The second time the page is the other way round, and the noise of a ranking is drawn anew.
    straight_again = np.take_along_axis(habits[worker], len(methods) - 1 - place[item], axis=1)
    again = _ranks(fixed, straight_again, worker, cast, population, rng)[shown_again]
    repeats = zip(worker[shown_again].tolist(), item[shown_again].tolist(), again.tolist(), strict=True)
    answers = Answers(
        rankings,
        slot_ranks=np.take_along_axis(ranks, place[item].argsort(axis=1), axis=1),
        gold=_gold(design, names, cast, rng),
        repeats=tuple(RepeatAnswer(names[who], items[what], tuple(row)) for who, what, row in repeats),
    )
    kinds = tuple(KINDS[number] for number in cast.kind)
    return Simulated(answers, kinds, tuple(map(float, strengths)), expected_points(strengths, population))


def _effects(spread: float, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    return np.asarray(spread * rng.standard_normal(shape), np.float64)


def _refuse(strengths: Sequence[float], methods: tuple[str, ...], bad: dict[Worker, float]) -> None:
    if not 2 <= len(strengths) <= len(SLOTS) or not np.isfinite(strengths).all():
        raise ConfigError(f"a study has 2 to {len(SLOTS)} methods with finite strengths, not {len(strengths)}: {list(strengths)}")
    if len(methods) != len(strengths) or len(set(methods)) != len(methods):
        raise ConfigError(f"{len(strengths)} strengths need as many different names, not {', '.join(methods)}")
    if min(bad.values(), default=0.0) < 0 or sum(bad.values()) > 1 or not set(bad) <= set(KINDS[1:]):
        raise ConfigError(f"bad workers are shares of {', '.join(KINDS[1:])} with a sum of 0 to 1, not {bad}")


def _kinds(n_workers: int, bad: dict[Worker, float], rng: np.random.Generator) -> Ints:
    # Rounded at the sums, so that the bad ones of all kinds together are the wanted share.
    ends = np.round(np.cumsum(list(bad.values())) * n_workers).astype(int)
    kinds = np.zeros(n_workers, np.int64)
    for name, start, end in zip(bad, [0, *ends], ends, strict=False):
        kinds[start:end] = KINDS.index(name)
    return np.asarray(rng.permutation(kinds))


def _places(n_items: int, k: int, rng: np.random.Generator) -> Ints:
    """The place of each method on each item's page, int64 [n_items, k]: Latin squares, so that each is about equally often at each."""
    squares = rng.random((-(-n_items // k), k)).argsort(axis=1)
    item = np.arange(n_items)
    return np.asarray((squares[item // k] + item[:, None]) % k, np.int64)


def _ranks(fixed: Floats, straight: Floats, worker: Ints, cast: _Cast, population: Population, rng: np.random.Generator) -> Floats:
    from scipy.stats import rankdata

    utility = fixed + draw_noise(population, fixed.shape, rng)
    if population.ties:
        utility = np.floor(utility / population.ties + rng.random((len(utility), 1)))
    inverted = cast.rows(worker, "inverted")
    utility[inverted] *= -1
    guessed = cast.rows(worker, "random", "fast")
    utility[guessed] = rng.random((int(guessed.sum()), fixed.shape[1]))
    ranks = np.asarray(rankdata(-utility, axis=1) if population.ties else (-utility).argsort(axis=1).argsort(axis=1) + 1.0, np.float64)
    same = cast.rows(worker, "straight")
    ranks[same] = straight[same]
    return ranks


def _seconds(worker: Ints, cast: _Cast, rng: np.random.Generator) -> Floats:
    usual = np.log([_SECONDS[KINDS[number]] for number in cast.kind]) + _WORKER_SPREAD * rng.standard_normal(cast.kind.size)
    return np.asarray(np.exp(usual[worker] + _ITEM_SPREAD * rng.standard_normal(worker.size)), np.float64)


def _gold(design: Design, names: tuple[str, ...], cast: _Cast, rng: np.random.Generator) -> tuple[GoldAnswer, ...]:
    if not design.n_gold:
        return ()
    worker, item = assign(design.n_gold, design.n_workers, design.raters)
    passed = rng.random(worker.size) < np.array([_GOLD_PASSED[kind] for kind in KINDS])[cast.kind[worker]]
    return tuple(GoldAnswer(names[w], f"g{i + 1}", bool(right)) for w, i, right in zip(worker, item, passed, strict=True))
