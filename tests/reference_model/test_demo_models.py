"""The models that come with the package are what their provenance says."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adis_bench import presets
from adis_bench.datasets.demo.world import VERSION
from adis_bench.datasets.records import Dataset
from adis_bench.methods.protocol import MethodOptions
from baselines.cut import Cut
from baselines.cyclegan import CycleGAN
from reference_model import store, trainer
from reference_model.data import Batches, Conditions
from reference_model.journal import LOG_STEPS, MUCH_WAITING
from reference_model.method import TrainedMethod
from reference_model.ours import Ours
from reference_model.runtime import launched
from reference_model.trainer import Training

METHODS = {kind.name: kind for kind in (Ours, Cut, CycleGAN)}
PRESET = tomllib.loads((Path(presets.__path__[0]) / "demo.toml").read_text())


def provenance(name: str) -> dict[str, Any]:
    """What the package says of a model."""
    found: dict[str, Any] = json.loads((store.PACKAGED / name / store.PROVENANCE_NAME).read_text())
    return found


def demo_method(name: str) -> TrainedMethod:
    """The method as the demo preset makes it."""
    return METHODS[name](MethodOptions(resolution=PRESET["resolution"], settings=PRESET["methods"][name]))


@pytest.mark.parametrize("name", METHODS)
def test_weights_are_those_that_the_provenance_describes(name: str) -> None:
    """The digest of the file is the recorded one, and the networks of the recorded settings take it."""
    _, loaded = store.load(lambda: demo_method(name).objective(8).inference, store.PACKAGED / name)
    assert loaded["weights_sha256"] == store.digest_file(store.PACKAGED / name / store.WEIGHTS_NAME)


@pytest.mark.parametrize(
    ("name", "generator", "encoder"), [("ours", -3.4255, 204.8416), ("cut", 0.0867, 0.9574), ("cyclegan", 1.7233, 31.9810)]
)
def test_first_weights_are_those_that_the_models_began_with(name: str, generator: float, encoder: float) -> None:
    """Their sums, which another order of drawing changes: the recipe would lead to another model than the packaged one."""
    method = demo_method(name)
    method.labels = tuple("abcdefgh")
    first = method._fresh_objective().inference
    sums = [sum(p.detach().double().sum().item() for p in first[part].parameters()) for part in ("G", "C")]
    assert sums == pytest.approx([generator, encoder], abs=2e-3)


@pytest.mark.slow
def test_the_loader_keeps_up_with_the_demo_preset(world: Dataset, tmp_path: Path) -> None:
    """The training waits for data in less than 5 % of its time."""
    settings = {**PRESET["methods"]["ours"], "steps": 3 * LOG_STEPS}
    method = Ours(MethodOptions(resolution=PRESET["resolution"], settings=settings))
    train = world.split("train")
    method.prepare(train)
    batches = Batches(train, Conditions(method.conditions), PRESET["resolution"], method.settings.trainer, 0)
    rows = trainer.train(
        Training(method._fresh_objective(), batches, method.settings.trainer, tmp_path, "ours", workers=1),
        launched("cpu", method.settings.trainer.training_precision),
    )
    waiting = [row["waiting"] for row in rows if "waiting" in row]
    assert len(waiting) == 3
    assert max(waiting[1:]) < MUCH_WAITING == 0.05


@pytest.mark.parametrize("name", METHODS)
def test_the_demo_preset_finds_its_models(name: str, world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A preset, network or loop that changes without a new training (and CODE_VERSION) would train on every machine."""
    monkeypatch.setattr("reference_model.trainer.train", lambda *a, **k: pytest.fail("the demo model was not found"))
    counts = {split: PRESET["demo"][f"n_{split}"] for split in ("train", "judge", "test")}
    size, seed = PRESET["resolution"], PRESET["demo"]["seed"]
    recipe = {"generator": "adis_bench.demo", "version": VERSION, "seed": seed, "resolution": size, "counts": counts}
    method = demo_method(name)
    method.fit(replace(world.split("train"), recipe=recipe), tmp_path)
    assert method.provenance()["weights_sha256"] == provenance(name)["weights_sha256"]


@pytest.mark.parametrize("name", METHODS)
def test_provenance_tells_how_to_make_them_again(name: str) -> None:
    """Command, commit, data, losses and scores are recorded."""
    told = provenance(name)
    assert "--retrain" in told["command"]
    assert len(told["git_commit"]) == 40
    assert len(told["dataset_digest"]) == len(told["pairs_digest"]) == 64
    assert told["losses"]["step"] == told["settings"]["steps"]
    scores = {score["metric"]: score["value"] for score in told["scores"]}
    assert {"avc", "label_similarity", "structure_similarity", "oracle_distance"} <= scores.keys()


def test_the_models_are_small() -> None:
    """12 MB together at most."""
    assert sum(path.stat().st_size for path in store.PACKAGED.rglob("*.pt")) < 12e6
