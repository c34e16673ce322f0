"""The lowest-scored pairs of every method."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adis_bench.results import PER_PAIR_NAME, PairScore
from reports.data import RunData
from reports.failures import N_LOWEST, N_REASONS, find_failures, lowest
from reports.media import MediaFolder


def _scores(values):
    return [PairScore(f"p{place}", "ours", "avc", value, None if value is not None else "no output") for place, value in enumerate(values)]


@pytest.mark.parametrize(("higher", "expected"), [(True, ["p3", "p1"]), (False, ["p0", "p2"])])
def test_the_worst_come_first_by_the_direction(higher, expected):
    """The lowest where higher is better, the highest where lower is; pairs without a score are none of them."""
    worst, more = lowest(_scores([0.9, 0.2, 0.5, -0.1, None]), 2, seed=0, higher_is_better=higher)
    assert ([score.pair_id for score in worst], more) == (expected, 0)


def test_equal_scores_are_drawn_by_the_seed():
    """Of ten equal pairs four are shown: the same ones for a seed whatever the order of the file, others for another; six more are told."""
    scores = _scores([0.5] * 10)
    worst, more = lowest(scores, 4, seed=1, higher_is_better=True)
    assert more == 6
    assert lowest(scores[::-1], 4, seed=1, higher_is_better=True)[0] == worst
    assert lowest(scores, 4, seed=2, higher_is_better=True)[0] != worst


def test_fewer_pairs_than_are_shown_are_all_there():
    """Two scores are two failures at most, none is none."""
    assert len(lowest(_scores([0.1, 0.2]), 4, 0, True)[0]) == 2
    assert lowest(_scores([None]), 4, 0, True) == ((), 0)


def _change_scores(run_dir, change):
    path = run_dir / PER_PAIR_NAME
    rows = pq.read_table(path).to_pylist()
    change([row for row in rows if row["method"] == "ours" and row["metric"] == "avc"])
    pq.write_table(pa.Table.from_pylist(rows), path)


def test_every_method_shows_its_own_worst_pairs(run_dir):
    """Worst first, with picture, sound and score of that method; controls aren't asked."""

    def lower(rows):
        rows[5]["value"], rows[7]["value"] = -0.4, -0.3

    _change_scores(run_dir, lower)
    run = RunData.open(run_dir)
    found = find_failures(run, MediaFolder(run_dir / "report"))
    assert found.metric.name == "avc"
    assert [f.method for f in found.methods] == ["ours", "cut", "cyclegan"]
    first, second = found.methods[0].lowest[:2]
    assert (first.pair_id, second.pair_id) == (run.pairs[5].pair_id, run.pairs[7].pair_id)
    assert [t.method for t in first.methods] == ["ours"]
    assert first.methods[0].score.startswith("avc −0.40")
    assert first.source is not None
    assert (run_dir / "report" / first.sound.url).is_file()
    assert found.methods[0].mean == "0.370"
    # All others have 0.37: two of ten stand here.
    assert len(found.methods[0].lowest) == N_LOWEST
    assert found.methods[0].ties.startswith("8 more have the last one's score")


def test_missing_scores_are_counted_by_reason(run_dir):
    """The most frequent reason first; beyond four the others are counted together."""

    def drop(rows):
        for row, reason in zip(rows, "aaabbcdef", strict=False):
            row.update(value=None, reason=reason)

    _change_scores(run_dir, drop)
    ours, cut, _ = find_failures(RunData.open(run_dir), MediaFolder(run_dir / "report")).methods
    assert len(ours.missing) == N_REASONS + 1
    assert ours.missing[:2] == (("a", 3), ("b", 2))
    assert ours.missing[-1] == ("other reasons", 2)
    assert (ours.n_missing, cut.n_missing) == (9, 0)
    assert len(ours.lowest) == 3


def test_the_share_below_chance_is_told(edit_results):
    """From the paired difference against shuffled, whichever way round the run holds it."""

    def share(results):
        for row in results["differences"]:
            if (row["method"], row["against"], row["metric"]) == ("ours", "shuffled", "avc"):
                row["share_better"] = 0.88

    ours, cut, _ = find_failures(RunData.open(edit_results(share)), MediaFolder(edit_results(share) / "report")).methods
    assert ours.below_chance == "On 12 % of its pairs it scores worse than a real frame of another class, ties counting half."
    assert cut.below_chance == ""


def test_a_failing_metric_names_no_failures(edit_results):
    """The first metric of pairs that works is taken; where none works, no pair is called a failure."""

    def fail(*names):
        def change(results):
            for metric in results["metrics"]:
                metric["failure"] = "it cannot tell" if not names or metric["name"] in names else ""

        return change

    folder = edit_results(fail("avc"))
    assert find_failures(RunData.open(folder), MediaFolder(folder / "report")).metric.name == "label_similarity"
    folder = edit_results(fail())
    nothing = find_failures(RunData.open(folder), MediaFolder(folder / "report"))
    assert (nothing.metric, nothing.methods) == (None, ())
