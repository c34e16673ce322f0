"""Reading a run folder."""

import shutil

import pytest

from adis_bench.errors import DataError, IncompleteRunError
from reports.data import RunData


def test_a_run_is_read_with_controls_first(edit_results):
    """Whatever order the file has, controls come first and in their fixed order, then methods as asked for."""
    folder = edit_results(lambda r: r["methods"].reverse())
    run = RunData.open(folder)
    assert [m.label for m in run.methods] == ["target", "identity", "shuffled", "retrieval", "oracle", "cyclegan", "cut", "ours"]
    assert [m.label for m in run.asked] == ["cyclegan", "cut", "ours"]
    assert [m.name for m in run.beside] == ["avc_raw"]


def test_scores_of_pairs_are_found_by_name(run_dir):
    """The scores of the pairs that are asked for come back, and no others."""
    run = RunData.open(run_dir)
    scores = run.pair_scores([run.pairs[3].pair_id])
    assert {key[0] for key in scores} == {run.pairs[3].pair_id}
    assert scores[run.pairs[3].pair_id, "ours", "avc"].value == 0.37


def test_a_run_without_results_says_what_to_do(run_dir):
    """No results yet is an incomplete run, with the command that ends it."""
    (run_dir / "results.json").unlink()
    with pytest.raises(IncompleteRunError, match="adis-bench score"):
        RunData.open(run_dir)


@pytest.mark.parametrize("name", ["pairs.parquet", "scores/per_pair.parquet"])
def test_a_truncated_table_is_named(run_dir, name):
    """A half-written table is a data error that names the file."""
    path = run_dir / name
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match=path.name):
        RunData.open(run_dir).pair_scores(["x"])


def test_a_missing_score_table_is_named(run_dir):
    """A run whose scores are gone is a data error, not a traceback."""
    run = RunData.open(run_dir)
    shutil.rmtree(run_dir / "scores")
    with pytest.raises(DataError, match="per_pair"):
        run.pair_scores(["x"])


@pytest.mark.parametrize("label", ["../../elsewhere", "a/b", ".."])
def test_labels_that_leave_the_run_are_refused(edit_results, label):
    """Results may come from anybody: a label is never a path."""

    def change(results):
        results["methods"][-1]["label"] = label

    with pytest.raises(DataError, match="cannot be the name"):
        RunData.open(edit_results(change))
