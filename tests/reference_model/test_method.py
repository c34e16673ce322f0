"""Training, finding again, going on after a kill, and restyling."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import ConfigError, WeightsError
from adis_bench.files import digest_file
from adis_bench.methods.protocol import MethodOptions
from baselines.cut import Cut
from baselines.cyclegan import CycleGAN
from reference_model import store, trainer
from reference_model.method import Launch, TrainedMethod, open_model
from reference_model.ours import Ours
from reference_model.schedule import Schedule
from reference_model.settings import Settings, TrainerSettings
from tests.reference_model.conftest import TINY

OPTIONS = MethodOptions(resolution=64, settings=TINY)
METHODS = [Ours, Cut, CycleGAN]


def images(method: TrainedMethod, pairs: list[Pair]) -> np.ndarray:
    """All outputs at once."""
    return np.stack(list(method.stylize(pairs)))


@pytest.mark.parametrize("kind", METHODS)
def test_trains_restyles_and_is_found_again(
    kind: type[TrainedMethod], world: Dataset, some_pairs: list[Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second fit trains nothing and gives the very same images, whatever the number of pairs at a time."""
    first = kind(OPTIONS)
    first.fit(world.split("train"), tmp_path / "a")
    made = images(first, some_pairs)
    assert made.shape == (5, 64, 64, 3)
    assert made.dtype == np.uint8
    monkeypatch.setattr(trainer, "train", lambda *a, **k: pytest.fail("trained again"))
    second = kind(OPTIONS)
    second.fit(world.split("train"), tmp_path / "b")
    np.testing.assert_array_equal(images(second, some_pairs[:2]), made[:2])
    assert second.provenance()["digest"] == first.provenance()["digest"]


@pytest.mark.parametrize("kind", METHODS)
def test_a_killed_training_goes_on_bit_for_bit(
    kind: type[TrainedMethod], world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights after a kill at step 5 of 6 (last checkpoint: 4) equal an uninterrupted training's."""
    whole = kind(OPTIONS)
    whole.fit(world.split("train"), tmp_path)
    expected = whole._networks.state_dict()
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / "other"))
    steps, real_step = [], trainer._step

    def dying(*args: object) -> object:
        steps.append(1)
        if len(steps) == 6:
            raise KeyboardInterrupt
        return real_step(*args)

    monkeypatch.setattr(trainer, "_step", dying)
    with pytest.raises(KeyboardInterrupt):
        kind(OPTIONS).fit(world.split("train"), tmp_path)
    resumed = kind(OPTIONS)
    resumed.fit(world.split("train"), tmp_path)
    assert len(steps) == 8  # five done, the sixth killed, then steps five and six
    for name, value in resumed._networks.state_dict().items():
        assert torch.equal(value, expected[name]), name


def test_retrain_ignores_a_model_but_not_its_own_work(world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--retrain trains where a model is found, once; the same run called again goes on from what it made."""
    Ours(OPTIONS).fit(world.split("train"), tmp_path / "first")
    calls = []
    real = trainer.train
    monkeypatch.setattr(trainer, "train", lambda *a, **k: calls.append(1) or real(*a, **k))
    again = replace(OPTIONS, retrain=True)
    for _ in range(2):
        Ours(again).fit(world.split("train"), tmp_path / "first")
    assert len(calls) == 1


def test_retrain_mends_a_damaged_model(world: Dataset, tmp_path: Path) -> None:
    """The advice of the error works: the same run with --retrain trains anew, even over its own work."""
    again = Ours(replace(OPTIONS, retrain=True))
    again.fit(world.split("train"), tmp_path)
    found = store.find(again.recipe(world.split("train")))
    assert found is not None
    (found / store.WEIGHTS_NAME).write_bytes(b"damaged")
    Ours(replace(OPTIONS, retrain=True)).fit(world.split("train"), tmp_path)
    Ours(OPTIONS).fit(world.split("train"), tmp_path)


def test_another_setting_is_another_model(world: Dataset, tmp_path: Path) -> None:
    """Every setting, the seed and the data are part of the digest."""
    base = Ours(OPTIONS).recipe(world.split("train"))
    others = [
        Ours(replace(OPTIONS, settings={**TINY, "steps": 7})).recipe(world.split("train")),
        Ours(replace(OPTIONS, seed=1)).recipe(world.split("train")),
        Ours(OPTIONS).recipe(world.split("judge")),
        Cut(OPTIONS).recipe(world.split("train")),
    ]
    assert len({base.digest, *(o.digest for o in others)}) == 5


def test_unknown_settings_and_variants_are_named() -> None:
    """A typo in a preset names the near setting."""
    with pytest.raises(ConfigError, match="did you mean steps"):
        Ours(replace(OPTIONS, settings={"stepz": 3}))
    with pytest.raises(ConfigError, match="conditioning"):
        Ours(replace(OPTIONS, settings={"conditioning": "flim"}))
    with pytest.raises(ConfigError, match="steps"):
        Ours(replace(OPTIONS, settings={"steps": "many"}))
    with pytest.raises(ConfigError, match="batch_size"):
        Ours(replace(OPTIONS, settings={"batch_size": 0}))
    with pytest.raises(ConfigError, match=r"big is no model \(provenance.json is missing\)"):
        Ours(replace(OPTIONS, variant="big"))


def test_damaged_and_foreign_weights_are_refused(world: Dataset, tmp_path: Path) -> None:
    """One line names the file, what is wrong with it and what to do."""
    method = Ours(OPTIONS)
    method.fit(world.split("train"), tmp_path)
    found = store.find(method.recipe(world.split("train")))
    assert found is not None
    with pytest.raises(WeightsError, match=r"of another model: \d+ of \d+ entries missing \("):
        store.load(lambda: Cut(OPTIONS).objective(8).inference, found)
    (found / store.WEIGHTS_NAME).write_bytes(b"not a model")
    with pytest.raises(WeightsError, match="--retrain"):
        Ours(OPTIONS).fit(world.split("train"), tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("labels", 5, "labels: Input should be a valid list"),
        ("resolution", -4, "resolution: Input should be greater"),
        ("resolution", 10**9, "resolution: Input should be less"),
        ("resolution", math.nan, "resolution: Input should be a valid integer"),
        ("settings", {**TINY, "width": 10**7}, r"of another model: \d+ of \d+ entries of another shape"),
        ("settings", {**TINY, "width": "wide"}, "width"),
    ],
)
def test_a_hostile_provenance_is_refused(world: Dataset, tmp_path: Path, name: str, value: object, message: str) -> None:
    """Wrong types and sizes end with one line, before memory is taken for them."""
    folder = Ours(OPTIONS).train(world.split("train"), Launch(tmp_path / "model"))
    told = json.loads((folder / store.PROVENANCE_NAME).read_text())
    (folder / store.PROVENANCE_NAME).write_text(json.dumps({**told, name: value}))
    with pytest.raises((WeightsError, ConfigError), match=message):
        Ours.opened(folder, device="cpu", precision="float32")


def test_a_training_that_diverges_stops_and_keeps_what_was_good(world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No checkpoint and no model of values that are not finite; the one from before stays."""
    data, launch = world.split("train"), Launch(tmp_path / "model")
    good = replace(OPTIONS, settings={**TINY, "checkpoint_steps": 2})
    real, steps = trainer._step, []

    def bursting(objective: object, players: trainer.Players, *rest: object) -> dict[str, torch.Tensor]:
        losses = real(objective, players, *rest)
        steps.append(1)
        if len(steps) == 3:
            next(players.plain["G"].parameters()).data.fill_(math.nan)
        return losses

    monkeypatch.setattr(trainer, "_step", bursting)
    with pytest.raises(WeightsError, match=r"diverged: at step 4 .*checkpoint.pt is of before and stays; lower learning_rate"):
        Ours(good).train(data, launch)
    assert torch.load(tmp_path / "model" / trainer.CHECKPOINT_NAME, weights_only=True)["step"] == 2
    assert not (tmp_path / "model" / store.PROVENANCE_NAME).exists()


def test_a_side_that_cannot_be_halved_twice_is_refused_at_once() -> None:
    """Before anything is trained or scored."""
    with pytest.raises(ConfigError, match="resolution 66 is not a multiple of 4; use 64 or 68"):
        Ours(replace(OPTIONS, resolution=66))


def test_weights_of_other_kinds_are_refused(world: Dataset, tmp_path: Path) -> None:
    """Sparse and integer tables aren't what a network computes with."""
    folder = Ours(OPTIONS).train(world.split("train"), Launch(tmp_path / "model"))
    told = json.loads((folder / store.PROVENANCE_NAME).read_text())
    for change, kind in ((torch.Tensor.to_sparse, "sparse"), (torch.Tensor.int, "int32")):
        state = torch.load(folder / store.WEIGHTS_NAME, weights_only=True)
        state["G.out.weight"] = change(state["G.out.weight"])
        torch.save(state, tmp_path / f"{kind}.pt")
        (folder / store.WEIGHTS_NAME).write_bytes((tmp_path / f"{kind}.pt").read_bytes())
        digest = digest_file(folder / store.WEIGHTS_NAME)
        (folder / store.PROVENANCE_NAME).write_text(json.dumps({**told, "weights_sha256": digest}))
        with pytest.raises(WeightsError, match=rf"1 of \d+ entries are no dense floating-point weights \(G.out.weight .*{kind}"):
            Ours.opened(folder, device="cpu", precision="float32")


def test_a_damaged_checkpoint_is_named(world: Dataset, tmp_path: Path) -> None:
    """A checkpoint of another model ends with one line, not with wrong weights."""
    folder = store.folder(Ours(OPTIONS).recipe(world.split("train")))
    folder.mkdir(parents=True)
    (folder / trainer.CHECKPOINT_NAME).write_bytes(b"garbage")
    with pytest.raises(WeightsError, match="delete it to train from the start"):
        Ours(OPTIONS).fit(world.split("train"), tmp_path)


def test_pickles_are_not_executed(world: Dataset, tmp_path: Path) -> None:
    """A weight file that holds code is refused, with a digest that matches."""
    method = Ours(OPTIONS)
    method.fit(world.split("train"), tmp_path)
    found = store.find(method.recipe(world.split("train")))
    assert found is not None
    torch.save({"x": Path("evil")}, found / store.WEIGHTS_NAME)
    provenance = json.loads((found / store.PROVENANCE_NAME).read_text())
    provenance["weights_sha256"] = store.digest_file(found / store.WEIGHTS_NAME)
    (found / store.PROVENANCE_NAME).write_text(json.dumps(provenance))
    with pytest.raises(WeightsError, match="cannot be read"):
        Ours(OPTIONS).fit(world.split("train"), tmp_path)


def test_learning_rate_is_constant_then_falls_to_zero() -> None:
    """30 of 50 epochs constant, then linear (protocol.md A.2), however many steps they take."""
    schedule = Schedule(TrainerSettings(ending="zero", learning_rate=1.0), epoch_steps=2)
    assert schedule.n_steps == 100
    assert [schedule.learning_rate(step) for step in (0, 60, 80)] == pytest.approx([1.0, 1.0, 0.5])
    assert schedule.learning_rate(99) == pytest.approx(0.025)
    stretched = Schedule(TrainerSettings(ending="zero", learning_rate=1.0, steps=50), epoch_steps=2)
    assert [stretched.learning_rate(step) for step in (30, 40, 49)] == pytest.approx([1.0, 0.5, 0.05])


def test_learning_rate_of_the_release_ends_above_zero() -> None:
    """Epoch k has the rate 1 - max(0, k - 30) / 21 throughout: the last one, the fiftieth, still 1/21 (protocol.md B.1 row 2)."""
    schedule = Schedule(TrainerSettings(learning_rate=1.0), epoch_steps=3)
    assert schedule.learning_rate(30 * 3 - 1) == 1.0
    assert schedule.learning_rate(30 * 3) == schedule.learning_rate(31 * 3 - 1) == pytest.approx(20 / 21)
    assert schedule.learning_rate(50 * 3 - 1) == pytest.approx(1 / 21)


def test_differences_from_the_release_are_listed() -> None:
    """A small preset says what it changed; the defaults change nothing."""
    assert Settings().differences() == []
    assert "width: 4 (release: 64)" in Settings.from_table(TINY, "ours").differences()


def test_training_learns_to_tell_real_from_generated(world: Dataset, tmp_path: Path) -> None:
    """The log holds the named losses, finite."""
    method = Ours(OPTIONS)
    method.fit(world.split("train"), tmp_path)
    losses = method.provenance()["losses"]
    assert {"D_real", "D_fake", "D_mismatched", "G_GAN", "NCE", "NCE_Y"} <= losses.keys()
    assert all(np.isfinite(v) for v in losses.values())


def test_a_models_folder_is_a_variant(world: Dataset, some_pairs: list[Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``ours:PATH`` makes the images of the model in that folder, by its own settings, and trains nothing."""
    trained = Ours(OPTIONS)
    trained.fit(world.split("train"), tmp_path / "work")
    folder = tmp_path / "kept"
    Ours(OPTIONS).train(world.split("train"), Launch(folder))
    monkeypatch.setattr(trainer, "train", lambda *a, **k: pytest.fail("trained again"))
    named = Ours(MethodOptions(resolution=64, settings={"width": 8}, variant=str(folder)))
    named.fit(world.split("train"), tmp_path / "work")
    assert named.settings == trained.settings
    np.testing.assert_array_equal(images(named, some_pairs), images(trained, some_pairs))
    assert named.provenance()["digest"] == trained.provenance()["digest"]
    opened = open_model(f"ours:{folder}")
    np.testing.assert_array_equal(images(opened, some_pairs), images(trained, some_pairs))


def test_a_model_of_another_method_or_of_other_labels_is_refused(world: Dataset, tmp_path: Path) -> None:
    """A folder says which method made it; a label model without a label of the dataset says which one it lacks."""
    Cut(OPTIONS).train(world.split("train"), Launch(tmp_path / "cut"))
    with pytest.raises(WeightsError, match="of method 'cut', not 'ours'; write its own name"):
        Ours(replace(OPTIONS, variant=str(tmp_path / "cut")))
    named = Cut(replace(OPTIONS, variant=str(tmp_path / "cut")))
    with pytest.raises(ConfigError, match="but not 1 of the dataset's, first: 'volcano'"):
        named.fit(replace(world.split("train"), displays={**world.displays, "volcano": "volcano"}), tmp_path / "work")


def test_a_checkpoint_of_another_recipe_is_refused(world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a training by other settings ends with one line, even where the networks would fit."""

    def ending(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store, "save", ending)
        with pytest.raises(KeyboardInterrupt):
            Ours(OPTIONS).train(world.split("train"), Launch(tmp_path / "model"))
    assert (tmp_path / "model" / trainer.CHECKPOINT_NAME).is_file()
    with pytest.raises(WeightsError, match="is of another recipe"):
        Ours(replace(OPTIONS, seed=1)).train(world.split("train"), Launch(tmp_path / "model"))
