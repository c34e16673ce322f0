"""Objectives of the label baselines."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from adis_bench.datasets.records import Dataset
from adis_bench.methods.protocol import MethodOptions
from baselines.avstyle_cyclegan import AvstyleCycleGAN, OneWayCycle
from baselines.cut import Cut, FastCut
from baselines.cyclegan import CycleConsistent, CycleGAN
from baselines.image_pool import ImagePool
from baselines.labels import LABEL_READING
from reference_model.method import Launch, TrainedMethod
from reference_model.networks import PatchSampler
from reference_model.objective import Contrastive, Objective, TrainBatch
from reference_model.settings import BASES, Settings
from tests.reference_model.conftest import TINY

OPTIONS = MethodOptions(resolution=32, settings=TINY)


def batch() -> TrainBatch:
    """Four random pairs with labels."""
    images = torch.rand(2, 4, 3, 32, 32) * 2 - 1
    return TrainBatch(images[0], images[1], torch.tensor([0, 1, 2, 3]), torch.tensor([1, 2, 3, 0]), patch_seed=0)


def parts(objective: Objective) -> dict[str, torch.Tensor]:
    """All named losses of one step."""
    return parts_of(objective, batch())


def parts_of(objective: Objective, given: TrainBatch) -> dict[str, torch.Tensor]:
    """The same on a batch."""
    return {name: value for loss in objective.losses(given) for name, value in loss.parts.items()}


def test_cycle_and_identity_vanish_for_a_generator_that_changes_nothing() -> None:
    """Both are distances to the input, on both ways: |G(G(x)) - x| and |G(y) - y|."""
    objective = CycleGAN(OPTIONS).objective(4)
    assert isinstance(objective, CycleConsistent)
    for way in (objective.made.there, objective.made.back):
        way.net.forward = lambda x, condition: x  # type: ignore[method-assign]
    names = ("cycle_A", "cycle_B", "idt_A", "idt_B")
    assert [parts(objective)[name].item() for name in names] == [0, 0, 0, 0]
    assert all(parts(CycleGAN(OPTIONS).objective(4))[name].item() > 0 for name in names)


def test_the_two_ways_are_networks_of_their_own() -> None:
    """Each way has a generator, a discriminator and label vectors that the other has not."""
    objective = CycleGAN(OPTIONS).objective(4)
    assert isinstance(objective, CycleConsistent)
    for both in (objective.made, objective.judges):
        there, back = ({id(p) for p in way.parameters()} for way in (both.there, both.back))
        assert len(there) == len(back) > 0
        assert not there & back


def test_generators_move_first_and_judge_labels_of_their_own_way() -> None:
    """G before D as in the original; swapping the wanted labels changes what D_A says, not what D_B says of the sources."""
    objective = CycleGAN(OPTIONS).objective(4)
    assert [loss.player for loss in objective.losses(batch())] == ["G", "D"]
    given = batch()
    swapped = replace(given, condition=given.condition.flip(0))
    first = parts_of(objective, given)
    assert parts_of(objective, swapped)["G_A"].item() != first["G_A"].item()
    assert parts_of(objective, swapped)["G_B"].item() == first["G_B"].item()


def test_the_history_exchanges_half_of_what_comes() -> None:
    """Full, it gives an old image with its old label for a new one with probability 1/2, and keeps the new one."""
    pool = ImagePool(50, 2)
    images = torch.arange(50.0)[:, None, None, None].expand(-1, 3, 2, 2)
    back, labels = pool.exchange(images, torch.arange(50), seed=1)
    assert torch.equal(back, images)
    assert torch.equal(labels, torch.arange(50))
    new = images + 100
    back, labels = pool.exchange(new, torch.arange(100, 150), seed=2)
    assert torch.equal(back[:, 0, 0, 0].long(), labels)
    n_old = int((labels < 100).sum())
    assert 12 <= n_old <= 38  # 25 expected, deviation 3.5; a new image may come back later in the same call
    everything = torch.cat([pool.labels, labels]).sort().values
    assert torch.equal(everything, torch.cat([torch.arange(50), torch.arange(100, 150)]))


def test_parts_of_a_step_exchange_by_draws_of_their_own() -> None:
    """Taken in two parts, the second one must not get back what the first has just left: seeds differ from part to part."""
    seeds: list[int] = []
    objective = CycleGAN(OPTIONS).objective(4)
    assert isinstance(objective, CycleConsistent)
    for pool in (objective.judges.there_pool, objective.judges.back_pool):
        pool.exchange = lambda images, labels, seed: (seeds.append(seed), (images, labels))[1]  # type: ignore[assignment, func-returns-value]
    for index in range(2):
        list(objective.losses(batch().part(index, 2)))
    assert len(set(seeds)) == 4


def test_the_cycle_error_falls_while_it_trains(world: Dataset, tmp_path: Path) -> None:
    """After 80 small steps both cycle errors are well below those of the first ones."""
    method = CycleGAN(MethodOptions(resolution=32, settings={**TINY, "width": 8, "steps": 80, "learning_rate": 2e-3, "ema_decay": 0.0}))
    train = world.split("train")
    method.prepare(train)
    method.train(train, Launch(tmp_path))
    rows = list(csv.DictReader((tmp_path / "losses.csv").open()))
    for name in ("cycle_A", "cycle_B"):
        assert float(rows[-1][name]) < 0.8 * float(rows[0][name])


def test_no_history_gives_back_what_comes() -> None:
    """Size 0 is none."""
    images, labels = torch.rand(3, 3, 2, 2), torch.arange(3)
    back, same = ImagePool(0, 2).exchange(images, labels, seed=0)
    assert torch.equal(back, images)
    assert torch.equal(same, labels)


def test_the_history_is_part_of_a_checkpoint() -> None:
    """Images, labels and how many there are come back with the discriminators' state."""
    judges, other = (CycleGAN(OPTIONS).objective(4).players["D"] for _ in range(2))
    judges.there_pool.exchange(torch.ones(2, 3, 32, 32), torch.tensor([3, 1]), seed=0)
    other.load_state_dict(judges.state_dict())
    assert int(other.there_pool.n_kept) == 2
    assert other.there_pool.labels[:2].tolist() == [3, 1]
    assert other.there_pool.images[:2].eq(1).all()


@pytest.mark.parametrize(("kind", "base"), [(Cut, "cut"), (FastCut, "fastcut"), (CycleGAN, "cyclegan")])
def test_without_a_preset_settings_are_those_of_the_paper(kind: type[TrainedMethod], base: str) -> None:
    """An empty table is the method as published; all that is said of it is how labels enter."""
    method = kind(MethodOptions(resolution=32))
    assert method.settings == Settings(*BASES[base])
    assert kind.differences({}) == [LABEL_READING]


def test_fastcut_mirrors_half_of_its_batches() -> None:
    """The generator sees the mirrored sources, and the structure loss compares with the sources as they are."""
    objective = FastCut(MethodOptions(resolution=32, settings={**TINY, "identity_weight": 0.0, "flip_equivariance": True})).objective(4)
    assert isinstance(objective, Contrastive)
    seen: list[bool] = []
    source, target, wanted = batch().source, batch().target, batch().condition
    encode = objective.made.generator.encode

    def watching(images: torch.Tensor) -> object:
        seen.append(bool(torch.equal(images, source.flip(3))))
        assert seen[-1] or torch.equal(images, source)
        return encode(images)

    objective.made.generator.encode = watching  # type: ignore[method-assign, assignment]
    for seed in range(40):
        _, structure = objective.made(source, target, wanted, seed)
        assert set(structure) == {"NCE"}
    assert 10 <= sum(seen) <= 30


def test_mirroring_is_undone_before_patches_are_compared() -> None:
    """Where features mirror with the image and nothing is changed, a mirrored batch finds its patches as an unmirrored one does."""
    settings = Settings.from_table({**TINY, "identity_weight": 0.0, "flip_equivariance": True, "n_patches": 1024}, "fastcut")
    objective = Contrastive(settings, torch.nn.Embedding(4, 8), torch.nn.Embedding(4, 8))
    generator = objective.made.generator
    generator.encode = lambda images: (images, [images])  # type: ignore[method-assign, assignment, return-value]
    generator.features = lambda images: [images]  # type: ignore[method-assign]
    generator.decode = lambda bottleneck, condition: bottleneck  # type: ignore[method-assign, assignment]
    objective.made.sampler = PatchSampler([3])
    given = batch()
    values = [objective.made(given.source, given.target, given.condition, seed)[1]["NCE"].item() for seed in range(8)]
    # All 32 x 32 places are drawn, so that the draw has no part in the value; batches 0 to 7 are of both kinds.
    assert max(values) - min(values) < 1e-4


def test_the_releases_cyclegan_brings_back_without_the_sound() -> None:
    """Its way back takes the image alone; only the forward cycle and one identity term are there."""
    options = MethodOptions(resolution=32, settings=TINY)
    objective = AvstyleCycleGAN(options).objective(0)
    assert isinstance(objective, OneWayCycle)
    assert objective.made.back.conditioning == "none"
    sound = replace(batch(), condition=torch.randn(4, 48000), source_condition=None)
    named = {name for loss in objective.losses(sound) for name in loss.parts}
    assert {"G_GAN", "cycle_A", "idt_A"} <= named
    assert not {"cycle_B", "idt_B"} & named


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
    assert list(moved) == (["G", "D"] if kind is CycleGAN else ["D", "G"])  # the order of updates, as each was published
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
