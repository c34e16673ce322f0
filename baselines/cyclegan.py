"""CycleGAN: two generators that undo each other, and a discriminator with a history for each; with labels or between two classes."""

from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor, nn

from adis_bench.methods.protocol import Conditioning
from baselines.image_pool import ImagePool
from baselines.labels import LABEL_READING, LabelEncoders, label_encoders
from reference_model.method import TrainedMethod
from reference_model.networks import Generator
from reference_model.objective import ConditionalDiscriminator, Loss, Objective, Player, TrainBatch
from reference_model.settings import OF_SOUNDS, OF_STARTS, OF_STRUCTURE, Settings


class ConditionedGenerator(nn.Module):
    """A generator with the encoder of its condition."""

    def __init__(self, settings: Settings, encoder: nn.Module) -> None:
        super().__init__()
        self.net, self.encoder = Generator(settings.network), encoder

    def forward(self, images: Tensor, condition: Tensor) -> Tensor:
        """[B, 3, R, R] in [-1, 1] restyled by raw conditions, one per image."""
        made: Tensor = self.net(images, self.encoder(condition))
        return made


class CycleGenerators(nn.Module):
    """All that the generators' optimiser moves: ``there`` goes from source to target (G_A), ``back`` the other way (G_B)."""

    def __init__(self, settings: Settings, encoders: LabelEncoders) -> None:
        super().__init__()
        self.there, self.back = (ConditionedGenerator(settings, encoders.generator()) for _ in range(2))

    def forward(self, source: Tensor, target: Tensor, own: Tensor, wanted: Tensor) -> tuple[tuple[Tensor, Tensor], dict[str, Tensor]]:
        """Sources and targets carried over [B, 3, R, R] each, and the mean absolute cycle and identity errors by name.

        Args:
            source: images of labels ``own``.
            target: images of labels ``wanted``.
            own: int64 [B].
            wanted: int64 [B].
        """
        n = source.shape[0]
        # One pass for what a generator carries over and for its identity term: both ask for the same label.
        there = self.there(torch.cat([source, target]), torch.cat([wanted, wanted]))
        back = self.back(torch.cat([target, source]), torch.cat([own, own]))
        errors = {
            "cycle_A": self.back(there[:n], own) - source,
            "cycle_B": self.there(back[:n], wanted) - target,
            "idt_A": there[n:] - target,
            "idt_B": back[n:] - source,
        }
        return (there[:n], back[:n]), {name: error.abs().mean() for name, error in errors.items()}


class CycleDiscriminators(nn.Module):
    """Both discriminators: ``there`` judges what has become of sources (D_A), ``back`` what has become of targets (D_B)."""

    def __init__(self, settings: Settings, encoders: LabelEncoders, resolution: int) -> None:
        super().__init__()
        self.there, self.back = (ConditionalDiscriminator(settings.network, encoders.discriminator(), settings.trainer) for _ in range(2))
        self.there_pool, self.back_pool = (ImagePool(settings.trainer.pool_size, resolution) for _ in range(2))

    def forward(
        self, source: Tensor, target: Tensor, own: Tensor, wanted: Tensor, made: tuple[Tensor, Tensor], seed: int
    ) -> dict[str, Tensor]:
        """Each discriminator's loss by name, from images of its history beside real ones.

        Args:
            source: images of labels ``own``.
            target: images of labels ``wanted``.
            own: int64 [B].
            wanted: int64 [B].
            made: sources and targets carried over, detached.
            seed: decides what the histories exchange.
        """
        there, labels_there = self.there_pool.exchange(made[0], wanted, seed)
        # A draw of its own: what is exchanged on one way must say nothing about the other.
        back, labels_back = self.back_pool.exchange(made[1], own, seed + 1)
        seen = {"D_A": self.there(target, there, wanted, labels_there), "D_B": self.back(source, back, own, labels_back)}
        return {"D_A": self.there.total(seen["D_A"]), "D_B": self.back.total(seen["D_B"])}


class CycleConsistent:
    """Adversarial, cycle and identity terms on both ways, with a label on each.

    Loss of the generators: G_A + G_B + lambda (cycle_A + cycle_B + identity_l1_weight (idt_A + idt_B)); they move before
    the discriminators. Without conditioning it is the original; with it, all pairs of classes share the four networks.

    Source: Zhu et al. 2017 (arXiv 1703.10593); taesungp/contrastive-unpaired-translation b3ac297, models/cycle_gan_model.py.
    """

    def __init__(self, settings: Settings, encoders: LabelEncoders, resolution: int) -> None:
        self.trainer = settings.trainer
        self.made = CycleGenerators(settings, encoders)
        self.judges = CycleDiscriminators(settings, encoders, resolution)
        self.players: dict[Player, nn.Module] = {"G": self.made, "D": self.judges}
        self.inference = nn.ModuleDict({"G": self.made.there.net, "C": self.made.there.encoder})

    def losses(self, batch: TrainBatch) -> Iterator[Loss]:
        """See ``Objective.losses``."""
        if batch.source_condition is None:
            raise ValueError("cycle consistency needs the sources' labels")
        own = batch.source_condition
        made, errors = self.players["G"](batch.source, batch.target, own, batch.condition)
        adversarial = {
            "G_A": self.judges.there.generator_loss(made[0], batch.condition),
            "G_B": self.judges.back.generator_loss(made[1], own),
        }
        cycle = errors["cycle_A"] + errors["cycle_B"]
        identity = errors["idt_A"] + errors["idt_B"]
        total = sum(adversarial.values()) + self.trainer.cycle_weight * (cycle + self.trainer.identity_l1_weight * identity)
        yield Loss("G", total, {**adversarial, **errors})

        old = (made[0].detach(), made[1].detach())
        # Parts of a step exchange by draws of their own, or each would get back what the one before has just left.
        seed = batch.patch_seed + 2 * batch.part_index
        parts = self.players["D"](batch.source, batch.target, own, batch.condition, old, seed)
        yield Loss("D", parts["D_A"] + parts["D_B"], parts)


class CycleGAN(TrainedMethod):
    """One label-conditioned CycleGAN for all pairs of classes."""

    name = "cyclegan"
    description = "label-conditioned CycleGAN: two generators that undo each other, adversarial with label and image"
    citation = "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, ICCV 2017"
    conditions_on: ClassVar[Conditioning] = "label"
    published = "cyclegan"
    unused = OF_SOUNDS | OF_STARTS | OF_STRUCTURE
    asks_for_sources = True
    extra_differences = (LABEL_READING,)

    def objective(self, n_labels: int) -> Objective:
        """Cycle consistency with labels."""
        return CycleConsistent(self.settings, label_encoders(n_labels, self.settings.network, self.resolution), self.resolution)
