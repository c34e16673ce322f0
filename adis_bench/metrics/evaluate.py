"""One metric over all methods: values, intervals and paired differences on the very same pairs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adis_bench.metrics.comparison import Compared, Pairing, compared, comparisons, corrected, interval_of
from adis_bench.metrics.protocol import (
    Batch,
    Bias,
    Floats,
    HasBias,
    HasClassValues,
    HasInfluence,
    Metric,
    PairMetric,
    Reference,
    SetMetric,
    StatesLimits,
    Value,
    given,
)
from adis_bench.statistics.bootstrap import two_way_intervals
from adis_bench.statistics.proportion import wilson
from adis_bench.statistics.records import Groups, Interval


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A method's value over the pairs of one target class.

    Attributes:
        label: index of the class.
        value: finite, or None where not scored.
        n: pairs that it rests on.
    """

    label: int
    value: float | None
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What a metric says of all methods.

    Attributes:
        values: method -> value.
        differences: (method, against) -> value of the method minus that of the other, over the pairs that both have,
            with test and effect.
        pair_scores: method -> float64 [n], NaN where not scored; empty for a set metric.
        class_values: method -> the classes that occur, in order; empty where the metric has none.
        biases: method -> how the value moves with the number of outputs; empty where the metric doesn't show it.
    """

    values: Mapping[str, Value]
    differences: Mapping[tuple[str, str], Compared]
    pair_scores: Mapping[str, Floats]
    class_values: Mapping[str, tuple[ClassValue, ...]]
    biases: Mapping[str, Bias]


def evaluate(
    metric: Metric,
    batches: Mapping[str, Batch],
    reference: Reference | None,
    source_groups: NDArray[np.int64],
    sound_groups: NDArray[np.int64],
    seed: int,
) -> Evaluation:
    """Score all methods with one metric.

    Args:
        metric: a pair metric or a set metric.
        batches: method -> its embeddings; row i of every batch is the same pair.
        reference: what the metric's ``reference_split`` names, or None.
        source_groups: int64 [n], photograph or video of the source image.
        sound_groups: int64 [n], recording of the target sound.
        seed: seed of the resamples.

    Raises:
        ValueError: the batches aren't over the same pairs.
    """
    _refuse_other_pairs(batches, len(source_groups))
    groups = Groups(np.asarray(source_groups), np.asarray(sound_groups))
    if isinstance(metric, PairMetric):
        return _evaluate_pairs(metric, batches, reference, groups, seed)
    if isinstance(metric, SetMetric):
        return _evaluate_sets(metric, batches, given(reference, "reference"), groups, seed)
    raise ValueError(f"metric {metric.name} has neither score nor update, merge and compute")


def _refuse_other_pairs(batches: Mapping[str, Batch], n: int) -> None:
    for method, batch in batches.items():
        first = next(iter(batches.values()))
        if len(batch.outputs) != n or not np.array_equal(batch.labels, first.labels):
            raise ValueError(f"method {method}: {len(batch.outputs)} outputs over other pairs than the {n} of the run")


def _evaluate_pairs(metric: PairMetric, batches: Mapping[str, Batch], reference: Reference | None, groups: Groups, seed: int) -> Evaluation:
    scores = {method: np.asarray(metric.score(batch, reference), np.float64) for method, batch in batches.items()}
    intervals = two_way_intervals(np.stack(list(scores.values()), axis=1), groups, seed)
    own = {
        method: _value(_scored_mean(column), interval, int(np.isfinite(column).sum()), len(column), metric.unscored_reason)
        for (method, column), interval in zip(scores.items(), intervals, strict=True)
    }
    if metric.unit == "share":
        own = {method: _share(value, scores[method], groups) for method, value in own.items()}
    own = {method: _in_range(metric, value) for method, value in own.items()}
    return Evaluation(
        values=own,
        differences=corrected({names: _pair_difference(metric, scores, names, groups) for names in comparisons(scores)}),
        pair_scores=scores,
        class_values={method: _class_means(score, batches[method].labels) for method, score in scores.items()},
        biases={},
    )


def _pair_difference(metric: PairMetric, scores: Mapping[str, Floats], names: tuple[str, str], groups: Groups) -> Compared:
    return pair_difference(scores[names[0]], scores[names[1]], groups, metric.higher_is_better, metric.unscored_reason)


def pair_difference(first: Floats, second: Floats, groups: Groups, higher_is_better: bool, unscored_reason: str) -> Compared:
    """The mean difference of two methods over the pairs that both have, with its interval, test and effect.

    Args:
        first: float64 [n], scores; NaN where a pair is not scored.
        second: likewise, of the method that is subtracted.
        groups: the pairs' groups.
        higher_is_better: of the metric.
        unscored_reason: why a pair has no score.
    """
    column = first - second
    mean, n = _scored_mean(column), int(np.isfinite(column).sum())
    influence = (column - mean) / max(n, 1)
    pairing = Pairing(groups, np.zeros(len(column), np.int64))
    value = _value(mean, interval_of(mean, influence, pairing), n, len(column), unscored_reason)
    return compared(value, influence, pairing, better=column if higher_is_better else -column)


def _scored_mean(column: Floats) -> float:
    scored = column[np.isfinite(column)]
    return float(scored.mean()) if scored.size else float("nan")


def _value(value: float, interval: Interval, n: int, n_pairs: int, unscored_reason: str) -> Value:
    """The record of a value, with every reason why something is not there."""
    if not np.isfinite(value):
        return Value(None, None, None, 0, n_pairs, unscored_reason if n_pairs else "no pairs")
    missing = not_scored(n_pairs - n, n_pairs, unscored_reason) if n < n_pairs else ""
    return Value(value, interval.low, interval.high, n, n_pairs - n, "; ".join(filter(None, (missing, interval.reason))))


def not_scored(n: int, n_pairs: int, unscored_reason: str) -> str:
    """What a value's reason says of ``n`` pairs that it does not rest on."""
    return f"{n} of {n_pairs} pairs not scored: {unscored_reason}"


def _share(value: Value, scores: Floats, groups: Groups) -> Value:
    """If all pairs of a share agree, its interval is Wilson's with the groups as trials."""
    if value.value is None or value.ci_low is None or value.ci_high is None:
        return value
    if value.value not in (0.0, 1.0):
        return value
    kept = groups.take(np.isfinite(scores))
    n_groups = min(kept.n_sources, kept.n_sounds)
    interval = wilson(value.value * n_groups, n_groups)
    return replace(value, ci_low=interval.low or 0.0, ci_high=interval.high or 0.0)


def _in_range(metric: Metric, value: Value) -> Value:
    """The value with an interval that ends where the metric's values do."""
    if not isinstance(metric, StatesLimits) or value.ci_low is None or value.ci_high is None:
        return value
    lowest, highest = metric.value_range
    return replace(value, ci_low=max(value.ci_low, lowest), ci_high=min(value.ci_high, highest))


def _class_means(scores: Floats, labels: NDArray[np.int64]) -> tuple[ClassValue, ...]:
    means = []
    for label in np.unique(labels):
        scored = scores[(labels == label) & np.isfinite(scores)]
        means.append(ClassValue(int(label), float(scored.mean()) if scored.size else None, int(scored.size)))
    return tuple(means)


@dataclass(frozen=True, slots=True, eq=False)
class _SetResult:
    """A set metric's value over some rows of a batch, scattered back to all of them.

    Attributes:
        value: NaN where not scored.
        influence: float64 [n], NaN for pairs that take no part; None where the metric gives none.
        used: bool [n], pairs that the value rests on.
        classes: float64 [n_classes], or None where the value isn't a mean over classes.
    """

    value: float
    influence: Floats | None
    used: NDArray[np.bool_]
    classes: Floats | None


def _evaluate_sets(metric: SetMetric, batches: Mapping[str, Batch], reference: Reference, groups: Groups, seed: int) -> Evaluation:
    finite = {method: np.asarray(np.isfinite(batch.outputs).all(axis=1)) for method, batch in batches.items()}
    results = {method: _set_result(metric, batch, reference, finite[method]) for method, batch in batches.items()}

    cut: dict[tuple[str, bytes], _SetResult] = {}

    def over(method: str, rows: NDArray[np.bool_]) -> _SetResult:
        if np.array_equal(rows, finite[method]):
            return results[method]
        if (method, rows.tobytes()) not in cut:
            cut[method, rows.tobytes()] = _set_result(metric, batches[method], reference, rows)
        return cut[method, rows.tobytes()]

    def difference(method: str, other: str) -> Compared:
        # At equal n only: one loses the pairs that the other lacks, and the other way round.
        common = finite[method] & finite[other]
        first, second = over(method, common), over(other, common)
        moved = None if first.influence is None or second.influence is None else first.influence - second.influence
        apart = _SetResult(first.value - second.value, moved, first.used & second.used, first.classes)
        labels = batches[method].labels
        return compared(_set_value(metric, apart, labels, groups), moved, _pairing(apart, labels, groups))

    return Evaluation(
        values={
            method: _in_range(metric, _set_value(metric, result, batches[method].labels, groups)) for method, result in results.items()
        },
        differences=corrected({names: difference(*names) for names in comparisons(batches)}),
        pair_scores={},
        class_values={
            method: _set_classes(result.classes, batches[method].labels[result.used])
            for method, result in results.items()
            if result.classes is not None
        },
        biases={name: metric.bias(batch, reference, seed) for name, batch in batches.items()} if isinstance(metric, HasBias) else {},
    )


def _set_result(metric: SetMetric, batch: Batch, reference: Reference, rows: NDArray[np.bool_]) -> _SetResult:
    kept = batch.take(rows)
    state = metric.update(kept)
    influence, used = None, rows.copy()
    if isinstance(metric, HasInfluence):
        influence = np.full(len(rows), np.nan)
        influence[rows] = metric.influence(kept, reference)
        used = np.isfinite(influence)
    classes = metric.class_values(state, reference) if isinstance(metric, HasClassValues) else None
    return _SetResult(metric.compute(state, reference), influence, used, classes)


def _pairing(result: _SetResult, labels: NDArray[np.int64], groups: Groups) -> Pairing:
    return Pairing(groups, np.zeros_like(labels) if result.classes is None else labels)


def _set_value(metric: SetMetric, result: _SetResult, labels: NDArray[np.int64], groups: Groups) -> Value:
    interval = Interval(None, None, f"no interval: {metric.name} gives no influence values")
    if result.influence is not None:
        interval = interval_of(result.value, result.influence, _pairing(result, labels, groups))
    return _value(result.value, interval, int(result.used.sum()), len(labels), metric.unscored_reason)


def _set_classes(values: Floats, labels: NDArray[np.int64]) -> tuple[ClassValue, ...]:
    counts = np.bincount(labels, minlength=len(values))
    return tuple(
        ClassValue(label, float(value) if np.isfinite(value) else None, int(count))
        for label, (value, count) in enumerate(zip(values, counts, strict=True))
        if count
    )
