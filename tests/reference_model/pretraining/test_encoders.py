"""Pretraining as a whole: it learns, its digest is known before, and a kill changes nothing."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, WeightsError
from reference_model import store
from reference_model.audio import audio_encoder
from reference_model.journal import LOG_NAME
from reference_model.pretraining import encoders, loop
from reference_model.pretraining.encoders import encoder_of, find, fresh, pretrained, recipe
from reference_model.settings import NetworkSettings
from reference_model.trainer import CHECKPOINT_NAME
from tests.reference_model.pretraining.conftest import SHORT, short


@pytest.mark.parametrize("idea", ["wav2clip", "selavi"])
def test_each_idea_learns(idea: str, listening: Dataset) -> None:
    """The loss falls, and held-out sounds find their images by far better than by chance; all of it is in the log and provenance."""
    folder = pretrained(SHORT[idea], listening.split("train"))
    with (folder / LOG_NAME).open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    first, last = rows[0], rows[-1]
    assert (first["step"], first["loss"], last["step"]) == ("0", "", "40")
    assert float(last["loss"]) < 0.85 * float(rows[1]["loss"])
    assert float(last["rank_chance"]) == 4.5
    assert float(last["rank_mean"]) < 2.5
    told = store.read_provenance(folder)
    assert (told["method"], told["n_segments"], told["n_held_out"]) == (f"pretrain-{idea}", 72, 8)
    assert told["losses"]["rank_mean"] == float(last["rank_mean"])
    assert encoders.CIRCLE in told["differences"]
    assert not (folder / CHECKPOINT_NAME).exists()


@pytest.mark.parametrize("idea", ["wav2clip", "selavi"])
def test_the_digest_is_known_before_training(idea: str, world: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read or trained for it, and afterwards the encoder is found by it."""
    train, wanted = world.split("train"), short(idea, 3)
    with monkeypatch.context() as patch:
        patch.setattr(encoders, "learn", lambda pupil: pytest.fail("trained"))
        patch.setattr(encoders, "hold_back", lambda *a: pytest.fail("read"))
        digest = recipe(wanted, train).digest
        assert find(wanted, train) is None
    folder = pretrained(wanted, train)
    assert store.read_provenance(folder)["digest"] == digest
    assert find(wanted, train) == folder == store.folder(recipe(wanted, train))
    monkeypatch.setattr(encoders, "learn", lambda pupil: pytest.fail("trained again"))
    assert pretrained(wanted, train) == folder


def test_the_digest_holds_what_decides_and_nothing_else(world: Dataset) -> None:
    """Seed, steps, data, the encoder and SeLaVi's labelling change it; the generator, and SeLaVi's for Wav2CLIP, don't."""
    train, plain = world.split("train"), SHORT["wav2clip"]

    def digest(**changes: object) -> str:
        return recipe(replace(plain, **changes), train).digest

    others = [
        digest(seed=1),
        digest(steps=41),
        digest(resolution=32),
        digest(network=replace(plain.network, condition_size=8)),
        digest(network=replace(plain.network, peak_normalisation=False)),
        digest(idea="selavi"),
        recipe(SHORT["selavi"], train).digest,
        recipe(plain, train.with_segments(train.segments[1:])).digest,
    ]
    assert len({digest(), *others}) == 9
    assert digest(network=replace(plain.network, width=8, conditioning="film")) == digest()
    assert digest(labelling=SHORT["selavi"].labelling, device="cuda") == digest()


class Killed(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize("idea", ["wav2clip", "selavi"])
def test_a_killed_pretraining_ends_with_the_same_bits(idea: str, world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights and log are those of a training that was not killed, which a second one gives as well; torch's own draws are left alone."""
    monkeypatch.setattr(loop, "CHECKPOINT_STEPS", 3)
    train, wanted = world.split("train"), short(idea, 8)
    torch.manual_seed(5)
    whole = pretrained(wanted, train, tmp_path / "whole")
    drawn = torch.rand(1)
    real = loop._step

    def dying(pupil: loop.Pupil, optimiser: torch.optim.Optimizer, step: int) -> float:
        if step == 4:
            raise Killed
        return real(pupil, optimiser, step)

    monkeypatch.setattr(loop, "_step", dying)
    with pytest.raises(Killed):
        pretrained(wanted, train, tmp_path / "killed")
    monkeypatch.setattr(loop, "_step", real)
    assert not (tmp_path / "killed" / store.PROVENANCE_NAME).exists()
    resumed = pretrained(wanted, train, tmp_path / "killed")
    for name in (store.WEIGHTS_NAME, LOG_NAME):
        assert (resumed / name).read_bytes() == (whole / name).read_bytes()
    torch.manual_seed(5)
    assert torch.equal(torch.rand(1), drawn)


def test_a_folder_of_another_pretraining_is_refused(world: Dataset, tmp_path: Path) -> None:
    """Neither a finished encoder nor a checkpoint of another recipe is written over or gone on from; a finished one is found."""
    train, out = world.split("train"), tmp_path / "encoder"
    assert pretrained(short("wav2clip", 2), train, out) == out == pretrained(short("wav2clip", 2), train, out)
    with pytest.raises(ConfigError, match="holds an encoder of another recipe"):
        pretrained(short("wav2clip", 3), train, out)
    with pytest.raises(WeightsError, match="holds a model of method 'pretrain-wav2clip'"):
        pretrained(short("selavi", 2), train, out)
    started = tmp_path / "started"
    started.mkdir()
    torch.save({"recipe": "of another one"}, started / CHECKPOINT_NAME)
    with pytest.raises(WeightsError, match="is of another recipe"):
        pretrained(short("wav2clip", 2), train, started)
    (started / CHECKPOINT_NAME).write_bytes(b"damaged")
    with pytest.raises(WeightsError, match="is damaged or of another model"):
        pretrained(short("wav2clip", 2), train, started)


def test_a_pretraining_that_diverges_is_told(world: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that are not finite end it, and no encoder is left."""
    monkeypatch.setattr(loop, "LEARNING_RATE", 1e30)
    wanted = short("wav2clip", 20)
    with pytest.raises(WeightsError, match="diverged.* not finite; no encoder was made of it"):
        pretrained(wanted, world.split("train"))
    assert find(wanted, world.split("train")) is None


def test_a_resnet_is_trained_whole_and_handed_on_with_its_statistics(world: Dataset) -> None:
    """Trunk, projection and batch norms have moved from the seed's first weights, and the file gives the encoder back in eval mode."""
    wanted = replace(short("wav2clip", 1), network=NetworkSettings(condition_size=8, audio_encoder="resnet18"))
    encoder, network = encoder_of(pretrained(wanted, world.split("train")))
    assert network == wanted.network
    assert not encoder.training
    before, after = fresh(wanted).state_dict(), encoder.state_dict()
    still = [name for name, value in after.items() if torch.equal(value, before[name])]
    assert still == []
    assert audio_encoder(network).state_dict().keys() == after.keys()


def test_a_trained_models_encoder_is_found_too() -> None:
    """That of the demo model that comes with the package; one of a model that is given labels is refused."""
    encoder, network = encoder_of(store.PACKAGED / "ours")
    assert encoder(torch.zeros(2, 48000)).shape == (2, network.condition_size)
    assert not encoder.training
    with pytest.raises(ConfigError, match="holds a model of cut, which hears no sounds"):
        encoder_of(store.PACKAGED / "cut")
