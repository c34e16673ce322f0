"""CycleGAN with labels: cycle consistency between classes, conditioned on the label."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from adis_bench.methods.protocol import Conditioning
from baselines.cut import LABEL_READING
from baselines.labels import discriminator_label_encoder, label_encoder
from reference_model.method import TrainedMethod
from reference_model.networks import Generator
from reference_model.objective import ConditionalDiscriminator, Objective, TrainBatch
from reference_model.settings import Settings


class CycleConsistent:
    """Adversarial, cycle and identity terms (Zhu et al. 2017, arXiv 1703.10593), for any number of classes.

    The original's two generators and two discriminators are one of each here, told apart by the label:
    G(x, label of y) goes, G(that, label of x) comes back. Sources and targets are drawn alike, so that one
    direction is an unbiased estimate of both.
    """

    def __init__(self, settings: Settings, encoder: nn.Module, discriminator_encoder: nn.Module) -> None:
        self.settings = settings
        self.generator, self.judge = Generator(settings.network), ConditionalDiscriminator(settings.network, discriminator_encoder)
        self.encoder = encoder
        self.inference = nn.ModuleDict({"G": self.generator, "C": encoder})
        self.networks = nn.ModuleDict({**self.inference, "D": self.judge})

    def discriminator_parameters(self) -> Iterator[nn.Parameter]:
        """The discriminator and its label vectors."""
        yield from self.judge.parameters()

    def losses(self, batch: TrainBatch) -> Iterator[tuple[Tensor, Mapping[str, Tensor]]]:
        """See ``Objective.losses``."""
        trainer = self.settings.trainer
        wanted, own = self.encoder(batch.condition), self.encoder(batch.source_condition)
        # One pass for what goes over and for the identity term: both ask for the target's label.
        n = batch.source.shape[0]
        made = self.generator(torch.cat([batch.source, batch.target]), torch.cat([wanted, wanted]))
        fake, same = made[:n], made[n:]
        yield self.judge.discriminator_loss(batch, fake.detach(), trainer)

        adversarial = self.judge.generator_loss(batch, fake)
        cycle = (self.generator(fake, own) - batch.source).abs().mean()
        identity = (same - batch.target).abs().mean()
        total = adversarial + trainer.cycle_weight * (cycle + trainer.identity_l1_weight * identity)
        yield total, {"G_GAN": adversarial, "cycle": cycle, "idt": identity}


class CycleGAN(TrainedMethod):
    """One label-conditioned CycleGAN for all pairs of classes."""

    name = "cyclegan"
    description = "label-conditioned CycleGAN: adversarial with label and image, cycle consistency"
    citation = "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, ICCV 2017"
    conditions_on: ClassVar[Conditioning] = "label"
    extra_differences = (
        LABEL_READING,
        "one generator and one discriminator told apart by the label, in place of two of each (per ordered pair of classes)",
        "no history of 50 generated images: a stored image would have to be judged with its own label",
    )

    def objective(self, n_labels: int) -> Objective:
        """Cycle consistency with labels."""
        network = self.settings.network
        heard = discriminator_label_encoder(n_labels, network, self.options.resolution)
        return CycleConsistent(self.settings, label_encoder(n_labels, network), heard)
