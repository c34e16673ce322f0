"""Plackett-Luce strengths of a study: what is said of them, and that their intervals cover."""

from functools import cache

import numpy as np
import pytest

from adis_bench.statistics.plackett_luce import plackett_luce
from adis_bench.study.designs import assign
from adis_bench.study.rankings import Rankings
from adis_bench.study.strengths import strengths
from tests.study.rankings import crossed_rankings, make_rankings

TRUTH = np.array([0.9, 0.3, -0.2, -1.0])
SPREAD = 0.5
"""Standard deviation of each method's strength over workers, and over items; a ranking adds Gumbel noise of 1.28."""
DESIGNS = {"crossed": (50, 20, 20), "one rating": (1000, 20, 1), "twenty ratings": (60, 40, 20)}
"""Items, workers, ratings of an item."""


def _rankings(worker: np.ndarray, item: np.ndarray, rng: np.random.Generator, coarse: float = 0.0) -> Rankings:
    """A study of the model with effects of workers and of items; ``coarse`` steps make ties."""
    utility = TRUTH + SPREAD * rng.standard_normal((worker.max() + 1, 4))[worker] + rng.gumbel(size=(worker.size, 4))
    utility += SPREAD * rng.standard_normal((item.max() + 1, 4))[item]
    if coarse:
        utility = np.floor(utility / coarse + rng.random((len(utility), 1)))
    above = (utility[:, None, :] > utility[:, :, None]).sum(axis=2)
    level = (utility[:, None, :] == utility[:, :, None]).sum(axis=2)
    names = tuple(map(str, range(max(worker.max(), item.max()) + 1)))
    return Rankings(("a", "b", "c", "d"), names, names, item, worker, above + (level + 1) / 2)


@cache
def _expected(coarse: float) -> np.ndarray:
    """What the fit tends to for workers and items without end: not the strengths of the median worker, since effects add noise."""
    alone = np.arange(400_000)
    return plackett_luce(_rankings(alone, alone, np.random.default_rng(99), coarse).ranks).log_worth


def _coverage(design: str, n_studies: int, seed: int, coarse: float = 0.0) -> float:
    rng, held = np.random.default_rng(seed), 0
    worker, item = assign(*DESIGNS[design])
    for _ in range(n_studies):
        found = strengths(_rankings(worker, item, rng, coarse)).strengths
        held += sum(row.ci_low <= value <= row.ci_high for row, value in zip(found, _expected(coarse), strict=True))
    return held / (4 * n_studies)


@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_cover(design: str):
    """150 studies: 95 % within what chance and the dependence of the four methods allow."""
    assert 0.91 <= _coverage(design, 150, seed=0) <= 0.985


@pytest.mark.slow
@pytest.mark.parametrize("coarse", [0.0, 1.5], ids=["no ties", "ties"])
@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_cover_in_many_studies(design: str, coarse: float):
    """2,000 studies: 95 % within 2."""
    assert 0.93 <= _coverage(design, 2000, seed=1, coarse=coarse) <= 0.97


def test_effects_widen_intervals():
    """Copies of a worker's rankings under one name say nothing new of other workers: the interval stays."""
    once = crossed_rankings(n_workers=6, n_items=30)
    doubled = Rankings(
        once.methods,
        tuple(map(str, range(60))),
        once.workers,
        np.concatenate([once.item, once.item + 30]),
        np.tile(once.worker, 2),
        np.tile(once.ranks, (2, 1)),
    )
    first, second = (strengths(rankings).strengths[0] for rankings in (once, doubled))
    assert first.log_worth == pytest.approx(second.log_worth)
    assert 0.7 < (second.ci_high - second.ci_low) / (first.ci_high - first.ci_low) < 1.1


def test_worths_are_probabilities():
    """They sum to 1, log worths to 0, and both order the methods as mean points do here."""
    found = strengths(crossed_rankings())
    assert sum(row.worth for row in found.strengths) == pytest.approx(1)
    assert sum(row.log_worth for row in found.strengths) == pytest.approx(0)
    assert [row.worth for row in found.strengths] == sorted((row.worth for row in found.strengths), reverse=True)
    assert all(row.ci_low < row.log_worth < row.ci_high for row in found.strengths)
    assert found.reason == ""
    assert "half a win each" in found.ties


def test_no_scatter_is_no_interval():
    """All tied in all rankings: strengths of 0 and no interval; where one method never moves, it alone has none."""
    ways = [numbers.ravel().tolist() for numbers in np.indices((3, 4))]
    tied = strengths(make_rankings([[2, 2, 2]] * 12, *ways))
    assert [(row.log_worth, row.ci_low, row.ci_high) for row in tied.strengths] == [(pytest.approx(0), None, None)] * 3
    assert tied.reason == "no interval: all rankings are alike, there is no scatter to judge by"
    turned = strengths(make_rankings([[1, 2, 3], [3, 2, 1]] * 6, *ways))
    assert [row.ci_low is None for row in turned.strengths] == [False, True, False]
    assert turned.reason == "no interval of m1: all rankings say the same of it, there is no scatter to judge by"


def test_always_first_is_named():
    """Finite strengths by the stated remedy, no intervals, and who it is."""
    found = strengths(make_rankings([[2, 1, 3], [3, 1, 2], [2, 1, 3]], [0, 1, 2], [0, 1, 2]))
    assert [row.ci_low for row in found.strengths] == [None] * 3
    assert np.isfinite([row.log_worth for row in found.strengths]).all()
    assert found.reason.startswith("no interval: m1 stands above all others in every ranking")
    assert "half a win and half a loss" in found.reason
