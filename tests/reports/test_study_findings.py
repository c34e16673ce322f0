"""What the study's report says in words: never more than the corrected tests show."""

import re
from dataclasses import replace

import pytest

from adis_bench.study.records import ScreeningRules
from adis_bench.study.rejection import Rejection
from adis_bench.study.results import MeanDifference, MethodResult, Screening, WorkerRow
from reports import study_findings, study_words
from reports.findings import Verdict
from tests.reports.study_samples import METRICS, alike, bare, chosen, crowded, metric, rich, tiny


def _three(*p_holm, points=(2.5, 2.0, 1.5)):
    """Results of ``a``, ``b``, ``c`` with these points, and these p of a-b, a-c, b-c."""
    methods = tuple(MethodResult(name, value, value - 0.2, value + 0.2, (4, 3, 3)) for name, value in zip("abc", points, strict=True))
    pairs = (("a", "b"), ("a", "c"), ("b", "c"))
    differences = tuple(
        MeanDifference(first, second, points["abc".index(first)] - points["abc".index(second)], 0.1, 0.9, p, p, 0.7)
        for (first, second), p in zip(pairs, p_holm, strict=True)
    )
    return replace(bare(), methods=methods, differences=differences)


def test_a_clear_winner_is_preferred():
    """All corrected tests stand: the method, its points, its interval, and the largest p."""
    lead = study_findings.answer(_three(0.012, 0.0001, 0.3)).lead
    assert lead == (
        "People prefer a: 2.50 of at most 3 points on average (95 % interval 2.30 to 2.70). "
        "It is shown to be better than each of the other 2 methods (p = 0.012 after correction)."
    )


def test_no_difference_is_called_none_shown():
    """An interval that excludes 0 doesn't make a difference that Holm's correction takes back."""
    answer = study_findings.answer(_three(0.2, 0.01, 0.3))
    assert "but no difference from b is shown. It is shown to be better than c." in answer.lead
    assert "prefer" not in answer.lead
    assert [one.verdict for one in answer.evidence] == [Verdict.UNCLEAR, Verdict.BETTER]
    assert answer.evidence[0].sentence == (
        "+0.50 [+0.10, +0.90] points against b: no difference shown, p = 0.200; above it in 70 % of the rankings."
    )


def test_equal_leaders_are_named_together():
    """Nobody is picked by the order of the table."""
    lead = study_findings.answer(_three(1.0, 0.01, 0.01, points=(2.25, 2.25, 1.5))).lead
    assert lead == "a and b have the same mean points, 2.25 of at most 3: no difference between them is shown."


def test_without_tests_nothing_is_sure():
    """One ranking has a best method, and the reason why no more can be said."""
    answer = study_findings.answer(tiny())
    assert "how sure that is can't be said: all rankings share one worker" in answer.lead
    assert {one.verdict for one in answer.evidence} == {Verdict.UNKNOWN}


def test_a_method_without_a_test_is_said_beside_the_others():
    """Neither is it called worse, nor does it make the rest unsure."""
    assert study_findings.answer(_three(0.01, None, 0.01)).lead.endswith(
        "It is shown to be better than b. Against c there is no test: there is no scatter to judge by."
    )


def test_the_nearest_stand_under_the_answer_and_the_rest_are_counted():
    """Sixty methods are no list of 59: five of them, and numbers that add up."""
    answer = study_findings.answer(crowded())
    ranked = [one.method for one in study_findings.best_first(crowded().methods)]
    assert [re.search(r"against (\w+):", one.sentence)[1] for one in answer.evidence] == ranked[1:6]
    counts = list(map(int, re.findall(r"\d+", answer.more)))
    assert answer.more.startswith("And 54 others with fewer points: ")
    assert counts[0] == sum(counts[1:]) == 54
    assert (len(study_findings.answer(rich()).evidence), study_findings.answer(rich()).more) == (4, "")


def test_rankings_that_are_all_alike_have_a_reason_for_no_intervals():
    """The means are there, the lack of scatter is told, and a sign test is no missing test."""
    said = " ".join(study_findings.warnings(alike()))
    assert "There are no intervals: all rankings are alike, there is no scatter to judge by." in said
    assert "no tests" not in said


def test_made_up_workers_are_the_first_warning():
    """Answers of `study simulate` can't be taken for people's; where there are none nothing is said."""
    said = study_findings.warnings(replace(rich(), n_simulated=3))
    assert said[0] == "Made up by adis-bench study simulate: the answers of 3 workers. No people gave them."
    assert not any("Made up" in text for text in study_findings.warnings(rich()))


def test_workers_chosen_by_their_answers_are_a_warning():
    """The rule min_agreement makes everything conditional on it; without it nothing is said."""
    assert not any("min_agreement" in text for text in study_findings.warnings(rich()))
    (said,) = (text for text in study_findings.warnings(chosen(rich())) if "min_agreement" in text)
    assert "don't hold for people at large" in said
    assert f"left out 0 of {len(rich().screening.workers)} workers" in said


def test_differences_are_found_from_both_ends():
    """Second minus first is the first's mirror image."""
    results = rich()
    one = results.differences[0]
    found = study_findings.versus(results)[one.against, one.method]
    assert (found.value, found.ci_low, found.ci_high, found.p_holm) == (-one.value, -one.ci_high, -one.ci_low, one.p_holm)
    assert found.share_better == pytest.approx(1 - one.share_better)
    assert ("ours", "ours") not in study_findings.versus(results)
    assert len(study_findings.versus(results)) == 5 * 4


def test_warnings_of_a_tiny_table():
    """Few workers, few items, and every undefined value with its reason."""
    said = " ".join(study_findings.warnings(tiny()))
    assert all(
        part in said for part in ("Only 1 worker:", "Only 1 item:", "no intervals", "Friedman's test", "Krippendorff's alpha is not")
    )
    assert "undefined:" not in said


def test_much_rejected_is_a_warning_and_screened_workers_are_not():
    """A tenth of the file is much; workers left out by rule are counted elsewhere."""
    results = replace(bare(), n_rankings=90)
    assert not any(
        "rejected" in text for text in study_findings.warnings(replace(results, rejected=(Rejection("screened_worker", 50, 0),)))
    )
    assert any(
        "10 rankings, 10 %" in text for text in study_findings.warnings(replace(results, rejected=(Rejection("incomplete", 10, 3),)))
    )


def test_low_agreement_and_self_agreement_are_warnings():
    """Both by their numbers, and neither where they are fine."""
    assert any("agree little" in text for text in study_findings.warnings(replace(bare(), krippendorff_alpha=0.05)))
    assert not any("agree" in text for text in study_findings.warnings(replace(bare(), krippendorff_alpha=0.5)))
    own = replace(rich().self_agreement, ci_low=-0.1)
    assert any("agree with themselves" in text for text in study_findings.warnings(replace(rich(), self_agreement=own)))


def test_screening_that_changes_the_order_is_a_warning():
    """The pair that changed places is named; equal points before change nothing."""
    results = _three(0.01, 0.01, 0.01)
    workers = tuple(WorkerRow(f"w-{n}", 5, 1, 1, None, None, None, ("min_gold",) if n < 2 else ()) for n in range(8))
    turned = tuple(replace(one, mean_points=value) for one, value in zip(results.methods, (2.0, 2.4, 1.6), strict=True))
    screening = Screening(ScreeningRules(), workers, 40, 30, turned)
    said = study_findings.warnings(replace(results, screening=screening))
    assert any(text == "Screening changed the order of the methods: without it stands b above a." for text in said)
    assert any("left out 2 of 8 workers" in text for text in said)
    level = tuple(replace(one, mean_points=2.0) for one in results.methods)
    assert study_findings.order_changed(replace(results, screening=replace(screening, before=level))) == ""


def test_metrics_are_believed_by_their_intervals():
    """Above 0, holding it, below, and never more than that: they are not corrected for their number; none per item is said, too."""
    said = study_findings.metric_answer((*METRICS, metric("lpips", 0.05)))
    assert said.startswith("avc orders the outputs of an item most like people (mean Kendall's tau-b 0.40 [0.30, 0.50]")
    assert "Interval above 0: avc. Interval holds 0: lpips. Interval below 0, against people: ssim." in said
    assert "takes the workers as they are" in said
    assert "hown to agree" not in said
    without = study_findings.metric_answer((replace(METRICS[1], kendall_low=None, kendall_high=None),))
    assert "No metric has its interval above 0. No interval: avc." in without
    assert study_findings.metric_answer((METRICS[0],)) == "No metric has a score per item to compare with people."


def test_it_is_said_what_the_metrics_intervals_cover():
    """Over methods both items and workers are resampled, per item the workers are taken as they are."""
    (text,) = (one.text for one in study_words.computed(rich()) if one.name == "Metrics against people")
    assert "with a bootstrap over items and workers" in text
    assert "takes the workers as they are" in text


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        ("undefined: too few.", "too few"),
        ("no interval: one worker", "one worker"),
        ("no interval of a: b, c - d: all alike", "all alike"),
        ("all rankings: share no method: none", "all rankings: share no method: none"),
    ],
)
def test_reasons_end_sentences(reason, end):
    """What a sentence says already is taken from the reason's head."""
    assert study_findings.why(reason) == end
