"""Screening of workers: each rule by hand, and whom all of them leave out of simulated studies."""

from dataclasses import replace

import numpy as np
import pytest

from adis_bench.study.answers import Answers, Comment, GoldAnswer, RepeatAnswer
from adis_bench.study.designs import Design
from adis_bench.study.rankings import Rankings
from adis_bench.study.records import ScreeningRules
from adis_bench.study.rejection import Rejection
from adis_bench.study.screening import screen
from adis_bench.study.simulate import simulate

OFF = ScreeningRules(None, None, None, None, 1)
RANKS = np.array([[1.0, 2, 3], [1, 3, 2], [1, 2, 3], [1, 2, 3], [3, 2, 1], [3, 2, 1]])


def _answers(**parts: object) -> Answers:
    """Workers z, y and x (two rankings each) on items p and q."""
    worker, item = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1])
    rankings = Rankings(("a", "b", "c"), ("p", "q"), ("z", "y", "x"), item, worker, RANKS, seconds=parts.pop("seconds", None))
    return Answers(rankings, **parts)


def _failed(answers: Answers, rules: ScreeningRules) -> dict[str, tuple[str, ...]]:
    return {row.worker: row.failed for row in screen(answers, rules)[1]}


def test_without_rules_nobody_goes():
    """All rules off: the very same answers, and rows in the order of the names."""
    answers = _answers()
    kept, rows = screen(answers, OFF)
    assert kept is answers
    assert [row.worker for row in rows] == ["x", "y", "z"]
    assert {row.n_rankings for row in rows} == {2}


def test_what_cannot_be_asked_breaks_nothing():
    """A long CSV of one rater per item: no gold, no times, no places, nobody to agree with."""
    rankings = replace(_answers().rankings, item=np.arange(6), items=tuple("abcdef"))
    strict = ScreeningRules(1.0, 1e9, 0.0, 1.0, 1)
    kept, rows = screen(Answers(rankings), strict)
    assert len(kept.rankings.ranks) == 6
    assert all((row.n_gold, row.median_seconds, row.same_order, row.agreement, row.failed) == (0, None, None, None, ()) for row in rows)


def test_gold():
    """Three of four is enough for 0.75, two are not; nothing is asked of the worker without gold."""
    gold = [GoldAnswer("z", f"g{i}", i > 0) for i in range(4)] + [GoldAnswer("y", f"g{i}", i > 1) for i in range(4)]
    answers = _answers(gold=(*gold, GoldAnswer("nobody", "g0", False)))
    assert _failed(answers, replace(OFF, min_gold=0.75)) == {"z": (), "y": ("min_gold",), "x": ()}
    row = next(row for row in screen(answers, OFF)[1] if row.worker == "z")
    assert (row.gold_passed, row.n_gold) == (3, 4)


def test_time_is_the_median_of_what_is_known():
    """One quick item is no sin, two are; unknown times don't count."""
    answers = _answers(seconds=np.array([1.0, 9.0, 1.0, 2.0, np.nan, 3.0]))
    rows = {row.worker: row for row in screen(answers, replace(OFF, min_seconds=4.0))[1]}
    assert {worker: row.median_seconds for worker, row in rows.items()} == {"z": 5.0, "y": 1.5, "x": 3.0}
    assert {worker: row.failed for worker, row in rows.items()} == {"z": (), "y": ("min_seconds",), "x": ("min_seconds",)}


def test_straight_lining_is_by_place():
    """The same order of the places, not of the methods, is what counts."""
    slot_ranks = np.array([[1.0, 2, 3], [2, 3, 1], [3, 1, 2], [3, 1, 2], [1, 2, 3], [3, 2, 1]])
    rows = {row.worker: row for row in screen(_answers(slot_ranks=slot_ranks), replace(OFF, max_same_order=0.8))[1]}
    assert {worker: row.same_order for worker, row in rows.items()} == {"z": 0.5, "y": 1.0, "x": 0.5}
    assert rows["y"].failed == ("max_same_order",)
    assert rows["x"].failed == ()


def test_agreement_is_with_all_others():
    """Tau-b of each ranking with the others' sums, by hand."""
    # p: z 123 against y + x = 4, 4, 4: tied, not counted. q: z 132 against 123 + 321 = 4, 4, 4: not counted either.
    # y: p 123 against z + x = 123 + 321: tied; q 123 against 132 + 321 = 4, 5, 3: signs + - - against + + +: tau -1/3.
    # x: p 321 against 2, 4, 6: -1; q 321 against 2, 5, 5: order 1, then a tie: -2 / root(3 * 2).
    rows = {row.worker: row for row in screen(_answers(), replace(OFF, min_agreement=-0.5))[1]}
    assert rows["z"].agreement is None
    assert rows["y"].agreement == pytest.approx(-1 / 3)
    assert rows["x"].agreement == pytest.approx((-1 - 2 / 6**0.5) / 2)
    assert {worker: row.failed for worker, row in rows.items()} == {"z": (), "y": (), "x": ("min_agreement",)}


def test_few_rankings_break_no_share():
    """Below ``min_rankings`` only the time is asked for."""
    gold = tuple(GoldAnswer("y", f"g{i}", False) for i in range(3))
    answers = _answers(gold=gold, slot_ranks=RANKS, seconds=np.ones(6))
    rules = ScreeningRules(min_rankings=3, min_agreement=0.0)
    assert _failed(answers, rules) == dict.fromkeys("xyz", ("min_seconds",))
    # One of y's two rankings can be compared with others.
    assert _failed(answers, replace(rules, min_rankings=2))["y"] == ("min_seconds", "max_same_order")
    assert _failed(answers, replace(rules, min_rankings=1))["y"] == ("min_seconds", "max_same_order", "min_agreement")


def test_few_known_answers_leave_nobody_out():
    """Below ``min_gold_items`` a lapse is no ground; from there on it is."""
    gold = tuple(GoldAnswer("y", f"g{i}", False) for i in range(3))
    answers = _answers(gold=gold)
    rules = replace(OFF, min_gold=0.75)
    assert _failed(answers, rules)["y"] == ()
    assert _failed(answers, replace(rules, min_gold_items=3))["y"] == ("min_gold",)


def test_who_goes_loses_everything_but_comments():
    """Rankings become a counted rejection; gold and repeats go too, numbers of items and workers stay."""
    earlier = Rejection("tie", 1, 7)
    answers = _answers(
        rejected=(earlier,),
        seconds=np.array([9.0, 9, 1, 1, 9, 9]),
        slot_ranks=RANKS,
        gold=(GoldAnswer("y", "g", True), GoldAnswer("z", "g", True)),
        repeats=(RepeatAnswer("y", "p", (1, 2, 3)), RepeatAnswer("x", "p", (1, 2, 3))),
        comments=(Comment("y", "p", "too loud"),),
    )
    kept, rows = screen(answers, replace(OFF, min_seconds=4.0))
    assert kept.rejected == (earlier, Rejection("screened_worker", 2, 0))
    assert kept.rankings.worker.tolist() == [0, 0, 2, 2]
    assert kept.rankings.workers == ("z", "y", "x")
    np.testing.assert_array_equal(kept.slot_ranks, RANKS[[0, 1, 4, 5]])
    assert [answer.worker for answer in kept.gold] == ["z"]
    assert [answer.worker for answer in kept.repeats] == ["x"]
    assert kept.comments == answers.comments
    assert len(rows) == 3


def test_everybody_can_go():
    """Then nothing is left, and the caller says so."""
    kept, rows = screen(_answers(seconds=np.ones(6)), ScreeningRules())
    assert len(kept.rankings.ranks) == 0
    assert all(row.failed for row in rows)


def test_what_a_worker_found_is_no_ground():
    """The standard rules ask how somebody worked: whoever always disagrees with the others stays."""
    ranks = np.tile([[1.0, 2, 3]] * 3 + [[3.0, 2, 1]], (6, 1))
    worker, item = np.tile(np.arange(4), 6), np.repeat(np.arange(6), 4)
    answers = Answers(Rankings(("a", "b", "c"), tuple("pqrstu"), ("x", "y", "z", "odd"), item, worker, ranks))
    assert {row.failed for row in screen(answers, ScreeningRules())[1]} == {()}
    assert _failed(answers, ScreeningRules(min_agreement=0.0))["odd"] == ("min_agreement",)


@pytest.mark.parametrize("sizes", [(50, 20, 20, 8), (1000, 20, 1, 160)], ids=["crossed", "shared"])
def test_bad_workers_are_found_and_good_ones_stay(sizes: tuple[int, int, int, int]):
    """60 studies with 4 bad workers of 20 and 8 gold answers each: the standard rules find nearly all and hit few others."""
    bad = {"random": 0.05, "straight": 0.05, "fast": 0.05, "inverted": 0.05}
    counts: dict[str, list[bool]] = {}
    for seed in range(60):
        study = simulate(Design(*sizes), (0.6, 0.2, -0.1, -0.7), seed, bad=bad)
        rows = {row.worker: bool(row.failed) for row in screen(study.answers, ScreeningRules())[1]}
        for worker, kind in zip(study.answers.rankings.workers, study.kinds, strict=True):
            counts.setdefault(kind, []).append(rows[worker])
    rates = {kind: np.mean(found) for kind, found in counts.items()}
    assert rates["straight"] == rates["inverted"] == 1
    assert rates["fast"] >= 0.95
    assert rates["random"] >= 0.72  # eight coins show six heads or more in 14 %, and gold alone lets these pass; three standard errors
    assert rates["good"] <= 0.03
