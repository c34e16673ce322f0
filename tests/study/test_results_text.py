"""What a terminal says of a study."""

from dataclasses import replace

import numpy as np

from adis_bench.study.aggregate import aggregate
from adis_bench.study.agreement_text import outcome_screening_warning
from adis_bench.study.answers import Answers
from adis_bench.study.designs import Design
from adis_bench.study.records import ScreeningRules
from adis_bench.study.rejection import Rejection
from adis_bench.study.results import MetricAgreement, StudyResults
from adis_bench.study.results_text import as_text
from adis_bench.study.simulate import simulate
from tests.study.rankings import crossed_rankings, make_rankings


def _study() -> StudyResults:
    """20 workers, a fifth of them bad, on 40 items of two classes, with gold, repeats and two metrics."""
    made = simulate(
        Design(40, 20, 20, n_gold=6, n_repeats=5), [0.9, 0.3, -0.4], 1, bad={"random": 0.2}, methods=["cut", "ours", "\x1b[31mred"]
    )
    rankings = replace(made.answers.rankings, labels=("rain", "sea") * 20)
    results = aggregate(replace(made.answers, rankings=rankings), rules=ScreeningRules(), replicates=100, study={"name": "s"})
    good = MetricAgreement("avc", True, 40, 0.31, 0.2, 0.4, 0.4, 0.3, 0.5, 3, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0)
    none = MetricAgreement("fid", False, 0, *[None] * 6, 3, 0.333, None, None, 0.5, None, None, "a score of all outputs together")
    return replace(results, metrics=(none, good))


def test_the_answer_comes_first():
    """Who is best, by how much, how sure; then the tables, and who was rejected at the end."""
    text = as_text(_study())
    first = text.split("\n\n")[1].split("\n")
    assert first[0].startswith("Best: cut, ")
    assert " more than ours (95 % interval " in first[0]
    assert "after Holm's correction" in first[0]
    assert "of 100 resamples of workers and items" in first[1]
    assert text.index("Best:") < text.index("rank 1") < text.index("cut - ours") < text.index("Plackett-Luce") < text.index("rejected:")


def test_everything_is_told():
    """Tests, agreement with what they are about, classes, metrics with the nearest to people first, repeats, screening."""
    text = as_text(_study())
    for part in (
        "the concordance of the items, not agreement of raters",
        "Nemenyi's critical difference of mean ranks",
        "Conover's test after Friedman (Holm)",
        "new items ranked by the same workers",
        "Krippendorff's alpha (ordinal)",
        "half a win each",
        "mean points by class",
        "fid: no tau per item (a score of all outputs together)",
        "Self-agreement of ",
        "Screening: 4 of 20 workers left out, with 160 of 800 rankings, 24 of 120 gold answers, 20 of 100 repeats",
        "640 rankings of 40 items by 16 workers\n1020 answers read: 800 rankings, 120 gold answers, 100 repeats, 0 rejected\n",
        "min_gold (0.75)",
        "screened_worker 160",
    ):
        assert part in text
    assert text.index("\navc") < text.index("\nfid")


def test_nothing_moves_the_cursor():
    """Names of the file come as they can be shown."""
    text = as_text(_study())
    assert "\x1b" not in text
    assert "\\x1b[31mred" in text


def test_a_tie_at_the_top():
    """Two with the same mean points: nobody is best."""
    results = aggregate(Answers(make_rankings([[1, 2, 3], [2, 1, 3]] * 2, [0, 1, 2, 3], [0, 1, 0, 1])), replicates=10)
    assert "Nobody is best: m0, m1 have the same mean points, 2.500" in as_text(results)


def test_a_lead_by_chance():
    """An interval that holds 0 is told in words."""
    worker, item = [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1]
    results = aggregate(Answers(make_rankings([[1, 2], [2, 1], [1, 2], [1, 2], [2, 1], [1, 2]], item, worker)), replicates=10)
    text = as_text(results)
    assert "the two are not told apart" in text
    assert text.split("\n\n")[1].startswith("Highest mean points: m0, ")
    assert "Best" not in text
    assert "the two are not told apart" not in as_text(aggregate(Answers(crossed_rankings(20, 60)), replicates=0))


def test_reasons_stand_for_what_is_undefined():
    """One worker and ties only: every gap says why."""
    alone = aggregate(Answers(make_rankings([[1.5, 1.5], [1.5, 1.5]], [0, 1], [0, 0])))
    text = as_text(replace(alone, undefined={**alone.undefined, "metrics": "the run has gone"}))
    for reason in (
        "all rankings share one worker",
        "all methods are tied in every item",
        "no item has rankings of two workers",
        "Metrics beside people: the run has gone",
        "rejected: none",
    ):
        assert reason in text
    ahead = aggregate(Answers(make_rankings([[1, 2], [1, 2]], [0, 1], [0, 1]), (Rejection("tie", 3, 7),)), replicates=0)
    assert "m0 stands above all others in every ranking" in as_text(ahead)
    assert "no interval: all rankings are alike, there is no scatter to judge by" in as_text(ahead)
    assert "1.000 more than m1 (no interval; p 0.5000 after Holm's correction)" in as_text(ahead)
    assert "Places in resamples: no resamples: all rankings are alike" in as_text(ahead)
    assert "rejected: 3\n  tie 3" in as_text(ahead)


def test_one_method_without_scatter():
    """A method that always has the same place has no interval, and the reason names it."""
    ways = [numbers.ravel().tolist() for numbers in np.indices((4, 3))]
    text = as_text(aggregate(Answers(make_rankings([[1, 2, 3]] * 11 + [[2, 1, 3]], ways[1], ways[0])), replicates=10))
    assert "no interval of m2: all rankings say the same of it, there is no scatter to judge by" in text
    assert "95 % intervals: they cover" in text


def test_one_of_each_is_one():
    """One ranking of one item by one worker."""
    text = as_text(aggregate(Answers(make_rankings([[1, 2]], [0], [0])), replicates=0))
    assert text.startswith("1 ranking of 1 item by 1 worker\n1 answer read: 1 ranking, 0 rejected\n\n")


def test_screening_by_the_outcome_is_a_warning():
    """Only where the rule is on: intervals, tests and alpha are then of people who agree."""
    answers = Answers(crossed_rankings())
    on, off, none = (aggregate(answers, rules=rules, replicates=0) for rules in (ScreeningRules(min_agreement=0.0), ScreeningRules(), None))
    warning = outcome_screening_warning(on)
    assert warning.startswith("The rule min_agreement (0) picks workers by what they found")
    assert warning in as_text(on)
    assert (outcome_screening_warning(off), outcome_screening_warning(none)) == ("", "")
