"""The networks and a training equal the release, number for number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from reference_model import ReleasedModel, import_released
from reference_model.audio import DiscriminatorPicture, audio_encoder, spectrogram
from reference_model.objective import Contrastive, TrainBatch
from reference_model.released import KINDS, NAMES
from reference_model.settings import Settings
from tests.reference_model import golden

pytestmark = golden.needs_golden


def given(name: str) -> Tensor:
    """An array of the golden data."""
    return torch.from_numpy(golden.reference()[name])


def relative(made: Tensor, name: str) -> float:
    """Largest difference from the golden array ``name``, relative to its largest value."""
    expected = given(name)
    assert made.shape == expected.shape
    return float((made - expected).abs().max() / expected.abs().max())


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The golden weights as the release's four files."""
    folder = tmp_path_factory.mktemp("released")
    made = {kind: str(folder / f"latest_net_{kind}.pth") for kind in KINDS}
    for kind, path in made.items():
        torch.save(golden.state(kind), path)
    return made


@pytest.fixture(scope="module")
def released(paths: dict[str, str]) -> ReleasedModel:
    """The golden model, through the import that a user has."""
    return import_released(paths)


@pytest.fixture(scope="module")
def encoded(released: ReleasedModel) -> list[Tensor]:
    """The five feature maps of the golden sources."""
    with torch.inference_mode():
        return released.generator.encode(given("source"))[1]


def test_spectrogram() -> None:
    """torch.stft gives what nnAudio gave, to 1e-4."""
    np.testing.assert_allclose(spectrogram(given("waveform")).numpy(), given("spectrogram").numpy(), atol=1e-4)


def test_embedding_of_a_sound(released: ReleasedModel) -> None:
    """The audio encoder in eval mode, from the waveform on."""
    with torch.inference_mode():
        assert relative(released.audio_encoder(given("waveform")), "eval_embedding") < 1e-4


def test_restyled_image_and_its_score(released: ReleasedModel) -> None:
    """The generator's images, and the discriminator's patch scores of the golden ones."""
    with torch.inference_mode():
        assert relative(released.generator(given("source"), given("eval_embedding")), "eval_fake") < 1e-4
        picture = DiscriminatorPicture(256)(given("waveform"))
        assert relative(released.discriminator(given("eval_fake"), picture), "eval_logits_fake") < 1e-4


def test_features_of_the_structure_loss(encoded: list[Tensor]) -> None:
    """The five taps: padded RGB, both downsampling convolutions before their norm, blocks 1 and 5."""
    assert len(encoded) == 5
    for i, feature in enumerate(encoded):
        assert relative(feature.mean(dim=(2, 3)), f"eval_feature_{i}_mean") < 1e-4
        assert relative(feature[:, :, 10:12, 20:22], f"eval_feature_{i}_patch") < 1e-4


def test_projected_patches(released: ReleasedModel, encoded: list[Tensor]) -> None:
    """The first 64 unit vectors of each scale's locations."""
    ids = [given(f"eval_pooled_{i}_ids").long() for i in range(5)]
    with torch.inference_mode():
        pooled = released.sampler(encoded, ids)
    for i, vectors in enumerate(pooled):
        assert relative(vectors.flatten(0, 1)[:64], f"eval_pooled_{i}") < 1e-4


@dataclass
class Trained:
    """What three steps on the golden batch left."""

    losses: list[dict[str, float]] = field(default_factory=list)
    made: list[Tensor] = field(default_factory=list)
    embeddings: list[Tensor] = field(default_factory=list)
    gradients: dict[str, list[float]] = field(default_factory=dict)
    parameters: dict[str, list[float]] = field(default_factory=dict)


def networks_of(objective: Contrastive) -> dict[str, nn.Module]:
    """An objective's networks by the release's names."""
    return {"G": objective.made.generator, "Audio": objective.made.encoder, "D": objective.judge.net, "F": objective.made.sampler}


def in_released_order(objective: Contrastive, kind: str) -> list[nn.Parameter]:
    """A network's parameters in the order of the release's checkpoint."""
    own = dict(networks_of(objective)[kind].named_parameters())
    ordered = []
    for name in golden.shapes()[kind]:
        prefix = next(p for p in NAMES[kind] if name.startswith(f"{p}."))
        ours = NAMES[kind][prefix] + name.removeprefix(prefix)
        if ours in own:
            ordered.append(own[ours])
    return ordered


def golden_objective(released: ReleasedModel) -> Contrastive:
    """The product's own objective at its default settings, with the golden weights."""
    objective = Contrastive(Settings(), audio_encoder(Settings().network), DiscriminatorPicture(256))
    given_networks = {"G": released.generator, "Audio": released.audio_encoder, "D": released.discriminator, "F": released.sampler}
    for kind, network in networks_of(objective).items():
        network.load_state_dict(given_networks[kind].state_dict())
    return objective


def golden_patches() -> Iterator[list[Tensor]]:
    """The locations that the release drew: per step those of the source, then those of the target."""
    for step in given("patch_ids").long():
        for image in step:
            yield list(image)


@pytest.fixture(scope="module")
def first_step(released: ReleasedModel) -> Trained:
    """The first of three steps: what `make test` has time for."""
    return train(released, 1)


@pytest.fixture(scope="module")
def trained(released: ReleasedModel) -> Trained:
    """All three steps."""
    return train(released, 3)


def train(released: ReleasedModel, n_steps: int) -> Trained:
    """Steps of the product's objective and optimisers, with the release's weights, batch and patch locations."""
    objective, result, patches = golden_objective(released), Trained(), golden_patches()
    batch = TrainBatch(given("source"), given("target"), None, given("waveform"), patch_seed=0)
    decode = objective.made.generator.decode

    def recording(bottleneck: Tensor, condition: Tensor) -> Tensor:
        result.embeddings.append(condition.detach())
        made: Tensor = decode(bottleneck, condition)
        result.made.append(made.detach())
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reference_model.objective.draw_patches", lambda features, n, generator: next(patches))
        patch.setattr(objective.made.generator, "decode", recording)
        for step, row in enumerate(golden.steps(objective, Settings().trainer, batch, n_steps)):
            result.losses.append(row)
            if step == 0:
                result.gradients = {k: [golden.norm(p.grad) for p in in_released_order(objective, k)] for k in KINDS}
    result.parameters = {k: [golden.norm(p) for p in in_released_order(objective, k)] for k in KINDS}
    return result


def test_losses_of_the_first_step(first_step: Trained) -> None:
    """Every loss."""
    equals_the_release(first_step, 0, 1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("step", "tolerance"), [(0, 1e-5), (1, 3e-4), (2, 1e-3)])
def test_losses_of_three_steps(trained: Trained, step: int, tolerance: float) -> None:
    """Every loss of each step; rounding grows from step to step (the release itself: 2e-4 in another memory format)."""
    equals_the_release(trained, step, tolerance)


def equals_the_release(trained: Trained, step: int, tolerance: float) -> None:
    """Whether the losses of a step are those of the golden data."""
    names = ("D_real", "D_fake", "D", "G_GAN", "NCE", "NCE_Y", "G")
    made = [trained.losses[step][name] for name in names]
    np.testing.assert_allclose(made, golden.reference()["losses"][step], rtol=tolerance)


def test_what_the_first_step_makes(first_step: Trained) -> None:
    """Embeddings with batch statistics, restyled sources, and targets restyled by their own sound."""
    assert relative(first_step.embeddings[0][:2], "train_embedding") < 1e-4
    assert relative(first_step.made[0][:2], "train_fake") < 1e-4
    assert relative(first_step.made[0][2:], "train_identity") < 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_the_first_step(first_step: Trained, kind: str) -> None:
    """One norm per parameter; biases in front of an instance norm have nothing but rounding for a gradient."""
    made, expected = np.array(first_step.gradients[kind]), golden.reference()[f"step0_gradnorms_{kind}"]
    assert made.shape == expected.shape
    dead = np.array(dead_biases(kind, len(expected)))
    np.testing.assert_allclose(made[dead], expected[dead], atol=1e-2)
    np.testing.assert_allclose(made[~dead], expected[~dead], rtol=2e-3)


def dead_biases(kind: str, n: int) -> Sequence[bool]:
    """Whether each parameter is a bias in front of an instance norm: all of G's but the last, D's inner three."""
    alive = {"G": ("model_up.9.bias",), "D": ("model.0.bias", "model.14.bias")}.get(kind)
    if alive is None:
        return [False] * n
    return [name.endswith("bias") and name not in alive for name in golden.shapes()[kind]]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_parameters_after_three_steps(trained: Trained, kind: str) -> None:
    """One norm per parameter after three updates by Adam."""
    np.testing.assert_allclose(trained.parameters[kind], golden.reference()[f"after3_norms_{kind}"], rtol=1e-3)
