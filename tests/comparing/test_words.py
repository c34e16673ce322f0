"""A comparison in sentences."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adis_bench.comparing.answer import answer
from adis_bench.comparing.comparison import Comparison, compare
from adis_bench.comparing.record import record
from adis_bench.comparing.runs import open_runs
from adis_bench.comparing.standings import leader
from adis_bench.comparing.words import difference_text, notes, section_head, warnings
from adis_bench.metrics.comparison import Compared
from adis_bench.results import Results
from adis_bench.results.verdicts import verdict
from reports.comparison_tables import comparison_tables
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
        "on avc: ours has the highest value, 0.346 [0.297, 0.395], n 12; it is ahead of cyclegan, but is not shown to be ahead of cut "
        "(apart by 0.022, p = 0." in said[1]
    )


def test_who_leads_by_how_much_and_how_sure(found: Callable[..., Comparison]):
    """The leader of all runs, its lead with interval, the p, and what became of each method from the first run to the last."""
    said = answer(found({}, {"moved": {"ours": 0.2}}))
    assert said[0].startswith("b:ours is ahead on avc: 0.")
    assert "by 0.200 [0.200, 0.200] before a:ours, p < 0.001." in said[0]
    assert said[1].startswith("b:ours is better than a:ours on avc: +0.200 [+0.200, +0.200], p < 0.001, ")
    assert said[2:] == ("cut and cyclegan are the same in all runs.",)


def test_a_worse_run_says_so(found: Callable[..., Comparison]):
    """The sign is the later run's minus the earlier one's, whoever leads."""
    said = answer(found({}, {"moved": {"ours": -0.2}}))
    assert said[0].startswith("No method is shown to lead on avc: a:ours has the highest value")
    assert said[1].startswith("b:ours is worse than a:ours on avc: -0.200 [-0.200, -0.200]")


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
    """Who lacks pairs can't win by that: the best of the others is named, and who was left out, why, and how far ahead it is."""
    made = found({}, {"moved": {"ours": 0.3}, "lost": {"ours": [1, 2]}})
    said = answer(made)
    assert said[0].startswith("No method is shown to lead on avc: of those on 12 pairs a:ours has the highest value, 0.346 [")
    assert "is worse than b:ours on the pairs that both have" in said[0]
    assert said[1] == ("b:ours (10) is scored on fewer pairs than others, so it can't lead: the pairs that it lacks may be the hard ones.")
    assert leader(made, made.metrics[0]) is None


def test_one_lost_pair_hides_no_method(found: Callable[..., Comparison]):
    """A method with one pair fewer still stands against the leader: the leader is not called the only one that is scored."""
    made = found({"kept": (*CONTROLS, "ours")}, {"kept": (*CONTROLS, "cyclegan"), "lost": {"cyclegan": [3]}})
    assert answer(made)[0].startswith("ours is ahead on avc: ")
    assert " before cyclegan, p " in answer(made)[0]
    assert leader(made, made.metrics[0]) == "ours"


def test_ahead_of_all_or_of_those_that_are_named(found: Callable[..., Comparison]):
    """Better than the runner-up but not than a noisy third one: nobody leads; the sentence tells the two apart."""
    made = found({}, {})
    values = {("cut", "ours"): (-0.01, 0.0015, 0.0001), ("cyclegan", "ours"): (-0.02, 0.1, 0.7), ("cyclegan", "cut"): (-0.01, 0.1, 0.8)}
    made = _with(made, {"ours": 0.8, "cut": 0.79, "cyclegan": 0.78}, values)
    said = answer(made)[1]
    assert said.startswith("No method is shown to lead on avc: ours has the highest value, 0.8")
    assert said.endswith("; it is ahead of cut, but is not shown to be ahead of cyclegan (apart by 0.0200, p = 0.700).")
    assert leader(made, made.metrics[0]) is None


def _with(
    found: Comparison,
    values: dict[str, float],
    differences: dict[tuple[str, str], tuple[float, float, float]],
    n: dict[str, int] | None = None,
) -> Comparison:
    """The comparison with other scores on avc, and differences (value, half of the interval, p) by (later, earlier)."""
    scores = dict(found.scores)
    for label, value in values.items():
        counts = {"n": (n or {}).get(label, 12), "n_missing": 12 - (n or {}).get(label, 12)}
        scores[label, "avc"] = replace(scores[label, "avc"], value=value, ci_low=value - 0.05, ci_high=value + 0.05, **counts)
    others = []
    for one in found.differences:
        if one.metric == "avc":
            value, half, p = differences[one.later.label, one.earlier.label]
            one = replace(one, value=Compared(value, value - half, value + half, 12, 0, p=p, p_holm=p))
        others.append(one)
    return replace(found, scores=scores, differences=tuple(others))


def test_answer_and_bold_agree(found: Callable[..., Comparison]):
    """Of 300 made-up comparisons: who is called ahead is who is bold in the table, and nobody is where nobody is."""
    plain, rng, led = found({}, {}), np.random.default_rng(0), 0
    for _ in range(300):
        values = {label: float(rng.normal(0, 0.1)) for label in ("ours", "cut", "cyclegan")}
        n = {label: int(rng.choice([11, 12, 12])) for label in values}
        couples = [(one.later.label, one.earlier.label) for one in plain.differences if one.metric == "avc"]
        differences = {
            (one, other): (
                values[one] - values[other] + float(rng.normal(0, 0.03)),
                float(rng.uniform(0, 0.1)),
                float(rng.choice([0.01, 0.2])),
            )
            for one, other in couples
        }
        made = _with(plain, values, differences, n)
        bold = [row.label for row in comparison_tables(made)[0].rows if row.cells[0].best]
        ahead = re.match(r"(\S+) is ahead on avc", answer(made)[1])
        assert bold == ([ahead[1]] if ahead else []), answer(made)
        led += len(bold)
    assert 20 < led < 280


def test_what_others_have_alike_is_said(found: Callable[..., Comparison]):
    """``a:ours`` names the first run; that the third one has the same is a sentence of its own."""
    assert "a:ours is the same in c." in answer(found({}, {"moved": {"ours": 0.1}}, {}))


def test_a_shown_difference_is_never_0(found: Callable[..., Comparison]):
    """Where the interval has no width, digits are those of the value; a value of nothing has no sign."""
    tiny = Compared(-0.00001, -0.00001, -0.00001, 9, 0, p=0.001, p_holm=0.01)
    assert difference_text(tiny, 3, "worse").startswith("-0.000010 [-0.000010, -0.000010], worse, p = 0.010")
    assert difference_text(Compared(-0.0, -0.0, 0.0, 9, 0, p=1.0), 3).startswith("0.000 [0.000, 0.000], p = 1.000")


def test_only_tests_are_counted(found: Callable[..., Comparison]):
    """Holm's correction is over the differences that have a test: distances between runs have none."""
    made = found({}, {"moved": {"ours": 0.1}})
    assert section_head(made, made.metrics[0]) == "avc (higher is better), p after Holm's correction over 6 comparisons"
    fd = next(metric for metric in made.metrics if metric.name == "fd")
    assert section_head(made, fd) == "fd (lower is better), p after Holm's correction over 5 comparisons"
    two = found({"kept": (*CONTROLS, "ours")}, {"kept": (*CONTROLS, "cut")})
    assert section_head(two, two.metrics[0]).endswith("over 1 comparison")
    assert section_head(two, fd) == "fd (lower is better), no tests"


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
    assert text.startswith(f"{one.value.value:+.3f} [{one.value.ci_low:+.3f}, {one.value.ci_high:+.3f}], better, p = ")
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
