"""The Fréchet distances of the `paper` protocol, and how they move with the number of outputs."""

import numpy as np
import pytest

from adis_bench.metrics.fd import FrechetDistance, FrechetDistanceByClass
from adis_bench.metrics.fid import FID, FIDByClass, FIDLegacyPytorch, FIDLegacyTensorflow, FrechetDinoDistance
from adis_bench.metrics.kid import KernelInceptionDistance, KernelInceptionDistanceByClass
from adis_bench.metrics.protocol import Batch, HasBias, Reference, StatesLimits

D = 6
ALL = [
    FrechetDistance,
    FrechetDistanceByClass,
    FID,
    FIDByClass,
    FIDLegacyPytorch,
    FIDLegacyTensorflow,
    FrechetDinoDistance,
    KernelInceptionDistance,
    KernelInceptionDistanceByClass,
]


def scene(seed: int, n: int, scale: float = 1.0, d: int = D) -> Batch:
    """Gaussian outputs of two classes."""
    return Batch((np.random.default_rng(seed).standard_normal((n, d)) * scale).astype(np.float32), np.arange(n) % 2)


def frames(m: int, d: int = D) -> Reference:
    """Many training frames."""
    return Reference(scene(99, m, d=d).outputs, np.arange(m) % 2, np.arange(m), 2)


def value(metric, batch: Batch, reference: Reference) -> float:
    """The metric of one batch."""
    return metric.compute(metric.update(batch), reference)


@pytest.mark.parametrize("metric", [FID, FIDLegacyPytorch, FIDLegacyTensorflow, FrechetDinoDistance])
def test_pooled_values_are_the_distance_to_all_frames(metric):
    """Only the features differ: on equal features they are the pooled distance to the bit."""
    batch, reference = scene(0, 60), frames(80)
    assert value(metric(), batch, reference) == value(FrechetDistance(), batch, reference)


def test_by_class_is_the_distance_by_class():
    """FID by class is the distance by class on Inception's features."""
    batch, reference = scene(0, 60), frames(80)
    assert value(FIDByClass(), batch, reference) == value(FrechetDistanceByClass(), batch, reference)


@pytest.mark.parametrize("metric", ALL)
def test_each_states_its_limits(metric):
    """Range, needed number of outputs, direction, and what it cannot see are said."""
    assert isinstance(metric(), StatesLimits)
    assert metric.value_range[0] <= 0 < metric.value_range[1]
    assert metric.n_needed > 0
    assert not metric.higher_is_better
    assert any(word in metric.description for word in ("lind", "can't see", "not whether"))


def test_needed_n_is_the_number_of_features():
    """As many outputs as the network has features: 2,048, 384, 1,280."""
    assert [metric.n_needed for metric in (FID, FIDByClass, FrechetDinoDistance, FrechetDistance)] == [2048, 2048, 384, 1280]


def test_bias_shows_the_value_at_several_sizes():
    """The last point is the value itself, and the fewer outputs the higher the value."""
    batch, reference = scene(0, 400), frames(4000)
    bias = FID().bias(batch, reference, seed=0)
    assert [point.n for point in bias.points] == [100, 200, 400]
    values = [point.value for point in bias.points]
    assert values[-1] == pytest.approx(value(FID(), batch, reference), rel=1e-10)
    assert values == sorted(values, reverse=True)


def test_extrapolation_takes_the_bias_out():
    """Over 30 samples of 400 in 16 dimensions a tenth of the bias at most is left; the seed fixes the value."""
    reference = frames(40_000, d=16)
    samples = [scene(seed, 400, scale=1.1, d=16) for seed in range(30)]
    biases = [FID().bias(batch, reference, seed) for seed, batch in enumerate(samples)]
    known = 16 * 0.1**2
    bias = np.mean([bias.points[-1].value for bias in biases]) - known
    left = np.mean([bias.extrapolated for bias in biases]) - known
    # Without the extrapolation the value is more than twice the distance.
    assert bias > known
    assert abs(left) < 0.1 * bias
    assert FID().bias(samples[3], reference, 3) == biases[3]


def test_no_extrapolation_from_few_outputs():
    """Below 2 d outputs in the second size there is none, and the reason says how many it takes; unscored rows are left out."""
    batch = scene(0, 21)
    batch.outputs[0] = np.nan
    bias = FID().bias(batch, frames(80), seed=0)
    assert [point.n for point in bias.points] == [5, 10, 20]
    assert bias.extrapolated is None
    assert bias.reason == "not extrapolated: 20 outputs, linear in 1/n from 12 on, takes 24"


def test_sizes_without_a_value_are_left_out():
    """Parts too small for a distance give no point, and no output at all gives none."""
    assert [point.n for point in FID().bias(scene(0, 12), frames(80), seed=0).points] == [6, 12]
    assert FID().bias(scene(0, 0), frames(80), seed=0).points == ()


def test_pooled_distances_show_their_bias():
    """Every pooled Fréchet distance does; KID, being unbiased, has none to show."""
    assert all(isinstance(metric(), HasBias) for metric in (FrechetDistance, FID, FIDLegacyPytorch, FrechetDinoDistance))
    assert not isinstance(KernelInceptionDistance(), HasBias)
