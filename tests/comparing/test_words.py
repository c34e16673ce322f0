"""A comparison in sentences."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adis_bench.comparing.comparison import Comparison, compare
from adis_bench.comparing.record import record
from adis_bench.comparing.runs import open_runs
from adis_bench.comparing.words import answer, difference_text, notes, verdict, warnings
from adis_bench.metrics.comparison import Compared
from adis_bench.results import Results
from tests.comparing.runs import make_run
from tests.reports.conftest import CONTROLS


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., Comparison]:
    """Compare runs ``a``, ``b`` ...: ``found({}, {"moved": {"ours": 0.1}})`` with the arguments of each."""

    def make(*arguments: dict) -> Comparison:
        names = "abc"[: len(arguments)]
        for name, extra in zip(names, arguments, strict=True):
            make_run(tmp_path / name, **extra)
        return compare(open_runs([tmp_path / name for name in names]))

    return make


def test_a_copy_differs_in_nothing(found: Callable[..., Comparison]):
    """Said first, in words; then who leads in both."""
    said = answer(found({}, {}))
    assert said[0] == "Nothing differs between the runs: the 2 runs have the same 8 methods and controls with the same scores on 12 pairs."
    assert (
        "on avc: ours has the highest value, 0.346 [0.297, 0.395], n 12, but it is not shown to be ahead of cut (apart by 0.0220, p = 0."
        in said[1]
    )


def test_who_leads_by_how_much_and_how_sure(found: Callable[..., Comparison]):
    """The leader of all runs, its lead with interval, the p, and what became of each method from the first run to the last."""
    said = answer(found({}, {"moved": {"ours": 0.2}}))
    assert said[0].startswith("b:ours is ahead on avc: 0.")
    assert "by 0.2000 [0.2000, 0.2000] before a:ours, p = 0.0010." in said[0]
    assert said[1].startswith("b:ours is better than a:ours on avc: +0.2000 [+0.2000, +0.2000], p = 0.0010, ")
    assert said[2:] == ("cut and cyclegan are the same in all runs.",)


def test_a_worse_run_says_so(found: Callable[..., Comparison]):
    """The sign is the later run's minus the earlier one's, whoever leads."""
    said = answer(found({}, {"moved": {"ours": -0.2}}))
    assert said[0].startswith("No method is shown to lead on avc: a:ours has the highest value")
    assert said[1].startswith("b:ours is worse than a:ours on avc: -0.2000 [-0.2000, -0.2000]")


def test_what_chance_could_have_made_is_no_lead(found: Callable[..., Comparison]):
    """Two methods whose difference has an interval over 0: nobody leads, and both numbers are said."""
    kept = (*CONTROLS, "ours", "cut")
    made = found({"kept": kept, "moved": {"ours": -0.06}}, {"kept": kept, "moved": {"ours": -0.06}})
    assert answer(made)[1].startswith("No method is shown to lead on avc: ")
    assert "but it is not shown to be ahead of " in answer(made)[1]


def test_the_answer_is_by_a_metric_that_works_everywhere(found: Callable[..., Comparison], tmp_path: Path):
    """A metric that fails in one run is marked for all, and the answer is by the next one; if all fail, with doubt."""
    metrics = make_run(tmp_path / "x").metrics
    failing = tuple(replace(metric, failure="It fails.") if metric.name == "avc" else metric for metric in metrics)
    made = found({}, {"metrics": failing})
    assert made.failures == {"avc": {"b": "It fails."}}
    assert "ahead on label_similarity" in answer(made)[1] or "lead on label_similarity" in answer(made)[1]
    made = found({}, {"metrics": tuple(replace(metric, failure="It fails.") for metric in metrics)})
    assert "this means little" in answer(made)[1]
    assert any("⚠" in note for note in notes(made))


def test_methods_of_one_run_and_controls_that_differ(found: Callable[..., Comparison]):
    """A method that only one run has is said to be there only; a control that moved comes with a warning."""
    said = " ".join(answer(found({"kept": (*CONTROLS, "ours")}, {"kept": (*CONTROLS, "cut"), "moved": {"target": 0.1}})))
    assert "ours is in a only." in said
    assert "cut is in b only." in said
    assert "The control differs between the runs, look there before you look at methods: target." in said


def test_runs_of_controls(found: Callable[..., Comparison]):
    """There is nothing to lead."""
    assert answer(found({"kept": CONTROLS}, {"kept": CONTROLS})) == ("The runs hold controls only.",)


def test_a_method_with_fewer_pairs_does_not_lead(found: Callable[..., Comparison]):
    """Who lacks pairs can't win by that."""
    assert "b:ours has" not in answer(found({}, {"moved": {"ours": 0.3}, "lost": {"ours": [1, 2]}}))[0]


@pytest.mark.parametrize(
    ("value", "higher", "expected"),
    [
        (Compared(0.1, 0.05, 0.15, 9, 0, p=0.001, p_holm=0.01), True, "better"),
        (Compared(0.1, 0.05, 0.15, 9, 0, p=0.001, p_holm=0.01), False, "worse"),
        (Compared(-0.1, -0.15, -0.05, 9, 0, p=0.001, p_holm=0.01), True, "worse"),
        (Compared(0.1, 0.05, 0.15, 9, 0, p=0.001, p_holm=0.06), True, "unclear"),
        (Compared(0.1, -0.05, 0.25, 9, 0, p=0.2, p_holm=0.6), True, "unclear"),
        (Compared(0.1, None, None, 9, 0), True, "unknown"),
        (Compared(None, None, None, 0, 9, "not scored"), True, "unknown"),
    ],
)
def test_verdicts(value: Compared, higher: bool, expected: str):
    """Better and worse need an interval without 0 and a corrected test that agrees."""
    assert verdict(value, higher) == expected


def test_a_difference_on_one_line(found: Callable[..., Comparison]):
    """Value, interval, verdict, p, effect sizes with intervals, and the pairs that it rests on, of how many."""
    made = found({}, {"moved": {"ours": 0.1}, "lost": {"ours": [0]}})
    one = next(d for d in made.differences if (d.metric, d.later.label, d.earlier.label) == ("avc", "b:ours", "cut"))
    text = difference_text(one.value, 3, "better")
    assert text.startswith(f"{one.value.value:+.4f} [{one.value.ci_low:+.4f}, {one.value.ci_high:+.4f}], better, p = ")
    assert f"d_z {one.value.effect.d_z:+.2f} [{one.value.effect.d_z_interval.low:+.2f}, " in text
    assert "better on 82 % [47, 96] of pairs" in text
    assert text.endswith(", n 11 of 12")
    assert difference_text(Compared(None, None, None, 0, 12, "one is not scored"), 3) == "not known: one is not scored"


def test_warnings_are_said_once_with_their_runs(found: Callable[..., Comparison]):
    """Those of several runs together, in the order of the runs."""
    made = found({"warnings": ("Few pairs.", "Old.")}, {"warnings": ("Few pairs.",)})
    assert warnings(made) == (("a and b", "Few pairs."), ("a", "Old."))


def test_the_record_has_what_makes_it_checkable(found: Callable[..., Comparison], tmp_path: Path):
    """Version, runs with paths, the three digests, effect sizes and n of every difference, with signs that agree with the text."""
    made = found({}, {"moved": {"ours": -0.1}})
    said = record(made)
    results: Results = made.runs[0].results
    assert (said["schema_version"], said["kind"], said["regression"]) == (1, "adis-bench comparison", False)
    assert [(run["name"], run["path"]) for run in said["runs"]] == [("a", str(tmp_path / "a")), ("b", str(tmp_path / "b"))]
    assert said["dataset"]["digest"] == results.dataset.digest
    assert said["pairs"] == {"n": 12, "digest": results.pairs.digest}
    assert said["protocol"] == {"name": "offline", "version": 1, "digest": results.protocol_digest}
    one = next(d for d in said["differences"] if (d["metric"], d["method"], d["against"]) == ("avc", "b:ours", "a:ours"))
    assert (one["value"], one["n"], one["verdict"], one["between_runs"]) == (pytest.approx(-0.1), 12, "worse", True)
    assert (one["share_better"], one["share_low"]) == (0.0, 0.0)
    other = next(d for d in said["differences"] if (d["metric"], d["method"], d["against"]) == ("avc", "b:ours", "cyclegan"))
    assert other["d_z_low"] < other["d_z"] < other["d_z_high"]
