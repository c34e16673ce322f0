"""SonicDiffusion's rank scores."""

import numpy as np

from adis_bench.metrics.protocol import Batch, Reference
from adis_bench.metrics.sonic_diffusion import AIS, IIS

EYE = np.eye(3)


def test_ranks_among_the_judges_of_other_classes():
    """An output on its sound (frame) beats the two of other classes; one on another class's loses to that one alone."""
    labels = np.array([0, 1, 2])
    reference = Reference(EYE, labels, labels, 3, EYE, labels)
    batch = Batch(np.stack([EYE[0], EYE[1] + 0.1 * EYE[0]]), np.array([0, 0]), sounds=EYE[[0, 0]], targets=EYE[[0, 0]])
    assert AIS().score(batch, reference).tolist() == [1.0, 0.5]
    assert IIS().score(batch, reference).tolist() == [1.0, 0.5]
