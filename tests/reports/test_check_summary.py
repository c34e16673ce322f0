"""A self-check of metrics in a run's report."""

from dataclasses import replace

import pytest

from adis_bench.results import MetricRecord
from adis_bench.selfcheck.records import MetricCheck, Response, SelfCheck, Spread, write_check
from adis_bench.selfcheck.separation import Separation
from reports.check_summary import find_check
from reports.data import RunData


def _metric(name, state, share):
    record = MetricRecord(name, "", "", "", True, None, "x", None, "pair")
    responses = tuple(
        Response("blur", strength, 0.5, -0.1, None, None, part)
        for strength, part in (("1 % of the side", 0.02), ("5 % of the side", share))
    )
    apart = Separation(0.93, 0.9, 0.96, 40, "pairs")
    return MetricCheck(record, "target", "shuffled", None, None, state, {}, apart, responses, Spread((0.5,), None), {})


CHECK = SelfCheck(
    schema_version=2,
    dataset="demo",
    dataset_digest="d" * 64,
    pairs_digest="0" * 64,
    protocol="offline",
    preset="demo",
    seeds=(0, 1, 2),
    n_pairs=224,
    created="2026-11-20T00:00:00+00:00",
    command="adis-bench check metrics",
    versions={},
    warnings=(),
    metrics=(_metric("avc", "works", 0.31), _metric("fd", "fails", None)),
)


def _write(folder, check):
    folder.mkdir(parents=True)
    write_check(folder, check)


@pytest.mark.parametrize("place", ["run/check", "check-demo"])
def test_a_check_of_the_run_is_found(run_dir, place):
    """In the run's folder or beside it: who fails, the AUC, and how far the strongest damage moves it."""
    _write(run_dir.parent / place, CHECK)
    found = find_check(RunData.open(run_dir))
    assert found.page == f"{place.rpartition('/')[2]}/metric_check.html"
    assert (found.n_pairs, found.n_deals, found.failing) == (224, 3, ("fd",))
    avc, fd = found.table.rows
    assert (avc.cells[0].value, avc.cells[0].interval, avc.cells[1].value) == ("0.930", "[0.900, 0.960]", "yes")
    assert (avc.cells[2].value, avc.cells[2].note) == ("+31", "%, 5 % of the side")
    assert (fd.cells[1].value, fd.cells[2].note) == ("no", "no share of the way")


@pytest.mark.parametrize("other", [{"dataset_digest": "1" * 64}, {"protocol": "paper"}, {"preset": "quick"}])
def test_a_check_of_something_else_is_none(run_dir, other):
    """Other data, another protocol or preset say nothing of this run."""
    _write(run_dir.parent / "check-other", replace(CHECK, **other))
    assert find_check(RunData.open(run_dir)) is None


def test_the_newest_check_is_taken_and_damaged_ones_are_none(run_dir):
    """Of several the newest; one that can't be read is passed over."""
    _write(run_dir.parent / "check-a", replace(CHECK, n_pairs=7, created="2026-11-21T00:00:00+00:00"))
    _write(run_dir.parent / "check-b", CHECK)
    (run_dir.parent / "check-c").mkdir()
    (run_dir.parent / "check-c" / "metric_check.json").write_text("{")
    assert find_check(RunData.open(run_dir)).n_pairs == 7


def test_with_other_training_data_the_check_is_of_these(edit_results):
    """Metrics are checked on the data that the judge was trained on."""

    def change(results):
        results["dataset"]["notes"]["train_data"] = {"name": "wild", "path": "data/wild", "digest": "9" * 64}

    folder = edit_results(change)
    _write(folder / "check-demo", CHECK)
    assert find_check(RunData.open(folder)) is None
    _write(folder / "check-wild", replace(CHECK, dataset_digest="9" * 64))
    assert find_check(RunData.open(folder)) is not None
