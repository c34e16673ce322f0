"""The main path of a sweep: a finished run opened again, changed sounds, pictures, scores, trends."""

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adis_bench.contenders import Contender, contenders_of
from adis_bench.datasets.pairs import pairs_digest, read_pairs
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.environment import git_state, set_threads, versions
from adis_bench.errors import AdisBenchError, ConfigError, DataError, IncompleteRunError, is_storage_error
from adis_bench.extractors.protocol import Extractor
from adis_bench.files import digest_json
from adis_bench.pipeline import PAIRS_NAME, open_dataset, prepared_extractors
from adis_bench.printable import printable
from adis_bench.progress import say
from adis_bench.registry import unknown
from adis_bench.results import MethodRecord, Results, read_results
from adis_bench.scoring import metrics_of
from adis_bench.spec import RunSpec, read_spec, resolve_device
from adis_bench.sweeps.choice import chosen_pairs, second_sounds, shown_pairs
from adis_bench.sweeps.making import VERSION, Made, Task, make, not_asked
from adis_bench.sweeps.records import (
    SCHEMA_VERSION,
    Kind,
    Step,
    Sweep,
    SweptMethod,
    SweptPair,
    record_path,
)
from adis_bench.sweeps.request import Request
from adis_bench.sweeps.scoring import DISTANCE, Scorer, swept_metric, usable
from adis_bench.sweeps.storing import forget, in_short, read_sweep, write_sweep

_STATISTICS = 2
"""Raised when the same scores give other numbers: a finished sweep is then scored anew, and its pictures stay."""
CONTROL = "identity"
"""The control of every sweep: its pictures never change, and nothing that is said of it may look like an effect."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What all sweeps of a call rest on; ``asked`` are the methods that were asked for, the control last."""

    run_dir: Path
    spec: RunSpec
    results: Results
    asked: tuple[MethodRecord, ...]
    request: Request
    seed: int
    command: str
    started: float

    def digest(self, kind: Kind) -> str:
        """Of everything that determines a sweep's numbers."""
        results, request = self.results, self.request
        return digest_json(
            [
                [
                    SCHEMA_VERSION,
                    VERSION,
                    _STATISTICS,
                    kind,
                    [step.value for step in request.steps[kind]],
                    request.n_pairs,
                    self.seed,
                    request.reading,
                ],
                [
                    results.dataset.digest,
                    results.pairs.digest,
                    results.protocol_digest,
                    results.resolution,
                    self.spec.device,
                    self.spec.precision,
                ],
                [[extractor.name, extractor.digest] for extractor in results.extractors],
                [[method.label, method.provenance.get("digest", ""), method.n_outputs] for method in self.asked],
            ]
        )


def sweep(run_dir: Path, request: Request, command: str) -> tuple[Sweep, ...]:
    """Make the sweeps that are asked for; those that are there already are read, and one that was cut short goes on.

    A sweep takes the place of an earlier one of its kind, which is told on stderr; pictures that nothing names any more go with it.

    Raises:
        IncompleteRunError: there is no finished run.
        ConfigError: unknown methods, or a device that is not there.
        DataError: the run's dataset, pairs or judge are not those of its results, or a file is damaged.
    """
    facts = _facts(run_dir.expanduser().resolve(), request, command)
    known = {kind: there for kind in request.steps if (there := _readable(facts.run_dir, kind)) is not None}
    found = {kind: there for kind, there in known.items() if there.request == facts.digest(kind)}
    for kind, other in known.items():
        if kind not in found:
            say(f"{printable(str(record_path(facts.run_dir, kind)))} is replaced; it holds another sweep: {in_short(other)}")
    missing = [kind for kind in request.steps if kind not in found or any(m.state == "failed" for m in found[kind].methods)]
    if missing:
        found |= _made(facts, missing, known)
    return tuple(found[kind] for kind in request.steps)


def raise_failures(sweeps: Sequence[Sweep]) -> None:
    """Raise if a method failed.

    Raises:
        AdisBenchError: the first reason of each.
    """
    failed = {method.label: method.reason for one in sweeps for method in one.methods if method.state == "failed"}
    if failed:
        what = "; ".join(f"{label}: {reason}" for label, reason in failed.items())
        raise AdisBenchError(f"{len(failed)} methods failed, the others were swept: {what}")


def _facts(run_dir: Path, request: Request, command: str) -> Facts:
    started = time.monotonic()
    spec, results = read_spec(run_dir), read_results(run_dir)
    if request.device is not None:
        spec = spec.model_copy(update={"device": resolve_device(request.device)})
    records = {method.label: method for method in results.methods}
    if strange := [label for label in request.methods if label not in records]:
        raise ConfigError(f"--methods: {unknown('method', strange[0], list(records))} (labels of the run {run_dir})")
    labels = request.methods or tuple(label for label, method in records.items() if not method.control)
    asked = [records[label] for label in dict.fromkeys((*labels, CONTROL)) if label in records]
    seed = results.seed if request.seed is None else request.seed
    return Facts(run_dir, spec, results, tuple(asked), request, seed, command, started)


def _readable(run_dir: Path, kind: Kind) -> Sweep | None:
    try:
        return read_sweep(run_dir, kind)
    except DataError as error:
        say(f"{error}; it is made anew now")
        return None


def _made(facts: Facts, kinds: Sequence[Kind], known: Mapping[Kind, Sweep]) -> dict[Kind, Sweep]:
    """Sweeps of these kinds, each written in the place of the one that is known, if any."""
    threads = set_threads()
    dataset, pairs = _opened(facts)
    tasks = {kind: _task(facts, kind, dataset, pairs) for kind in kinds}
    methods = _all_pictures(facts, dataset, pairs, tasks)
    extractors = _extractors(facts, dataset, kinds)
    found = {}
    for kind, task in tasks.items():
        found[kind] = _scored(facts, task, dataset, extractors, methods[kind], threads)
        write_sweep(facts.run_dir, found[kind])
        shutil.rmtree(task.files, ignore_errors=True)
        if kind in known:
            forget(facts.run_dir, known[kind], found[kind])
    return found


def _opened(facts: Facts) -> tuple[Dataset, tuple[Pair, ...]]:
    """Dataset and pairs of the run, if they are still those of its results."""
    dataset = open_dataset(facts.spec)
    pairs = read_pairs(facts.run_dir / PAIRS_NAME, dataset)
    if dataset.digest != facts.results.dataset.digest or pairs_digest(pairs) != facts.results.pairs.digest:
        raise DataError(f"the dataset or the pairs of {facts.run_dir} have changed since its results; run the same `adis-bench run` again")
    return dataset, pairs


def _task(facts: Facts, kind: Kind, dataset: Dataset, pairs: Sequence[Pair]) -> Task:
    chosen = chosen_pairs(pairs, facts.request.n_pairs, facts.seed)
    if len(chosen) < facts.request.n_pairs:
        say(f"the run has {len(chosen)} pairs, not the {facts.request.n_pairs} of --pairs: all are swept")
    others = second_sounds(chosen, dataset, facts.seed) if kind == "mix" else []
    steps: tuple[Step, ...] = facts.request.steps[kind]
    return Task(facts.run_dir, kind, steps, tuple(chosen), tuple(others), tuple(shown_pairs(chosen)), facts.spec.resolution)


def _all_pictures(facts: Facts, dataset: Dataset, pairs: Sequence[Pair], tasks: Mapping[Kind, Task]) -> dict[Kind, list[SweptMethod]]:
    """Every method at every step; one that fails is recorded, and the others go on."""
    labels = {method.label for method in facts.asked}
    spec = facts.spec.model_copy(update={"methods": tuple(m for m in facts.spec.methods if m.label in labels)})
    contenders = {contender.label: contender for contender in contenders_of(spec, dataset, pairs)}
    found: dict[Kind, list[SweptMethod]] = {kind: [] for kind in tasks}
    for record in facts.asked:
        for kind, method in _pictures(facts, dataset, record, contenders.get(record.label), tasks).items():
            found[kind].append(method)
    return found


def _pictures(
    facts: Facts, dataset: Dataset, record: MethodRecord, contender: Contender | None, tasks: Mapping[Kind, Task]
) -> dict[Kind, SweptMethod]:
    digest = str(record.provenance.get("digest", ""))
    plain = SweptMethod(record.label, record.name, record.control, record.conditions_on, digest, "swept")
    if contender is None or not record.n_outputs:
        return {kind: replace(plain, state="not asked", reason="has no outputs in the run") for kind in tasks}
    if reason := not_asked(contender.method, facts.request):
        return {kind: replace(plain, state="not asked", reason=reason) for kind in tasks}
    try:
        _fit(facts, dataset, contender, digest)
        made = {kind: make(contender, task, facts.request) for kind, task in tasks.items()}
    except Exception as error:  # a method may fail in any way; the others must not be lost with it
        if is_storage_error(error):
            raise
        said = str(error) if isinstance(error, AdisBenchError) else f"{type(error).__name__}: {error}"
        say(f"{record.label} failed, the others go on: {said}")
        return {kind: replace(plain, state="failed", reason=said) for kind in tasks}
    return {kind: _told(plain, one) for kind, one in made.items()}


def _told(plain: SweptMethod, made: Made) -> SweptMethod:
    return replace(plain, reading=made.reading, warning=made.warning, n_over_full_scale=made.n_over_full_scale)


def _fit(facts: Facts, dataset: Dataset, contender: Contender, digest: str) -> None:
    """Find the run's model again; another one than that of the run's outputs is refused."""
    work_dir = facts.run_dir / "work" / contender.label
    work_dir.mkdir(parents=True, exist_ok=True)
    contender.method.fit(dataset.split("train"), work_dir)
    if (found := contender.method.provenance().get("digest")) != digest:
        raise IncompleteRunError(
            f"its model (digest {str(found)[:12]}) is not the one that made the run's outputs ({digest[:12]}); "
            "run the same `adis-bench run` again"
        )


def _extractors(facts: Facts, dataset: Dataset, kinds: Sequence[Kind]) -> dict[str, Extractor]:
    """The extractors that the sweeps' metrics need, if they are still those of the run."""
    spec = facts.spec
    metrics = [metric for kind in kinds for metric in usable(metrics_of(spec, dataset), kind)[0]]
    needed = {metric.image_extractor for metric in metrics} | {metric.audio_extractor for metric in metrics}
    names = tuple(name for name in spec.extractors if name in needed)
    extractors = prepared_extractors(spec.model_copy(update={"extractors": names}), dataset)
    known = {record.name: record.digest for record in facts.results.extractors}
    if other := [name for name, extractor in extractors.items() if extractor.digest != known.get(name)]:
        raise IncompleteRunError(
            f"{len(other)} extractors are not those of the scores in {facts.run_dir}, first: {other[0]}; "
            f"score the run again with `adis-bench score {facts.run_dir}`"
        )
    return extractors


def _scored(
    facts: Facts, task: Task, dataset: Dataset, extractors: Mapping[str, Extractor], methods: Sequence[SweptMethod], threads: int
) -> Sweep:
    metrics, left_out = usable(metrics_of(facts.spec, dataset), task.kind)
    labels = [method.label for method in methods if method.state == "swept"]
    scorer = Scorer(task, dataset, extractors, metrics, facts.seed)
    tied = {label: scorer.tied(label) for label in labels}
    curves = scorer.curves(tied)
    results, git = facts.results, git_state()
    mixed = task.others or (None,) * len(task.pairs)
    return Sweep(
        schema_version=SCHEMA_VERSION,
        kind=task.kind,
        request=facts.digest(task.kind),
        dataset_digest=results.dataset.digest,
        pairs_digest=results.pairs.digest,
        swept_digest=pairs_digest(task.pairs),
        protocol=results.protocol,
        protocol_digest=results.protocol_digest,
        resolution=task.resolution,
        extractors={name: extractor.digest for name, extractor in extractors.items()},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=facts.command,
        seed=facts.seed,
        device=facts.spec.device,
        precision=facts.spec.precision,
        threads=threads,
        versions=versions(),
        git_commit=git.commit,
        git_dirty=git.dirty,
        steps=task.steps,
        pairs=tuple(
            SweptPair(p.pair_id, p.source.label, p.target.label, other.segment_id if other else None, other.label if other else None)
            for p, other in zip(task.pairs, mixed, strict=True)
        ),
        shown=tuple(pair.pair_id for pair in task.shown),
        metrics=(*(swept_metric(metric, results) for metric in metrics), DISTANCE),
        left_out=left_out,
        methods=tuple(replace(m, curves=curves[m.label], n_unmoved=_unmoved(tied[m.label])) if m.label in tied else m for m in methods),
        seconds=round(time.monotonic() - facts.started, 3),
    )


def _unmoved(tied: NDArray[np.int64]) -> int:
    """Pairs whose steps all have the first one's scores."""
    return int((tied == 0).all(axis=1).sum())
