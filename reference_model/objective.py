"""What a method optimises: the only part in which the trainable methods differ."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, NamedTuple, Protocol, cast

import torch
from torch import Tensor, nn

from reference_model.losses import draw_patches, least_squares, patch_nce
from reference_model.networks import Discriminator, Generator, PatchSampler, Seen, nce_channels
from reference_model.settings import NetworkSettings, Settings, TrainerSettings

Player = Literal["G", "D"]


@dataclass(frozen=True, slots=True)
class TrainBatch:
    """One process's share of a step's data.

    Attributes:
        source: images float [B, 3, R, R] in [-1, 1].
        target: images of the target segments, likewise.
        condition: the targets' conditions (waveforms [B, 48000] or label indices [B]).
        source_condition: the sources' own; None where the method doesn't ask for them.
        patch_seed: decides the locations of the structure loss; the same in all processes.
        part_index: which part of the step this is, where it is taken in several.
    """

    source: Tensor
    target: Tensor
    source_condition: Tensor | None
    condition: Tensor
    patch_seed: int
    part_index: int = 0

    def part(self, index: int, n_parts: int) -> "TrainBatch":
        """Every ``n_parts``-th item, from ``index`` on."""
        return replace(self.mapped(lambda tensor: tensor[index::n_parts]), part_index=index)

    def mapped(self, change: Callable[[Tensor], Tensor]) -> "TrainBatch":
        """``change`` done to every tensor."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        changed: dict[str, Any] = {name: change(value) for name, value in values.items() if isinstance(value, Tensor)}
        return replace(self, **changed)


class Loss(NamedTuple):
    """One player's loss, its named parts, and who moves by it."""

    player: Player
    total: Tensor
    parts: Mapping[str, Tensor]


class Objective(Protocol):
    """Networks and losses of a trainable method."""

    players: dict[Player, nn.Module]
    """What moves by one optimiser each, in the order of updates. ``losses`` calls each player's ``forward`` once, and
    by this dictionary: the trainer puts its wrappers (precision, several processes) in there."""
    inference: nn.ModuleDict
    """The networks that ``stylize`` needs (averaged and saved): generator G and encoder of the condition C."""

    def losses(self, batch: TrainBatch) -> Iterator[Loss]:
        """Yield each player's loss in the order of updates; what comes after a yield sees that player moved."""


class ConditionalDiscriminator(nn.Module):
    """A discriminator with its own encoder of the condition, and its two losses."""

    def __init__(self, settings: NetworkSettings, encoder: nn.Module, trainer: TrainerSettings) -> None:
        super().__init__()
        self.net, self.encoder, self.trainer = Discriminator(settings), encoder, trainer

    def forward(self, target: Tensor, fake: Tensor, heard: Tensor, heard_of_fake: Tensor | None = None) -> dict[str, Tensor]:
        """Named losses: real pairs to 1, generated ones to 0, and (where weighted) mismatched ones to 0.

        Args:
            target: real images [B, 3, R, R].
            fake: generated ones, detached.
            heard: what ``encoder`` takes, one per target.
            heard_of_fake: the same of the generated ones, where they are of other conditions than the targets.
        """
        n, condition = fake.shape[0], self.encoder(heard)
        of_fake = condition if heard_of_fake is None else self.encoder(heard_of_fake)
        seen = self.net.look(torch.cat([target, fake]))
        scores = self.net.judge(seen, torch.cat([condition, of_fake]))
        parts = {"D_real": least_squares(scores[:n], 1.0), "D_fake": least_squares(scores[n:], 0.0)}
        if self.trainer.mismatched:
            parts["D_mismatched"] = self._mismatched(seen.first(n), heard, condition)
        return parts

    def total(self, parts: Mapping[str, Tensor]) -> Tensor:
        """Mean of real and negatives; mismatched pairs share the negatives' half by their weight."""
        negatives, weight = parts["D_fake"], self.trainer.mismatched
        if weight:
            negatives = (negatives + weight * parts["D_mismatched"]) / (1 + weight)
        return 0.5 * (parts["D_real"] + negatives)

    def _mismatched(self, seen: Seen, heard: Tensor, condition: Tensor) -> Tensor:
        """The batch's own conditions, turned by one to ``n_mismatched`` places; equal ones are not mismatched."""
        losses, weights = [], []
        for shift in range(1, min(self.trainer.n_mismatched, len(heard) - 1) + 1):
            scores = self.net.judge(seen, condition.roll(shift, 0))
            differs = (heard != heard.roll(shift, 0)).reshape(len(heard), -1).any(dim=1).to(scores.dtype)
            losses.append((scores.square().mean(dim=(1, 2, 3)) * differs).sum())
            weights.append(differs.sum())
        if not losses:
            return 0.0 * condition.sum()
        return torch.stack(losses).sum() / torch.stack(weights).sum().clamp_min(1)

    def generator_loss(self, fake: Tensor, heard: Tensor) -> Tensor:
        """Generated pairs to 1. Only the generator learns from it: the discriminator's weights are held."""
        with _held(self):
            return least_squares(self.net(fake, self.encoder(heard)), 1.0)


@contextmanager
def _held(module: nn.Module) -> Iterator[None]:
    """No gradients for a module's weights: a third of its backward work, and no all-reduce of what nobody uses."""
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in module.parameters():
            parameter.requires_grad_(True)


class ContrastiveGenerator(nn.Module):
    """All that the generator's optimiser moves: generator, encoder of the condition, patch sampler."""

    def __init__(self, settings: Settings, encoder: nn.Module) -> None:
        super().__init__()
        self.trainer = settings.trainer
        self.generator, self.encoder = Generator(settings.network), encoder
        # Without both structure terms nothing would train it, and several processes wait for every gradient.
        compares = self.trainer.structure_weight or self.trainer.identity_weight
        self.sampler = PatchSampler(nce_channels(settings.network)) if compares else None

    def forward(self, source: Tensor, target: Tensor, heard: Tensor, patch_seed: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The restyled sources [B, 3, R, R], and the structure terms by name.

        One pass for sources and targets: those features of the encoder serve the generation and the loss.
        A term of weight 0 costs nothing. With ``flip_equivariance`` half of the batches are mirrored before the generator
        sees them, and its features of the outputs are mirrored back (FastCUT; cut_model.py, calculate_NCE_loss).
        """
        n, identity = source.shape[0], self.trainer.identity_weight > 0
        images = torch.cat([source, target]) if identity else source
        generator = torch.Generator().manual_seed(patch_seed)
        mirrored = self.trainer.flip_equivariance and bool(torch.rand((), generator=generator) < 0.5)
        condition = self.encoder(heard)
        bottleneck, features = self.generator.encode(images.flip(3) if mirrored else images)
        made = self.generator.decode(bottleneck, condition.repeat(len(images) // n, 1))
        names = [name for name, weight in (("NCE", self.trainer.structure_weight), ("NCE_Y", self.trainer.identity_weight)) if weight]
        if self.sampler is None:
            return made[:n], {}
        first = 0 if "NCE" in names else n
        queries = self.generator.features(made[first:])
        if mirrored:
            queries = [query.flip(3) for query in queries]
            with torch.no_grad():  # keys are detached
                features = self.generator.features(images)
        return made[:n], self._structure([key[first:] for key in features], queries, names, generator)

    def _structure(
        self, keys: Sequence[Tensor], queries: Sequence[Tensor], names: Sequence[str], generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Patch NCE of equal shares of the feature maps, each with locations of its own."""
        sampler = cast(PatchSampler, self.sampler)
        n = queries[0].shape[0] // len(names)
        drawn = [draw_patches(keys, self.trainer.n_patches, generator) for _ in names]
        ids = [torch.stack(layer).repeat_interleave(n, dim=0) for layer in zip(*drawn, strict=True)]
        keys = sampler([key.detach() for key in keys], ids)
        queries = sampler(queries, ids)
        return {
            name: patch_nce([q[i * n : (i + 1) * n] for q in queries], [k[i * n : (i + 1) * n] for k in keys], self.trainer.temperature)
            for i, name in enumerate(names)
        }


class Contrastive:
    """Adversarial loss with the condition, and patch NCE on input and target: ``ours`` and CUT.

    Loss: L_GAN + lambda NCE(x, G(x, a)) + mu NCE(y, G(y, a)), where y is the frame that belongs to sound a.
    Source: protocol.md A and B; Tinglok/avstyle b09dc1e, models/avstyle_model.py.
    """

    def __init__(self, settings: Settings, encoder: nn.Module, discriminator_encoder: nn.Module) -> None:
        self.trainer = settings.trainer
        self.made = ContrastiveGenerator(settings, encoder)
        self.judge = ConditionalDiscriminator(settings.network, discriminator_encoder, settings.trainer)
        self.players: dict[Player, nn.Module] = {"D": self.judge, "G": self.made}
        self.inference = nn.ModuleDict({"G": self.made.generator, "C": encoder})

    def losses(self, batch: TrainBatch) -> Iterator[Loss]:
        """See ``Objective.losses``: the discriminator moves first."""
        heard = batch.condition
        fake, structure = self.players["G"](batch.source, batch.target, heard, batch.patch_seed)
        seen = self.players["D"](batch.target, fake.detach(), heard)
        yield Loss("D", self.judge.total(seen), seen)

        adversarial = self.judge.generator_loss(fake, heard)
        weights = {"NCE": self.trainer.structure_weight, "NCE_Y": self.trainer.identity_weight}
        total = adversarial + sum(weights[name] * value for name, value in structure.items())
        yield Loss("G", total, {"G_GAN": adversarial, **structure})
