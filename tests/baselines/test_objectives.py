"""Objectives of the label baselines."""

from dataclasses import replace

import pytest
import torch

from adis_bench.methods.protocol import MethodOptions
from baselines.cut import Cut
from baselines.cyclegan import CycleConsistent, CycleGAN
from reference_model.objective import Objective, TrainBatch
from tests.reference_model.conftest import TINY

OPTIONS = MethodOptions(resolution=32, settings=TINY)


def batch() -> TrainBatch:
    """Four random pairs with labels."""
    images = torch.rand(2, 4, 3, 32, 32) * 2 - 1
    return TrainBatch(images[0], images[1], torch.tensor([0, 1, 2, 3]), torch.tensor([1, 2, 3, 0]), patch_seed=0)


def parts(objective: Objective) -> dict[str, torch.Tensor]:
    """All named losses of one step."""
    return {name: value for loss in objective.losses(batch()) for name, value in loss.parts.items()}


def test_cycle_and_identity_vanish_for_a_generator_that_changes_nothing() -> None:
    """Both are distances to the input: |G(G(x)) - x| and |G(y) - y|."""
    objective = CycleGAN(OPTIONS).objective(4)
    assert isinstance(objective, CycleConsistent)
    objective.made.generator.forward = lambda x, condition: x  # type: ignore[method-assign]
    named = parts(objective)
    assert named["cycle"].item() == named["idt"].item() == 0
    assert parts(CycleGAN(OPTIONS).objective(4))["cycle"].item() > 0


@pytest.mark.parametrize("kind", [Cut, CycleGAN])
def test_the_label_decides_the_output(kind: type[Cut | CycleGAN]) -> None:
    """One image becomes different ones under different labels."""
    networks = kind(OPTIONS).objective(4).inference
    x = torch.randn(1, 3, 32, 32)
    made = [networks["G"](x, networks["C"](torch.tensor([label]))) for label in (0, 3)]
    assert not torch.equal(*made)


@pytest.mark.parametrize("kind", [Cut, CycleGAN])
def test_discriminator_and_generator_share_no_parameter(kind: type[Cut | CycleGAN]) -> None:
    """Each optimiser moves its own networks, and the generator's moves what is kept."""
    objective = kind(OPTIONS).objective(4)
    moved = {name: {id(p) for p in player.parameters()} for name, player in objective.players.items()}
    inference = {id(p) for p in objective.inference.parameters()}
    assert list(moved) == ["D", "G"]
    assert not moved["D"] & moved["G"]
    assert inference <= moved["G"]


def test_equal_labels_are_not_counted_as_mismatched() -> None:
    """A batch of one label has no mismatched pair, so that term is zero and trains nothing."""
    objective = Cut(OPTIONS).objective(4)
    same = batch()
    one_label = replace(same, condition=torch.zeros(4, dtype=torch.long))
    assert next(objective.losses(one_label)).parts["D_mismatched"].item() == 0


def test_without_mismatched_pairs_the_discriminator_is_the_release() -> None:
    """Weight 0 leaves the two terms of the release: the mean of real and generated."""
    options = MethodOptions(resolution=32, settings={**TINY, "mismatched": 0.0})
    _, total, named = next(Cut(options).objective(4).losses(batch()))
    assert set(named) == {"D_real", "D_fake"}
    torch.testing.assert_close(total, (named["D_real"] + named["D_fake"]) / 2)
