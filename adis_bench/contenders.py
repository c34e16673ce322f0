"""The methods of a run, controls first: created, planned, fitted, and asked for their outputs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from adis_bench.configuration import settings_for
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import AdisBenchError, DataError, IncompleteRunError, is_storage_error
from adis_bench.files import digest_json
from adis_bench.methods.protocol import Method, MethodOptions, NeedsPairs
from adis_bench.outputs import Manifest, OutputFolder, generate, manifest_of
from adis_bench.registry import load
from adis_bench.results import MethodRecord
from adis_bench.spec import CONTROLS, ORACLE, TARGET, MethodSpec, RunSpec

_NO_PROVENANCE: dict[str, Any] = {"digest": "", "differences": []}
"""Of a method that never came to outputs."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A method of this run under its label; ``trained_on`` is the ``training_digest`` of the run's data."""

    label: str
    control: bool
    method: Method
    options: MethodOptions
    trained_on: str


@dataclass(frozen=True, slots=True)
class MethodFailure:
    """A method that could not be fitted or gave no usable outputs."""

    label: str
    message: str
    error: Exception


def has_exact_answers(dataset: Dataset) -> bool:
    """Whether every test segment tells its layout and style, so that the exact answer to a pair can be rendered."""
    test = dataset.split("test").segments
    return bool(test) and all("layout" in segment.details and "style" in segment.details for segment in test)


def training_digest(dataset: Dataset) -> str:
    """sha256 (hex) of what methods and judge are trained on; the pairs don't tell, they are of the test split alone."""
    return digest_json([dataset.split("train").digest, dataset.split("judge").digest])


def labelled_methods(spec: RunSpec, dataset: Dataset, pairs: Sequence[Pair]) -> list[tuple[MethodSpec, bool]]:
    """All methods of a run in display order, each with whether it is a control; controls without images are left out.

    ``target`` needs a frame of a target sound, ``retrieval`` training data, and ``shuffled`` either of them.
    """
    framed, trains = any(pair.target.has_frames for pair in pairs), bool(dataset.split("train").segments)
    has_images = {TARGET: framed, "retrieval": trains, "shuffled": framed or trains}
    controls = [name for name in CONTROLS if has_images.get(name, True)]
    controls += [ORACLE] if has_exact_answers(dataset) else []
    return [*((MethodSpec(label=name, name=name), True) for name in controls), *((method, False) for method in spec.methods)]


def askable(name: str, conditions_on: str, train: Dataset, pairs: Sequence[Pair]) -> tuple[Sequence[Pair], str]:
    """The pairs that a method can be asked for, and in words which ones it can't; the words are empty where it can do all.

    ``target`` can't show a frame that isn't there, and a method that is told the class only knows those that it has
    training segments of. Without any training data a finished model says itself which classes it knows.
    """
    known = {segment.label for segment in train.segments} or set(train.displays)
    if name == TARGET:
        kept, lacking = [pair for pair in pairs if pair.target.has_frames], "the target sound has no frame"
    elif conditions_on == "label":
        kept, lacking = [pair for pair in pairs if pair.target.label in known], "the training data has no such target class"
    else:
        return pairs, ""
    if len(kept) == len(pairs):
        return pairs, ""
    return kept, f"not asked for {len(pairs) - len(kept)} of {len(pairs)} pairs, where {lacking}"


def method_options(spec: RunSpec, method: MethodSpec) -> MethodOptions:
    """What a run creates a method with."""
    return MethodOptions(
        resolution=spec.resolution,
        seed=spec.seed if method.seed is None else method.seed,
        device=spec.device,
        precision=spec.precision,
        preset=spec.preset,
        settings=settings_for(spec.method_settings, method.name),
        variant=method.variant,
        retrain=spec.retrain,
    )


def contenders_of(spec: RunSpec, dataset: Dataset, pairs: Sequence[Pair]) -> list[Contender]:
    """Create every method and show it the pair list.

    Raises:
        AdisBenchError: unusable options or inputs of a method; nothing has been computed yet.
    """
    found = []
    train, trained_on = dataset.split("train"), training_digest(dataset)
    for method_spec, control in labelled_methods(spec, dataset, pairs):
        options = method_options(spec, method_spec)
        method: Method = load("methods", method_spec.name)(options)
        if isinstance(method, NeedsPairs):
            method.plan(askable(method_spec.name, method.conditions_on, train, pairs)[0])
        found.append(Contender(method_spec.label, control, method, options, trained_on))
    return found


def make_outputs(contender: Contender, spec: RunSpec, train: Dataset, pairs: Sequence[Pair]) -> tuple[MethodRecord, MethodFailure | None]:
    """Fit a method and make the outputs that are not there yet; its failure is returned, not raised.

    Raises:
        OSError: the run's folder or the cache cannot be written; every other method would fail as well.
    """
    method, label = contender.method, contender.label
    folder = OutputFolder.of(spec.out, label)
    failure = None
    provenance = dict(_NO_PROVENANCE)
    asked, not_asked = askable(method.name, method.conditions_on, train, pairs)
    work_dir = spec.out / "work" / label
    work_dir.mkdir(parents=True, exist_ok=True)
    try:
        if asked:  # else there is nothing to train it for
            method.fit(train, work_dir)
            manifest = replace(manifest_of(method, label, contender.options, contender.control), trained_on=contender.trained_on)
            provenance = dict(manifest.provenance)
            folder.begin(manifest)
            generate(method, label, folder, asked, spec.resolution)
    except Exception as error:  # a method may fail in any way; the others must not be lost with it
        if is_storage_error(error):
            raise
        failure = MethodFailure(label, _message(error, train), error)
    n_missing = len(pairs) if not asked or _is_outdated(folder, contender.trained_on) else len(folder.missing(pairs))
    record = MethodRecord(
        label=label,
        name=method.name,
        description=method.description,
        citation=method.citation,
        conditions_on=method.conditions_on,
        control=contender.control,
        provenance=provenance,
        n_outputs=len(pairs) - n_missing,
        n_missing=n_missing,
        not_asked=not_asked,
    )
    return record, failure


def saved_records(spec: RunSpec, dataset: Dataset, pairs: Sequence[Pair]) -> tuple[MethodRecord, ...]:
    """The methods of a run as their manifests tell, without loading any.

    Raises:
        IncompleteRunError: no method has outputs.
        DataError: a damaged manifest, or outputs of methods that were trained on other data.
    """
    records, outdated = [], []
    train, trained_on = dataset.split("train"), training_digest(dataset)
    for method_spec, control in labelled_methods(spec, dataset, pairs):
        folder = OutputFolder.of(spec.out, method_spec.label)
        manifest = folder.read_manifest()
        conditions_on = manifest.conditions_on if manifest else "unknown"
        asked, not_asked = askable(method_spec.name, conditions_on, train, pairs)
        n_missing = len(folder.missing(pairs)) if manifest and asked else len(pairs)
        if n_missing < len(pairs) and _is_of_other_training(manifest, trained_on):
            outdated.append(method_spec.label)
        records.append(
            MethodRecord(
                label=method_spec.label,
                name=method_spec.name,
                description=manifest.description if manifest else "",
                citation=manifest.citation if manifest else "",
                conditions_on=conditions_on,
                control=control,
                provenance=dict(manifest.provenance if manifest else _NO_PROVENANCE),
                n_outputs=len(pairs) - n_missing,
                n_missing=n_missing,
                not_asked=not_asked,
            )
        )
    if outdated:
        raise DataError(
            f"the training data has changed since {len(outdated)} of {len(records)} methods made their outputs in {spec.out}, "
            f"first: {outdated[0]}; run the same `adis-bench run` again: it trains anew"
        )
    if not any(record.n_outputs for record in records):
        raise IncompleteRunError(f"{spec.out} has no outputs yet; run the same `adis-bench run` again, it goes on where it was")
    return tuple(records)


def _is_of_other_training(manifest: Manifest | None, trained_on: str) -> bool:
    return manifest is not None and manifest.trained_on not in ("", trained_on)


def _is_outdated(folder: OutputFolder, trained_on: str) -> bool:
    """Whether outputs are left from other training data: those of a method that has failed since then."""
    try:
        return _is_of_other_training(folder.read_manifest(), trained_on)
    except DataError:
        return False


def _message(error: Exception, train: Dataset) -> str:
    said = str(error) if isinstance(error, AdisBenchError) else f"{type(error).__name__}: {error}"
    return said if train.segments else f"{said} ({train.root} has no training data: --train-data D gives some)"
