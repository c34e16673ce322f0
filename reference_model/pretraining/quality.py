"""Whether a pretraining learns, on segments that it doesn't see: ranks of the right image, and agreement with the labels."""

import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2
from torch import Tensor

from adis_bench.errors import WeightsError
from reference_model.pretraining.idea import Idea
from reference_model.pretraining.material import Material

_RESTARTS = 5


def retrieval_ranks(match: Tensor) -> NDArray[np.float64]:
    """The rank of each sound's own image among all of them, float64 [N], 1 the best; ties count half.

    Args:
        match: [N, N], row: a sound, column: an image; the diagonal holds the own ones.
    """
    own = match.diagonal()[:, None]
    better, equal = (match > own).sum(dim=1), (match == own).sum(dim=1)
    return (better + (equal + 1) / 2).double().cpu().numpy()


def mutual_information(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Normalised mutual information of two labellings, 0 to 1: 2 I / (H + H); 0 where neither tells anything.

    Source of the arithmetic mean: facebookresearch/selavi 4756164, src/sk_utils.py.

    >>> mutual_information(np.array([0, 0, 1, 1]), np.array([5, 5, 3, 3]))
    1.0
    """
    ours, theirs = np.unique(first, return_inverse=True)[1], np.unique(second, return_inverse=True)[1]
    table = np.zeros((ours.max() + 1, theirs.max() + 1))
    np.add.at(table, (ours, theirs), 1 / len(first))
    entropies = [-float(np.sum(p[p > 0] * np.log(p[p > 0]))) for p in (table.sum(axis=1), table.sum(axis=0), table.ravel())]
    total = entropies[0] + entropies[1]
    return max(0.0, 2 * (total - entropies[2]) / total) if total > 0 else 0.0


def cluster_agreement(vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Normalised mutual information of the labels and k-means of standardised vectors [N, D], one cluster for each label."""
    deviation = vectors.std(axis=0)
    scaled = (vectors - vectors.mean(axis=0)) / np.where(deviation > 1e-6, deviation, 1.0)
    best, found = np.inf, np.zeros(len(labels), np.int64)
    for seed in range(_RESTARTS):
        with warnings.catch_warnings(action="ignore"):  # a start that leaves a cluster empty is one of several
            centres, places = kmeans2(scaled.astype(np.float64), len(np.unique(labels)), minit="++", seed=seed)
        inertia = float(np.square(scaled - centres[places]).sum())
        if inertia < best:
            best, found = inertia, places
    return mutual_information(found.astype(np.int64), labels)


@torch.inference_mode()
def quality(idea: Idea, held_out: Material) -> dict[str, float]:
    """What the log says of segments that are not trained on; labels are used here only, never by a loss.

    Raises:
        WeightsError: the encoder's vectors are not finite.
    """
    vectors = idea.heard(held_out)
    if not vectors.isfinite().all():
        raise WeightsError("the pretraining diverged: the encoder's vectors are not finite; no encoder was made of it")
    ranks = retrieval_ranks(idea.match(vectors, held_out.first_features().to(idea.device)))
    names = [segment.label for segment in held_out.segments]
    labels = np.unique(names, return_inverse=True)[1].astype(np.int64)
    told = {
        "rank_mean": float(ranks.mean()),
        "rank_median": float(np.median(ranks)),
        "rank_chance": (len(held_out) + 1) / 2,
        "nmi": cluster_agreement(vectors.float().cpu().numpy(), labels),
    }
    clusters = idea.clusters(vectors)
    if clusters is not None:
        told["nmi_heads"] = float(np.mean([mutual_information(head, labels) for head in clusters.T.cpu().numpy()]))
    return told
