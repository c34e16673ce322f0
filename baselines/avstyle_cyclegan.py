"""The release's audio-conditioned CycleGAN, an ablation: a cycle in place of the contrastive structure loss."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor, nn

from adis_bench.methods.protocol import Conditioning
from reference_model.audio import audio_encoder, discriminator_audio_encoder
from reference_model.hearing import HearingMethod
from reference_model.networks import Generator
from reference_model.objective import ConditionalDiscriminator, Loss, Objective, Player, TrainBatch
from reference_model.settings import OF_HISTORY, OF_STARTS, OF_STRUCTURE, Settings


class OneWayGenerators(nn.Module):
    """All that the generators' optimiser moves: one that hears the sound, one that brings the image back without it."""

    def __init__(self, settings: Settings, encoder: nn.Module) -> None:
        super().__init__()
        self.there, self.encoder = Generator(settings.network), encoder
        self.back = Generator(replace(settings.network, conditioning="none"))

    def forward(self, source: Tensor, target: Tensor, heard: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The restyled sources [B, 3, R, R], and the mean absolute cycle and identity errors by name."""
        n, condition = source.shape[0], self.encoder(heard)
        made = self.there(torch.cat([source, target]), torch.cat([condition, condition]))
        cycle, identity = self.back(made[:n]) - source, made[n:] - target
        return made[:n], {"cycle_A": cycle.abs().mean(), "idt_A": identity.abs().mean()}


class OneWayCycle:
    """Adversarial loss with the sound, the forward cycle and one identity term.

    The way back hears nothing and has neither discriminator nor cycle of its own, and the discriminator sees the newest images
    only: the release makes its history of generated images, but does not use it.

    Source: Tinglok/avstyle b09dc1e, models/cycle_gan_model.py (lambda_A 10, identity 0.5 times 10). That code does not run as
    it is: its discriminator's loss is used before it is assigned. It is read as half the sum of both terms, as in CycleGAN.
    """

    def __init__(self, settings: Settings, encoder: nn.Module, discriminator_encoder: nn.Module) -> None:
        self.trainer = settings.trainer
        self.made = OneWayGenerators(settings, encoder)
        self.judge = ConditionalDiscriminator(settings.network, discriminator_encoder, settings.trainer)
        self.players: dict[Player, nn.Module] = {"G": self.made, "D": self.judge}
        self.inference = nn.ModuleDict({"G": self.made.there, "C": encoder})

    def losses(self, batch: TrainBatch) -> Iterator[Loss]:
        """See ``Objective.losses``: the generators move first."""
        fake, errors = self.players["G"](batch.source, batch.target, batch.condition)
        adversarial = self.judge.generator_loss(fake, batch.condition)
        kept = errors["cycle_A"] + self.trainer.identity_l1_weight * errors["idt_A"]
        yield Loss("G", adversarial + self.trainer.cycle_weight * kept, {"G_GAN": adversarial, **errors})

        seen = self.players["D"](batch.target, fake.detach(), batch.condition)
        yield Loss("D", self.judge.total(seen), seen)


class AvstyleCycleGAN(HearingMethod):
    """The release's ``cycle_gan`` model."""

    name = "avstyle-cyclegan"
    description = "the release's audio-conditioned CycleGAN: ours with a forward cycle in place of the contrastive structure loss"
    citation = "Learning Visual Styles from Audio-Visual Associations, ECCV 2022 (code release; not its label baseline)"
    conditions_on: ClassVar[Conditioning] = "sound"
    unused = OF_STARTS | OF_STRUCTURE | OF_HISTORY
    extra_differences = ("the released code of this model does not run; its discriminator's loss is read as CycleGAN's",)

    def objective(self, n_labels: int) -> Objective:
        """See ``OneWayCycle``."""
        network = self.settings.network
        return OneWayCycle(self.settings, audio_encoder(network), discriminator_audio_encoder(network, self.resolution))
