"""Statistics of a study: 20,000 rankings (1,000 items x 20 workers), and the bootstrap of places beside a plain one."""

from collections.abc import Callable

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from adis_bench.study.aggregate import aggregate
from adis_bench.study.answers import Answers
from adis_bench.study.designs import Design
from adis_bench.study.places_bootstrap import bootstrap_places
from adis_bench.study.rankings import Rankings
from adis_bench.study.records import ScreeningRules
from adis_bench.study.simulate import simulate

STRENGTHS = (0.8, 0.3, 0.2, -0.6)
FEW = 50  # replicates that the plain loop can do in a few seconds


@pytest.fixture(scope="module")
def answers() -> Answers:
    """Everybody ranks everything; a tenth of the workers guesses."""
    return simulate(Design(1000, 20, 20, n_gold=50, n_repeats=50), STRENGTHS, seed=0, bad={"random": 0.1}).answers


def _gathered(rankings: Rankings, replicates: int, seed: int) -> None:
    """Draw workers and items, gather their rankings, average, and sort: what the bootstrap does, replicate by replicate."""
    rng = np.random.default_rng(seed)
    points = rankings.points
    for _ in range(replicates):
        workers = np.bincount(rng.integers(len(rankings.workers), size=len(rankings.workers)), minlength=len(rankings.workers))
        items = np.bincount(rng.integers(len(rankings.items), size=len(rankings.items)), minlength=len(rankings.items))
        rows = np.repeat(np.arange(len(points)), workers[rankings.worker] * items[rankings.item])
        points[rows].mean(axis=0).argsort()


@pytest.mark.benchmark(group=f"bootstrap of places, {FEW} replicates of 20,000 rankings")
@pytest.mark.parametrize("way", [bootstrap_places, _gathered], ids=["ours", "replicate by replicate"])
def test_places(benchmark: BenchmarkFixture, answers: Answers, way: Callable[[Rankings, int, int], object]) -> None:
    """The same resamples two ways."""
    benchmark.pedantic(way, args=(answers.rankings, FEW, 0), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="study aggregate: all statistics of 20,000 rankings, 2,000 replicates")
def test_aggregate(benchmark: BenchmarkFixture, answers: Answers) -> None:
    """With screening and self-agreement; the issue asks for 20 s on two cores."""
    results = benchmark.pedantic(aggregate, args=(answers,), kwargs={"rules": ScreeningRules(), "study": {}, "replicates": 2000}, rounds=3)
    benchmark.extra_info["rankings"] = results.n_rankings
