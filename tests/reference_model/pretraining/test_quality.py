"""What the log says."""

import numpy as np
import pytest
import torch

from reference_model.pretraining.quality import cluster_agreement, mutual_information, retrieval_ranks


def test_ranks_by_hand() -> None:
    """1 where nothing is better, last where everything is, and ties count half."""
    match = torch.tensor([[3.0, 1.0, 2.0], [5.0, 1.0, 4.0], [2.0, 2.0, 2.0]])
    assert retrieval_ranks(match).tolist() == [1.0, 3.0, 2.0]


def test_mutual_information_by_hand() -> None:
    """1 for the same classes under other names, 0 for independent ones, and 2 I / (H + H) between."""
    first = np.array([0, 0, 1, 1])
    assert mutual_information(first, np.array([7, 7, 2, 2])) == pytest.approx(1.0)
    assert mutual_information(first, np.array([0, 1, 0, 1])) == pytest.approx(0.0, abs=1e-12)
    assert mutual_information(first, np.zeros(4, np.int64)) == 0.0
    # H = 1 bit and 2 bits, I = 1 bit: 2 / 3.
    assert mutual_information(first, np.arange(4)) == pytest.approx(2 / 3)


def test_clusters_of_separate_classes_agree_with_them() -> None:
    """Three clouds far apart are found; vectors that say nothing agree hardly."""
    rng, labels = np.random.default_rng(0), np.repeat(np.arange(3), 40)
    clouds = rng.normal(size=(120, 5)) + 20.0 * np.eye(3, 5)[labels]
    assert cluster_agreement(clouds.astype(np.float32), labels) == pytest.approx(1.0)
    assert cluster_agreement(rng.normal(size=(120, 5)).astype(np.float32), labels) < 0.1
