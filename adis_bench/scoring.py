"""From outputs on disk to scores: embeddings, metrics, and the rows that results hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adis_bench.contenders import has_exact_answers
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.embedding import RunEmbeddings
from adis_bench.errors import ConfigError
from adis_bench.extractors.protocol import Extractor
from adis_bench.metrics.evaluate import Evaluation, evaluate
from adis_bench.metrics.protocol import Bias, Metric, PairMetric, Reference, Value
from adis_bench.metrics.trust import cannot_tell, controls_of, too_few
from adis_bench.outputs import OutputFolder
from adis_bench.registry import load
from adis_bench.results import ClassScore, Difference, MethodRecord, MetricRecord, PairScore, Score, SizeCurve
from adis_bench.results.per_pair import NO_OUTPUT
from adis_bench.results.recomputed import difference_of
from adis_bench.spec import RunSpec


@dataclass(frozen=True, slots=True)
class Scored:
    """All rows of a run's scores.

    Attributes:
        blind: sentences about metrics that can't tell the target from chance on these pairs, or rest on too few.
    """

    metrics: tuple[MetricRecord, ...]
    scores: tuple[Score, ...]
    differences: tuple[Difference, ...]
    class_scores: tuple[ClassScore, ...]
    per_pair: tuple[PairScore, ...]
    size_curves: tuple[SizeCurve, ...]
    blind: tuple[str, ...]


def metrics_of(spec: RunSpec, dataset: Dataset) -> list[Metric]:
    """The protocol's metrics that this dataset allows: those that need exact answers only where they exist.

    Raises:
        ConfigError: a metric asks for an extractor that the protocol does not name.
    """
    metrics: list[Metric] = [load("metrics", name)() for name in spec.metrics]
    for metric in metrics:
        lacking = {metric.image_extractor, metric.audio_extractor} - {None, *spec.extractors}
        if lacking:
            raise ConfigError(
                f"metric {metric.name!r} needs extractor {', '.join(map(str, lacking))}, which protocol {spec.protocol!r} does not name"
            )
    return [metric for metric in metrics if "oracle" not in metric.needs or has_exact_answers(dataset)]


def embed(
    spec: RunSpec,
    dataset: Dataset,
    pairs: Sequence[Pair],
    extractors: Mapping[str, Extractor],
    metrics: Sequence[Metric],
    methods: Sequence[MethodRecord],
) -> RunEmbeddings:
    """Embed everything that the metrics need; methods without any output are left out."""
    outputs = {method.label: OutputFolder.of(spec.out, method.label) for method in methods if method.n_outputs}
    return RunEmbeddings(dataset, pairs, outputs, extractors, metrics, spec.resolution)


def score_all(
    spec: RunSpec,
    dataset: Dataset,
    pairs: Sequence[Pair],
    embeddings: RunEmbeddings,
    metrics: Sequence[Metric],
    methods: Sequence[MethodRecord],
) -> Scored:
    """Score every method with every metric."""
    sources = numbered([pair.source_group for pair in pairs])
    sounds = numbered([pair.target.audio_group for pair in pairs])
    not_asked = {method.label: method.not_asked for method in methods}
    scores: list[Score] = []
    differences: list[Difference] = []
    class_scores: list[ClassScore] = []
    per_pair: list[PairScore] = []
    curves: list[SizeCurve] = []
    records: list[MetricRecord] = []
    blind: list[str] = []
    for metric in metrics:
        batches = {label: embeddings.batch(metric, label) for label in embeddings.present}
        reference = embeddings.reference(metric)
        evaluation = evaluate(metric, batches, reference, sources, sounds, spec.seed)
        scores += [_score(metric, method, evaluation) for method in methods]
        differences += _differences(metric, evaluation)
        class_scores += _class_scores(metric, evaluation, dataset)
        per_pair += _per_pair(metric, evaluation, pairs, embeddings)
        curves += [_size_curve(metric, method, bias) for method, bias in evaluation.biases.items()]
        # On its own a secondary metric's failure would crowd out what matters; the tables mark it.
        failure = cannot_tell(metric, evaluation, not_asked)
        records.append(metric_record(metric, failure, reference))
        blind += filter(None, [failure if metric.beside is None else "", too_few(metric, evaluation) if metric.beside is None else ""])
    return Scored(
        metrics=tuple(records),
        scores=tuple(scores),
        differences=tuple(differences),
        class_scores=tuple(class_scores),
        per_pair=tuple(per_pair),
        size_curves=tuple(curves),
        blind=tuple(blind),
    )


def numbered(names: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """int64 [n]: equal numbers for equal names."""
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _score(metric: Metric, method: MethodRecord, evaluation: Evaluation) -> Score:
    n_pairs = method.n_outputs + method.n_missing
    value = evaluation.values.get(method.label, Value(None, None, None, 0, n_pairs))
    reason = value.reason
    if method.n_missing and (value.value is not None or not method.n_outputs):
        # The metric only sees that there is nothing to score; why is known here.
        reason = method.not_asked or f"{method.n_missing} of {n_pairs} outputs are missing"
    return Score(method.label, metric.name, value.value, value.ci_low, value.ci_high, value.n, value.n_missing, reason or None)


def _differences(metric: Metric, evaluation: Evaluation) -> list[Difference]:
    return [difference_of(*names, metric.name, value) for names, value in evaluation.differences.items()]


def _size_curve(metric: Metric, method: str, bias: Bias) -> SizeCurve:
    return SizeCurve(method, metric.name, tuple((point.n, point.value) for point in bias.points), bias.extrapolated, bias.reason)


def _class_scores(metric: Metric, evaluation: Evaluation, dataset: Dataset) -> list[ClassScore]:
    return [
        ClassScore(method, metric.name, dataset.labels[value.label], value.value, value.n)
        for method, values in evaluation.class_values.items()
        for value in values
    ]


def _per_pair(metric: Metric, evaluation: Evaluation, pairs: Sequence[Pair], embeddings: RunEmbeddings) -> list[PairScore]:
    rows = []
    for method, values in evaluation.pair_scores.items():
        for pair, value, there in zip(pairs, values.tolist(), embeddings.present[method].tolist(), strict=True):
            scored = np.isfinite(value)
            reason = None if scored else NO_OUTPUT if not there else getattr(metric, "unscored_reason", "not scored")
            rows.append(PairScore(pair.pair_id, method, metric.name, value if scored else None, reason))
    return rows


def metric_record(metric: Metric, failure: str, reference: Reference | None = None) -> MetricRecord:
    """What a metric states, with why its numbers mean little here (empty where they do) and how many real frames it compares with."""
    lowest, highest = getattr(metric, "value_range", (None, None))
    return MetricRecord(
        name=metric.name,
        description=metric.description,
        source=metric.source,
        unit=metric.unit,
        higher_is_better=metric.higher_is_better,
        beside=metric.beside,
        image_extractor=metric.image_extractor,
        audio_extractor=metric.audio_extractor,
        kind="pair" if isinstance(metric, PairMetric) else "set",
        lowest=lowest if lowest is not None and np.isfinite(lowest) else None,
        highest=highest if highest is not None and np.isfinite(highest) else None,
        n_needed=getattr(metric, "n_needed", None),
        n_reference=_n_frames(reference) if metric.reference_split else None,
        failure=failure,
        checked_by=controls_of(metric),
    )


def _n_frames(reference: Reference | None) -> tuple[int, int] | None:
    """All frames, and the fewest that a class with any has."""
    if reference is None or not len(reference.images):
        return None
    counts = np.bincount(reference.image_labels)
    return len(reference.images), int(counts[counts > 0].min())
