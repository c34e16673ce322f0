"""What the two ideas share: an encoder that is trained with towers which are thrown away afterwards."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from reference_model.audio import SoundEncoder
from reference_model.pretraining.material import Batch, Material

CHUNK = 64
"""Sounds at a time outside training."""


class Idea(nn.Module, ABC):
    """An encoder with the towers and the loss that it learns by."""

    def __init__(self, encoder: SoundEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    def prepare(self, step: int, material: Material) -> dict[str, float]:  # noqa: B027 - nothing is a sensible default
        """Before a step: what is computed over all segments; returns what the log should say of it."""
        return {}

    @abstractmethod
    def loss(self, batch: Batch) -> Tensor:
        """Scalar, of a batch on the device."""

    @abstractmethod
    def match(self, sounds: Tensor, features: Tensor) -> Tensor:
        """float32 [N, M]: how well N sounds (the encoder's vectors) fit M images (features)."""

    def clusters(self, sounds: Tensor) -> Tensor | None:
        """int64 [N, H]: labels that H heads give to N sounds (the encoder's vectors), where the idea has such heads."""
        return None

    @torch.inference_mode()
    def heard(self, material: Material) -> Tensor:
        """The encoder's vectors float32 [N, size] of all sounds as they are, in eval mode, on the device."""
        was, _ = self.training, self.eval()
        vectors = [self.encoder.trunk(pictures.to(self.device)) for pictures in chunks(material)]
        self.train(was)
        return torch.cat(vectors)


def chunks(material: Material) -> Iterator[Tensor]:
    """The front end's pictures of all sounds, ``CHUNK`` at a time."""
    for start in range(0, len(material), CHUNK):
        yield material.clean(np.arange(start, min(start + CHUNK, len(material))))
