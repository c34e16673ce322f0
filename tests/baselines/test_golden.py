"""A training of CUT and of CycleGAN equals the original code, number for number where the original draws can be had."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from baselines import import_original
from baselines.cyclegan import CycleConsistent
from baselines.labels import UNCONDITIONED
from baselines.original import NETWORKS, _layout
from reference_model.checkpoint_files import entries_of
from reference_model.objective import Contrastive, Objective, TrainBatch
from reference_model.settings import BASES, Settings
from tests.reference_model import golden

pytestmark = golden.needs_golden
SIZE = 128


def settings(method: str) -> Settings:
    """A method's own published settings, between two classes."""
    network, trainer = BASES[method]
    return Settings(replace(network, conditioning="none", discriminator_conditioning="none"), trainer)


def made(method: str) -> tuple[Objective, dict[str, nn.Module]]:
    """The product's objective at published settings, and its networks by their original names."""
    if method == "cut":
        cut = Contrastive(settings("cut"), nn.Identity(), nn.Identity())
        assert cut.made.sampler is not None
        return cut, {"G": cut.made.generator, "D": cut.judge.net, "F": cut.made.sampler}
    cycle = CycleConsistent(settings("cyclegan"), UNCONDITIONED, SIZE)
    generators = {"G_A": cycle.made.there.net, "G_B": cycle.made.back.net}
    return cycle, {**generators, "D_A": cycle.judges.there.net, "D_B": cycle.judges.back.net}


@dataclass
class Trained:
    """What three steps on the golden batch left, by original names."""

    losses: list[dict[str, float]]
    fake: Tensor
    gradients: dict[str, list[float]]
    parameters: dict[str, list[float]]


def in_original_order(name: str, method: str, network: nn.Module) -> list[nn.Parameter]:
    """Parameters in the order of the original checkpoint."""
    own, ours = dict(network.named_parameters()), entries_of(*_layout(name, method == "cut"))
    return [own[ours[theirs][0]] for theirs in golden.shapes(method)[name]]


def three_steps(method: str, folder: Path) -> Trained:
    """The product's objective and optimisers, with the golden weights and batch."""
    paths = {name: folder / f"{name}.pth" for name in NETWORKS[method]}
    for name, path in paths.items():
        torch.save(golden.state(name, method), path)
    objective, networks = made(method)
    given = import_original(method, paths)
    for name, network in networks.items():
        network.load_state_dict(given.networks[name].state_dict())
    source, target = (torch.from_numpy(golden.reference(method)[name]).float() for name in ("source", "target"))
    labels = torch.zeros(len(source), dtype=torch.int64)
    with torch.inference_mode():
        fake = given.generator(source)
    trained = Trained([], fake, {}, {})
    for row in golden.steps(objective, settings(method).trainer, TrainBatch(source, target, labels, labels + 1, patch_seed=7)):
        trained.losses.append(row)
        if not trained.gradients:
            trained.gradients = {n: [golden.norm(p.grad) for p in in_original_order(n, method, net)] for n, net in networks.items()}
    trained.parameters = {n: [golden.norm(p) for p in in_original_order(n, method, net)] for n, net in networks.items()}
    return trained


@pytest.fixture(scope="module")
def cyclegan(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Three steps of CycleGAN."""
    return three_steps("cyclegan", tmp_path_factory.mktemp("cyclegan"))


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Three steps of CUT, with locations of our own draw: those of the original are not among the golden data."""
    return three_steps("cut", tmp_path_factory.mktemp("cut"))


def losses(method: str, *names: str) -> NDArray[np.float64]:
    """The original's losses [3, names]."""
    known = {
        "cut": ("D_real", "D_fake", "D", "G_GAN", "NCE", "NCE_Y", "G"),
        "cyclegan": ("G_A", "G_B", "cycle_A", "cycle_B", "idt_A", "idt_B", "G", "D_A", "D_B"),
    }[method]
    return golden.reference(method)["losses"][:, [known.index(name) for name in names]]


@pytest.mark.parametrize(("step", "tolerance"), [(0, 1e-5), (1, 2e-3), (2, 3e-2)])
def test_cyclegan_gives_the_losses_of_three_steps(cyclegan: Trained, step: int, tolerance: float) -> None:
    """All nine; the original logs cycle and identity terms with their weights, 10 and 5.

    Rounding grows from step to step faster than in the release's model: the same steps in float64 and in float32, contiguous or
    channels last, give G_A 0.859, 0.847 and 0.869 in the third step, the original 0.848.
    """
    weights = {"cycle_A": 10.0, "cycle_B": 10.0, "idt_A": 5.0, "idt_B": 5.0}
    names = ("G_A", "G_B", "cycle_A", "cycle_B", "idt_A", "idt_B", "G", "D_A", "D_B")
    ours = [cyclegan.losses[step][name] * weights.get(name, 1.0) for name in names]
    np.testing.assert_allclose(ours, losses("cyclegan", *names)[step], rtol=tolerance)


@pytest.mark.parametrize("method", ["cut", "cyclegan"])
def test_restyled_sources(method: str, request: pytest.FixtureRequest) -> None:
    """What the first step generates, to 1e-4 of the largest value."""
    expected = golden.reference(method)["train_fake"]
    assert abs(request.getfixturevalue(method).fake.numpy() - expected).max() < 1e-4 * abs(expected).max()


@pytest.mark.parametrize("name", NETWORKS["cyclegan"])
def test_cyclegan_moves_every_network_alike(cyclegan: Trained, name: str) -> None:
    """Gradients of the first step and parameters after three; biases in front of an instance norm have rounding for a gradient."""
    expected = golden.reference("cyclegan")
    gradients, wanted = np.array(cyclegan.gradients[name]), expected[f"step0_gradnorms_{name}"]
    # Biases in front of an instance norm: all of a generator's but the last, a discriminator's inner three.
    dead = np.array([n.endswith("bias") for n in golden.shapes("cyclegan")[name]])
    dead[-1] = False
    if name.startswith("D"):
        dead[1] = False
    np.testing.assert_allclose(gradients[~dead], wanted[~dead], rtol=2e-3)
    np.testing.assert_allclose(gradients[dead], wanted[dead], atol=1e-2)
    moved, where = np.array(cyclegan.parameters[name]), expected[f"after3_norms_{name}"]
    np.testing.assert_allclose(moved[~dead], where[~dead], rtol=1e-3)
    # Adam moves a bias by its rate whatever the size of the gradient: three steps of 2e-4 for each value at most.
    np.testing.assert_allclose(moved[dead], where[dead], atol=3 * 2e-4 * 16)


def test_cut_gives_the_losses_that_no_draw_decides(cut: Trained) -> None:
    """The adversarial losses of the first step, and what the discriminator says of real images after it has moved once."""
    first = [cut.losses[0][name] for name in ("D_real", "D_fake", "D", "G_GAN")]
    np.testing.assert_allclose(first, losses("cut", "D_real", "D_fake", "D", "G_GAN")[0], rtol=1e-4)
    np.testing.assert_allclose(cut.losses[1]["D_real"], losses("cut", "D_real")[1, 0], rtol=1e-3)
    np.testing.assert_allclose(cut.gradients["D"], golden.reference("cut")["step0_gradnorms_D"], rtol=2e-3, atol=1e-2)


def test_cut_gives_its_structure_losses_but_for_the_draw(cut: Trained) -> None:
    """Over 184 draws NCE scatters by 0.5 % of itself; the original's locations are unknown, so 2 % is as near as it can come."""
    ours = [[row[name] for name in ("NCE", "NCE_Y")] for row in cut.losses]
    np.testing.assert_allclose(ours[0], losses("cut", "NCE", "NCE_Y")[0], rtol=0.02)
    np.testing.assert_allclose(cut.losses[0]["G"], losses("cut", "G")[0, 0], rtol=0.02)
