"""The paper's Figure 1 for the dataset of a run."""

import shutil
from dataclasses import replace

import pytest

from adis_bench.datasets.demo import world
from reports.data import RunData
from reports.drawing import CVPR, ECCV, NotDrawn, saved
from reports.paper_figures.dataset import draw_dataset
from tests.reports.paper_runs import made_run


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """A small demo world."""
    return world.make(tmp_path_factory.mktemp("world") / "demo", n_train=8, n_judge=8, n_test=8, seed=0)


def _run(folder, dataset):
    run = made_run(folder)
    record = replace(run.results.dataset, path=str(dataset.root), digest=dataset.digest)
    return RunData(folder, replace(run.results, dataset=record), ())


def test_it_is_drawn_from_the_dataset_itself(tmp_path, dataset):
    """Durations and categories with their counts, as wide as the column."""
    durations, categories = draw_dataset(_run(tmp_path, dataset), ECCV)
    assert durations.caption == "Durations of 24 recordings, 0.02 h together; dashed: the median."
    assert "Shares of 24 segments by category." in categories.caption
    assert "rain 3 (12.5 %)" in categories.alt
    assert durations.figure.get_figwidth() == ECCV.width_in
    narrow = draw_dataset(_run(tmp_path, dataset), CVPR)[1]
    assert narrow.figure.get_tightbbox().x1 <= CVPR.width_in
    assert b"<text" not in saved(narrow.figure, narrow.name, "svg", CVPR)


def test_another_dataset_is_not_taken_for_it(tmp_path, dataset):
    """Where it is gone or has changed since, that is said."""
    run = _run(tmp_path, dataset)
    changed = replace(run.results.dataset, digest="0" * 64)
    with pytest.raises(NotDrawn, match="has changed since the run"):
        draw_dataset(RunData(tmp_path, replace(run.results, dataset=changed), ()), ECCV)
    gone = replace(run.results.dataset, path=str(tmp_path / "gone"))
    with pytest.raises(NotDrawn, match=r"the run's dataset cannot be read: .*gone"):
        draw_dataset(RunData(tmp_path, replace(run.results, dataset=gone), ()), ECCV)
    moved = shutil.copytree(dataset.root, tmp_path / "moved")
    kept = replace(run.results.dataset, path=str(moved))
    assert len(draw_dataset(RunData(tmp_path, replace(run.results, dataset=kept), ()), ECCV)) == 2
