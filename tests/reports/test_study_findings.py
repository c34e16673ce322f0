"""What the study's report says in words: never more than the corrected tests show."""

from dataclasses import replace

import pytest

from adis_bench.study.records import ScreeningRules
from adis_bench.study.rejection import Rejection
from adis_bench.study.results import MeanDifference, MethodResult, Screening, WorkerRow
from reports import study_findings
from reports.findings import Verdict
from tests.reports.study_samples import METRICS, bare, metric, rich, tiny


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


def test_differences_are_found_from_both_ends():
    """Second minus first is the first's mirror image."""
    results = rich()
    one = results.differences[0]
    found = study_findings.between(results, one.against, one.method)
    assert (found.value, found.ci_low, found.ci_high, found.p_holm) == (-one.value, -one.ci_high, -one.ci_low, one.p_holm)
    assert found.share_better == pytest.approx(1 - one.share_better)
    assert study_findings.between(results, "ours", "ours") is None


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
    """Shown to agree, not shown, shown to go against; none per item is said, too."""
    said = study_findings.metric_answer((*METRICS, metric("lpips", 0.05)))
    assert said.startswith("avc orders the outputs of an item most like people (mean Kendall's tau-b 0.40 [0.30, 0.50]")
    assert "Shown to agree: avc. Not shown to agree: lpips. Shown to go against people: ssim." in said
    assert study_findings.metric_answer((METRICS[0],)) == "No metric has a score per item to compare with people."


@pytest.mark.parametrize(
    ("reason", "end"),
    [("undefined: too few.", "too few"), ("no interval: one worker", "one worker"), ("all rankings: share", "all rankings: share")],
)
def test_reasons_end_sentences(reason, end):
    """What a sentence says already is taken from the reason's head."""
    assert study_findings.why(reason) == end
