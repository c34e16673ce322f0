"""Labels from scores by optimal transport: every segment gets a cluster, and the clusters get the sizes they shall have."""

from typing import Literal

import torch
from torch import Tensor

Marginals = Literal["equal", "gaussian"]
SHARPNESS = 20.0
"""Lambda; scores are raised to half of it. Source: facebookresearch/selavi 39b677c, opt.py (lamb) and src/sk_utils.py (0.5 * lamb)."""
SPREAD = 0.1
"""Standard deviation of a cluster's size over the mean size (ours: ``gauss_sd`` has no value in the released opt.py)."""
MAX_ROUNDS = 2000
"""Source: facebookresearch/selavi 4756164, src/sk_utils.py."""
TOLERANCE = 1e-6
_LABEL_TOLERANCE = 1e-2
"""Of the sizes where labels are read off the plan as its largest entries: with 20 segments a cluster a fifth of one segment. On
576 random scores 1e-6 gave the same sizes in seven times the time; the release stops at 0.1 summed over all rows.
"""
_CHECK_ROUNDS = 10
_LOWEST = -500.0
"""Logarithm below which a score counts as this: float64 ends at -745, and a cluster that nobody wants must not be divided by 0."""


def transport_plan(scores: Tensor, sizes: Tensor, tolerance: float = TOLERANCE) -> Tensor:
    """The plan diag(u) exp(scores) diag(v) whose rows all sum to 1 / N and whose columns sum to ``sizes``.

    Source: Sinkhorn and Knopp, Pacific J. Math. 21:343 (1967); Cuturi 2013, arXiv 1306.0895; as in SeLaVi's optimize_L_sk_gpu.

    Args:
        scores: logarithms, [..., N, K]; computed in float64.
        sizes: [..., K], positive, each summing to 1.
        tolerance: largest relative error of a column's sum at which to stop; rows are exact. After MAX_ROUNDS it stops anyway.

    Returns:
        float64 [..., N, K].
    """
    scores, sizes = scores.double(), sizes.double()[..., None, :]
    kernel = (scores - scores.amax(dim=-1, keepdim=True)).clamp_min(_LOWEST).exp()
    share = 1.0 / kernel.shape[-2]
    rows = torch.full_like(kernel[..., :1], share)
    for done in range(MAX_ROUNDS):
        columns = sizes / (rows.transpose(-1, -2) @ kernel)
        rows = share / (kernel @ columns.transpose(-1, -2))
        if done % _CHECK_ROUNDS == 0 and ((columns * (rows.transpose(-1, -2) @ kernel) / sizes - 1).abs() <= tolerance).all():
            break
    return rows * kernel * columns


def gaussian_sizes(wanted: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Cluster sizes drawn from a normal distribution, the largest for the cluster that is wanted most.

    Each is N / K (1 + 0.1 z), at least one segment. The release draws the same, but its ``r = 1. / _K_dist`` then asks
    for sizes proportional to the inverse, so that the cluster that is wanted most gets the smallest one
    (facebookresearch/selavi 4756164, src/sk_utils.py); the paper's words are the best permutation, and so is this.

    Args:
        wanted: [..., K], how much the scores would give each cluster by themselves.
        n: number of segments.
        generator: draws the sizes.

    Returns:
        float64 [..., K], each summing to 1.
    """
    k = wanted.shape[-1]
    drawn = 1.0 + SPREAD * torch.randn(wanted.shape, dtype=torch.float64, generator=generator)
    ordered = drawn.clamp_min(k / n).sort(dim=-1).values
    sizes = torch.empty_like(ordered).scatter_(-1, wanted.cpu().argsort(dim=-1), ordered)
    return sizes / sizes.sum(dim=-1, keepdim=True)


def self_labels(sounds: Tensor, images: Tensor, marginals: Marginals, generator: torch.Generator) -> Tensor:
    """Each head's labels of all segments, from the product of what sounds and images say.

    Args:
        sounds: log-probabilities [H, N, K] of H heads.
        images: log-probabilities [H, N, K].
        marginals: ``equal`` cluster sizes, or ``gaussian`` ones, drawn anew at every call.
        generator: draws the sizes.

    Returns:
        int64 [N, H].
    """
    together = sounds.double() + images.double()
    sizes = torch.full_like(together[:, 0], 1.0 / together.shape[2])
    if marginals == "gaussian":
        sizes = gaussian_sizes(together.exp().sum(dim=1), together.shape[1], generator).to(together.device)
    return transport_plan(SHARPNESS / 2 * together, sizes, _LABEL_TOLERANCE).argmax(dim=2).T
