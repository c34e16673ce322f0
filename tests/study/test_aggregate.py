"""Statistics of rankings, by hand and against their parts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from adis_bench.errors import AdisBenchError, DataError
from adis_bench.statistics.crossed import crossed_means
from adis_bench.statistics.posthoc import pair_tests
from adis_bench.study.aggregate import RunScores, aggregate
from adis_bench.study.answers import Answers, GoldAnswer, RepeatAnswer
from adis_bench.study.records import ScreeningRules
from adis_bench.study.rejection import Rejection
from adis_bench.study.results import StudyResults
from tests.study.rankings import crossed_rankings, make_rankings


def _aggregate(ranks: list[list[float]], item: list[int], worker: list[int]) -> StudyResults:
    return aggregate(Answers(make_rankings(ranks, item, worker)), replicates=20)


def test_keys_are_those_of_the_issue():
    """The object of ``--json``, key by key."""
    found = aggregate(Answers(crossed_rankings(), (Rejection("tie", 2, 5),)), replicates=0).to_json()
    assert list(found) == [
        "n_items",
        "n_workers",
        "n_rankings",
        "rejected",
        "methods",
        "friedman",
        "kendall_w",
        "krippendorff_alpha",
    ]
    assert found["rejected"] == {"tie": 2}
    assert [list(method) for method in found["methods"]] == [["method", "mean_points", "ci_low", "ci_high", "rank_counts"]] * 4
    assert list(found["friedman"]) == ["statistic", "p"]


def test_points_and_intervals():
    """Means of k + 1 - rank, with the intervals of the crossed effects."""
    rankings = crossed_rankings()
    results = aggregate(Answers(rankings), replicates=0)
    means = crossed_means(5 - rankings.ranks, rankings.worker, rankings.item)
    np.testing.assert_allclose([method.mean_points for method in results.methods], (5 - rankings.ranks).mean(axis=0))
    np.testing.assert_allclose([method.ci_low for method in results.methods], means.mean - means.half)
    np.testing.assert_allclose([method.ci_high for method in results.methods], means.mean + means.half)
    assert (results.n_items, results.n_workers, results.n_rankings) == (12, 5, 60)


def test_tests_are_over_items():
    """Ranks are averaged over workers first, so that there are as many blocks as items; Friedman's and all pairs'."""
    rankings = crossed_rankings()
    averaged = rankings.ranks.reshape(5, 12, 4).mean(axis=0).round(6)
    expected = friedmanchisquare(*averaged.T)
    results = aggregate(Answers(rankings), replicates=0)
    assert results.friedman_statistic == pytest.approx(expected.statistic)
    assert results.friedman_p == pytest.approx(expected.pvalue)
    assert results.kendall_w == pytest.approx(expected.statistic / 36)
    tests = pair_tests(averaged)
    np.testing.assert_allclose(results.post_hoc.conover, tests.conover)
    np.testing.assert_allclose(results.post_hoc.nemenyi, tests.nemenyi)
    assert results.post_hoc.critical_difference == pytest.approx(2.569 * (20 / 72) ** 0.5, rel=1e-3)
    assert results.post_hoc.groups[0][0] == "m0"


def test_rank_counts_share_places():
    """Two that share places 1 and 2 have half of each, three that share 2 to 4 a third; whole counts are integers."""
    counts = [method.rank_counts for method in _aggregate([[1.5, 1.5, 3, 4], [1, 3, 3, 3], [1, 2, 3, 4]], [0, 1, 2], [0, 1, 2]).methods]
    assert counts[0] == (2.5, 0.5, 0, 0)
    assert counts[1] == pytest.approx((0.5, 0.5 + 1 / 3 + 1, 1 / 3, 1 / 3))
    assert [sum(of_method) for of_method in counts] == pytest.approx([3] * 4)
    assert sum(of_method[3] for of_method in counts) == pytest.approx(3)
    whole = aggregate(Answers(crossed_rankings()), replicates=0).methods[0].rank_counts
    assert all(isinstance(count, int) for count in whole)


def test_undefined_values_have_reasons():
    """One rating per item has no alpha, one worker no intervals, all ties no test: null, and why."""
    shared = _aggregate([[1, 2], [2, 1], [1, 2], [1, 2]], [0, 1, 2, 3], [0, 0, 1, 1])
    assert shared.krippendorff_alpha is None
    assert shared.methods[0].ci_low is not None
    alone = _aggregate([[1.5, 1.5], [1.5, 1.5]], [0, 1], [0, 0])
    record = alone.to_json()
    assert record["friedman"] == {"statistic": None, "p": None}
    assert (record["kendall_w"], record["methods"][0]["ci_low"], record["methods"][0]["ci_high"]) == (None, None, None)
    assert alone.undefined == {
        "interval": "no interval: all rankings share one worker",
        "friedman": "undefined: all methods are tied in every item",
        "krippendorff_alpha": "undefined: no item has rankings of two workers",
        "places": "no resamples: all rankings share one worker",
    }
    assert (alone.post_hoc.critical_difference, alone.post_hoc.reason) == (None, alone.undefined["friedman"])
    assert (alone.plackett_luce.strengths[0].ci_low, alone.plackett_luce.reason) == (None, alone.undefined["interval"])
    assert (alone.differences[0].p, alone.bootstrap.n_replicates, alone.bootstrap.places) == (None, 0, ())


def test_one_ranking():
    """The least that there can be: means, and reasons for the rest."""
    results = _aggregate([[2, 1, 3]], [0], [0])
    assert [method.mean_points for method in results.methods] == [2, 3, 1]
    assert set(results.undefined) == {"interval", "friedman", "krippendorff_alpha", "places"}


def test_alpha_is_over_items_and_methods():
    """Two workers, one item, opposite orders of two methods: the worst there is."""
    results = _aggregate([[1, 2], [2, 1]], [0, 0], [0, 1])
    # Units (1, 2) and (2, 1): n(1) = n(2) = 2, d = (4 - 2)^2 = 4; observed 4 pairs * 4 = 16, expected 2 * 4 * 4 = 32; 1 - 3 * 16 / 32.
    assert results.krippendorff_alpha == pytest.approx(-0.5)


def test_intervals_end_where_points_do():
    """Four points are the most there is."""
    worker, item = (numbers.ravel() for numbers in np.indices((4, 3)))
    ranks = [[1, 2, 3, 4]] * 11 + [[2, 1, 3, 4]]
    results = _aggregate(ranks, item.tolist(), worker.tolist())
    first, *_, last = results.methods
    assert first.mean_points < first.ci_high == 4.0
    assert (last.ci_low, last.ci_high) == (None, None)


def test_no_scatter_is_no_interval():
    """Where all rankings say the same of a method, or of all, an interval would have no width: there is none, and why."""
    worker, item = (numbers.ravel().tolist() for numbers in np.indices((4, 3)))
    some = _aggregate([[1, 2, 3, 4]] * 11 + [[2, 1, 3, 4]], item, worker)
    names = "m2, m3, m2 - m3"
    assert some.undefined["no_scatter"] == f"no interval of {names}: all rankings say the same of it, there is no scatter to judge by"
    assert "interval" not in some.undefined
    assert some.bootstrap.n_replicates > 0
    assert [row.ci_low is None for row in some.differences] == [row.method == "m2" for row in some.differences]
    same = _aggregate([[1.5, 1.5, 3, 4]] * 12, item, worker)
    assert same.undefined["interval"] == "no interval: all rankings are alike, there is no scatter to judge by"
    assert "no_scatter" not in same.undefined
    assert {(row.ci_low, row.ci_high) for row in (*same.methods, *same.differences)} == {(None, None)}
    assert {row.p for row in same.differences} == {0.25, 1.0}
    assert (same.bootstrap.n_replicates, same.undefined["places"]) == (
        0,
        "no resamples: all rankings are alike, there is no scatter to judge by",
    )


def test_labels_may_end_in_nothing():
    """Classes that differ by a NUL at the end are two; items without a class are in none."""
    results = aggregate(Answers(replace(crossed_rankings(), labels=("a", "a\0", "") * 4)), replicates=0)
    assert [(row.label, row.n_items) for row in results.classes] == [("a", 4), ("a\0", 4)]


def test_all_answers_are_counted():
    """What was read is ranked, gold, repeated or rejected; what screening takes away is told by kind."""
    rankings = crossed_rankings()
    gold = tuple(GoldAnswer(worker, "g", True) for worker in rankings.workers)
    repeats = (RepeatAnswer("4", "0", (1, 2, 3, 4)), RepeatAnswer("1", "0", (1, 2, 3, 4)))
    answers = replace(_with_bad_worker(), gold=gold, repeats=repeats)
    results = aggregate(answers, rules=ScreeningRules(), replicates=0, study={"name": "s"})
    assert (results.n_answers, results.n_gold, results.n_repeats) == (60 + 5 + 2 + 2, 5, 2)
    screening = results.screening
    assert (screening.n_rankings_before - screening.n_rankings_after, screening.n_gold_lost, screening.n_repeats_lost) == (12, 1, 1)
    bare = aggregate(Answers(rankings, (Rejection("tie", 2, 5),)), replicates=0)
    assert (bare.n_answers, bare.n_gold, bare.n_repeats) == (62, 0, 0)


def test_classes_are_studies_of_their_own():
    """Each class has what its items alone would give; one item of a class has no interval, and a class without rankings is not there."""
    rankings = replace(crossed_rankings(), labels=tuple("aabbbbbbbbbc"))
    kept = rankings.where(rankings.item != 1)
    results = aggregate(Answers(kept.where(kept.item != 11)), replicates=0)
    assert [(row.label, row.n_items, row.n_rankings) for row in results.classes] == [("a", 1, 5), ("b", 9, 45)]
    assert (results.classes[0].reason, results.classes[0].methods[0].ci_low) == ("no interval: all rankings share one item", None)
    inside = (rankings.item > 1) & (rankings.item < 11)
    assert results.classes[1].methods == aggregate(Answers(rankings.where(inside)), replicates=0).methods


def _with_bad_worker() -> Answers:
    """Worker 4 takes a second for an item, the others ten."""
    rankings = crossed_rankings()
    return Answers(replace(rankings, seconds=np.where(rankings.worker == 4, 1.0, 10.0)), (Rejection("tie", 2, 5),))


def test_screening_comes_first():
    """All results are those of the workers who stay; those of everybody are kept beside, and the rankings are counted as rejected."""
    answers, rules = _with_bad_worker(), ScreeningRules()
    results = aggregate(answers, rules=rules, replicates=0)
    everybody = aggregate(answers, replicates=0)
    kept = aggregate(Answers(answers.rankings.where(answers.rankings.worker != 4)), replicates=0)
    assert results.methods == kept.methods != everybody.methods
    assert results.differences == kept.differences
    assert results.screening is not None
    assert results.screening.before == everybody.methods
    assert (results.screening.n_rankings_before, results.screening.n_rankings_after, results.n_workers) == (60, 48, 4)
    assert results.to_json()["rejected"] == {"tie": 2, "screened_worker": 12}
    assert everybody.screening is None


def test_nobody_left():
    """Rules that leave everybody out: one line that names them."""
    with pytest.raises(DataError, match=r"all 5 workers fail .*min_seconds.*60 rankings.*--no-screening"):
        aggregate(_with_bad_worker(), rules=ScreeningRules(min_seconds=99.0))


def test_run_that_has_gone(tmp_path: Path):
    """The study's own run may have gone: a note without its folder; a run that was asked for must be there."""
    answers = Answers(crossed_rankings())
    results = aggregate(answers, replicates=0, run=RunScores(tmp_path / "gone", {}, asked_for=False))
    assert results.metrics is None
    assert "name it with --run" in results.undefined["metrics"]
    assert str(tmp_path) not in results.undefined["metrics"]
    with pytest.raises(AdisBenchError, match="gone"):
        aggregate(answers, replicates=0, run=RunScores(tmp_path / "gone", {}))


def test_bare_tables_say_nothing_of_a_study():
    """Self-agreement is told of studies only, with its reason where nobody saw an item twice."""
    bare, told = (aggregate(Answers(crossed_rankings()), replicates=0, study=study) for study in (None, {"name": "s"}))
    assert (bare.self_agreement, bare.study) == (None, {})
    assert told.self_agreement is not None
    assert told.self_agreement.reason
    assert told.study == {"name": "s"}
