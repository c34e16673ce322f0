"""Kernel Inception distance, pooled and per target class: outputs against real frames without a Gaussian between them."""

from dataclasses import dataclass

import numpy as np

from adis_bench.metrics import _kernel
from adis_bench.metrics._by_class import ByClass
from adis_bench.metrics._per_reference import WHOLE, PerReference
from adis_bench.metrics.protocol import Array, Batch, Floats, Need, Reference, ReferenceSplit

MIN_ROWS = 5
"""Outputs and frames below which there is no value, as for the Fréchet distance."""
MAX_FRAMES = 10_000
"""Training frames compared with (in a class, or in all): beyond, as many are drawn (seed 0). The work grows with their square."""


@dataclass(frozen=True, slots=True, eq=False)
class _Frames:
    rows: Array
    own: float


def _frames(reference: Reference, part: int) -> _Frames | None:
    """A class's frames, or all; None below MIN_ROWS."""
    rows = reference.images if part == WHOLE else reference.images[reference.image_labels == part]
    if len(rows) < MIN_ROWS:
        return None
    if len(rows) > MAX_FRAMES:
        rows = rows[np.sort(np.random.default_rng(0).choice(len(rows), MAX_FRAMES, replace=False))]
    return _Frames(rows, float(_kernel.own_means(rows).mean()))


def _means(rows: Array, frames: _Frames | None) -> _kernel.Means | None:
    """Mean kernels of outputs; None where either side has too few."""
    if frames is None or len(rows) < MIN_ROWS:
        return None
    return _kernel.Means(_kernel.own_means(rows), _kernel.cross_means(rows, frames.rows))


def _distance(means: _kernel.Means | None, frames: _Frames | None) -> float:
    return float("nan") if means is None or frames is None else _kernel.discrepancy(means, frames.own)


def _influence(means: _kernel.Means | None, n: int) -> Floats:
    return np.full(n, np.nan) if means is None else _kernel.influence(means)


class KernelInceptionDistance:
    """Unbiased squared maximum mean discrepancy of all outputs and all training frames, cubic kernel."""

    name = "kid"
    description = (
        "Kernel distance (KID) of all outputs to real training frames; its expectation does not depend on the number of outputs. "
        "0 where outputs are as real frames are, and may fall below by chance. Blind, as fid is, to which sound an output was made "
        "for and which source it was made from. Not the mean over random blocks that other tools print, but what that mean tends to."
    )
    source = (
        "Binkowski et al. 2018, arXiv 1801.01401; kernel of clean-fid 0.1.35 and torch-fidelity 0.4.0, all pairs of rows instead of "
        f"random blocks; at most {MAX_FRAMES:,} training frames, drawn with seed 0."
    )
    unit = "squared kernel units, not times 1,000"
    value_range = (float("-inf"), float("inf"))
    n_needed = 50
    """The value is unbiased at any n; coverage of its interval was shown from here on (tests/metrics/test_kid.py)."""
    when_fewer = "whether the intervals hold then was not shown"
    higher_is_better = False
    image_extractor = "inception_clean"
    audio_extractor: str | None = None
    needs: frozenset[Need] = frozenset()
    reference_split: ReferenceSplit | None = "train"
    beside: str | None = "kid_by_class"
    unscored_reason = f"fewer than {MIN_ROWS} outputs or training frames"
    right_control, wrong_control = "target", ""

    def __init__(self) -> None:
        self._frames = PerReference(_frames)
        self._last: tuple[Array, Reference, _kernel.Means | None] | None = None

    def update(self, batch: Batch) -> Array:
        """The outputs as they are, float32 [n, d]: a cubic kernel has no smaller sufficient statistic."""
        return batch.outputs

    def merge(self, first: Array, second: Array) -> Array:
        """Both sets' rows."""
        return np.concatenate([first, second])

    def compute(self, state: Array, reference: Reference) -> float:
        """MMD^2; NaN below MIN_ROWS."""
        return _distance(self._means(state, reference), self._frames.of(reference))

    def influence(self, batch: Batch, reference: Reference) -> Floats:
        """float64 [n], summing to zero; NaN below MIN_ROWS."""
        return _influence(self._means(batch.outputs, reference), len(batch.outputs))

    def _means(self, rows: Array, reference: Reference) -> _kernel.Means | None:
        # Value and influence are asked for one after the other, on the very same array: the kernel is worked out once.
        if self._last is None or self._last[0] is not rows or self._last[1] is not reference:
            self._last = (rows, reference, _means(rows, self._frames.of(reference)))
        return self._last[2]


class KernelInceptionDistanceByClass(ByClass[Array]):
    """The distance of the outputs of each target class to that class's training frames, mean over classes."""

    name = "kid_by_class"
    description = (
        "Kernel distance (KID) of the outputs to real training frames of their target class, mean over classes: it sees outputs of the "
        "wrong class, which kid and fid cannot, and unlike fid_by_class its expectation does not depend on how few outputs a class has. "
        "Blind to which source an output was made from."
    )
    source = KernelInceptionDistance.source
    unit = KernelInceptionDistance.unit
    value_range = KernelInceptionDistance.value_range
    n_needed = KernelInceptionDistance.n_needed
    """In every class."""
    when_fewer = KernelInceptionDistance.when_fewer
    higher_is_better = False
    image_extractor = KernelInceptionDistance.image_extractor
    audio_extractor: str | None = None
    needs: frozenset[Need] = frozenset()
    reference_split: ReferenceSplit | None = "train"
    beside: str | None = "fid_by_class"
    unscored_reason = f"fewer than {MIN_ROWS} outputs or training frames of the target's class"

    def __init__(self) -> None:
        self._frames = PerReference(_frames)

    def state_of(self, outputs: Array) -> Array:
        """The outputs as they are."""
        return outputs

    def merged(self, first: Array, second: Array) -> Array:
        """Both sets' rows."""
        return np.concatenate([first, second])

    def value_of(self, state: Array, reference: Reference, label: int) -> float:
        """MMD^2 within one class; NaN below MIN_ROWS."""
        frames = self._frames.of(reference, label)
        return _distance(_means(state, frames), frames)

    def influence_of(self, outputs: Array, reference: Reference, label: int) -> Floats:
        """float64 [n] of one class's outputs; NaN below MIN_ROWS."""
        return _influence(_means(outputs, self._frames.of(reference, label)), len(outputs))
