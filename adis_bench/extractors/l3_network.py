"""The two towers of the correspondence network: images and sounds as unit vectors of one space."""

import math
from typing import Literal

import torch
from torch import nn

ImageTrunk = Literal["own", "efficientnet_lite0"]

_TRUNK_WIDTH = 1280  # EfficientNet-Lite0's pooled features


def _block(n_in: int, n_out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU(inplace=True))


def _mean_and_deviation(features: torch.Tensor) -> torch.Tensor:
    """float32 [N, 2 C] of [N, C, h, w]: what a feature map holds, not where: style, not layout."""
    variance, mean = torch.var_mean(features, dim=(2, 3), correction=0)
    return torch.cat([mean, (variance + 1e-5).sqrt()], dim=1)


class ImageTower(nn.Module):
    """Convolutions of its own on [N, 3, 64, 64] in -1 to 1; the statistics of three scales are embedded."""

    def __init__(self, width: int, dimensions: int) -> None:
        super().__init__()
        self.fine = nn.Sequential(_block(3, width, 2), _block(width, width, 1))
        self.middle = nn.Sequential(_block(width, 2 * width, 2), _block(2 * width, 2 * width, 1))
        self.coarse = nn.Sequential(_block(2 * width, 4 * width, 2), _block(4 * width, 4 * width, 1))
        self.head = _head(14 * width, dimensions)

    def forward(self, planes: torch.Tensor) -> torch.Tensor:
        """float32 [N, dimensions], not normalised."""
        fine = self.fine(planes)
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        out: torch.Tensor = self.head(torch.cat([_mean_and_deviation(x) for x in (fine, middle, coarse)], dim=1))
        return out


class TrunkTower(nn.Module):
    """A head on frozen EfficientNet-Lite0 features [N, 1280]: for judge splits too small to learn to see from."""

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        # Linear: a few dozen frames don't determine a hidden layer over features that are nearly separable already.
        self.head = nn.Sequential(nn.BatchNorm1d(_TRUNK_WIDTH), nn.Dropout(0.5), nn.Linear(_TRUNK_WIDTH, dimensions))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """float32 [N, dimensions], not normalised."""
        out: torch.Tensor = self.head(features)
        return out


class AudioTower(nn.Module):
    """Convolutions on log-mel [N, 64, T]; pooled over time, not over frequency, which is what names a sound."""

    def __init__(self, width: int, dimensions: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _block(1, width, 2), _block(width, 2 * width, 2), _block(2 * width, 4 * width, 2), _block(4 * width, 4 * width, 1)
        )
        self.head = _head(2 * 8 * 4 * width, dimensions)

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """float32 [N, dimensions], not normalised."""
        features = self.body(mel[:, None])
        pooled = torch.cat([features.mean(dim=3), features.amax(dim=3)], dim=1)
        out: torch.Tensor = self.head(pooled.flatten(1))
        return out


def _head(n_in: int, dimensions: int) -> nn.Sequential:
    # The first normalisation puts statistics of different scales, or frozen features, on one scale.
    return nn.Sequential(
        nn.BatchNorm1d(n_in), nn.Dropout(0.2), nn.Linear(n_in, 2 * dimensions), nn.ReLU(inplace=True), nn.Linear(2 * dimensions, dimensions)
    )


class L3Network(nn.Module):
    """Both towers and the temperature that they are trained with.

    Source: Arandjelovic and Zisserman, "Objects that Sound", arXiv 1712.06651: towers whose outputs are
    L2-normalised and compared directly, so that a distance means something (AVE-Net).
    """

    def __init__(self, trunk: ImageTrunk, width: int, dimensions: int) -> None:
        super().__init__()
        self.image: nn.Module = ImageTower(width, dimensions) if trunk == "own" else TrunkTower(dimensions)
        self.audio = AudioTower(width, dimensions)
        # Source of the initial 1 / 0.07 and the bound 100: Radford et al., arXiv 2103.00020, section 2.5.
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def embed_images(self, inputs: torch.Tensor) -> torch.Tensor:
        """Unit vectors float32 [N, D] of the image tower's inputs."""
        return nn.functional.normalize(self.image(inputs), dim=1)

    def embed_sounds(self, mel: torch.Tensor) -> torch.Tensor:
        """Unit vectors float32 [N, D] of log-mel [N, 64, T]."""
        return nn.functional.normalize(self.audio(mel), dim=1)


def contrastive_loss(images: torch.Tensor, sounds: torch.Tensor, log_scale: torch.Tensor, positive: torch.Tensor) -> torch.Tensor:
    """Symmetric InfoNCE in which a row may have several positives.

    Source: van den Oord et al., arXiv 1807.03748; several positives as in Khosla et al., arXiv 2004.11362 (L_out).

    Args:
        images: unit vectors float32 [N, D].
        sounds: unit vectors float32 [N, D]; row i belongs to image i.
        log_scale: logarithm of the inverse temperature.
        positive: float32 [N, N], symmetric, the share of each pair among a row's positives; rows sum to 1.

    Returns:
        The mean over both directions.
    """
    logits = images @ sounds.T * log_scale.clamp(max=math.log(100.0)).exp()
    to_sounds = (positive * logits.log_softmax(dim=1)).sum(dim=1).mean()
    to_images = (positive * logits.T.log_softmax(dim=1)).sum(dim=1).mean()
    return -(to_sounds + to_images) / 2
