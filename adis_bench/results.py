"""The records of a finished run, and the one codec that writes and reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from adis_bench.errors import DataError, IncompleteRunError
from adis_bench.files import atomic_path, write_json

SCHEMA_VERSION = 2
RESULTS_NAME = "results.json"
PER_PAIR_NAME = "scores/per_pair.parquet"
REPORT_NAME = "report/index.html"


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """What was evaluated on.

    Attributes:
        pairing: ``recorded``, ``class`` where sounds and images were not recorded together, ``grid`` where they come from
            different sources and any image meets any sound.
        notes: of the import; ``train_data`` in them is the dataset that methods and judge were trained on, where it is another one.
    """

    name: str
    path: str
    digest: str
    recipe: dict[str, Any]
    pairing: str
    displays: dict[str, str]
    not_evaluated: dict[str, str]
    notes: dict[str, Any]
    n_segments: dict[str, int]


@dataclass(frozen=True, slots=True)
class ClassPairs:
    """Ordered pairs of different classes: how many the pair list covers, of how many."""

    covered: int
    possible: int


@dataclass(frozen=True, slots=True)
class PairsRecord:
    """The pair list in numbers."""

    n: int
    digest: str
    n_source_groups: int
    n_sound_groups: int
    class_pairs: ClassPairs


@dataclass(frozen=True, slots=True)
class MethodRecord:
    """A control or a method; ``provenance['differences']`` lists departures from the published method.

    Attributes:
        n_missing: pairs without an output.
        not_asked: which of these it could not be asked for, in words (their target has no frame to show, say); empty where none.
    """

    label: str
    name: str
    description: str
    citation: str
    conditions_on: str
    control: bool
    provenance: dict[str, Any]
    n_outputs: int
    n_missing: int
    not_asked: str = ""


@dataclass(frozen=True, slots=True)
class ExtractorRecord:
    """A frozen network with what it says of itself."""

    name: str
    description: str
    digest: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MetricRecord:
    """What a metric states, and what was found of it.

    Attributes:
        kind: ``pair`` (a score per pair) or ``set`` (a score of all outputs).
        lowest, highest: ends of its range; None where it has none.
        n_needed: outputs below which a value says more of their number than of them; None where it states none.
        n_reference: real frames that it compares with, and the fewest of a class; None where it compares with none.
        failure: why its numbers mean little on this data, in a sentence; empty where it tells right from wrong.
        checked_by: the control that must do well, and the one that must do worse (empty where no control of a run is wrong to it).
    """

    name: str
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
    n_needed: int | None = None
    n_reference: tuple[int, int] | None = None
    failure: str = ""
    checked_by: tuple[str, str] = ("target", "shuffled")


@dataclass(frozen=True, slots=True)
class Score:
    """A method's value with its 95 % interval, or None with the reason."""

    method: str
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    n_missing: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """``method`` minus ``against`` on the same pairs, with its 95 % interval.

    Attributes:
        p: of the paired two-way clustered t test; below 0.05 just where the interval leaves 0 out. None where there is no test.
        p_holm: after Holm's correction over all comparisons of the metric that have a method in them; None for the controls' own.
        d_z: Cohen's d_z, above 0 where ``method`` is better; pair metrics only.
        d_z_low, d_z_high: its 95 % interval.
        share_better: share of the pairs on which ``method`` is better, ties counting half; pair metrics only.
        share_low, share_high: its 95 % interval.
    """

    method: str
    against: str
    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None = None
    p_holm: float | None = None
    d_z: float | None = None
    d_z_low: float | None = None
    d_z_high: float | None = None
    share_better: float | None = None
    share_low: float | None = None
    share_high: float | None = None


@dataclass(frozen=True, slots=True)
class SizeCurve:
    """How a method's value moves with the number of outputs.

    Attributes:
        points: (number of outputs, value), smallest first; the last is the score itself.
        extrapolated: the value at endless outputs, or None with a reason.
    """

    method: str
    metric: str
    points: tuple[tuple[float, float], ...]
    extrapolated: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class ClassScore:
    """The mean of a per-pair metric over the pairs of one target class."""

    method: str
    metric: str
    label: str
    value: float | None
    n: int


@dataclass(frozen=True, slots=True)
class PairScore:
    """One row of ``scores/per_pair.parquet``: a value, or None with the reason."""

    pair_id: str
    method: str
    metric: str
    value: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Results:
    """``results.json``, field by field.

    Attributes:
        run, report: absolute paths of the run's folder and of its HTML report.
        protocol, protocol_version, protocol_digest: name, version and sha256 of the choice of extractors, judge and metrics.
        created: time of writing, ISO 8601 in UTC.
        methods: controls first, then the methods as asked for.
        seconds: wall-clock seconds by phase, of the call that wrote this.
    """

    schema_version: int
    run: str
    report: str
    protocol: str
    protocol_version: int
    protocol_digest: str
    preset: str
    seed: int
    resolution: int
    created: str
    command: str
    device: str
    precision: str
    threads: int
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


_CODEC = TypeAdapter(Results)


def write_results(run_dir: Path, results: Results, per_pair: Sequence[PairScore]) -> None:
    """Write ``scores/per_pair.parquet``, then ``results.json``, each atomically."""
    table = pa.Table.from_pylist([asdict(row) for row in per_pair], schema=_PER_PAIR_SCHEMA)
    with atomic_path(run_dir / PER_PAIR_NAME) as path:
        pq.write_table(table, path)
    write_json(run_dir / RESULTS_NAME, _CODEC.dump_python(results, mode="json"))


def read_results(run_dir: Path) -> Results:
    """Read ``results.json``.

    Raises:
        IncompleteRunError: the run has no results yet.
        DataError: the file is damaged or of another schema.
    """
    path = run_dir / RESULTS_NAME
    if not path.is_file():
        raise IncompleteRunError(f"{run_dir} has no {RESULTS_NAME}; make it with `adis-bench score {run_dir}`")
    try:
        results = _CODEC.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        cause = str(error).splitlines()[0]
        raise DataError(f"{path} cannot be read ({cause}); write it anew with `adis-bench score {run_dir}`") from error
    if results.schema_version != SCHEMA_VERSION:
        raise DataError(f"{path} has schema version {results.schema_version}, not {SCHEMA_VERSION}; run `adis-bench score {run_dir}` again")
    return results


_PROMISED = ("method", "against", "metric", "value", "ci_low", "ci_high")
"""What ``--json`` says of a difference; ``results.json`` holds tests and effect sizes as well."""


def summary(results: Results) -> Mapping[str, Any]:
    """The object that ``run --json`` and ``score --json`` print; others rely on its names."""
    return {
        "run": results.run,
        "report": results.report,
        "protocol": results.protocol,
        "dataset": {"name": results.dataset.name, "digest": results.dataset.digest},
        "pairs": {"n": results.pairs.n, "digest": results.pairs.digest},
        "scores": [asdict(score) for score in results.scores],
        "differences": [{name: getattr(difference, name) for name in _PROMISED} for difference in results.differences],
        "warnings": list(results.warnings),
    }


_PER_PAIR_SCHEMA = pa.schema(
    [
        ("pair_id", pa.string()),
        ("method", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("reason", pa.string()),
    ]
)
