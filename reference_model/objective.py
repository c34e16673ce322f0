"""What a method optimises: the only part in which the trainable methods differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from reference_model.losses import draw_patches, least_squares, patch_nce
from reference_model.networks import Discriminator, Generator, PatchSampler, Seen, nce_channels
from reference_model.settings import NetworkSettings, Settings, TrainerSettings


@dataclass(frozen=True, slots=True)
class TrainBatch:
    """One step's data.

    Attributes:
        source: images float32 [B, 3, R, R] in [-1, 1].
        target: images of the target segments, likewise.
        source_condition: the sources' own conditions (sound features or label indices).
        condition: the targets' conditions.
        generator: the step's own source of randomness.
    """

    source: Tensor
    target: Tensor
    source_condition: Tensor
    condition: Tensor
    generator: torch.Generator


class Objective(Protocol):
    """Networks and losses of a trainable method."""

    networks: nn.ModuleDict
    """All trained networks."""
    inference: nn.ModuleDict
    """Those of them that ``stylize`` needs (averaged and saved)."""

    def discriminator_parameters(self) -> Iterator[nn.Parameter]:
        """What the discriminator's optimiser moves; the generator's moves the rest."""

    def losses(self, batch: TrainBatch) -> Iterator[tuple[Tensor, Mapping[str, Tensor]]]:
        """Yield the discriminator's loss, then (after its update) the generator's, each with its named parts."""


class ConditionalDiscriminator(nn.Module):
    """A discriminator with its own encoder of the condition, and its two losses."""

    def __init__(self, settings: NetworkSettings, encoder: nn.Module) -> None:
        super().__init__()
        self.net, self.encoder = Discriminator(settings), encoder

    def discriminator_loss(self, batch: TrainBatch, fake: Tensor, trainer: TrainerSettings) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Real pairs to 1; generated ones, and (weighted) real images with another one's condition, to 0."""
        n, condition = fake.shape[0], self.encoder(batch.condition)
        seen = self.net.look(torch.cat([batch.target, fake]))
        scores = self.net.judge(seen, torch.cat([condition, condition]))
        real, generated = least_squares(scores[:n], 1.0), least_squares(scores[n:], 0.0)
        parts = {"D_real": real, "D_fake": generated}
        if not trainer.mismatched:
            return 0.5 * (real + generated), parts
        parts["D_mismatched"] = self._mismatched(seen.first(n), batch.condition, condition, trainer.n_mismatched)
        negatives = (generated + trainer.mismatched * parts["D_mismatched"]) / (1 + trainer.mismatched)
        return 0.5 * (real + negatives), parts

    def _mismatched(self, seen: Seen, raw: Tensor, condition: Tensor, n_others: int) -> Tensor:
        """The batch's own conditions, turned by one to ``n_others`` places; equal ones are not mismatched."""
        losses, weights = [], []
        for shift in range(1, min(n_others, len(raw) - 1) + 1):
            scores = self.net.judge(seen, condition.roll(shift, 0))
            differs = (raw != raw.roll(shift, 0)).reshape(len(raw), -1).any(dim=1).float()
            losses.append((scores.square().mean(dim=(1, 2, 3)) * differs).sum())
            weights.append(differs.sum())
        return torch.stack(losses).sum() / torch.stack(weights).sum().clamp_min(1)

    def generator_loss(self, batch: TrainBatch, fake: Tensor) -> Tensor:
        """Generated pairs to 1."""
        return least_squares(self.net(fake, self.encoder(batch.condition)), 1.0)


class Contrastive:
    """Adversarial loss with the condition, and patch NCE on input and target: ``ours`` and CUT.

    Loss: L_GAN + lambda NCE(x, G(x, a)) + mu NCE(y, G(y, a)), where y is the frame that belongs to sound a.
    Source: protocol.md A and B; Tinglok/avstyle b09dc1e, models/avstyle_model.py.
    """

    def __init__(self, settings: Settings, encoder: nn.Module, discriminator_encoder: nn.Module) -> None:
        self.settings = settings
        self.generator = Generator(settings.network)
        self.judge = ConditionalDiscriminator(settings.network, discriminator_encoder)
        self.sampler = PatchSampler(nce_channels(settings.network))
        self.encoder = encoder
        self.inference = nn.ModuleDict({"G": self.generator, "C": encoder})
        self.networks = nn.ModuleDict({**self.inference, "F": self.sampler, "D": self.judge})

    def discriminator_parameters(self) -> Iterator[nn.Parameter]:
        """The discriminator and its own encoder."""
        yield from self.judge.parameters()

    def losses(self, batch: TrainBatch) -> Iterator[tuple[Tensor, Mapping[str, Tensor]]]:
        """See ``Objective.losses``; one forward of each network and update."""
        trainer, n = self.settings.trainer, batch.source.shape[0]
        condition = self.encoder(batch.condition)
        both = torch.cat([batch.source, batch.target])
        bottleneck, features = self.generator.encode(both)
        made = self.generator.decode(bottleneck, torch.cat([condition, condition]))
        fake = made[:n]
        yield self.judge.discriminator_loss(batch, fake.detach(), trainer)

        adversarial = self.judge.generator_loss(batch, fake)
        ids = draw_patches(features, trainer.n_patches, batch.generator)
        keys = self.sampler([f.detach() for f in features], ids)
        queries = self.sampler(self.generator.encode(made)[1], ids)
        structure = patch_nce([q[:n] for q in queries], [k[:n] for k in keys], trainer.temperature)
        identity = patch_nce([q[n:] for q in queries], [k[n:] for k in keys], trainer.temperature)
        total = adversarial + trainer.structure_weight * structure + trainer.identity_weight * identity
        yield total, {"G_GAN": adversarial, "NCE": structure, "NCE_Y": identity}
