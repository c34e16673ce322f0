"""What the shipped demo models must show: the suite tells good from bad, and the methods follow the sound."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from adis_bench.cli.main import main
from adis_bench.results import PER_PAIR_NAME
from adis_bench.statistics.bootstrap import two_way_intervals
from adis_bench.statistics.records import Groups

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    """The printed object and the folder of the README's command, with an empty cache."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADIS_BENCH_CACHE", str(folder / "cache"))
        done = CliRunner().invoke(main, ["run", "--methods", "ours,cut,cyclegan", "--json", "--out", str(folder / "run")])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout), folder / "run"


def interval(demo: tuple[dict, Path], method: str, against: str, metric: str) -> tuple[float, float]:
    """The paired interval of method minus control."""
    row = next(d for d in demo[0]["differences"] if (d["method"], d["against"], d["metric"]) == (method, against, metric))
    return row["ci_low"], row["ci_high"]


@pytest.mark.parametrize("metric", ["avc", "label_similarity"])
@pytest.mark.parametrize("against", ["identity", "shuffled"])
def test_ours_follows_the_sound(demo: tuple[dict, Path], metric: str, against: str) -> None:
    """Above the unchanged image and above chance."""
    assert interval(demo, "ours", against, metric)[0] > 0


@pytest.mark.parametrize("method", ["cut", "cyclegan"])
def test_baselines_follow_the_label(demo: tuple[dict, Path], method: str) -> None:
    """Above the unchanged image."""
    assert interval(demo, method, "identity", "label_similarity")[0] > 0


def test_ours_comes_nearer_to_the_exact_answer(demo: tuple[dict, Path]) -> None:
    """Below the unchanged image in distance."""
    assert interval(demo, "ours", "identity", "oracle_distance")[1] < 0


@pytest.mark.parametrize("control", ["target", "oracle"])
@pytest.mark.parametrize("against", ["identity", "shuffled"])
def test_the_distance_by_class_sees_the_style(demo: tuple[dict, Path], control: str, against: str) -> None:
    """Right styles lie far below wrong ones."""
    assert interval(demo, control, against, "fd_by_class")[1] < 0


@pytest.mark.parametrize("against", ["shuffled", "retrieval"])
def test_ours_keeps_the_scene(demo: tuple[dict, Path], against: str) -> None:
    """Above real frames of other scenes, by the paired two-way interval."""
    run = demo[1]
    pairs = pq.read_table(run / "pairs.parquet").to_pydict()
    rows = pq.read_table(run / PER_PAIR_NAME).to_pylist()
    scores = {(r["pair_id"], r["method"]): r["value"] for r in rows if r["metric"] == "structure_similarity"}
    differences = np.array([[scores[p, "ours"] - scores[p, against]] for p in pairs["pair_id"]])
    groups = Groups(*(np.unique(pairs[name], return_inverse=True)[1] for name in ("source_group", "target_group")))
    (found,) = two_way_intervals(differences, groups, seed=0)
    assert found.low is not None
    assert found.low > 0
