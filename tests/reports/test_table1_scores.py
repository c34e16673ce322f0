"""Trainings together: means, spreads, intervals, missing seeds and the rule for bold, from made-up results."""

from dataclasses import replace
from pathlib import Path

import pytest

from adis_bench.statistics.clustered import student_t
from reports.table1_scores import Table1Scores, trainings
from tests.reports.table1_runs import table1_results, with_scores, without

FOLDER = Path("/nowhere")


def _scores(n_seeds=3):
    return Table1Scores.of(table1_results(FOLDER, n_seeds))


def test_whole_seeds_come_first():
    """All variants of a seed are trained before the next seed, each with its own seed, under a label of its own."""
    assert [(m.label, m.name, m.seed) for m in trainings(2)] == [
        ("scratch-0", "ours", 0),
        ("selavi-0", "ours:selavi", 0),
        ("wav2clip-0", "ours:wav2clip", 0),
        ("scratch-1", "ours", 1),
        ("selavi-1", "ours:selavi", 1),
        ("wav2clip-1", "ours:wav2clip", 1),
    ]


@pytest.mark.parametrize("n_seeds", [1, 2, 3])
def test_the_seeds_are_read_from_the_run(n_seeds):
    """The labels of a run tell how many trainings it holds."""
    assert _scores(n_seeds).seeds == tuple(range(n_seeds))


def test_mean_spread_and_interval_of_three_trainings():
    """0.30, 0.32, 0.31 with errors of 0.01 over pairs, worked out by hand."""
    found = _scores().scores["scratch", "avc"].together
    assert (found.mean, found.deviation) == pytest.approx((0.31, 0.01))
    # V = 0.0001 + 0.0001 / 3 = 0.00013333; degrees = V^2 / (1e-8 / 37 + (1e-4 / 3)^2 / 2) = 21.5, rounded down.
    half = student_t(21) * 0.00013333333**0.5
    assert (found.low, found.high) == pytest.approx((0.31 - half, 0.31 + half))


def test_two_trainings_have_a_mean_and_no_spread():
    """Both values stay; spread and interval are not made up."""
    found = _scores(2).scores["selavi", "avc"]
    assert found.values == ((0, 0.33), (1, 0.30))
    assert found.together.mean == pytest.approx(0.315)
    assert (found.together.deviation, found.together.low) == (None, None)
    assert found.together.reason == "no spread and no interval: 2 trainings, 3 are needed"


def test_one_training_is_its_value():
    """Nothing is said about another training."""
    found = _scores(1).scores["wav2clip", "fd"].together
    assert (found.mean, found.deviation, found.low, found.n) == (12.1, None, None, 1)


def test_a_failed_training_leaves_the_others():
    """The mean is that of the other two, the reason stays, and so do the other variants."""
    found = Table1Scores.of(without(table1_results(FOLDER), "selavi-1", "no outputs"))
    assert found.scores["selavi", "avc"].values == ((0, 0.33), (2, 0.315))
    assert found.scores["selavi", "avc"].missing == ((1, "no outputs"),)
    assert found.scores["selavi", "avc"].together.n == 2
    assert found.scores["scratch", "avc"].together.n == 3


def test_a_training_that_lacks_pairs_does_not_count():
    """Who lacks the hard pairs would win by it."""
    results = with_scores(table1_results(FOLDER), lambda s: {"n": 7} if s.method == "wav2clip-2" else {})
    found = Table1Scores.of(results).scores["wav2clip", "fd_by_class"]
    assert found.missing == ((2, "rests on 7 pairs, not 12"),)


def test_differences_pair_trainings_of_one_seed():
    """wav2clip minus scratch: 0.11 with each seed, whichever way round the run holds them."""
    found = _scores().differences["wav2clip", "scratch", "avc"]
    assert [value for _, value in found.values] == pytest.approx([0.11, 0.11, 0.11])
    assert found.together.deviation == pytest.approx(0.0, abs=1e-12)
    # No scatter between seeds: the pairs' error of 0.01 alone, with their 37 degrees of freedom.
    assert found.together.high == pytest.approx(0.11 + student_t(37) * 0.01)


def test_differences_are_found_the_other_way_round():
    """A run that lists the variants in another order gives the same differences."""
    results = table1_results(FOLDER)
    turned = tuple(
        replace(d, method=d.against, against=d.method, value=-d.value, ci_low=-d.ci_high, ci_high=-d.ci_low)
        if d.against.startswith(("selavi", "wav2clip"))
        else d
        for d in results.differences
    )
    found, expected = (
        Table1Scores.of(one).differences["selavi", "scratch", "fd"].values for one in (replace(results, differences=turned), results)
    )
    assert found == expected


def test_bold_is_who_beats_each_other_variant():
    """By higher values and by lower ones; not where an interval includes 0, not where two are equal."""
    assert _scores().best == {"avc": "wav2clip", "fd_by_class": "wav2clip"}


@pytest.mark.parametrize("n_seeds", [1, 2])
def test_nothing_is_bold_below_three_trainings(n_seeds):
    """However far apart the variants are."""
    assert _scores(n_seeds).best == {}


def test_nothing_is_bold_where_two_trainings_are_left_of_a_rival():
    """A comparison over two seeds has no interval, so it shows nothing; the other metrics' do not change that."""
    assert Table1Scores.of(without(table1_results(FOLDER), "selavi-1", "no outputs")).best == {}


def test_nothing_is_bold_where_a_variant_has_no_training():
    """Nobody is the best of three who was compared with one."""
    results = table1_results(FOLDER)
    for seed in range(3):
        results = without(results, f"selavi-{seed}", "no outputs")
    found = Table1Scores.of(results)
    assert found.best == {}
    assert found.scores["selavi", "avc"].together.mean is None


def test_headline_metrics_stand_in_the_protocols_order():
    """Metrics that stand beside another are left out; by the paper's protocol the published columns lead."""
    assert [m.name for m in _scores().metrics] == ["avc", "label_similarity", "fd_by_class", "fd", "structure_similarity"]
    results = table1_results(FOLDER)
    renamed = tuple(
        replace(m, name={"fd": "fid", "structure_similarity": "clip_similarity", "label_similarity": "openl3_avc"}.get(m.name, m.name))
        for m in results.metrics
    )
    found = Table1Scores.of(replace(results, protocol="paper", metrics=renamed))
    assert [m.name for m in found.metrics] == ["openl3_avc", "fid", "clip_similarity", "avc", "fd_by_class"]
