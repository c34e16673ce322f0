"""Runs in one table."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from scipy.stats import ttest_rel

from adis_bench.comparing.comparison import compare
from adis_bench.comparing.conditions import Condition
from adis_bench.comparing.runs import open_runs
from adis_bench.errors import ConfigError, DataError
from tests.comparing.runs import make_run


def test_equal_runs_are_one(tmp_path: Path):
    """What two runs have alike, controls and methods, stands there once, under its own name."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b")
    found = compare(open_runs([tmp_path / "a", tmp_path / "b"]))
    assert [contender.label for contender in found.contenders] == [
        "target", "identity", "shuffled", "retrieval", "oracle", "ours", "cut", "cyclegan"
    ]  # fmt: skip
    assert {one.method for one in found.differences} == {"ours", "cut"}


def test_a_method_that_changed_stands_under_both_runs(tmp_path: Path):
    """The same pairs, a tenth better: the difference is exact on every pair, and no chance."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", moved={"ours": 0.1})
    found = compare(open_runs([tmp_path / "a", tmp_path / "b"]))
    assert [c.label for c in found.contenders if not c.method.control] == ["a:ours", "b:ours", "cut", "cyclegan"]
    one = next(d for d in found.differences if (d.metric, d.method, d.against) == ("avc", "a:ours", "b:ours"))
    assert one.value.value == pytest.approx(-0.1)
    assert one.value.n == 12
    assert one.value.p_holm is not None
    assert one.value.p_holm < 0.05


def test_differences_are_paired_and_corrected(tmp_path: Path):
    """Every pair has a source and a sound of its own: the test is the paired t test, and Holm's correction is over the metric's pairs."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", moved={"ours": 0.1})
    runs = open_runs([tmp_path / "a", tmp_path / "b"])
    found = [one for one in compare(runs).differences if one.metric == "avc"]
    assert len(found) == 6
    one = next(one for one in found if {one.method, one.against} == {"cut", "cyclegan"})
    expected = ttest_rel(runs[0].scores["cut", "avc"], runs[0].scores["cyclegan", "avc"]).pvalue
    assert one.value.p == pytest.approx(expected, rel=1e-6)
    raw = np.array([one.value.p for one in found])
    corrected = np.array([one.value.p_holm for one in found])
    assert corrected[raw.argmin()] == pytest.approx(6 * raw.min())
    assert (corrected >= raw).all()


def test_scores_of_all_outputs_have_no_test(tmp_path: Path):
    """A Fréchet distance's difference is there, with the reason why nothing more is."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b")
    one = next(d for d in compare(open_runs([tmp_path / "a", tmp_path / "b"])).differences if d.metric == "fd")
    assert one.value.value == pytest.approx(12.9 - 13.5)
    assert (one.value.p, one.value.ci_low) == (None, None)
    assert "no test" in (one.value.reason or "")


def test_other_runs_are_refused_digest_by_digest(tmp_path: Path):
    """Each thing that differs is named, with both values; what is equal is not."""
    first = make_run(tmp_path / "a")
    judge = replace(first.extractors[0], digest="f" * 64)
    make_run(
        tmp_path / "b",
        protocol="paper",
        dataset=replace(first.dataset, digest="0" * 64),
        extractors=(judge, *first.extractors[1:]),
    )
    with pytest.raises(DataError) as caught:
        open_runs([tmp_path / "a", tmp_path / "b"])
    told = str(caught.value)
    assert "dataset: a has dddddddddddd, b has 000000000000" in told
    assert "protocol: a has offline, b has paper" in told
    assert "extractor efficientnet_lite0: a has 111111111111, b has ffffffffffff" in told
    assert "pair list" not in told
    assert "resolution" not in told


def test_one_run_is_nothing_to_compare(tmp_path: Path):
    """A run, or the same one twice, is a user's error."""
    make_run(tmp_path / "a")
    for folders in ([tmp_path / "a"], [tmp_path / "a", tmp_path / "a"]):
        with pytest.raises(ConfigError, match="two or more different runs"):
            open_runs(folders)


def test_folders_of_one_name_are_told_apart(tmp_path: Path):
    """Both are called ``run``: their parents' names stand before it."""
    make_run(tmp_path / "old" / "run")
    make_run(tmp_path / "new" / "run", moved={"cut": 0.2})
    found = compare(open_runs([tmp_path / "old" / "run", tmp_path / "new" / "run"]))
    assert found.runs == ("old/run", "new/run")
    assert {"old/run:cut", "new/run:cut"} <= {contender.label for contender in found.contenders}


def _rewritten(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    pq.write_table(change(pq.read_table(path)), path)


def test_pairs_are_matched_by_name(tmp_path: Path):
    """The order of a run's files changes nothing."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", moved={"ours": 0.1})
    _rewritten(tmp_path / "b" / "pairs.parquet", lambda table: table.take(list(range(11, -1, -1))))
    found = compare(open_runs([tmp_path / "a", tmp_path / "b"]))
    one = next(d for d in found.differences if (d.metric, d.method, d.against) == ("avc", "a:ours", "b:ours"))
    assert (one.value.value, one.value.ci_low, one.value.ci_high) == pytest.approx((-0.1, -0.1, -0.1))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("pairs.parquet", lambda table: table.slice(0, 10)),
        ("pairs.parquet", lambda table: pa.concat_tables([table, table.slice(0, 1)])),
        ("pairs.parquet", lambda table: table.set_column(1, "source_group", pa.array([None] * 12, pa.string()))),
        ("pairs.parquet", lambda table: table.drop_columns(["target_group"])),
        ("pairs.parquet", lambda table: table.set_column(0, "pair_id", pa.array([f"other-{n}" for n in range(12)]))),
        ("scores/per_pair.parquet", lambda table: pa.concat_tables([table, table.slice(0, 1)])),
        ("scores/per_pair.parquet", lambda table: table.set_column(3, "value", pa.array(["x"] * len(table)))),
        ("scores/per_pair.parquet", lambda table: table.set_column(3, "value", pa.array([float("inf")] * len(table)))),
    ],
)
def test_damaged_files_are_one_line(tmp_path: Path, name: str, change: Callable[[pa.Table], pa.Table]):
    """Too few or double pairs, empty cells, a lost column, other pairs, double scores, words or infinity for numbers."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b")
    _rewritten(tmp_path / "b" / name, change)
    with pytest.raises(DataError) as caught:
        open_runs([tmp_path / "a", tmp_path / "b"])
    assert "adis-bench score" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_last_digits_make_no_other_method(tmp_path: Path):
    """Another processor's rounding leaves a method one and the same."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b")
    path = tmp_path / "b" / "scores" / "per_pair.parquet"
    _rewritten(path, lambda table: table.set_column(3, "value", pc.multiply(table["value"], 1 + 1e-12)))
    assert len(compare(open_runs([tmp_path / "a", tmp_path / "b"])).contenders) == 8


def test_another_score_of_all_outputs_is_another_method(tmp_path: Path):
    """Equal pair scores and digests, but another Fréchet distance: both stand there."""
    first = make_run(tmp_path / "a")
    scores = tuple(replace(s, value=20.0) if (s.method, s.metric) == ("ours", "fd") else s for s in first.scores)
    make_run(tmp_path / "b", scores=scores)
    assert {"a:ours", "b:ours"} <= {c.label for c in compare(open_runs([tmp_path / "a", tmp_path / "b"])).contenders}


def test_a_gate_is_not_open_where_outputs_are_lost(tmp_path: Path):
    """A run that lost the scores of some pairs can't pass by the others."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b")
    path = tmp_path / "b" / "scores" / "per_pair.parquet"
    _rewritten(path, lambda table: table.set_column(3, "value", pc.if_else(pc.equal(table["pair_id"], "pair-3"), None, table["value"])))
    runs = open_runs([tmp_path / "a", tmp_path / "b"])
    with pytest.raises(DataError, match="b has no score on 1 of 12 pairs"):
        Condition.read("avc:ours < -0.01").check(runs)


def test_distances_of_other_numbers_are_not_compared(tmp_path: Path):
    """A Fréchet distance of 3 outputs and one of 12 have no difference, and no gate."""
    first = make_run(tmp_path / "a")
    scores = tuple(replace(s, n=3, n_missing=9) if (s.method, s.metric) == ("ours", "fd") else s for s in first.scores)
    make_run(tmp_path / "b", scores=scores)
    runs = open_runs([tmp_path / "a", tmp_path / "b"])
    with pytest.raises(DataError, match="one rests on 3 outputs, the other on 12"):
        Condition.read("fd:ours > 1").check(runs)


def test_a_metric_must_mean_the_same(tmp_path: Path):
    """Higher is better in one run and lower in the other: refused; a network that only one run has is no obstacle."""
    first = make_run(tmp_path / "a")
    make_run(tmp_path / "b", metrics=(replace(first.metrics[0], higher_is_better=False), *first.metrics[1:]))
    with pytest.raises(DataError, match="metric avc: a has pair, cosine, higher is better, b has pair, cosine, lower is better"):
        open_runs([tmp_path / "a", tmp_path / "b"])
    make_run(tmp_path / "c", extractors=first.extractors[:1])
    assert len(open_runs([tmp_path / "a", tmp_path / "c"])) == 2
