"""The paper's correspondence in its readings."""

import numpy as np
import pytest

from adis_bench.metrics.openl3_avc import OpenL3AVC, OpenL3AVCCentred, OpenL3AVCOfMeans, OpenL3AVCPercentile
from adis_bench.metrics.protocol import Batch, Reference


def embedded(windows: np.ndarray) -> np.ndarray:
    """What the audio extractor gives of windows [T, d]: the mean of the unit windows, then the mean of the windows."""
    units = windows / np.linalg.norm(windows, axis=1, keepdims=True)
    return np.concatenate([units.mean(axis=0), windows.mean(axis=0)])[None]


def test_mean_of_cosines_and_cosine_of_means_by_hand():
    """Windows (3, 0) and (0, 1) against (1, 0): cosines 1 and 0, mean 0.5; their mean (1.5, 0.5) has cosine 3 / sqrt(10)."""
    batch = Batch(np.array([[2.0, 0]]), np.array([0]), sounds=embedded(np.array([[3.0, 0], [0, 1]])))
    assert OpenL3AVC().score(batch, None) == pytest.approx([0.5])
    assert OpenL3AVCOfMeans().score(batch, None) == pytest.approx([3 / 10**0.5])


def test_mean_of_cosines_is_the_loop():
    """The product with the mean unit window is the mean of the windows' cosines, for any windows."""
    rng = np.random.default_rng(0)
    windows, image = rng.standard_normal((26, 8)) + 1, rng.standard_normal(8) + 1
    cosines = [w @ image / np.linalg.norm(w) / np.linalg.norm(image) for w in windows]
    batch = Batch(image[None], np.array([0]), sounds=embedded(windows))
    assert OpenL3AVC().score(batch, None) == pytest.approx([np.mean(cosines)])


def judged(images: np.ndarray, sounds: np.ndarray, labels: np.ndarray) -> Reference:
    """A judge split of these."""
    return Reference(images, labels, np.arange(len(images)), 2, np.concatenate([embedded(s[None]) for s in sounds]), labels)


def test_centring_takes_the_common_part_out():
    """With a common part of 100 the bare cosine is about 1 for right and wrong alike; the centred one is 1 and -1."""
    common = np.array([100.0, 100, 0])
    right, wrong, sound = common + [0, 0, 1], common - [0, 0, 1], common + [0, 0, 2]
    judge = judged(np.stack([right, wrong]), np.stack([common + [0, 0, 2], common - [0, 0, 2]]), np.array([0, 1]))
    batch = Batch(np.stack([right, wrong]), np.array([0, 0]), sounds=np.repeat(embedded(sound[None]), 2, axis=0))
    assert OpenL3AVC().score(batch, None) == pytest.approx([1, 1], abs=1e-3)
    assert OpenL3AVCCentred().score(batch, judge) == pytest.approx([1, -1], abs=1e-3)
    assert OpenL3AVCPercentile().score(batch, judge).tolist() == [1.0, 0.0]
