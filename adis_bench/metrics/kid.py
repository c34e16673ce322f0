"""Kernel Inception distance: the outputs against real training frames without a Gaussian between them."""

from dataclasses import dataclass

import numpy as np

from adis_bench.metrics import _kernel
from adis_bench.metrics._per_reference import PerReference
from adis_bench.metrics.protocol import Array, Batch, Floats, Need, Reference, ReferenceSplit

MIN_ROWS = 5
"""Outputs and frames below which there is no value, as for the Fréchet distance."""
MAX_FRAMES = 10_000
"""Training frames compared with: beyond, as many are drawn (seed 0). The work grows with their square."""


@dataclass(frozen=True, slots=True, eq=False)
class _Frames:
    rows: Array
    own: float


def _frames(reference: Reference, _part: int) -> _Frames | None:
    rows = reference.images
    if len(rows) < MIN_ROWS:
        return None
    if len(rows) > MAX_FRAMES:
        rows = rows[np.sort(np.random.default_rng(0).choice(len(rows), MAX_FRAMES, replace=False))]
    return _Frames(rows, float(_kernel.own_means(rows).mean()))


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
    beside: str | None = "fid"
    unscored_reason = f"fewer than {MIN_ROWS} outputs or training frames"

    def __init__(self) -> None:
        self._frames = PerReference(_frames)
        self._last: tuple[Array, Reference, _kernel.Means] | None = None

    def update(self, batch: Batch) -> Array:
        """The outputs as they are, float32 [n, d]: a cubic kernel has no smaller sufficient statistic."""
        return batch.outputs

    def merge(self, first: Array, second: Array) -> Array:
        """Both sets' rows."""
        return np.concatenate([first, second])

    def compute(self, state: Array, reference: Reference) -> float:
        """MMD^2; NaN below MIN_ROWS."""
        frames = self._frames.of(reference)
        if frames is None or len(state) < MIN_ROWS:
            return float("nan")
        return _kernel.discrepancy(self._means(state, reference, frames), frames.own)

    def influence(self, batch: Batch, reference: Reference) -> Floats:
        """float64 [n], summing to zero; NaN below MIN_ROWS."""
        frames = self._frames.of(reference)
        if frames is None or len(batch.outputs) < MIN_ROWS:
            return np.full(len(batch.outputs), np.nan)
        return _kernel.influence(self._means(batch.outputs, reference, frames))

    def _means(self, rows: Array, reference: Reference, frames: _Frames) -> _kernel.Means:
        # Value and influence are asked for one after the other, on the very same array: the kernel is worked out once.
        if self._last is None or self._last[0] is not rows or self._last[1] is not reference:
            self._last = (rows, reference, _kernel.Means(_kernel.own_means(rows), _kernel.cross_means(rows, frames.rows)))
        return self._last[2]
