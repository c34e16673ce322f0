"""Putting trained models into the package."""

import json
from pathlib import Path

import pytest

from adis_bench.datasets.records import Dataset
from adis_bench.errors import IncompleteRunError
from adis_bench.methods.protocol import MethodOptions
from reference_model import store
from reference_model.ours import Ours
from reference_model.ship import ship
from tests.reference_model.conftest import TINY


def test_ships_weights_and_their_history(world: Dataset, tmp_path: Path) -> None:
    """The copy loads, and its provenance adds what the run knows."""
    method = Ours(MethodOptions(resolution=64, settings=TINY))
    method.fit(world.split("train"), tmp_path)
    results = {
        "methods": [{"label": "mine", "provenance": dict(method.provenance())}, {"label": "identity", "provenance": {"digest": "x"}}],
        "scores": [{"method": m, "metric": "avc", "value": 0.5, "ci_low": 0.4, "ci_high": 0.6, "n": 3} for m in ("mine", "identity")],
        "command": "adis-bench run --out /there --retrain", "git_commit": "c" * 40, "dataset": {"digest": "d"}, "pairs": {"digest": "p"},
        "versions": {}, "threads": 2,
    }  # fmt: skip
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "results.json").write_text(json.dumps(results))
    assert ship(tmp_path / "run", tmp_path / "package") == [tmp_path / "package" / "ours"]
    _, loaded = store.load(lambda: Ours(MethodOptions(resolution=64, settings=TINY)).objective(8).inference, tmp_path / "package" / "ours")
    assert [score["metric"] for score in loaded["scores"]] == ["avc"]
    assert loaded["packaged_digest"] == method.recipe(world.split("train")).packaged_digest
    assert loaded["command"] == "adis-bench run --retrain"


def test_refuses_an_unfinished_run(tmp_path: Path) -> None:
    """Nothing is shipped without scores."""
    with pytest.raises(IncompleteRunError, match="finish the run first"):
        ship(tmp_path, tmp_path / "package")
