"""The records of a sweep, ``RUN/sweeps/<kind>.json``, their codec, and where its files lie."""

from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, TypeAdapter
from pydantic.dataclasses import dataclass

SCHEMA_VERSION = 2
FOLDER_NAME = "sweeps"
Kind = Literal["volume", "mix"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Reading = Literal["network", "file"]
State = Literal["swept", "not asked", "failed"]
Toward = Literal["target", "mixed", "difference"]
"""What a score is about: the pair's own target, the sound that is mixed in, or the latter's score minus the former's."""
MOVED = "moved"
"""The distance of a picture from its source: the one score of a sweep that is no metric of the run."""


def _file_name(name: str) -> str:
    if not name or name in (".", "..") or set(name) & set("/\\:") or not name.isprintable():
        raise ValueError(f"{name!r} is no safe file name")
    return name


Name = Annotated[str, AfterValidator(_file_name)]
"""Names that become parts of paths."""


@dataclass(frozen=True, slots=True)
class Step:
    """One sound of a sweep: its folder's name, its text in figures, and the gain in dB or the weight of the second sound."""

    name: Name
    text: str
    value: float


@dataclass(frozen=True, slots=True)
class SweptPair:
    """A pair of the run; of a mixture also the segment whose sound is mixed in, and its class."""

    pair_id: Name
    source_label: str
    target_label: str
    mixed_segment: str | None = None
    mixed_label: str | None = None


@dataclass(frozen=True, slots=True)
class StepScore:
    """The mean score of a step with its 95 % interval over the ``n`` pairs that have one; None where there is none."""

    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Trend:
    """How scores move along the steps: means over pairs, with 95 % intervals that know what pairs share (``sweeps.shared``).

    Attributes:
        rho: mean over pairs of Spearman's rank correlation of step and score, -1 to 1; None where no pair has one.
        ci_low, ci_high: its interval, None with a ``reason``.
        p: two-sided, of the clustered t test that the mean is 0; None where there is no test.
        tau: mean over pairs of Kendall's tau-b.
        n: pairs that have a correlation.
        n_undefined: pairs that have none, since they have one score at all steps; they aren't counted as 0.
        n_unscored: pairs with fewer than two scores.
        null_low, null_high: 95 % of the mean ``rho`` when the steps are shuffled, alike for all pairs of one target recording.
        n_complete: pairs with a score at every step; of these the scores of ``n_rising`` never fall and of ``n_falling`` never rise.
        null_monotone: the share of monotone pairs when the steps are shuffled.
        change: mean of the last step's score minus the first's, in the metric's unit, with its interval.
        reason: why there is no interval or correlation; empty otherwise.
    """

    rho: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None
    tau: float | None
    n: int
    n_undefined: int
    n_unscored: int
    null_low: float | None
    null_high: float | None
    n_complete: int
    n_rising: int
    n_falling: int
    null_monotone: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A method's scores on one metric along the steps.

    Attributes:
        steps: one mean per step.
        scores: per pair and step, in their orders; None where not scored.
        rhos: per pair; None where not defined.
    """

    metric: str
    toward: Toward
    steps: tuple[StepScore, ...]
    trend: Trend
    scores: tuple[tuple[float | None, ...], ...]
    rhos: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class SweptMetric:
    """A score per picture.

    Attributes:
        beside: the headline metric that it stands beside, None for one that stands for itself.
        failure: why its numbers mean little on the run's data, in a sentence; empty where they mean something.
    """

    name: str
    description: str
    unit: str
    higher_is_better: bool
    beside: str | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class SweptMethod:
    """A method of the run, swept or not.

    Attributes:
        digest: of the model, the ``digest`` of its provenance.
        state: ``not asked`` and ``failed`` have a ``reason``, and no curves.
        reading: how it got the sounds (``network``: past its own loading, ``file``: as a changed sound file); None where it hears none.
        warning: what must be known to read its numbers; empty where nothing.
        n_over_full_scale: sounds, of pairs times steps, whose peak was above 1.
        n_unmoved: pairs whose pictures of all steps equal the first step's, to one of 255 levels in any pixel; they have its scores.
    """

    label: Name
    name: str
    control: bool
    conditions_on: str
    digest: str
    state: State
    reason: str = ""
    reading: Reading | None = None
    warning: str = ""
    n_over_full_scale: int = 0
    n_unmoved: int = 0
    curves: tuple[Curve, ...] = ()


@dataclass(frozen=True, slots=True)
class Sweep:
    """``sweeps/<kind>.json``, field by field.

    Attributes:
        request: digest of everything that determines the numbers.
        dataset_digest, pairs_digest, protocol_digest, resolution: of the run; ``swept_digest`` is of the pairs chosen from it.
        extractors: name -> digest of the networks that scores rest on.
        shown: pairs whose sounds are kept for figures.
        left_out: metrics of the protocol that are not computed, each with the reason.
        seconds: wall-clock seconds of the call that wrote this.
    """

    schema_version: int
    kind: Kind
    request: str
    dataset_digest: str
    pairs_digest: str
    swept_digest: str
    protocol: str
    protocol_digest: str
    resolution: int
    extractors: dict[str, str]
    created: str
    command: str
    seed: int
    device: str
    precision: str
    threads: int
    versions: dict[str, str]
    git_commit: str | None
    git_dirty: bool | None
    steps: tuple[Step, ...]
    pairs: tuple[SweptPair, ...]
    shown: tuple[Name, ...]
    metrics: tuple[SweptMetric, ...]
    left_out: dict[str, str]
    methods: tuple[SweptMethod, ...]
    seconds: float

    def method(self, label: str) -> SweptMethod | None:
        """The record of a method, by its label."""
        return next((method for method in self.methods if method.label == label), None)


CODEC = TypeAdapter(Sweep)


def sweep_folder(run_dir: Path, kind: Kind) -> Path:
    """Where a sweep's pictures and sounds lie."""
    return run_dir / FOLDER_NAME / kind


def outputs_folder(run_dir: Path, kind: Kind, label: str, step: str) -> Path:
    """Where a method's pictures of one step lie, ``<pair_id>.png`` each."""
    return sweep_folder(run_dir, kind) / "outputs" / label / step


def shown_sound(run_dir: Path, kind: Kind, label: str, step: str, pair_id: str) -> Path:
    """The sound that a method got for a pair that figures show: a float WAV."""
    return sweep_folder(run_dir, kind) / "sounds" / label / step / f"{pair_id}.wav"


def record_path(run_dir: Path, kind: Kind) -> Path:
    """Where a sweep's record lies."""
    return run_dir / FOLDER_NAME / f"{kind}.json"
