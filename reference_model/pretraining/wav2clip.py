"""Wav2CLIP's idea: an audio encoder is taught by a frozen image network, sound against image of the same segment."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from adis_bench.extractors.l3_network import contrastive_loss
from reference_model.audio import SoundEncoder
from reference_model.pretraining.idea import Idea
from reference_model.pretraining.material import Batch

DIMENSIONS = 128
"""Of the space in which sounds and images are compared (ours)."""
DIFFERENCES = (
    "teacher: statistics of EfficientNet-Lite0's middle layer (ImageNet), not CLIP ViT-B/32's embedding",
    "both sides have a linear projection to 128 dimensions (released clip_loss: none; clip_loss_i: an MLP on the image's side)",
    "one frame a step, not the mean of a video's frames",
    "sounds are mixed with others and with noise",
    "AdamW with a falling rate for a fixed number of steps (released: Adam, the rate lowered on a plateau of the validation loss)",
    "trained on this dataset's training split, not on VGGSound",
)


class Wav2Clip(Idea):
    """Linear projections of the encoder's vectors and of frozen image features, and a symmetric InfoNCE between them.

    Source: Wu et al., arXiv 2110.11499; descriptinc/lyrebird-wav2clip ab72f31, wav2clip/pre_training/model.py and loss.py.
    """

    def __init__(self, encoder: SoundEncoder, size: int, n_features: int) -> None:
        """``size``: length of the encoder's vectors; ``n_features``: of the image features."""
        super().__init__(encoder)
        self.sound = nn.Linear(size, DIMENSIONS)
        self.image = nn.Linear(n_features, DIMENSIONS)
        # Source: wav2clip/pre_training/loss.py.
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def loss(self, batch: Batch) -> Tensor:
        """Scalar; a segment's own frames, and copies of them, are never negatives."""
        sounds = F.normalize(self.sound(self.encoder.trunk(batch.pictures)), dim=1)
        images = F.normalize(self.image(batch.features), dim=1)
        return contrastive_loss(images, sounds, self.log_scale, batch.belongs)

    def match(self, sounds: Tensor, features: Tensor) -> Tensor:
        """float32 [N, M]: cosines."""
        return F.normalize(self.sound(sounds), dim=1) @ F.normalize(self.image(features), dim=1).T
