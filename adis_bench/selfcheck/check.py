"""The self-check: every metric of a protocol on real images that are right, wrong, damaged, and drawn anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from adis_bench.caveats import extractor_caveats
from adis_bench.contenders import contenders_of, make_outputs
from adis_bench.datasets.media import read_image, write_png
from adis_bench.datasets.pairs import pairs_digest
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.embedding import RunEmbeddings
from adis_bench.environment import set_threads, versions
from adis_bench.errors import ConfigError
from adis_bench.extractors.protocol import Extractor
from adis_bench.files import make_folder
from adis_bench.metrics.evaluate import cannot_tell, evaluate
from adis_bench.metrics.protocol import Batch, HasClassValues, Metric, PairMetric, Reference, SetMetric
from adis_bench.outputs import OutputFolder
from adis_bench.pipeline import fixed_pairs, made_pairs, open_dataset, prepared_extractors
from adis_bench.progress import bar, say
from adis_bench.scoring import metric_record, metrics_of, numbered
from adis_bench.seeding import generator
from adis_bench.selfcheck.damage import DAMAGES, WRONG_SHARES
from adis_bench.selfcheck.records import SCHEMA_VERSION, MetricCheck, Response, SelfCheck, Spread, write_check
from adis_bench.selfcheck.separation import Separation, blocks, separation
from adis_bench.spec import ORACLE, TARGET, RunSpec
from adis_bench.statistics.bootstrap import two_way_intervals
from adis_bench.statistics.records import Groups

SHUFFLED, IDENTITY = "shuffled", "identity"
BLOCK_CLASS, BLOCK_PAIRS, MOST_BLOCKS = 5, 40, 20
"""A set metric's values come from blocks: at least so many pairs of each class where it scores by class, or so many in all."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One draw of pairs with the images that the check needs, embedded."""

    spec: RunSpec
    pairs: tuple[Pair, ...]
    embeddings: RunEmbeddings

    @property
    def groups(self) -> Groups:
        """What was sampled together."""
        return Groups(numbered([p.source_group for p in self.pairs]), numbered([p.target.audio_group for p in self.pairs]))


def check_metrics(spec: RunSpec, n_seeds: int, command: str) -> SelfCheck:
    """Check all metrics of a protocol on a dataset, and write ``metric_check.json`` into the run's folder.

    Args:
        spec: as of a run without methods.
        n_seeds: draws of the pairs, from the spec's seed on.
        command: what the user typed.
    """
    make_folder(spec.out)
    set_threads()
    dataset = open_dataset(spec)
    fixed_pairs(spec, dataset)
    extractors = prepared_extractors(spec, dataset)
    metrics = metrics_of(spec, dataset)
    draws = [_drawn(spec, seed, dataset, extractors, metrics) for seed in range(spec.seed, spec.seed + n_seeds)]
    rounded = _in_bf16(draws[0], dataset, metrics)
    check = SelfCheck(
        schema_version=SCHEMA_VERSION,
        dataset=dataset.name,
        dataset_digest=dataset.digest,
        pairs_digest=pairs_digest(draws[0].pairs),
        protocol=spec.protocol,
        preset=spec.preset,
        seeds=tuple(draw.spec.seed for draw in draws),
        n_pairs=len(draws[0].pairs),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        versions=versions(),
        warnings=extractor_caveats(extractors),
        metrics=tuple(_check(metric, draws, rounded) for metric in metrics),
    )
    write_check(spec.out, check)
    return check


def _drawn(spec: RunSpec, seed: int, dataset: Dataset, extractors: Mapping[str, Extractor], metrics: Sequence[Metric]) -> _Drawn:
    """Pairs of a seed with their controls; the first seed's with the damaged images as well."""
    first = seed == spec.seed
    drawn = spec.model_copy(update={"seed": seed, "methods": (), "out": spec.out if first else spec.out / "seeds" / str(seed)})
    pairs = made_pairs(drawn, dataset)
    train = dataset.split("train")
    outputs = {}
    for contender in contenders_of(drawn, dataset, pairs):
        if first or contender.label in (TARGET, SHUFFLED, IDENTITY, ORACLE):
            make_outputs(contender, drawn, train, pairs)
            outputs[contender.label] = OutputFolder.of(drawn.out, contender.label)
    if first:
        outputs |= _damaged(drawn.out, outputs[TARGET], pairs)
    return _Drawn(drawn, pairs, RunEmbeddings(dataset, pairs, outputs, extractors, metrics, drawn.resolution))


def _damaged(out: Path, target: OutputFolder, pairs: Sequence[Pair]) -> dict[str, OutputFolder]:
    """The target's images with every damage, where they aren't there yet."""
    folders = {damage.label: OutputFolder.of(out, damage.label) for damage in DAMAGES}
    with bar("damaged images", len(pairs) * len(DAMAGES)) as running:
        for damage in DAMAGES:
            for pair in pairs:
                path = folders[damage.label].image_path(pair)
                if not path.is_file():
                    write_png(path, damage.apply(read_image(target.image_path(pair)), generator("damage", damage.label, pair.pair_id)))
                running.advance()
    return folders


def _in_bf16(drawn: _Drawn, dataset: Dataset, metrics: Sequence[Metric]) -> RunEmbeddings | None:
    """The right and the wrong images once more, by extractors that compute in bf16; None where a backend has none."""
    spec = drawn.spec.model_copy(update={"precision": "bf16"})
    outputs = {label: OutputFolder.of(spec.out, label) for label in (TARGET, SHUFFLED, ORACLE) if label in drawn.embeddings.present}
    try:
        extractors = prepared_extractors(spec, dataset)
    except ConfigError as error:
        say(f"no shift in bf16 is measured: {error}")
        return None
    return RunEmbeddings(dataset, drawn.pairs, outputs, extractors, metrics, spec.resolution)


def _shift(metric: Metric, label: str, exact: Batch, reference: Reference | None, rounded: RunEmbeddings | None) -> float | None:
    if rounded is None:
        return None
    return _known(_value(metric, rounded.batch(metric, label), rounded.reference(metric)) - _value(metric, exact, reference))


def _check(metric: Metric, draws: Sequence[_Drawn], rounded: RunEmbeddings | None) -> MetricCheck:
    first = draws[0]
    reference = first.embeddings.reference(metric)
    batches = {label: first.embeddings.batch(metric, label) for label in first.embeddings.present}
    groups = first.groups
    damaged = {damage.label for damage in DAMAGES}
    controls = {label: batch for label, batch in batches.items() if label not in damaged}
    evaluation = evaluate(metric, controls, reference, groups.sources, groups.sounds, first.spec.seed)
    right = IDENTITY if "source" in metric.needs else TARGET
    apart = _separation(metric, batches[right], batches[SHUFFLED], reference, groups, first.spec.seed)
    return MetricCheck(
        record=metric_record(metric, cannot_tell(metric, evaluation)),
        right=right,
        values={label: value.value for label, value in evaluation.values.items()},
        separation=apart,
        responses=_responses(metric, batches, reference, groups, first.spec.seed),
        spread=_spread(metric, draws),
        bf16_shift={label: _shift(metric, label, batches[label], reference, rounded) for label in (TARGET, SHUFFLED)},
    )


def _value(metric: Metric, batch: Batch, reference: Reference | None) -> float:
    """A method's value; NaN where nothing is scored."""
    if isinstance(metric, PairMetric):
        scores = metric.score(batch, reference)
        scored = scores[np.isfinite(scores)]
        return float(scored.mean()) if scored.size else float("nan")
    if isinstance(metric, SetMetric) and reference is not None:
        return float(metric.compute(metric.update(batch), reference))
    raise ValueError(f"metric {metric.name} has neither score nor update, merge and compute")


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
    metric: Metric, batches: Mapping[str, Batch], reference: Reference | None, groups: Groups, seed: int
) -> tuple[Response, ...]:
    """Damaged images, and right ones of which a share is exchanged for wrong ones."""
    right, wrong = batches[TARGET], batches[SHUFFLED]
    base = _value(metric, right, reference)
    way = _value(metric, wrong, reference) - base
    order = np.random.default_rng(seed).permutation(len(right.labels))
    cases = [(damage.kind, damage.strength, batches[damage.label]) for damage in DAMAGES]
    for share in (*WRONG_SHARES, 1.0):
        exchanged = np.isin(np.arange(len(order)), order[: round(share * len(order))])
        mixed = replace(right, outputs=np.where(exchanged[:, None], wrong.outputs, right.outputs))
        cases.append(("wrong class", f"{share:.0%} of the images", mixed))
    found = []
    for kind, strength, batch in cases:
        value = _value(metric, batch, reference)
        low, high = _interval(metric, batch, right, reference, groups, seed)
        change = value - base
        found.append(Response(kind, strength, _known(value), _known(change), low, high, _known(change / way) if way else None))
    return tuple(found)


def _interval(
    metric: Metric, batch: Batch, right: Batch, reference: Reference | None, groups: Groups, seed: int
) -> tuple[float | None, float | None]:
    if not isinstance(metric, PairMetric):
        return None, None
    column = metric.score(batch, reference) - metric.score(right, reference)
    interval = two_way_intervals(column[:, None], groups, seed)[0]
    return interval.low, interval.high


def _spread(metric: Metric, draws: Sequence[_Drawn]) -> Spread:
    found: dict[str, list[float]] = {TARGET: [], SHUFFLED: []}
    for draw in draws:
        reference = draw.embeddings.reference(metric)
        for label, values in found.items():
            values.append(_value(metric, draw.embeddings.batch(metric, label), reference))
    finite = [value for value in found[TARGET] if np.isfinite(value)]
    deviation = float(np.std(finite, ddof=1)) if len(finite) > 1 else None
    return Spread(tuple(map(_known, found[TARGET])), tuple(map(_known, found[SHUFFLED])), deviation)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
