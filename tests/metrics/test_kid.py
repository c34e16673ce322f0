"""KID as a metric, pooled and by class: shards, what is too little, the cap on frames, and coverage of its interval."""

import numpy as np
import pytest

from adis_bench.metrics import _kernel, kid
from adis_bench.metrics.evaluate import evaluate
from adis_bench.metrics.kid import MAX_FRAMES, MIN_ROWS, KernelInceptionDistance, KernelInceptionDistanceByClass
from adis_bench.metrics.protocol import Batch, Reference


def batch(seed: int, n: int, d: int = 8, scale: float = 1.2) -> Batch:
    """Outputs of two classes."""
    rows = np.random.default_rng(seed).gamma(1.0, 0.5, (n, d)) * scale
    return Batch(rows.astype(np.float32), np.arange(n) % 2)


def frames(seed: int, m: int, d: int = 8) -> Reference:
    """Training frames of the same kind."""
    of = batch(seed, m, d, scale=1.0)
    return Reference(of.outputs, of.labels, np.arange(m), 2)


def test_value_is_the_u_statistic_of_all_rows():
    """The metric is the pure function on outputs and frames."""
    of, reference, metric = batch(0, 60), frames(1, 90), KernelInceptionDistance()
    means = _kernel.Means(_kernel.own_means(of.outputs), _kernel.cross_means(of.outputs, reference.images))
    expected = _kernel.discrepancy(means, float(_kernel.own_means(reference.images).mean()))
    assert metric.compute(metric.update(of), reference) == expected


def test_shards_give_the_whole():
    """Any split into shards, merged in any order, gives the value of the whole set."""
    of, reference, metric = batch(0, 60), frames(1, 90), KernelInceptionDistance()
    parts = [metric.update(of.take(rows)) for rows in np.array_split(np.random.default_rng(0).permutation(60), 4)]
    merged = metric.merge(metric.merge(parts[2], parts[0]), metric.merge(parts[3], parts[1]))
    assert metric.compute(merged, reference) == pytest.approx(metric.compute(metric.update(of), reference), rel=1e-12)


def test_one_object_serves_many_references_and_batches():
    """What is remembered of one reference or batch never answers for another."""
    metric = KernelInceptionDistance()
    for seed in (0, 1, 0):
        of, reference = batch(seed, 30), frames(seed + 5, 40)
        fresh = KernelInceptionDistance()
        assert metric.compute(metric.update(of), reference) == fresh.compute(fresh.update(of), reference)
        np.testing.assert_array_equal(metric.influence(of, reference), fresh.influence(of, reference))


def test_too_few_are_not_scored():
    """Below MIN_ROWS outputs or frames there is neither value nor influence."""
    metric = KernelInceptionDistance()
    for n, m in ((MIN_ROWS - 1, 50), (50, MIN_ROWS - 1)):
        of, reference = batch(0, n), frames(1, m)
        assert np.isnan(metric.compute(metric.update(of), reference))
        assert np.isnan(metric.influence(of, reference)).all()


def test_frames_beyond_the_cap_are_drawn(monkeypatch):
    """Beyond MAX_FRAMES a seeded draw of them stands for all: the same each time, and near the value of all."""
    of, reference, metric = batch(0, 100), frames(1, 2000), KernelInceptionDistance()
    whole = metric.compute(metric.update(of), reference)
    monkeypatch.setattr(kid, "MAX_FRAMES", 1500)
    capped = [fresh.compute(fresh.update(of), reference) for fresh in (KernelInceptionDistance(), KernelInceptionDistance())]
    assert capped[0] == capped[1]
    assert capped[0] == pytest.approx(whole, rel=0.1)
    assert capped[0] != whole
    assert f"at most {MAX_FRAMES:,} training frames" in metric.source


def of_class(whole: Batch, reference: Reference, label: int) -> tuple[Batch, Reference]:
    """The outputs and frames of one class."""
    kept = reference.image_labels == label
    parts = (part[kept] for part in (reference.images, reference.image_labels, reference.image_groups))
    return whole.take(whole.labels == label), Reference(*parts, reference.n_classes)


def test_class_values_are_the_distance_within_the_class():
    """Each class's value is the pooled metric on that class alone, and the value is their mean."""
    of, reference, metric, pooled = batch(0, 60), frames(1, 90), KernelInceptionDistanceByClass(), KernelInceptionDistance()
    expected = [pooled.compute(pooled.update(own), real) for own, real in (of_class(of, reference, label) for label in (0, 1))]
    np.testing.assert_allclose(metric.class_values(metric.update(of), reference), expected, rtol=1e-12)
    assert metric.compute(metric.update(of), reference) == pytest.approx(np.mean(expected), rel=1e-12)
    for label in (0, 1):
        own, real = of_class(of, reference, label)
        moved = metric.influence(of, reference)[of.labels == label]
        np.testing.assert_allclose(moved, pooled.influence(own, real) / 2, rtol=1e-9, atol=1e-15)


def test_class_shards_give_the_whole():
    """Shards in which a class is missing merge to the value of the whole set."""
    of, reference, metric = batch(0, 60), frames(1, 90), KernelInceptionDistanceByClass()
    merged = metric.merge(metric.update(of.take(of.labels == 1)), metric.update(of.take(of.labels == 0)))
    merged = metric.merge(merged, metric.update(of.take(np.arange(60) < 20)))
    whole = metric.update(of.take(np.concatenate([np.arange(60), np.arange(20)])))
    assert metric.compute(merged, reference) == pytest.approx(metric.compute(whole, reference), rel=1e-9)


def test_only_by_class_outputs_of_the_wrong_class_are_seen():
    """Real frames with exchanged labels are as good as real frames pooled, and far off within their classes."""
    rows = np.concatenate([np.random.default_rng(0).gamma(1.0, 0.5, (80, 8)), np.random.default_rng(1).gamma(1.0, 1.0, (80, 8))])
    labels = np.arange(160) // 80
    reference = Reference(rows.astype(np.float32), labels, np.arange(160), 2)
    right, wrong = (Batch(rows.astype(np.float32), of) for of in (labels, 1 - labels))
    pooled, by_class = KernelInceptionDistance(), KernelInceptionDistanceByClass()
    assert pooled.compute(pooled.update(wrong), reference) == pooled.compute(pooled.update(right), reference)
    values = [by_class.compute(by_class.update(batch), reference) for batch in (right, wrong)]
    assert values[1] > 1.0 > abs(values[0])


def test_a_class_with_too_few_takes_no_part():
    """Below MIN_ROWS outputs a class has neither value nor influence; the mean is over the others."""
    of, reference, metric = batch(0, 60), frames(1, 90), KernelInceptionDistanceByClass()
    few = of.take(np.flatnonzero((of.labels == 0) | (np.arange(60) < 2 * (MIN_ROWS - 1))))
    values, moved = metric.class_values(metric.update(few), reference), metric.influence(few, reference)
    assert np.isfinite(values).tolist() == [True, False]
    assert metric.compute(metric.update(few), reference) == values[0]
    assert np.isnan(moved[few.labels == 1]).all()
    assert moved[few.labels == 0].sum() == pytest.approx(0, abs=1e-12)


def coverage(n: int, scale: float, groups: int, share: float, simulations: int) -> float:
    """Share of intervals that hold the expectation: outputs of which ``share`` of the variance belongs to source and sound groups each."""
    generator = np.random.default_rng([n, groups])
    reference = frames(1, 400)
    metric = KernelInceptionDistance()
    values, intervals = [], []
    for _ in range(simulations):
        sources, sounds = (np.resize(generator.permutation(groups), n) for _ in range(2))
        noise = (
            share**0.5 * generator.standard_normal((groups, 8))[sources]
            + share**0.5 * generator.standard_normal((groups, 8))[sounds]
            + (1 - 2 * share) ** 0.5 * generator.standard_normal((n, 8))
        )
        of = Batch((scale * np.exp(0.5 * noise)).astype(np.float32), np.zeros(n, int))
        value = evaluate(metric, {"ours": of}, reference, sources, sounds, seed=0).values["ours"]
        values.append(value.value)
        intervals.append((value.ci_low, value.ci_high))
    low, high = np.array(intervals).T
    return float(np.mean((low <= np.mean(values)) & (np.mean(values) <= high)))


def test_interval_covers():
    """60 simulations of 100 outputs: the interval holds the expectation in 88 % at least."""
    assert coverage(100, 0.6, 100, 0.0, 60) >= 0.88


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "scale", "groups", "share"), [(50, 0.6, 50, 0.0), (200, 0.6, 200, 0.0), (200, 0.45, 200, 0.0), (240, 0.6, 60, 0.3)]
)
def test_coverage_over_designs(n, scale, groups, share):
    """400 simulations of each design: 95 % intervals hold the expected value in 91 to 99 %."""
    assert 0.91 <= coverage(n, scale, groups, share, 400) <= 0.99
