"""CLIP similarity, centred, and zero-shot accuracy."""

from dataclasses import replace

import numpy as np
import pytest

from adis_bench.metrics.clip_similarity import AIC, ClipAccuracy, ClipSimilarity, ClipSimilarityCentred
from adis_bench.metrics.protocol import Batch, Reference

TEXTS = np.array([[1.0, 0], [0, 1]])
OUTPUTS = np.array([[3.0, 4], [4, 3]])


def judge(images: np.ndarray) -> Reference:
    """Label texts, and judge frames."""
    return Reference(images, np.zeros(len(images), int), np.arange(len(images)), 2, label_texts=TEXTS)


def test_cosine_with_the_targets_text_by_hand():
    """(3, 4) and (4, 3) against (1, 0): 0.6 and 0.8; only the second is nearest to it."""
    batch = Batch(OUTPUTS, np.array([0, 0]))
    assert ClipSimilarity().score(batch, judge(np.empty((0, 2)))) == pytest.approx([0.6, 0.8])
    for accuracy in (ClipAccuracy(), AIC()):
        assert accuracy.score(batch, judge(np.empty((0, 2)))).tolist() == [0, 1]


def test_centred_by_hand():
    """Mean image (3.5, 3.5) leaves (-0.5, 0.5) and (0.5, -0.5), the mean text (0.5, -0.5) for the first label: -1 and 1."""
    assert ClipSimilarityCentred().score(Batch(OUTPUTS, np.array([0, 0])), judge(OUTPUTS)) == pytest.approx([-1, 1])


def test_no_direction_is_not_scored():
    """An embedding of zero norm is NaN, not 0."""
    assert np.isnan(ClipSimilarity().score(Batch(np.zeros((1, 2)), np.array([0])), judge(np.empty((0, 2)))))


def test_a_label_without_a_name_is_not_scored():
    """A third label without text leaves the others' numbers as they are, wins no output, and its own pairs have no score."""
    with_third = replace(judge(OUTPUTS), n_classes=3, label_texts=np.vstack([TEXTS, [np.nan, np.nan]]))
    batch = Batch(OUTPUTS, np.array([0, 0]))
    for metric in (ClipSimilarity(), ClipSimilarityCentred(), ClipAccuracy()):
        assert metric.score(batch, with_third) == pytest.approx(metric.score(batch, judge(OUTPUTS)))
        assert np.isnan(metric.score(Batch(OUTPUTS, np.array([2, 2])), with_third)).all()
