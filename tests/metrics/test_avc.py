"""Audio-visual correspondence, by hand."""

import numpy as np
import pytest

from adis_bench.metrics.avc import AVC, AVCAccuracy, RawAVC
from adis_bench.metrics.protocol import Batch, Reference


def judge() -> Reference:
    """Three classes, the last without any sound; image mean (1, 1), sound mean (2, 0)."""
    return Reference(
        images=np.array([[0.0, 1.0], [2.0, 1.0]], np.float32),
        image_labels=np.array([0, 1]),
        image_groups=np.array([0, 1]),
        n_classes=3,
        # Class means (3, 0) and (1, 0); less the mean of all: (1, 0) and (-1, 0).
        sounds=np.array([[3.0, 1.0], [3.0, -1.0], [1.0, 2.0], [1.0, -2.0]], np.float32),
        sound_labels=np.array([0, 0, 1, 1]),
    )


def test_centred_cosine_by_hand():
    """Each side loses its own mean: (2, 1) - (1, 1) against (2, 3) - (2, 0) is orthogonal; (1, 3) points the same way."""
    outputs = np.array([[2.0, 1.0], [1.0, 3.0], [2.0, 2.0]], np.float32)
    sounds = np.array([[2.0, 3.0], [2.0, 3.0], [3.0, 0.0]], np.float32)
    scores = AVC().score(Batch(outputs, np.array([0, 0, 1]), sounds=sounds), judge())
    # The last: (1, 1) against (1, 0): 1 / sqrt 2.
    np.testing.assert_allclose(scores, [0.0, 1.0, 0.5**0.5], atol=1e-12)
    assert scores.dtype == np.float64


def test_raw_cosine_by_hand():
    """The raw one subtracts nothing: (2, 1) and (2, 3) have 7 / sqrt(5 * 13)."""
    batch = Batch(np.array([[2.0, 1.0]], np.float32), np.array([0]), sounds=np.array([[2.0, 3.0]], np.float32))
    np.testing.assert_allclose(RawAVC().score(batch, None), [7 / 65**0.5], rtol=1e-12)


def test_centring_mends_the_order():
    """A large common part makes every raw cosine about 1 and can rank the wrong output first; centred, the right one wins."""
    common = np.array([100.0, 0.0, 0.0])
    # The sound leans to the second axis; the wrong output leans against it, but less far from the common part.
    right, wrong, sound = common + [0, 9, 0], common + [0, -1, 0], common + [0, 1, 0]
    reference = Reference(
        np.stack([common, common]).astype(np.float32), np.zeros(2, int), np.zeros(2, int), 1, np.stack([common, common]), np.zeros(2, int)
    )
    batch = Batch(np.stack([right, wrong]), np.zeros(2, int), sounds=np.stack([sound, sound]))
    raw, centred = RawAVC().score(batch, None), AVC().score(batch, reference)
    assert raw.min() > 0.99
    assert raw[0] < raw[1]
    np.testing.assert_allclose(centred, [1.0, -1.0], atol=1e-9)


def test_no_direction_is_not_scored():
    """An output that equals the mean, a zero or a non-finite embedding is NaN, and the other pairs keep their score."""
    outputs = np.array([[1.0, 1.0], [np.nan, 1.0], [2.0, 1.0]], np.float32)
    batch = Batch(outputs, np.zeros(3, int), sounds=np.array([[3.0, 0.0]] * 3, np.float32))
    np.testing.assert_array_equal(AVC().score(batch, judge()), [np.nan, np.nan, 1.0])
    raw = RawAVC().score(Batch(np.zeros((1, 2)), np.zeros(1, int), sounds=np.ones((1, 2))), None)
    assert np.isnan(raw).all()


def test_accuracy_by_hand():
    """Outputs are compared with the class means of the judge sounds; a class without sounds is not scored and never wins."""
    outputs = np.array([[5.0, 1.0], [-5.0, 1.0], [5.0, 1.0], [5.0, 1.0]], np.float32)
    scores = AVCAccuracy().score(Batch(outputs, np.array([0, 0, 1, 2])), judge())
    np.testing.assert_array_equal(scores, [1.0, 0.0, 0.0, np.nan])


@pytest.mark.parametrize("metric", [AVC(), RawAVC()])
def test_missing_sounds_are_the_callers_error(metric):
    """Without the sounds that it needs a metric says so, and gives no number."""
    with pytest.raises(ValueError, match="given no sounds"):
        metric.score(Batch(np.ones((1, 2)), np.zeros(1, int)), judge())
