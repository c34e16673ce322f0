"""Distance to the exact answer, by hand."""

import numpy as np

from adis_bench.metrics.oracle_distance import OracleDistance
from adis_bench.metrics.protocol import Batch


def test_mean_colour_difference_by_hand():
    """Two pixels 5 (3, 4, 0) and 1 (0, 0, 1) apart give 3; an equal image gives 0."""
    exact = np.array([[50.0, 10, 10, 20, 0, 0]] * 2, np.float32)
    outputs = np.array([[53.0, 14, 10, 20, 0, 1], [50, 10, 10, 20, 0, 0]], np.float32)
    np.testing.assert_allclose(OracleDistance().score(Batch(outputs, np.zeros(2, int), oracles=exact), None), [3.0, 0.0])


def test_the_extractor_lays_channels_side_by_side():
    """With the `lab` extractor, white against black is 100, whatever the number of pixels: lightness 100 apart, no colour."""
    from adis_bench.extractors.lab import Lab
    from adis_bench.extractors.protocol import ExtractorOptions

    lab = Lab(ExtractorOptions(resolution=8))
    white, black = (lab.embed(np.full((1, 8, 8, 3), grey, np.uint8)) for grey in (255, 0))
    np.testing.assert_allclose(OracleDistance().score(Batch(white, np.zeros(1, int), oracles=black), None), [100.0], atol=0.05)
    # A saturated image tells [pixels, 3] from [3, pixels]: red is (53.24, 80.09, 67.20) by CIE, norm 117.3.
    red = np.zeros((1, 8, 8, 3), np.uint8)
    red[..., 0] = 255
    np.testing.assert_allclose(OracleDistance().score(Batch(lab.embed(red), np.zeros(1, int), oracles=black), None), [117.34], atol=0.05)


def test_colours_that_are_no_numbers_are_not_scored():
    """A non-finite value makes its pair NaN."""
    exact = np.zeros((1, 3), np.float32)
    assert np.isnan(OracleDistance().score(Batch(np.full((1, 3), np.inf), np.zeros(1, int), oracles=exact), None)).all()
