"""What the report says in words."""

import pytest

from adis_bench.results import Difference, MetricRecord
from reports.data import RunData
from reports.findings import Verdict, check_command, decimals, interval, limits, number, verdict


def _difference(low, high):
    return Difference("ours", "identity", "avc", None if low is None else (low + high) / 2, low, high)


@pytest.mark.parametrize(
    ("low", "high", "higher_is_better", "expected"),
    [
        (0.1, 0.3, True, Verdict.BETTER),
        (0.1, 0.3, False, Verdict.WORSE),
        (-0.3, -0.1, True, Verdict.WORSE),
        (-0.3, -0.1, False, Verdict.BETTER),
        (-0.1, 0.3, True, Verdict.UNCLEAR),
        (0.0, 0.3, True, Verdict.UNCLEAR),
        (None, None, True, Verdict.UNKNOWN),
    ],
)
def test_only_an_interval_without_0_is_a_difference(low, high, higher_is_better, expected):
    """Better or worse needs an interval that excludes 0; touching it is not enough."""
    assert verdict(_difference(low, high), higher_is_better) is expected


@pytest.mark.parametrize(
    ("value", "places", "signed", "text"),
    [(0.12345, 3, False, "0.123"), (-0.5, 2, False, "−0.50"), (0.5, 1, True, "+0.5"), (-0.0001, 2, True, "0.00")],
)
def test_numbers_have_a_true_minus_and_no_signed_zero(value, places, signed, text):
    """Signs are typographic, and a value that rounds to zero has none."""
    assert number(value, places, signed) == text


def test_an_interval_that_is_not_there_leaves_no_brackets():
    """No interval is no text."""
    assert interval(None, None, 3) == ""
    assert interval(-1, 2.5, 1) == "[−1.0, 2.5]"


def test_digits_follow_the_uncertainty_of_the_metric(run_dir):
    """Two figures of a half width: 0.08 * 0.61 = 0.049 takes three digits behind the point, 0.08 * 71.3 = 5.7 takes one."""
    run = RunData.open(run_dir)
    assert (decimals("avc", run), decimals("fd_by_class", run)) == (3, 1)


def test_the_metrics_check_of_a_run_is_named(run_dir, edit_results):
    """The command that checks these metrics on these data, with words that a shell takes as they are."""
    assert check_command(RunData.open(run_dir)) == "adis-bench check metrics --data data/demo --protocol offline --preset demo --seed 0"
    spaced = edit_results(lambda results: results["dataset"].update(path="my data"))
    assert "--data 'my data' --protocol" in check_command(RunData.open(spaced))


def test_limits_are_said_in_words():
    """Range, need and reference, as far as a metric states them."""
    record = MetricRecord("m", "", "", "cosine", True, None, "x", None, "pair", -1.0, 1.0, 100, (1920, 120))
    assert limits(record) == ("Values from −1 to 1. Needs 100 pairs or more. Compared with 1,920 real frames, 120 or more in a class.")
    endless = MetricRecord("m", "", "", "", False, None, "x", None, "set", 0.0, None)
    assert limits(endless) == "Values from 0 to ∞."
    assert limits(MetricRecord("m", "", "", "", False, None, "x", None, "set")) == ""
