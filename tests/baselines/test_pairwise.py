"""Baselines as they were published: a label-free model for each pair of classes."""

from pathlib import Path

import numpy as np
import pytest
import torch

from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import ConfigError, DataError
from adis_bench.methods.protocol import MethodOptions, NeedsPairs
from adis_bench.registry import load
from baselines.labels import PAIR_READING
from baselines.pairwise import Directions, PairCut, Pairwise, PairwiseCut, PairwiseCycleGAN
from reference_model.data import Batches, Conditions
from reference_model.settings import TrainerSettings
from tests.reference_model.conftest import TINY

SETTINGS = {**TINY, "steps": 2, "checkpoint_steps": 1}
OPTIONS = MethodOptions(resolution=32, settings=SETTINGS)


@pytest.fixture
def pairs(world: Dataset) -> list[Pair]:
    """Four pairs of the world's test split: rain to ocean twice, back, and ocean to stream."""
    first = {segment.label: segment for segment in reversed(world.split("test").segments)}
    rain, ocean, stream = (first[label] for label in ("rain", "ocean", "stream"))
    between = [(rain, ocean), (ocean, rain), (rain, ocean), (ocean, stream)]
    return [Pair(f"p{i}", source, 0, target) for i, (source, target) in enumerate(between)]


def fitted(kind: type[Pairwise], world: Dataset, pairs: list[Pair], folder: Path) -> Pairwise:
    """The method, trained for the pairs."""
    method = kind(OPTIONS)
    assert isinstance(method, NeedsPairs)
    method.plan(pairs)
    method.fit(world.split("train"), folder)
    return method


@pytest.mark.parametrize(("kind", "n_models"), [(PairwiseCut, 3), (PairwiseCycleGAN, 2)])
def test_only_the_models_that_the_pairs_need_are_trained(
    kind: type[Pairwise], n_models: int, world: Dataset, pairs: list[Pair], tmp_path: Path
) -> None:
    """One for each ordered pair of classes; a CycleGAN goes both ways, and serves two."""
    method = fitted(kind, world, pairs, tmp_path)
    told = method.provenance()
    assert told["n_models"] == n_models
    assert list(told["models"]).count("rain to ocean") == 1
    images = list(method.stylize(pairs))
    assert [image.shape for image in images] == [(32, 32, 3)] * 4
    assert np.array_equal(images[0], images[2])
    assert not np.array_equal(images[1], images[3])  # one image by two models


def test_a_second_call_trains_nothing(world: Dataset, pairs: list[Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Finished models are found again, by the two classes' images alone."""
    first = fitted(PairwiseCut, world, pairs, tmp_path).provenance()["digest"]
    monkeypatch.setattr("reference_model.trainer.train", lambda *given: pytest.fail("trained again"))
    kept = world.with_segments(s for s in world.segments if s.label in ("rain", "ocean", "stream"))
    assert fitted(PairwiseCut, kept, pairs, tmp_path).provenance()["digest"] == first


def test_batches_between_two_classes_hold_nothing_else(world: Dataset) -> None:
    """Sources are of the first class, targets of the second; an epoch is as long as the larger one."""
    train = world.split("train")
    labels = [segment.label for segment in train.segments]

    def places(segments: object) -> torch.Tensor:
        return torch.tensor([train.segments.index(segment) for segment in segments])  # type: ignore[attr-defined]

    conditions = Conditions(places, of_sources=True, between=("rain", "ocean"))
    batches = Batches(train, conditions, 32, TrainerSettings(batch_size=2, load_scale=1.0), seed=0)
    assert batches.schedule.epoch_steps == max(labels.count("rain"), labels.count("ocean")) // 2
    for step in range(6):
        batch = batches(step)
        assert batch.source_condition is not None
        assert {labels[i] for i in batch.source_condition.tolist()} == {"rain"}
        assert {labels[i] for i in batch.condition.tolist()} == {"ocean"}


def test_a_class_without_images_is_named(world: Dataset, pairs: list[Pair], tmp_path: Path) -> None:
    """A pair of classes that the training split doesn't have ends with one line."""
    without = world.with_segments(s for s in world.segments if s.label != "ocean")
    with pytest.raises(DataError, match="no training image of class 'ocean'"):
        fitted(PairwiseCut, without, pairs, tmp_path)


def test_only_a_few_models_stay_in_memory(world: Dataset, pairs: list[Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was used longest ago is closed, and read again when its pairs come: the same images."""
    expected = list(fitted(PairwiseCut, world, pairs, tmp_path).stylize(pairs))
    monkeypatch.setattr("baselines.pairwise.MOST_OPEN", 1)
    method = fitted(PairwiseCut, world, pairs, tmp_path)
    assert sum(len(model._networks) > 0 for model in method._models.values()) == 1
    assert all(np.array_equal(*two) for two in zip(method.stylize(pairs), expected, strict=True))
    assert sum(len(model._networks) > 0 for model in method._models.values()) == 1


def test_nothing_hears_a_label(world: Dataset) -> None:
    """Neither generator nor discriminator has a place for one, whatever the preset says, and no wrong labels are asked for."""
    model = PairCut(OPTIONS, ("rain", "ocean"))
    assert model.settings.network.conditioning == model.settings.network.discriminator_conditioning == "none"
    assert model.settings.trainer.mismatched == 0
    networks = model.objective(2).inference
    images = torch.rand(2, 3, 32, 32)
    outputs = [networks["G"](images, networks["C"](torch.tensor([label, label]))) for label in (0, 1)]
    assert torch.equal(*outputs)


def test_the_wanted_class_decides_the_direction() -> None:
    """Second class: there; first class: back; in one batch, too."""
    directions = Directions(torch.nn.ReLU(), torch.nn.Identity())
    images = -torch.ones(3, 3, 4, 4)
    assert directions(images, torch.tensor([1, 0, 1])).mean(dim=(1, 2, 3)).tolist() == [0, -1, 0]


def test_what_is_said_of_them() -> None:
    """As published but for the reading of labels; a variant behind the name is refused."""
    assert PairwiseCut.differences({}) == [PAIR_READING]
    assert any("steps: 2 (CUT" in phrase for phrase in PairwiseCut.differences(SETTINGS))
    assert not any("conditioning" in phrase for phrase in PairwiseCut.differences(SETTINGS))
    assert load("methods", "cyclegan:pairwise") is PairwiseCycleGAN
    with pytest.raises(ConfigError, match="trains or finds them itself; leave out 'models/x'"):
        PairwiseCut(MethodOptions(resolution=32, variant="models/x"))
    with pytest.raises(ConfigError, match="unknown setting 'widht'"):
        PairwiseCut(MethodOptions(resolution=32, settings={"widht": 3}))
