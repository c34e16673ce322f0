"""Fréchet distance of the outputs to real training frames, pooled and per target class."""

import numpy as np

from adis_bench.metrics import _frechet
from adis_bench.metrics._bias import value_by_n
from adis_bench.metrics._by_class import ByClass
from adis_bench.metrics._per_reference import WHOLE, PerReference
from adis_bench.metrics.protocol import Array, Batch, Bias, Floats, Need, Reference, ReferenceSplit

MIN_ROWS = 5
"""Outputs and frames below which there is no value: a covariance of rank 3 or less says more of n than of the images."""


def _frames(reference: Reference, part: int) -> _frechet.Prepared | None:
    """A class's frames, or all; None below MIN_ROWS."""
    images = reference.images if part == WHOLE else reference.images[reference.image_labels == part]
    return _frechet.prepared(_frechet.state_of(images)) if len(images) >= MIN_ROWS else None


def _distance(state: _frechet.State, frames: _frechet.Prepared | None) -> float:
    return float("nan") if frames is None or state.n < MIN_ROWS else _frechet.frechet_distance(state, frames)


def _influence(outputs: Array, frames: _frechet.Prepared | None) -> Floats:
    few = frames is None or len(outputs) < MIN_ROWS
    return np.full(len(outputs), np.nan) if frames is None or few else _frechet.influence(outputs, frames)


class FrechetDistance:
    """Fréchet distance of all outputs to all training frames."""

    name = "fd"
    description = (
        "Fréchet distance of all outputs to all real training frames. `identity` is its floor, since sources are real frames: "
        "it says whether outputs look real, not whether they fit the sound. Compare at equal n only."
    )
    source = "Heusel et al. 2017, arXiv 1706.08500; Clean-FID (Parmar et al. 2022) with EfficientNet-Lite0 features."
    unit = "squared feature units"
    value_range = (0.0, float("inf"))
    n_needed = 1280
    """As many outputs as features: below, the fitted covariance is singular and the bias is most of the value."""
    when_fewer = "values are far above those of many outputs, by an amount that depends on the number; compare at equal numbers only"
    higher_is_better = False
    image_extractor = "efficientnet_lite0"
    audio_extractor: str | None = None
    needs: frozenset[Need] = frozenset()
    reference_split: ReferenceSplit | None = "train"
    beside: str | None = "fd_by_class"
    unscored_reason = f"fewer than {MIN_ROWS} outputs or training frames"
    right_control, wrong_control = "target", ""

    def __init__(self) -> None:
        self._frames = PerReference(_frames)

    def update(self, batch: Batch) -> _frechet.State:
        """The state of the outputs: rows, or moments beyond d of them."""
        return _frechet.state_of(batch.outputs)

    def merge(self, first: _frechet.State, second: _frechet.State) -> _frechet.State:
        """The state of both."""
        return _frechet.merge(first, second)

    def compute(self, state: _frechet.State, reference: Reference) -> float:
        """The distance; NaN below MIN_ROWS."""
        return _distance(state, self._frames.of(reference))

    def influence(self, batch: Batch, reference: Reference) -> Floats:
        """float64 [n], summing to zero; NaN below MIN_ROWS."""
        return _influence(batch.outputs, self._frames.of(reference))

    def bias(self, batch: Batch, reference: Reference, seed: int) -> Bias:
        """The distance at n, n/2 and n/4 outputs, and where it goes; extrapolated from sizes of at least two outputs per feature.

        Chong & Forsyth 2020 (arXiv 1911.07023) fit a line in 1/n. In simulations with Gaussian and with rectified features in
        64 dimensions the line through 2 d and 4 d outputs leaves 4 to 6 % of the bias at 4 d; through d and 2 d, 14 to 19 %.
        """
        return value_by_n(self, batch, reference, seed, n_linear=2 * batch.outputs.shape[1])


class FrechetDistanceByClass(ByClass[_frechet.State]):
    """Fréchet distance of the outputs of each target class to that class's training frames, mean over classes."""

    name = "fd_by_class"
    description = (
        "Fréchet distance of the outputs to real training frames of their target class, mean over classes; "
        "blind to which source an output was made from. Compare at equal n only."
    )
    source = FrechetDistance.source
    unit = FrechetDistance.unit
    value_range = FrechetDistance.value_range
    n_needed = FrechetDistance.n_needed
    """In every class."""
    when_fewer = FrechetDistance.when_fewer
    higher_is_better = False
    image_extractor = "efficientnet_lite0"
    audio_extractor: str | None = None
    needs: frozenset[Need] = frozenset()
    reference_split: ReferenceSplit | None = "train"
    beside: str | None = None
    unscored_reason = f"fewer than {MIN_ROWS} outputs or training frames of the target's class"

    def __init__(self) -> None:
        self._frames = PerReference(_frames)

    def state_of(self, outputs: Array) -> _frechet.State:
        """Rows, or moments beyond d of them."""
        return _frechet.state_of(outputs)

    def merged(self, first: _frechet.State, second: _frechet.State) -> _frechet.State:
        """The state of both."""
        return _frechet.merge(first, second)

    def value_of(self, state: _frechet.State, reference: Reference, label: int) -> float:
        """The distance within one class; NaN below MIN_ROWS."""
        return _distance(state, self._frames.of(reference, label))

    def influence_of(self, outputs: Array, reference: Reference, label: int) -> Floats:
        """float64 [n] of one class's outputs; NaN below MIN_ROWS."""
        return _influence(outputs, self._frames.of(reference, label))
