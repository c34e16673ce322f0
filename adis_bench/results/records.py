"""What a run was scored on, by and with, and the record of all of it; the docstrings are the schema's descriptions."""

from dataclasses import dataclass
from typing import Any, Literal

from adis_bench.results.fields import Count, Digest, Label, Name, Positive, Record, Seed, Whole
from adis_bench.results.numbers import ClassScore, Difference, Score, SizeCurve


@dataclass(frozen=True, slots=True)
class DatasetRecord(Record):
    """What was evaluated on.

    Attributes:
        name: of the dataset.
        path: of its folder, on the machine that scored.
        digest: sha256 of its index and media.
        recipe: what it was made by.
        pairing: ``recorded``, ``class`` where sounds and images were not recorded together, ``grid`` where they come from
            different sources and any image meets any sound.
        displays: what each class is called in tables, by label.
        not_evaluated: classes that have no pairs, with the reason, by label.
        notes: of the import; ``train_data`` in them is the dataset that methods and judge were trained on, where it is another one.
        n_segments: segments by split.
    """

    name: str
    path: str
    digest: Digest
    recipe: dict[str, Any]
    pairing: str
    displays: dict[str, str]
    not_evaluated: dict[str, str]
    notes: dict[str, Any]
    n_segments: dict[str, Count]


@dataclass(frozen=True, slots=True)
class ClassPairs(Record):
    """Ordered pairs of different classes: how many the pair list covers, of how many.

    Attributes:
        covered: ordered pairs of classes that occur.
        possible: that could.
    """

    covered: Count
    possible: Count


@dataclass(frozen=True, slots=True)
class PairsRecord(Record):
    """The pair list in numbers.

    Attributes:
        n: pairs.
        digest: sha256 of the list.
        n_source_groups: photographs or videos that source images come from; intervals resample them as a whole.
        n_sound_groups: recordings that target sounds come from; likewise.
        class_pairs: ordered pairs of different classes.
    """

    n: Count
    digest: Digest
    n_source_groups: Count
    n_sound_groups: Count
    class_pairs: ClassPairs


@dataclass(frozen=True, slots=True)
class MethodRecord(Record):
    """A control or a method; ``provenance['differences']`` lists departures from the published method.

    Attributes:
        label: its name in this run.
        name: the plug-in's.
        description: what it does, in a sentence.
        citation: of the published method; empty where there is none.
        conditions_on: what it is given beside the source image: ``sound``, ``label``, ``nothing``.
        control: whether it is a control, and no method under test.
        provenance: what its outputs were made by; ``digest`` is a key of all of it.
        n_outputs: pairs with an output.
        n_missing: pairs without an output.
        not_asked: which of these it could not be asked for, in words (their target has no frame to show, say); empty where none.
    """

    label: Label
    name: str
    description: str
    citation: str
    conditions_on: str
    control: bool
    provenance: dict[str, Any]
    n_outputs: Count
    n_missing: Count
    not_asked: str = ""


@dataclass(frozen=True, slots=True)
class ExtractorRecord(Record):
    """A frozen network with what it says of itself.

    Attributes:
        name: the plug-in's.
        description: the network, in a phrase.
        digest: sha256 of weights, preprocessing, precision and code version.
        facts: what it says of itself: weights, accuracy, licence ...
    """

    name: str
    description: str
    digest: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MetricRecord(Record):
    """What a metric states, and what was found of it.

    Attributes:
        name: the plug-in's.
        description: what it measures, and what it can't see.
        source: paper section, or repository and commit.
        unit: of its values; empty where they have none.
        higher_is_better: its direction.
        beside: the headline metric that it stands beside in tables; None for a headline metric.
        image_extractor: network that its images go through.
        audio_extractor: network that its sounds go through; None where it needs none.
        kind: ``pair`` (a score per pair) or ``set`` (a score of all outputs).
        lowest, highest: ends of its range; None where it has none.
        n_needed: outputs below which a value says more of their number than of them; None where it states none.
        n_reference: real frames that it compares with, and the fewest of a class; None where it compares with none.
        failure: why its numbers mean little on this data, in a sentence; empty where it tells right from wrong.
        checked_by: the control that must do well, and the one that must do worse (empty where no control of a run is wrong to it).
    """

    name: Name
    description: str
    source: str
    unit: str
    higher_is_better: bool
    beside: str | None
    image_extractor: str
    audio_extractor: str | None
    kind: Literal["pair", "set"]
    lowest: float | None = None
    highest: float | None = None
    n_needed: Count | None = None
    n_reference: tuple[Count, Count] | None = None
    failure: str = ""
    checked_by: tuple[str, str] = ("target", "shuffled")


@dataclass(frozen=True, slots=True)
class Results(Record):
    """Everything that a run was scored with and found, in one file.

    Attributes:
        schema_version: of this form; readers refuse files of another one.
        run: absolute path of the run's folder, where it was scored.
        report: absolute path of its HTML report.
        protocol: name of the choice of extractors, judge and metrics.
        protocol_version: of that choice.
        protocol_digest: sha256 of that choice.
        preset: name of the settings.
        seed: of everything random.
        resolution: side of all outputs in pixels.
        created: time of writing, ISO 8601 in UTC.
        command: that wrote this.
        device: torch device that it was scored on.
        precision: of the networks: ``float32`` or ``bf16``.
        threads: that torch used.
        versions: of the packages that numbers depend on, by name.
        git_commit: of the working copy; None where it is none.
        git_dirty: whether that had changes; None where it is none.
        dataset: what was evaluated on.
        pairs: the pair list in numbers.
        methods: controls first, then the methods as asked for.
        extractors: networks that images and sounds went through.
        metrics: in the protocol's order.
        scores: every method on every metric.
        differences: every method against two controls and against the methods after it.
        class_scores: by target class.
        warnings: what must be known before a number is quoted, in sentences.
        seconds: wall-clock seconds by phase, of the call that wrote this.
        size_curves: of metrics whose values depend on the number of outputs.
    """

    schema_version: Whole
    run: str
    report: str
    protocol: str
    protocol_version: Positive
    protocol_digest: Digest
    preset: str
    seed: Seed
    resolution: Positive
    created: str
    command: str
    device: str
    precision: str
    threads: Positive
    versions: dict[str, str]
    git_commit: str | None
    git_dirty: bool | None
    dataset: DatasetRecord
    pairs: PairsRecord
    methods: tuple[MethodRecord, ...]
    extractors: tuple[ExtractorRecord, ...]
    metrics: tuple[MetricRecord, ...]
    scores: tuple[Score, ...]
    differences: tuple[Difference, ...]
    class_scores: tuple[ClassScore, ...]
    warnings: tuple[str, ...]
    seconds: dict[str, float]
    size_curves: tuple[SizeCurve, ...] = ()
