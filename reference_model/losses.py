"""Least-squares adversarial loss and the patch-wise contrastive structure loss."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def least_squares(scores: Tensor, target: float) -> Tensor:
    """Mean squared distance of the discriminator's scores from 1 (real) or 0 (fake).

    Source: protocol.md B (LSGAN).
    """
    return (scores - target).square().mean()


def patch_nce(queries: Sequence[Tensor], keys: Sequence[Tensor], temperature: float) -> Tensor:
    """Cross-entropy of finding each patch's own key among the other patches of the same image.

    Args:
        queries: unit vectors [B, P, D] per scale, of the generated image.
        keys: unit vectors [B, P, D] per scale, of the source image; detached here.
        temperature: softmax temperature (0.07 in the release).

    Source: protocol.md B (negatives from the same image only, keys detached).
    """
    losses = []
    for q, k in zip(queries, keys, strict=True):
        # Half precision would round cosines to 1/256, and so logits to 1/18.
        with torch.autocast(q.device.type, enabled=False):
            logits = q @ k.detach().transpose(1, 2) / temperature
        answers = torch.arange(q.shape[1], device=q.device).expand(q.shape[0], -1)
        losses.append(F.cross_entropy(logits.flatten(0, 1), answers.flatten()))
    return torch.stack(losses).mean()


def draw_patches(features: Sequence[Tensor], n: int, generator: torch.Generator) -> list[Tensor]:
    """``n`` flat locations per feature map [B, C, H, W] (all of them where there are fewer), without repeats."""
    return [torch.randperm(f.shape[2] * f.shape[3], generator=generator)[:n].to(f.device) for f in features]
