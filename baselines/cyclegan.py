"""CycleGAN with labels: cycle consistency between classes, conditioned on the label."""

from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor, nn

from adis_bench.methods.protocol import Conditioning
from baselines.cut import LABEL_READING, SHARED_READING
from baselines.labels import discriminator_label_encoder, label_encoder
from reference_model.method import TrainedMethod
from reference_model.networks import Generator
from reference_model.objective import ConditionalDiscriminator, Loss, Objective, Player, TrainBatch
from reference_model.settings import Settings


class CycleGenerator(nn.Module):
    """All that the generator's optimiser moves: the generator and the label vectors."""

    def __init__(self, settings: Settings, encoder: nn.Module) -> None:
        super().__init__()
        self.generator, self.encoder = Generator(settings.network), encoder

    def forward(self, source: Tensor, target: Tensor, own: Tensor, wanted: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The restyled sources [B, 3, R, R], and the cycle and identity terms by name."""
        n, there, back = source.shape[0], self.encoder(wanted), self.encoder(own)
        # One pass for what goes over and for the identity term: both ask for the target's label.
        made = self.generator(torch.cat([source, target]), torch.cat([there, there]))
        cycle = (self.generator(made[:n], back) - source).abs().mean()
        return made[:n], {"cycle": cycle, "idt": (made[n:] - target).abs().mean()}


class CycleConsistent:
    """Adversarial, cycle and identity terms (Zhu et al. 2017, arXiv 1703.10593), for any number of classes.

    The original's two generators and two discriminators are one of each here, told apart by the label:
    G(x, label of y) goes, G(that, label of x) comes back. Sources and targets are drawn alike, so that one
    direction is an unbiased estimate of both.
    """

    def __init__(self, settings: Settings, encoder: nn.Module, discriminator_encoder: nn.Module) -> None:
        self.trainer = settings.trainer
        self.made = CycleGenerator(settings, encoder)
        self.judge = ConditionalDiscriminator(settings.network, discriminator_encoder, settings.trainer)
        self.players: dict[Player, nn.Module] = {"D": self.judge, "G": self.made}
        self.inference = nn.ModuleDict({"G": self.made.generator, "C": encoder})

    def losses(self, batch: TrainBatch) -> Iterator[Loss]:
        """See ``Objective.losses``."""
        fake, kept = self.players["G"](batch.source, batch.target, batch.source_condition, batch.condition)
        seen = self.players["D"](batch.target, fake.detach(), batch.condition)
        yield Loss("D", self.judge.total(seen), seen)

        adversarial = self.judge.generator_loss(fake, batch.condition)
        total = adversarial + self.trainer.cycle_weight * (kept["cycle"] + self.trainer.identity_l1_weight * kept["idt"])
        yield Loss("G", total, {"G_GAN": adversarial, **kept})


class CycleGAN(TrainedMethod):
    """One label-conditioned CycleGAN for all pairs of classes."""

    name = "cyclegan"
    description = "label-conditioned CycleGAN: adversarial with label and image, cycle consistency"
    citation = "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, ICCV 2017"
    conditions_on: ClassVar[Conditioning] = "label"
    asks_for_sources = True
    extra_differences = (
        LABEL_READING,
        SHARED_READING,
        "one generator and one discriminator told apart by the label, in place of two of each (per ordered pair of classes)",
        "no history of 50 generated images: a stored image would have to be judged with its own label",
    )

    def objective(self, n_labels: int) -> Objective:
        """Cycle consistency with labels."""
        network = self.settings.network
        heard = discriminator_label_encoder(n_labels, network, self.options.resolution)
        return CycleConsistent(self.settings, label_encoder(n_labels, network), heard)
