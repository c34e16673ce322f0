"""Puts together ``results.json``: scores with everything that they rest on."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from adis_bench.caveats import caveats, extractor_caveats, judge_caveats, trunk_caveats
from adis_bench.datasets.class_pairs import sides_of
from adis_bench.datasets.pairs import pairs_digest
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.environment import git_state, versions
from adis_bench.extractors.l3 import RetrievalAccuracy
from adis_bench.extractors.protocol import Extractor
from adis_bench.results import (
    REPORT_NAME,
    SCHEMA_VERSION,
    ClassPairs,
    DatasetRecord,
    ExtractorRecord,
    MethodRecord,
    PairsRecord,
    Results,
)
from adis_bench.scoring import Scored
from adis_bench.spec import RunSpec, protocol_digest


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall-clock seconds by phase."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure a phase."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(time.monotonic() - started, 3)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What all outputs and scores of a run rest on."""

    spec: RunSpec
    dataset: Dataset
    pairs: tuple[Pair, ...]
    extractors: Mapping[str, Extractor]
    clock: Clock
    command: str
    threads: int


def assemble(
    facts: RunFacts, methods: Sequence[MethodRecord], scored: Scored, accuracy: RetrievalAccuracy | None, failures: Mapping[str, str]
) -> Results:
    """The results of a run; ``accuracy`` is the judge's, ``failures`` holds what each failed method said."""
    spec, git = facts.spec, git_state()
    pairs = pairs_record(facts.dataset, facts.pairs)
    return Results(
        schema_version=SCHEMA_VERSION,
        run=str(spec.out),
        report=str(spec.out / REPORT_NAME),
        protocol=spec.protocol,
        protocol_version=spec.protocol_version,
        protocol_digest=protocol_digest(spec),
        preset=spec.preset,
        seed=spec.seed,
        resolution=spec.resolution,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=facts.command,
        device=spec.device,
        precision=spec.precision,
        threads=facts.threads,
        versions=versions(),
        git_commit=git.commit,
        git_dirty=git.dirty,
        dataset=_dataset_record(facts.dataset),
        pairs=pairs,
        methods=tuple(methods),
        extractors=tuple(_extractor_record(name, extractor, facts, accuracy) for name, extractor in facts.extractors.items()),
        metrics=scored.metrics,
        scores=scored.scores,
        differences=scored.differences,
        class_scores=scored.class_scores,
        warnings=(
            *caveats(facts.dataset, pairs, spec.n_pairs, methods, failures),
            *judge_caveats(accuracy, has_judge=spec.judge is not None),
            *trunk_caveats(facts.extractors),
            *extractor_caveats(facts.extractors),
            *(f"{sentence.rstrip('.')}." for sentence in scored.blind),
        ),
        seconds=dict(facts.clock.seconds),
        size_curves=scored.size_curves,
    )


def _extractor_record(name: str, extractor: Extractor, facts: RunFacts, accuracy: RetrievalAccuracy | None) -> ExtractorRecord:
    said = dict(extractor.facts())
    if accuracy is not None and name in (facts.spec.judge or ()):
        said["retrieval_accuracy_on_test"] = asdict(accuracy)
    return ExtractorRecord(name, extractor.description, extractor.digest, said)


def _dataset_record(dataset: Dataset) -> DatasetRecord:
    return DatasetRecord(
        name=dataset.name,
        path=str(dataset.root),
        digest=dataset.digest,
        recipe=dict(dataset.recipe),
        pairing=dataset.pairing,
        displays=dict(dataset.displays),
        not_evaluated=dict(dataset.not_evaluated),
        notes=dict(dataset.notes),
        n_segments={name: len(dataset.split(name).segments) for name in ("train", "judge", "test")},
    )


def pairs_record(dataset: Dataset, pairs: Sequence[Pair]) -> PairsRecord:
    """A pair list in numbers."""
    possible = sides_of(dataset.split("test")).n_class_pairs
    return PairsRecord(
        n=len(pairs),
        digest=pairs_digest(pairs),
        n_source_groups=len({pair.source_group for pair in pairs}),
        n_sound_groups=len({pair.target.audio_group for pair in pairs}),
        class_pairs=ClassPairs(len({(pair.source.label, pair.target.label) for pair in pairs}), possible),
    )
