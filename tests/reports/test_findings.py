"""What the report says in words."""

import pytest

from adis_bench.results import Difference, MetricRecord
from reports.data import RunData
from reports.findings import Verdict, answer, check_command, decimals, finding, interval, limits, notes, number, verdict


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


def test_digits_follow_the_scale_of_the_metric(run_dir):
    """Cosines get three digits, distances of some tens get two."""
    run = RunData.open(run_dir)
    assert (decimals("avc", run), decimals("fd_by_class", run)) == (3, 2)


def test_the_answer_names_the_best_method_and_its_evidence(run_dir):
    """The first headline metric, its best method, and paired differences against both controls."""
    said = answer(RunData.open(run_dir))
    # half = 0.08 * 0.61 = 0.0488: 0.37 - 0.0488 = 0.3212, 0.37 + 0.0488 = 0.4188.
    assert said.lead == "Of 3 methods, ours has the highest avc on 12 pairs: 0.370 [0.321, 0.419]."
    assert [c.sentence for c in said.comparisons] == [
        "+0.450 [+0.401, +0.499] against identity (the image left as it is): better, the interval excludes 0.",
        "+0.440 [+0.391, +0.489] against shuffled (a real frame of another class): better, the interval excludes 0.",
    ]


def test_an_interval_with_0_is_said_to_show_nothing(edit_results):
    """A positive difference whose interval includes 0 is not called better."""

    def widen(results):
        for row in results["differences"]:
            row["ci_low"] = row["value"] - 5

    said = answer(RunData.open(edit_results(widen)))
    assert all(c.verdict is Verdict.UNCLEAR for c in said.comparisons)
    assert all(c.sentence.endswith("the interval includes 0, so no difference is shown.") for c in said.comparisons)


def test_a_verdict_outlives_the_correction_or_is_none(edit_results):
    """An interval that excludes 0 isn't enough where many comparisons were made."""

    def correct(results):
        for row in results["differences"]:
            row["p"], row["p_holm"] = 0.02, 0.08

    said = answer(RunData.open(edit_results(correct)))
    assert all(c.verdict is Verdict.UNCLEAR for c in said.comparisons)
    assert all("corrected for the number of comparisons shows no difference" in c.sentence for c in said.comparisons)


def test_the_answer_is_by_a_metric_that_works(edit_results):
    """A failing metric gives way to the next headline metric; where all fail, the answer says so."""

    def fail(*names):
        def change(results):
            for metric in results["metrics"]:
                metric["failure"] = "it cannot tell" if not names or metric["name"] in names else ""

        return change

    assert "the highest label_similarity" in answer(RunData.open(edit_results(fail("avc")))).lead
    assert answer(RunData.open(edit_results(fail()))).lead.endswith("so this means little.")


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


def test_a_lower_score_wins_where_lower_is_better(run_dir):
    """The best Fréchet distance is the lowest of the methods, controls left out."""
    run = RunData.open(run_dir)
    found = finding(run, next(m for m in run.headline if m.name == "fd_by_class"))
    assert (found.method, found.value) == ("cut", "30.20")
    assert [c.verdict for c in found.comparisons] == [Verdict.BETTER, Verdict.BETTER]


def test_a_run_of_controls_only_claims_nothing(edit_results):
    """Without methods there is no winner."""

    def drop(results):
        results["methods"] = [m for m in results["methods"] if m["control"]]

    said = answer(RunData.open(edit_results(drop)))
    assert said.lead.startswith("Only the controls were run")
    assert said.comparisons == ()


def test_unscored_methods_are_not_ranked(edit_results):
    """Where no method has a value, the answer says so."""

    def drop(results):
        for row in results["scores"]:
            row.update(value=None, ci_low=None, ci_high=None, reason="too few")

    assert "No method could be scored on avc" in answer(RunData.open(edit_results(drop))).lead


def test_notes_say_what_intervals_cover(run_dir):
    """Sampling of pairs, not seeds; equal n; the floor of fd; where methods are compared."""
    said = " ".join(notes(RunData.open(run_dir)))
    for words in ("not of training seeds", "equal n only", "identity is the floor", "whether two differ stands under Differences", "Holm"):
        assert words in said


def test_with_other_training_data_no_control_is_a_floor(edit_results):
    """Sources of another dataset are no frames of the reference: the notes say so, and the self-check is told the training data."""
    train_data = {"name": "wild", "path": "data/wild", "n_test_sounds_in_it": 0, "n_test_images_in_it": 0}

    def change(results):
        results["dataset"]["notes"]["train_data"] = train_data
        results["dataset"]["pairing"] = "grid"

    run = RunData.open(edit_results(change))
    (pooled,) = [text for text in notes(run) if "no floor" in text]
    assert "(wild), so identity is no floor: such a distance says whether images look like those frames" in pooled
    assert "--data data/wild" in check_command(run)
    assert run.classes == "4 of images, 4 of sounds"
    fd = next(m for m in run.results.metrics if m.name == "fd")
    assert [c.by_construction for c in finding(run, fd).comparisons] == ["", ""]


def test_sources_among_the_compared_frames_are_no_strangers(edit_results):
    """Where some source images are in the other training data, it is said how many, and not that identity is no floor."""

    def change(results):
        results["dataset"]["notes"]["train_data"] = {"name": "wild", "path": "data/wild", "n_source_images_in_it": 177}

    run = RunData.open(edit_results(change))
    said = " ".join(notes(run))
    assert "177 of the source images are among the frames that fd compares with (wild), so identity gains by them" in said
    assert "no floor" not in said
    fd = next(m for m in run.results.metrics if m.name == "fd")
    assert finding(run, fd).comparisons[0].by_construction == "177 of the source images are among the frames that are compared with"


def test_shuffled_of_training_frames_is_near_what_is_compared_with(edit_results):
    """Without `target` the frames of `shuffled` are the reference's own."""

    def change(results):
        results["dataset"]["notes"]["train_data"] = {"name": "wild", "path": "data/wild"}
        results["methods"] = [m for m in results["methods"] if m["label"] != "target"]

    run = RunData.open(edit_results(change))
    fd = next(m for m in run.results.metrics if m.name == "fd")
    assert [c.by_construction for c in finding(run, fd).comparisons] == ["", "shuffled shows the very frames that are compared with"]
