"""Runs in one table."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from scipy.stats import ttest_rel

from adis_bench.comparing.comparison import Comparison, compare
from adis_bench.comparing.runs import OpenRun, open_runs
from adis_bench.errors import ConfigError, DataError
from adis_bench.metrics.comparison import Compared
from adis_bench.results import PER_PAIR_NAME
from tests.comparing.runs import make_run
from tests.reports.conftest import CONTROLS


def _difference(found: Comparison, metric: str, later: str, earlier: str) -> Compared:
    """The later one minus the earlier one."""
    return next(d.value for d in found.differences if (d.metric, d.later.label, d.earlier.label) == (metric, later, earlier))


def test_equal_runs_are_one(tmp_path: Path):
    """What two runs have alike, controls and methods, stands there once, under its own name."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b")
    found = compare(open_runs([tmp_path / "a", tmp_path / "b"]))
    assert [contender.label for contender in found.contenders] == [
        "target", "identity", "shuffled", "retrieval", "oracle", "ours", "cut", "cyclegan"
    ]  # fmt: skip
    assert {(one.later.label, one.earlier.label) for one in found.differences} == {
        ("cut", "ours"),
        ("cyclegan", "ours"),
        ("cyclegan", "cut"),
    }
    assert all(contender.runs == (0, 1) for contender in found.contenders)


def test_a_method_that_changed_stands_under_both_runs(tmp_path: Path):
    """The same pairs, a tenth better: the difference is exact on every pair, and no chance."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", moved={"ours": 0.1})
    found = compare(open_runs([tmp_path / "a", tmp_path / "b"]))
    assert [c.label for c in found.contenders if not c.method.control] == ["a:ours", "b:ours", "cut", "cyclegan"]
    one = _difference(found, "avc", "b:ours", "a:ours")
    assert one.value == pytest.approx(0.1)
    assert one.n == 12
    assert one.p_holm is not None
    assert one.p_holm < 0.05


def test_two_methods_of_one_name_are_refused(tmp_path: Path):
    """A variant may be called what the folder and the label of another method make together: its numbers must not stand for them."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", moved={"ours": 0.1})

    def with_variant(run: OpenRun) -> OpenRun:
        methods = (replace(one, label="a:ours") if one.label == "cyclegan" else one for one in run.results.methods)
        return replace(run, results=replace(run.results, methods=tuple(methods)))

    with pytest.raises(DataError, match="would be called a:ours; rename the folder 'a'"):
        compare([with_variant(run) for run in open_runs([tmp_path / "a", tmp_path / "b"])])


def test_differences_are_paired_and_corrected(tmp_path: Path):
    """Every pair has a source and a sound of its own: the test is the paired t test, and Holm's correction is over the metric's pairs."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", moved={"ours": 0.1})
    runs = open_runs([tmp_path / "a", tmp_path / "b"])
    found = [one for one in compare(runs).differences if one.metric == "avc"]
    assert len(found) == 6
    one = next(one for one in found if {one.later.label, one.earlier.label} == {"cut", "cyclegan"})
    expected = ttest_rel(runs[0].scores["cut", "avc"], runs[0].scores["cyclegan", "avc"]).pvalue
    assert one.value.p == pytest.approx(expected, rel=1e-6)
    raw = np.array([one.value.p for one in found])
    corrected = np.array([one.value.p_holm for one in found])
    assert corrected[raw.argmin()] == pytest.approx(6 * raw.min())
    assert (corrected >= raw).all()


def test_other_runs_are_refused_digest_by_digest(tmp_path: Path):
    """Each thing that differs is named, with both values; what is equal is not."""
    first = make_run(tmp_path / "a")
    judge = replace(first.extractors[0], digest="f" * 64)
    make_run(
        tmp_path / "b",
        protocol="paper",
        protocol_version=2,
        protocol_digest="c" * 64,
        dataset=replace(first.dataset, digest="0" * 64),
        extractors=(judge, *first.extractors[1:]),
    )
    with pytest.raises(DataError) as caught:
        open_runs([tmp_path / "a", tmp_path / "b"])
    told = str(caught.value)
    assert "dataset: a has dddddddddddd, b has 000000000000" in told
    assert "protocol: a has offline version 1, b has paper version 2" in told
    assert "protocol digest: a has bbbbbbbbbbbb, b has cccccccccccc" in told
    assert "extractor efficientnet_lite0: a has 111111111111, b has ffffffffffff" in told
    assert "pair list" not in told
    assert "resolution" not in told


def test_a_protocol_of_one_name_may_be_another(tmp_path: Path):
    """The name and the version are equal, what stands behind them is not: refused, and nothing else is named."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", protocol_digest="b" * 63 + "0")
    with pytest.raises(DataError, match="one table: protocol digest: a has b{64}, b has b{63}0$"):
        open_runs([tmp_path / "a", tmp_path / "b"])


def test_scores_of_pairs_are_those_of_the_results(tmp_path: Path):
    """A file of pairs' scores from another scoring is one line that names the score and both values."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b")
    make_run(tmp_path / "c", moved={"ours": 0.1})
    shutil.copy(tmp_path / "c" / PER_PAIR_NAME, tmp_path / "b" / PER_PAIR_NAME)
    with pytest.raises(
        DataError, match=r"of another scoring than results.json: ours has avc 0\.\d+, and the mean of its pairs is"
    ) as caught:
        open_runs([tmp_path / "a", tmp_path / "b"])
    assert "\n" not in str(caught.value)


def test_three_runs(tmp_path: Path):
    """A method that two of three runs have alike stands there under the first of them, the third one's beside it."""
    for name, moved in (("a", {}), ("b", {"ours": 0.1}), ("c", {})):
        make_run(tmp_path / name, moved=moved)
    found = compare(open_runs([tmp_path / name for name in "abc"]))
    assert [(one.label, one.runs) for one in found.methods] == [
        ("a:ours", (0, 2)), ("b:ours", (1,)), ("cut", (0, 1, 2)), ("cyclegan", (0, 1, 2))
    ]  # fmt: skip
    assert _difference(found, "avc", "b:ours", "a:ours").value == pytest.approx(0.1)
    assert found.differences[0].between_runs


def test_runs_without_a_common_method(tmp_path: Path):
    """Each method stands under its own name, and is compared with the other run's on the same pairs, later minus earlier."""
    make_run(tmp_path / "a", kept=(*CONTROLS, "ours"))
    make_run(tmp_path / "b", kept=(*CONTROLS, "cut"))
    found = compare(open_runs([tmp_path / "b", tmp_path / "a"]))
    assert [(one.label, one.runs) for one in found.methods] == [("cut", (0,)), ("ours", (1,))]
    runs = open_runs([tmp_path / "b", tmp_path / "a"])
    expected = (runs[1].scores["ours", "avc"] - runs[0].scores["cut", "avc"]).mean()
    assert _difference(found, "avc", "ours", "cut").value == pytest.approx(expected)


def test_a_control_that_differs_stands_under_both_runs(tmp_path: Path):
    """It is no method, and takes part in no difference."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", moved={"retrieval": 0.2})
    found = compare(open_runs([tmp_path / "a", tmp_path / "b"]))
    assert {"a:retrieval", "b:retrieval"} <= {one.label for one in found.contenders if one.method.control}
    assert not any("retrieval" in one.later.label for one in found.differences)


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
    assert [run.name for run in found.runs] == ["old/run", "new/run"]
    assert {"old/run:cut", "new/run:cut"} <= {contender.label for contender in found.contenders}


def _rewritten(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    pq.write_table(change(pq.read_table(path)), path)


def test_pairs_are_matched_by_name(tmp_path: Path):
    """The order of a run's files changes nothing."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", moved={"ours": 0.1})
    _rewritten(tmp_path / "b" / "pairs.parquet", lambda table: table.take(list(range(11, -1, -1))))
    found = compare(open_runs([tmp_path / "a", tmp_path / "b"]))
    one = _difference(found, "avc", "b:ours", "a:ours")
    assert (one.value, one.ci_low, one.ci_high) == pytest.approx((0.1, 0.1, 0.1))


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
    # Scores can be made anew, a pair list can't.
    unreadable = any(words in str(caught.value) for words in ("no text", "lacks the column"))
    assert ("run again into a new folder" if unreadable else "adis-bench score") in str(caught.value)
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


def test_a_metric_must_mean_the_same(tmp_path: Path):
    """Higher is better in one run and lower in the other: refused; a network that only one run has is no obstacle."""
    first = make_run(tmp_path / "a")
    make_run(tmp_path / "b", metrics=(replace(first.metrics[0], higher_is_better=False), *first.metrics[1:]))
    with pytest.raises(DataError, match="metric avc: a has pair, cosine, higher is better, b has pair, cosine, lower is better"):
        open_runs([tmp_path / "a", tmp_path / "b"])
    make_run(tmp_path / "c", extractors=first.extractors[:1])
    assert len(open_runs([tmp_path / "a", tmp_path / "c"])) == 2
