"""Workers who see an item twice."""

import numpy as np
import pytest
from scipy.stats import kendalltau, t

from adis_bench.study.answers import Answers, RepeatAnswer
from adis_bench.study.designs import Design
from adis_bench.study.population import Population
from adis_bench.study.rankings import Rankings
from adis_bench.study.self_agreement import self_agreement
from adis_bench.study.simulate import simulate

FIRST = np.array([[1.0, 2, 3], [2, 1, 3], [1, 2, 3], [2, 2, 2]])


def _answers(*repeats: tuple[str, str, tuple[float, ...]]) -> Answers:
    """Workers u (items p, q), v (item r) and w (item s, all tied)."""
    rankings = Rankings(("a", "b", "c"), ("p", "q", "r", "s"), ("u", "v", "w"), np.arange(4), np.array([0, 0, 1, 2]), FIRST)
    return Answers(rankings, repeats=tuple(RepeatAnswer(*repeat) for repeat in repeats))


def test_by_hand():
    """Three repeats by two workers on items of their own: the t interval of the two workers' means."""
    found = self_agreement(_answers(("u", "p", (1, 2, 3)), ("u", "q", (1, 2, 3)), ("v", "r", (3, 2, 1))))
    # Tau 1, 1/3 and -1.
    assert (found.n_workers, found.n_items, found.reason) == (2, 3, "")
    assert found.same_order == pytest.approx(1 / 3)
    assert found.kendall == pytest.approx(1 / 9)
    assert kendalltau(FIRST[1], [1, 2, 3]).statistic == pytest.approx(1 / 3)
    assert (found.ci_low, found.ci_high) == (-1.0, 1.0)  # two workers tell nothing: cut to the range of tau


def test_interval_of_many_workers_is_students():
    """One repeat each, on items of their own."""
    rng = np.random.default_rng(0)
    first, again = (rng.random((30, 4)).argsort(axis=1) + 1.0 for _ in range(2))
    names = tuple(map(str, range(30)))
    rankings = Rankings(tuple("abcd"), names, names, np.arange(30), np.arange(30), first)
    found = self_agreement(Answers(rankings, repeats=tuple(RepeatAnswer(n, n, tuple(r)) for n, r in zip(names, again, strict=True))))
    taus = np.array([kendalltau(a, b).statistic for a, b in zip(first, again, strict=True)])
    half = t.ppf(0.975, 29) * taus.std(ddof=1) / 30**0.5
    assert found.kendall == pytest.approx(taus.mean())
    assert (found.ci_low, found.ci_high) == pytest.approx((taus.mean() - half, taus.mean() + half))


def test_what_cannot_be_said_has_a_reason():
    """Nobody; repeats without a first ranking; all tied; one worker only; no repeat that differs."""
    assert self_agreement(_answers()).reason == "no self-agreement: nobody ranked an item twice"
    lost = self_agreement(_answers(("v", "p", (1, 2, 3)), ("x", "p", (1, 2, 3))))
    assert (lost.n_workers, lost.kendall) == (0, None)
    assert "none of 2 repeats" in lost.reason
    tied = self_agreement(_answers(("w", "s", (2, 2, 2))))
    assert (tied.same_order, tied.kendall) == (1.0, None)
    assert "tied" in tied.reason
    alone = self_agreement(_answers(("u", "p", (1, 2, 3)), ("u", "q", (2, 1, 3))))
    assert (alone.kendall, alone.ci_low) == (1.0, None)
    assert alone.reason == "no interval: all repeats share one worker"
    same = self_agreement(_answers(("u", "p", (1, 2, 3)), ("v", "r", (1, 2, 3))))
    assert (same.kendall, same.same_order, same.ci_low, same.ci_high) == (1.0, 1.0, None, None)
    assert same.reason == "no interval: all repeats are alike, there is no scatter to judge by"


def test_the_first_repeat_counts():
    """A worker may be shown an item a third time."""
    found = self_agreement(_answers(("u", "p", (1, 2, 3)), ("u", "p", (3, 2, 1))))
    assert (found.n_items, found.kendall) == (1, 1.0)


def test_careless_workers_agree_less_with_themselves():
    """Strong and weak strengths in simulated studies; random workers agree with themselves by chance only."""
    found = [
        self_agreement(simulate(Design(60, 20, 20, 0, 30), strengths, 0, Population(), bad).answers).kendall
        for strengths, bad in (((3.0, 1, -1, -3), {}), ((0.3, 0.1, -0.1, -0.3), {}), ((3.0, 1, -1, -3), {"random": 1.0}))
    ]
    assert found[0] > 0.7 > 0.4 > found[1] > 0.1
    assert abs(found[2]) < 0.1
