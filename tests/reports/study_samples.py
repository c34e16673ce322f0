"""Studies that pages are tested with: simulated answers, and what the product makes of them."""

from dataclasses import replace
from functools import cache

import numpy as np
from scipy.stats import rankdata

from adis_bench.study.aggregate import aggregate
from adis_bench.study.answers import Answers
from adis_bench.study.designs import Design
from adis_bench.study.pseudonyms import pseudonym
from adis_bench.study.rankings import Rankings
from adis_bench.study.records import ScreeningRules
from adis_bench.study.rejection import Rejection
from adis_bench.study.results import MetricAgreement, StudyResults
from adis_bench.study.simulate import simulate

METHODS = ("ours", "ours:wav2clip", "cut", "cyclegan", "munit")
CLASSES = ("rain", "ocean", "crunching_snow")
HOSTILE = ('=cmd|"/c calc"!A1<script>alert(1)</script>&$x_1$', "M" * 64, "identity", "a\u202eb \x1b[31m")
STUDY = {
    "name": "demo-study",
    "plan": {"reading": "shared", "n_samples": 30, "n_workers": 16, "seed": 3},
    "displays": {"crunching_snow": "crunching snow"},
    "run": {"dataset": "d" * 64},
}


def metric(name: str, kendall: float | None, half: float = 0.1, reason: str = "") -> MetricAgreement:
    """A metric whose agreement per item is ``kendall``, and 0.5 over methods."""
    ends = (None,) * 3 if kendall is None else (kendall, kendall - half, kendall + half)
    return MetricAgreement(name, True, 0 if kendall is None else 30, *ends, *ends, 5, 0.5, 0.0, 1.0, 0.5, 0.0, 1.0, reason)


METRICS = (metric("fd", None, reason="a score of all outputs together: there is none per item"), metric("avc", 0.4), metric("ssim", -0.3))


@cache
def rich(methods: tuple[str, ...] = METHODS, classes: tuple[str, ...] = CLASSES) -> StudyResults:
    """A study with everything: classes, screening, metrics, rejected rankings, repeats."""
    strengths = [1.5 - 0.6 * place for place in range(len(methods))]
    design = Design(30, 16, 5, n_gold=16, n_repeats=6)
    answers = simulate(design, strengths, 3, bad={"random": 0.13, "fast": 0.07}, methods=methods).answers
    names = {worker: pseudonym("0" * 64, worker) for worker in answers.rankings.workers}
    labels = tuple(classes[place % len(classes)] for place in range(30))
    answers = replace(
        answers,
        rankings=replace(answers.rankings, workers=tuple(names.values()), labels=labels),
        gold=tuple(replace(one, worker=names[one.worker]) for one in answers.gold),
        repeats=tuple(replace(one, worker=names[one.worker]) for one in answers.repeats),
        rejected=(Rejection("incomplete", 3, 17),),
    )
    results = aggregate(answers, rules=ScreeningRules(), replicates=200, study=STUDY)
    return replace(results, metrics=METRICS)


@cache
def bare(n_items: int = 20, n_workers: int = 12, strengths: tuple[float, ...] = (0.05, 0.0, -0.05)) -> StudyResults:
    """A table of three methods that hardly differ, without study and run."""
    answers = simulate(Design(n_items, n_workers, min(3, n_workers)), strengths, 5, methods=METHODS[: len(strengths)]).answers
    return aggregate(Answers(answers.rankings), replicates=200)


@cache
def crowded(k: int = 60) -> StudyResults:
    """A table from elsewhere of more methods than a study can have, in the order of their names."""
    names = tuple(sorted(f"m{n}" for n in range(k)))
    random = np.random.default_rng(0)
    better = np.array([-float(name[1:]) for name in names])
    ranks = [rankdata(-(better + random.normal(0, 9, k))) for _ in range(48)]
    item, worker = (found.ravel() for found in np.meshgrid(np.arange(12), np.arange(4)))
    rankings = Rankings(names, tuple(map(str, range(12))), tuple(f"w-{n}" for n in range(4)), item, worker, np.array(ranks))
    return aggregate(Answers(rankings), replicates=20)


@cache
def alike() -> StudyResults:
    """Four workers who give three items the very same ranks: nothing scatters."""
    item, worker = (found.ravel() for found in np.meshgrid(np.arange(3), np.arange(4)))
    ranks = np.tile([1.0, 2.0, 3.0], (12, 1))
    rankings = Rankings(METHODS[:3], tuple("abc"), tuple(f"w-{n}" for n in range(4)), item, worker, ranks)
    return aggregate(Answers(rankings), replicates=20)


def chosen(results: StudyResults) -> StudyResults:
    """The same with the rule that picks workers by what they answered."""
    assert results.screening is not None
    return replace(results, screening=replace(results.screening, rules=ScreeningRules(min_agreement=0.0)))


@cache
def tiny() -> StudyResults:
    """One ranking: hardly anything is defined."""
    return bare(1, 1)
