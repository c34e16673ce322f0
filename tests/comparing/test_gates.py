"""Scores of all outputs together, and gates: nothing is judged that rests on other pairs."""

from dataclasses import replace
from pathlib import Path

import pytest

from adis_bench.comparing.comparison import Comparison, compare
from adis_bench.comparing.conditions import Condition
from adis_bench.comparing.runs import OpenRun, open_runs
from adis_bench.errors import ConfigError, DataError
from adis_bench.metrics.comparison import Compared
from adis_bench.results import PairScore, write_results
from tests.comparing.runs import PAIRS, N, make_run


def _opened(tmp_path: Path) -> tuple[OpenRun, ...]:
    return open_runs([tmp_path / "a", tmp_path / "b"])


def _fd(found: Comparison, later: str, earlier: str) -> Compared:
    return next(d.value for d in found.differences if (d.metric, d.later.label, d.earlier.label) == ("fd", later, earlier))


def test_between_runs_there_is_no_test(tmp_path: Path):
    """A Fréchet distance's difference is there, with the reason why nothing more is."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", moved={"ours": 0.01})
    one = _fd(compare(_opened(tmp_path)), "b:ours", "a:ours")
    assert (one.value, one.n) == (pytest.approx(1.0), N)
    assert (one.p, one.ci_low) == (None, None)
    assert "no test" in one.reason


def test_within_a_run_its_own_test_is_taken(tmp_path: Path):
    """Two methods of one run have the difference, interval and p that the run found; turned where the table's order is the other one."""
    results = make_run(tmp_path / "a")
    make_run(tmp_path / "b", moved={"ours": 0.01})
    known = next(d for d in results.differences if (d.method, d.against, d.metric) == ("cut", "cyclegan", "fd"))
    one = _fd(compare(_opened(tmp_path)), "cyclegan", "cut")
    assert (one.value, one.ci_low, one.ci_high, one.p) == (-known.value, -known.ci_high, -known.ci_low, known.p)
    assert one.n == N
    assert one.p_holm >= one.p
    # b:ours and cut were scored together in b, a:ours and b:ours never were.
    assert _fd(compare(_opened(tmp_path)), "b:ours", "cut").p is not None


def test_other_lost_outputs_are_other_sets(tmp_path: Path):
    """Equal in number, but each lacks another pair: no difference, and no gate."""
    make_run(tmp_path / "a", lost={"ours": [3]})
    make_run(tmp_path / "b", lost={"ours": [4]})
    runs = _opened(tmp_path)
    one = _fd(compare(runs), "b:ours", "a:ours")
    assert one.value is None
    assert one.reason == "each lacks 1 output that the other has"
    with pytest.raises(DataError, match="cannot be judged: each lacks 1 output"):
        Condition.read("fd:ours > 1").check(runs)


def test_the_same_lost_outputs_are_the_same_set(tmp_path: Path):
    """Both lack one and the same pair: compared, and judged."""
    make_run(tmp_path / "a", lost={"ours": [3]})
    make_run(tmp_path / "b", lost={"ours": [3]}, moved={"ours": 0.05})
    judged = Condition.read("fd:ours > 1").check(_opened(tmp_path))
    assert judged.holds
    assert (judged.value.value, judged.value.n) == (pytest.approx(5.0), N - 1)


def test_other_numbers_of_outputs(tmp_path: Path):
    """A Fréchet distance of 9 outputs and one of 12 have no difference, and no gate."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", lost={"ours": [1, 2, 3]})
    with pytest.raises(DataError, match="one rests on 9 outputs, the other on 12"):
        Condition.read("fd:ours > 1").check(_opened(tmp_path))


def test_outputs_that_cannot_be_told_are_not_compared(tmp_path: Path):
    """Without any metric of pairs nothing says which outputs were lost; where none was, that is no matter."""
    for name in ("a", "b"):
        made = make_run(tmp_path / name, lost={"ours": [3]})
        sets = tuple(metric for metric in made.metrics if metric.kind == "set")
        names = {metric.name for metric in sets}
        made = replace(
            made,
            metrics=sets,
            scores=tuple(score for score in made.scores if score.metric in names),
            differences=tuple(one for one in made.differences if one.metric in names),
        )
        write_results(tmp_path / name, made, [])
    runs = _opened(tmp_path)
    assert runs[0].outputs["ours"] is None
    with pytest.raises(DataError, match="which pairs have outputs isn't known"):
        Condition.read("fd:ours > 1").check(runs)
    assert not Condition.read("fd:cut > 1").check(runs).holds


def test_a_score_that_a_metric_could_not_give_is_no_lost_output(tmp_path: Path):
    """The reason tells: pairs that a metric could not score still have an output, and count for the set."""
    made = make_run(tmp_path / "a")
    scores = tuple(
        replace(s, value=None, ci_low=None, ci_high=None, n=0, n_missing=N, reason="no prototypes")
        if (s.method, s.metric) == ("ours", "avc") else s
        for s in made.scores
    )  # fmt: skip
    rows = [
        PairScore(pair, method, metric, None if metric == "avc" and method == "ours" else value, "no prototypes")
        for (method, metric), column in _scores_of_a(tmp_path).items()
        for pair, value in zip(PAIRS, map(float, column), strict=True)
    ]
    write_results(tmp_path / "a", replace(made, scores=scores), rows)
    assert _opened(tmp_path)[0].outputs["ours"] == frozenset(PAIRS)


def _scores_of_a(tmp_path: Path):
    """The pairs' scores of ``a``, by method and metric; makes ``b``."""
    make_run(tmp_path / "b")
    return _opened(tmp_path)[0].scores


def test_a_gate_is_not_open_where_outputs_are_lost(tmp_path: Path):
    """A run that lost the scores of some pairs can't pass by the others."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", lost={"ours": [3]})
    with pytest.raises(DataError, match="b has no score on 1 of 12 pairs"):
        Condition.read("avc:ours < -0.01").check(_opened(tmp_path))


def test_a_control_is_no_gate(tmp_path: Path):
    """What a control scores says nothing of a method: a user's error, which names the methods."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b")
    with pytest.raises(ConfigError, match="target is a control of b, which says nothing of a method; it has ours, cut, cyclegan"):
        Condition.read("avc:target < 0").check(_opened(tmp_path))
