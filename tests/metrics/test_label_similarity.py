"""Image-label similarity, by hand."""

import numpy as np

from adis_bench.metrics.label_similarity import LabelAccuracy, LabelSimilarity, RawLabelSimilarity
from adis_bench.metrics.protocol import Batch, Reference

# Class means (3, 1) and (1, 1), mean of all frames (2, 1); class 2 has no frames.
JUDGE = Reference(
    images=np.array([[3.0, 0.0], [3.0, 2.0], [1.0, 0.0], [1.0, 2.0]], np.float32),
    image_labels=np.array([0, 0, 1, 1]),
    image_groups=np.arange(4),
    n_classes=3,
)


def test_centred_cosine_by_hand():
    """Output and prototype lose the mean of all frames: directions (1, 0) and (-1, 0) stay for the classes."""
    outputs = np.array([[4.0, 1.0], [4.0, 1.0], [2.0, 5.0], [3.0, 2.0]], np.float32)
    scores = LabelSimilarity().score(Batch(outputs, np.array([0, 1, 0, 0])), JUDGE)
    np.testing.assert_allclose(scores, [1.0, -1.0, 0.0, 0.5**0.5], atol=1e-12)


def test_raw_cosine_by_hand():
    """(4, 1) with the prototype (3, 1): 13 / sqrt(17 * 10)."""
    scores = RawLabelSimilarity().score(Batch(np.array([[4.0, 1.0]], np.float32), np.array([0])), JUDGE)
    np.testing.assert_allclose(scores, [13 / 170**0.5], rtol=1e-12)


def test_accuracy_by_hand():
    """The nearest of the classes that have frames decides."""
    outputs = np.array([[9.0, 0.0], [9.0, 0.0], [0.0, 1.0]], np.float32)
    np.testing.assert_array_equal(LabelAccuracy().score(Batch(outputs, np.array([0, 1, 1])), JUDGE), [1.0, 0.0, 1.0])


def test_a_class_without_prototype_is_not_scored():
    """Pairs of a class without judge frames are NaN in all three, the others are scored."""
    batch = Batch(np.array([[4.0, 1.0], [4.0, 1.0]], np.float32), np.array([2, 0]))
    for metric in (LabelSimilarity(), RawLabelSimilarity(), LabelAccuracy()):
        assert np.isfinite(metric.score(batch, JUDGE)).tolist() == [False, True]


def test_score_of_a_pair_does_not_depend_on_the_others():
    """A batch scored at once and pair by pair gives the same numbers."""
    generator = np.random.default_rng(0)
    batch = Batch(generator.standard_normal((6, 2)), generator.integers(0, 2, 6))
    alone = [LabelSimilarity().score(batch.take(np.array([k])), JUDGE)[0] for k in range(6)]
    np.testing.assert_allclose(LabelSimilarity().score(batch, JUDGE), alone, rtol=1e-12)
