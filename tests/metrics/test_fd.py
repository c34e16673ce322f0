"""Fréchet distance metrics: pooled and per class."""

import numpy as np
import pytest

from adis_bench.metrics import _frechet
from adis_bench.metrics.fd import MIN_ROWS, FrechetDistance, FrechetDistanceByClass
from adis_bench.metrics.protocol import Batch, Reference


def scene(seed: int, n: int, d: int = 6, n_classes: int = 2) -> Batch:
    """Outputs whose mean depends on their class."""
    generator = np.random.default_rng(seed)
    labels = np.arange(n) % n_classes
    return Batch((generator.standard_normal((n, d)) + 3 * labels[:, None]).astype(np.float32), labels)


def frames(seed: int, m: int, n_classes: int = 2, **other: int) -> Reference:
    """Training frames of the same world."""
    batch = scene(seed, m, n_classes=n_classes)
    return Reference(batch.outputs, batch.labels, np.arange(m), n_classes=other.get("declared", n_classes))


def value(metric, batch, reference):
    """The metric of one batch."""
    return metric.compute(metric.update(batch), reference)


def test_by_class_is_the_mean_of_the_classes_own_distances():
    """It equals the pooled metric applied class by class, averaged."""
    batch, reference = scene(0, 40), frames(1, 60)
    own = []
    for label in (0, 1):
        inside = reference.image_labels == label
        part = Reference(reference.images[inside], reference.image_labels[inside], reference.image_groups[inside], 2)
        own.append(value(FrechetDistance(), batch.take(batch.labels == label), part))
    assert value(FrechetDistanceByClass(), batch, reference) == pytest.approx(np.mean(own), rel=1e-9)


def test_only_by_class_sees_swapped_classes():
    """Outputs of the wrong classes look real to the pooled distance; per class they are far off."""
    batch, reference = scene(0, 400), frames(1, 400)
    swapped = Batch(batch.outputs, 1 - batch.labels)
    assert value(FrechetDistance(), swapped, reference) == pytest.approx(value(FrechetDistance(), batch, reference))
    # Means are 3 apart in 6 dimensions: 54.
    assert value(FrechetDistanceByClass(), swapped, reference) == pytest.approx(54, rel=0.1)
    assert value(FrechetDistanceByClass(), batch, reference) < 1


@pytest.mark.parametrize("metric", [FrechetDistance(), FrechetDistanceByClass()])
def test_shards_give_the_whole(metric):
    """Any split into shards, merged in any order, gives the value of the whole set."""
    batch, reference = scene(2, 50), frames(3, 70)
    whole = value(metric, batch, reference)
    parts = [metric.update(batch.take(rows)) for rows in np.array_split(np.random.default_rng(0).permutation(50), 4)]
    merged = metric.merge(metric.merge(parts[2], parts[0]), metric.merge(parts[3], parts[1]))
    assert metric.compute(merged, reference) == pytest.approx(whole, rel=1e-9)


def test_poor_classes_are_left_out():
    """A class with too few outputs or frames is NaN, leaves the mean, and its pairs have no influence."""
    rich = scene(0, 20, n_classes=2)
    few = MIN_ROWS - 1
    batch = Batch(np.concatenate([rich.outputs, np.ones((few, 6), np.float32)]), np.concatenate([rich.labels, np.full(few, 2)]))
    reference = frames(1, 60, n_classes=3, declared=4)
    metric = FrechetDistanceByClass()
    classes = metric.class_values(metric.update(batch), reference)
    assert np.isfinite(classes).tolist() == [True, True, False, False]
    assert value(metric, batch, reference) == pytest.approx(value(metric, rich, reference), rel=1e-12)
    moved = metric.influence(batch, reference)
    assert np.isnan(moved[20:]).all()
    assert np.isfinite(moved[:20]).all()


def test_influence_sums_to_zero_in_every_class():
    """What raising all of a class's weights together does is nothing."""
    batch = scene(0, 40)
    moved = FrechetDistanceByClass().influence(batch, frames(1, 60))
    assert abs(np.bincount(batch.labels, weights=moved)).max() < 1e-12


def test_influence_predicts_leaving_one_out():
    """Among 400 outputs, leaving one out moves the mean over classes by about minus its influence, up to the common bias."""
    batch, reference, metric = scene(0, 400), frames(1, 400), FrechetDistanceByClass()
    moved = metric.influence(batch, reference)
    whole = value(metric, batch, reference)
    left_out = np.array([value(metric, batch.take(np.arange(400) != k), reference) for k in range(20)])
    assert np.corrcoef(whole - left_out, moved[:20])[0, 1] > 0.99


def test_too_few_are_not_scored():
    """Below MIN_ROWS outputs there is no value."""
    assert np.isnan(value(FrechetDistance(), scene(0, MIN_ROWS - 1), frames(1, 60)))
    assert np.isnan(value(FrechetDistanceByClass(), scene(0, MIN_ROWS - 1), frames(1, 60)))


@pytest.mark.parametrize(("metric", "parts"), [(FrechetDistance, 1), (FrechetDistanceByClass, 2)])
def test_a_reference_is_worked_out_once(metric, parts, monkeypatch):
    """However many methods and differences ask, each part of the reference is factored once; another reference is another matter."""
    made = []
    monkeypatch.setattr(_frechet, "_factor", lambda state, factor=_frechet._factor: made.append(state) or factor(state))
    one, reference = metric(), frames(1, 60)
    for seed in range(3):
        batch = scene(seed, 40)
        value(one, batch, reference)
        one.influence(batch, reference)
    assert len(made) == parts
    batch, other = scene(0, 40), frames(2, 60)
    assert value(one, batch, other) == value(metric(), batch, other)


def test_description_names_the_floor():
    """The pooled metric says that `identity` is its floor and why."""
    assert "`identity` is its floor, since sources are real frames" in FrechetDistance.description
