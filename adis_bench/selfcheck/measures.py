"""What the self-check measures of one metric: separation, responses to damage, spread, and the shift in bf16."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adis_bench.datasets.records import Pair
from adis_bench.embedding import RunEmbeddings
from adis_bench.metrics.evaluate import evaluate
from adis_bench.metrics.protocol import Batch, HasClassValues, Metric, PairMetric, Reference, SetMetric
from adis_bench.metrics.trust import cannot_tell, controls_of
from adis_bench.scoring import metric_record, numbered
from adis_bench.selfcheck.damage import DAMAGES, STRONGEST_NOISE, WRONG_SHARES
from adis_bench.selfcheck.records import MetricCheck, Response, Spread, State
from adis_bench.selfcheck.separation import Separation, blocks, separation
from adis_bench.spec import RunSpec
from adis_bench.statistics.bootstrap import two_way_intervals
from adis_bench.statistics.records import Groups

SHUFFLED = "shuffled"
BLOCK_CLASS, BLOCK_PAIRS, MOST_BLOCKS = 5, 40, 20
"""A set metric's values come from blocks: at least so many pairs of each class where it scores by class, or so many in all."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One deal of pairs with the images that the check needs, embedded.

    Attributes:
        embeddings: by the control that a metric must put ahead; each holds all controls and that one's damaged images.
    """

    spec: RunSpec
    pairs: tuple[Pair, ...]
    embeddings: Mapping[str, RunEmbeddings]

    @property
    def groups(self) -> Groups:
        """What was sampled together."""
        return Groups(numbered([p.source_group for p in self.pairs]), numbered([p.target.audio_group for p in self.pairs]))

    @property
    def controls(self) -> list[str]:
        """Labels of the controls."""
        damaged = {damage.label(base) for damage in DAMAGES for base in self.embeddings}
        return [label for label in next(iter(self.embeddings.values())).present if label not in damaged]


def checked(metric: Metric, draws: Sequence[Drawn], rounded: RunEmbeddings | None) -> MetricCheck:
    """All findings about one metric.

    Args:
        metric: of the protocol.
        draws: deals of the pairs; the first one is looked at closely.
        rounded: the first one's controls, embedded in bf16; None where that can't be.
    """
    first, seed = draws[0], draws[0].spec.seed
    right, wrong = controls_of(metric)
    wrong = wrong or STRONGEST_NOISE.label(right)
    embeddings = first.embeddings[right]
    reference = embeddings.reference(metric)
    batches = {label: embeddings.batch(metric, label) for label in embeddings.present}
    controls = {label: batches[label] for label in first.controls}
    groups = first.groups
    evaluation = evaluate(metric, controls, reference, groups.sources, groups.sounds, seed)
    failure = cannot_tell(metric, evaluation)
    apart = _separation(metric, batches[right], batches[wrong], reference, groups, seed)
    difference = evaluation.differences.get((right, wrong))
    state = _state(bool(failure), difference is not None and difference.ci_low is not None, apart)
    value = evaluation.values[right]
    return MetricCheck(
        record=metric_record(metric, failure),
        right=right,
        wrong=wrong,
        ci_low=value.ci_low,
        ci_high=value.ci_high,
        state=state,
        values={label: _known(_value(metric, batch, reference)) for label, batch in batches.items() if label in (*controls, wrong)},
        separation=apart,
        responses=_responses(metric, batches, (right, wrong), reference, groups, seed, state),
        spread=_spread(metric, right, draws),
        bf16_shift={label: _shift(metric, label, batches[label], reference, rounded) for label in (right, wrong)},
    )


def _state(failed: bool, compared: bool, apart: Separation) -> State:
    """By the difference where it has an interval (``compared``), and by the AUC where that has one."""
    if (compared and failed) or apart.fails:
        return "fails"
    return "works" if compared or apart.ci_low is not None else "unknown"


def _value(metric: Metric, batch: Batch, reference: Reference | None) -> float:
    """A method's value; NaN where nothing is scored."""
    if isinstance(metric, PairMetric):
        scores = metric.score(batch, reference)
        scored = scores[np.isfinite(scores)]
        return float(scored.mean()) if scored.size else float("nan")
    if isinstance(metric, SetMetric) and reference is not None:
        return float(metric.compute(metric.update(batch), reference))
    raise ValueError(f"metric {metric.name} has neither score nor update, merge and compute")


def _shift(metric: Metric, label: str, exact: Batch, reference: Reference | None, rounded: RunEmbeddings | None) -> float | None:
    if rounded is None or label not in rounded.present:
        return None
    return _known(_value(metric, rounded.batch(metric, label), rounded.reference(metric)) - _value(metric, exact, reference))


def _separation(metric: Metric, right: Batch, wrong: Batch, reference: Reference | None, groups: Groups, seed: int) -> Separation:
    sign = 1.0 if metric.higher_is_better else -1.0
    if isinstance(metric, PairMetric):
        return separation(sign * metric.score(right, reference), sign * metric.score(wrong, reference), groups, "pairs")
    by_class = isinstance(metric, HasClassValues)
    labels = right.labels if by_class else np.zeros_like(right.labels)
    parts = blocks(labels, BLOCK_CLASS if by_class else BLOCK_PAIRS, MOST_BLOCKS, seed)
    first, second = (np.array([sign * _value(metric, batch.take(rows), reference) for rows in parts]) for batch in (right, wrong))
    numbers = np.arange(len(parts))
    return separation(first, second, Groups(numbers, numbers), "blocks")


def _responses(
    metric: Metric,
    batches: Mapping[str, Batch],
    controls: tuple[str, str],
    reference: Reference | None,
    groups: Groups,
    seed: int,
    state: State,
) -> tuple[Response, ...]:
    """Damaged images, and right ones of which a share is exchanged for those of another class."""
    right, shuffled = batches[controls[0]], batches[SHUFFLED]
    base = _value(metric, right, reference)
    way = _value(metric, batches[controls[1]], reference) - base
    order = np.random.default_rng(seed).permutation(len(right.labels))
    cases = [(damage.kind, damage.strength, batches[damage.label(controls[0])]) for damage in DAMAGES]
    for share in (*WRONG_SHARES, 1.0):
        exchanged = np.isin(np.arange(len(order)), order[: round(share * len(order))])
        mixed = replace(right, outputs=np.where(exchanged[:, None], shuffled.outputs, right.outputs))
        cases.append(("wrong class", f"{share:.0%} of the images", mixed))
    found = []
    for kind, strength, batch in cases:
        value = _value(metric, batch, reference)
        low, high = _interval(metric, batch, right, reference, groups, seed)
        change = value - base
        part = _known(change / way) if state == "works" and way else None
        found.append(Response(kind, strength, _known(value), _known(change), low, high, part))
    return tuple(found)


def _interval(
    metric: Metric, batch: Batch, right: Batch, reference: Reference | None, groups: Groups, seed: int
) -> tuple[float | None, float | None]:
    if not isinstance(metric, PairMetric):
        return None, None
    column = metric.score(batch, reference) - metric.score(right, reference)
    interval = two_way_intervals(column[:, None], groups, seed)[0]
    return interval.low, interval.high


def _spread(metric: Metric, right: str, draws: Sequence[Drawn]) -> Spread:
    values = []
    for draw in draws:
        embeddings = draw.embeddings[right]
        values.append(_value(metric, embeddings.batch(metric, right), embeddings.reference(metric)))
    finite = [value for value in values if np.isfinite(value)]
    return Spread(tuple(map(_known, values)), float(np.std(finite, ddof=1)) if len(finite) > 1 else None)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
