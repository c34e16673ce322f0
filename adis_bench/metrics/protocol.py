"""What a metric is: arrays in, a value with an interval out. A metric opens no file and loads no network."""

from dataclasses import dataclass, fields
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Array = NDArray[Any]
Need = Literal["source", "target", "sound", "oracle", "label_text"]
ReferenceSplit = Literal["judge", "train"]
T = TypeVar("T")

PAIRS_NEEDED = 100
"""Pairs that a mean of scores needs: by 1.96 / sqrt(n), its 95 % interval then reaches 0.2 deviations of independent pairs to
each side, which Cohen 1988 (Statistical Power Analysis, 2.2.3) calls a small effect."""
PAIRS_FEWER = "the interval is wider than a small effect (0.2 standard deviations of the pairs' scores)"


@dataclass(frozen=True, slots=True)
class Batch:
    """One method's embeddings for some pairs; row i belongs to pair i.

    Attributes:
        outputs: float32 [n, d], the method's output images.
        labels: int64 [n], index of the target class.
        source_ids: int64 [n], equal for pairs that share their source image.
        sources: float32 [n, d], the source images (where ``source`` is needed).
        targets: float32 [n, d], a frame of the target segment (where ``target`` is needed); NaN where it has none.
        sounds: float32 [n, da], the target segments' sounds (where ``sound`` is needed).
        oracles: float32 [n, d], the exact answers (where ``oracle`` is needed; the demo world only).
    """

    outputs: Array
    labels: Array
    source_ids: Array | None = None
    sources: Array | None = None
    targets: Array | None = None
    sounds: Array | None = None
    oracles: Array | None = None

    def take(self, rows: Array) -> "Batch":
        """The batch with only these rows (integer or boolean index)."""

        def rows_of(array: Array | None) -> Array | None:
            return None if array is None else array[rows]

        return Batch(**{f.name: rows_of(getattr(self, f.name)) for f in fields(self)})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Reference:
    """Real media that a metric compares with, of the split that the metric names.

    Attributes:
        images: float32 [m, d], frames.
        image_labels: int64 [m].
        image_groups: int64 [m], index of the photograph or video that a frame comes from.
        n_classes: number of the dataset's labels; some may have no rows.
        sounds: float32 [k, da] or None.
        sound_labels: int64 [k] or None.
        label_texts: float32 [n_classes, d], the labels' names in the images' space (where ``label_text`` is needed); NaN
            for labels that name no class of sounds.
    """

    images: Array
    image_labels: Array
    image_groups: Array
    n_classes: int
    sounds: Array | None = None
    sound_labels: Array | None = None
    label_texts: Array | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A score with its 95 % interval, or the reason why there is none.

    Attributes:
        value, ci_low, ci_high: finite floats, or None where not scored.
        n: pairs that the value rests on.
        n_missing: pairs that could not be scored.
        reason: why something is not scored; empty otherwise.
    """

    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    n_missing: int
    reason: str = ""


@runtime_checkable
class Metric(Protocol):
    """Facts that every metric states as class attributes."""

    name: str
    description: str
    """One line: what it measures and what it can't see."""
    source: str
    """Paper section, or repository and commit."""
    unit: str
    higher_is_better: bool
    image_extractor: str
    audio_extractor: str | None
    needs: frozenset[Need]
    reference_split: ReferenceSplit | None
    beside: str | None
    """Name of the headline metric that this one stands beside in tables, or None."""


@runtime_checkable
class PairMetric(Metric, Protocol):
    """A score for every pair; the method's value is the mean, with a two-way (source x sound group) interval."""

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n]; NaN where a pair cannot be scored (``unscored_reason`` says why)."""

    unscored_reason: str


@runtime_checkable
class SetMetric(Metric, Protocol):
    """A score of a whole set of outputs, from a mergeable state."""

    def update(self, batch: Batch) -> Any:
        """The sufficient statistics of a batch, in float64."""

    def merge(self, first: Any, second: Any) -> Any:
        """The state of both batches together (associative)."""

    def compute(self, state: Any, reference: Reference) -> float:
        """The value; NaN where the state holds too little (``unscored_reason`` says why)."""

    unscored_reason: str


@runtime_checkable
class HasInfluence(Protocol):
    """What a set metric gives so that its value and differences have intervals; without it they have none."""

    def influence(self, batch: Batch, reference: Reference) -> Floats:
        """float64 [n]: how much each pair moves the value (its empirical influence divided by n).

        The values sum to zero (in every class, where the metric has class values); NaN for pairs that take no part.
        """


@runtime_checkable
class HasClassValues(Protocol):
    """A set metric whose value is the mean over target classes of a value within the class."""

    def class_values(self, state: Any, reference: Reference) -> Floats:
        """float64 [n_classes]; NaN for a class with too little."""


@dataclass(frozen=True, slots=True)
class SizedValue:
    """A value that rests on ``n`` outputs (a fraction where it is the mean of values from parts that differ by one)."""

    n: float
    value: float


@dataclass(frozen=True, slots=True)
class Bias:
    """How a value moves with the number of outputs.

    Attributes:
        points: the value at several sizes, smallest first; the last is the value itself.
        extrapolated: the value at infinitely many outputs, or None.
        reason: why there is no extrapolation; empty otherwise.
    """

    points: tuple[SizedValue, ...]
    extrapolated: float | None
    reason: str = ""


@runtime_checkable
class HasBias(Protocol):
    """A set metric whose expected value depends on the number of outputs, and which shows how."""

    def bias(self, batch: Batch, reference: Reference, seed: int) -> Bias:
        """The value at several sizes; rows that aren't finite are left out."""


@runtime_checkable
class StatesLimits(Protocol):
    """What a metric may state beyond the facts that every metric has."""

    value_range: tuple[float, float]
    """Smallest and largest value that there can be."""
    n_needed: int
    """Outputs below which numbers mislead; in every class, where the metric has class values."""
    when_fewer: str
    """How they mislead then; goes on after `NAME rests on 60 outputs, fewer than the 2,048 that it needs: `."""


@runtime_checkable
class StatesControls(Protocol):
    """A metric whose numbers are checked by other controls than `target` ahead of `shuffled` (`identity`, if it needs the source)."""

    right_control: str
    """The control that must do well."""
    wrong_control: str
    """The control that must do worse; empty where no control of a run is one, since all of them show real frames."""


def given(value: T | None, what: str) -> T:
    """The value, which a metric's ``needs`` or ``reference_split`` promise.

    Raises:
        ValueError: the caller left it out.
    """
    if value is None:
        raise ValueError(f"the metric was given no {what}")
    return value
