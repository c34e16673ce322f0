"""Diversity of one source's outputs across sounds."""

import numpy as np
import pytest

from adis_bench.metrics.protocol import Batch, Reference
from adis_bench.metrics.sound_diversity import SoundDiversity

CENTRED = Reference(np.array([[1.0, 0], [-1, 0]]), np.zeros(2, int), np.arange(2), 1)


def score(outputs: list[list[float]], ids: list[int]) -> np.ndarray:
    """Scores around a judge mean of zero."""
    return SoundDiversity().score(Batch(np.array(outputs, float), np.zeros(len(ids), int), np.array(ids)), CENTRED)


def test_by_hand():
    """Three outputs of one source at 0, 90 and 180 degrees: distances 0, 0.5 and 1 between them."""
    assert score([[1, 0], [0, 2], [-3, 0]], [7, 7, 7]) == pytest.approx([0.75, 0.5, 0.75])


def test_a_deaf_method_has_none():
    """Equal outputs of a source are at distance 0, whatever other sources' outputs are."""
    assert score([[1, 1], [1, 1], [-1, 0], [-1, 0]], [0, 0, 1, 1]) == pytest.approx([0, 0, 0, 0])


def test_a_lone_pair_and_a_flat_one_are_not_scored():
    """A source with one output has nobody to be compared with; one without direction counts for nobody."""
    got = score([[1, 0], [0, 1], [0, 0], [0, -1]], [0, 1, 1, 1])
    assert np.isnan(got[[0, 2]]).all()
    assert got[[1, 3]] == pytest.approx([1, 1])
