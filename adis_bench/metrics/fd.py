"""Fréchet distance of the outputs to real training frames, pooled and per target class."""

from collections.abc import Mapping

import numpy as np

from adis_bench.metrics import _frechet
from adis_bench.metrics.protocol import Array, Batch, Floats, Need, Reference, ReferenceSplit

MIN_ROWS = 5
"""Outputs and frames below which there is no value: a covariance of rank 3 or less says more of n than of the images."""

ClassStates = Mapping[int, _frechet.State]


class FrechetDistance:
    """Fréchet distance of all outputs to all training frames."""

    name = "fd"
    description = (
        "Fréchet distance of all outputs to all real training frames. `identity` is its floor, since sources are real frames: "
        "it says whether outputs look real, not whether they fit the sound. Compare at equal n only."
    )
    source = "Heusel et al. 2017, arXiv 1706.08500; Clean-FID (Parmar et al. 2022) with EfficientNet-Lite0 features."
    unit = "squared feature units"
    higher_is_better = False
    image_extractor = "efficientnet_lite0"
    audio_extractor: str | None = None
    needs: frozenset[Need] = frozenset()
    reference_split: ReferenceSplit | None = "train"
    beside: str | None = "fd_by_class"
    unscored_reason = f"fewer than {MIN_ROWS} outputs or training frames"

    def update(self, batch: Batch) -> _frechet.State:
        """The state of the outputs: rows, or moments beyond d of them."""
        return _frechet.state_of(batch.outputs)

    def merge(self, first: _frechet.State, second: _frechet.State) -> _frechet.State:
        """The state of both."""
        return _frechet.merge(first, second)

    def compute(self, state: _frechet.State, reference: Reference) -> float:
        """The distance; NaN below MIN_ROWS."""
        return _distance(state, reference.images)

    def influence(self, batch: Batch, reference: Reference) -> Floats:
        """float64 [n], summing to zero; NaN below MIN_ROWS."""
        return _influence(batch.outputs, reference.images)


class FrechetDistanceByClass:
    """Fréchet distance of the outputs of each target class to that class's training frames, mean over classes."""

    name = "fd_by_class"
    description = (
        "Fréchet distance of the outputs to real training frames of their target class, mean over classes; "
        "blind to which source an output was made from. Compare at equal n only."
    )
    source = FrechetDistance.source
    unit = FrechetDistance.unit
    higher_is_better = False
    image_extractor = "efficientnet_lite0"
    audio_extractor: str | None = None
    needs: frozenset[Need] = frozenset()
    reference_split: ReferenceSplit | None = "train"
    beside: str | None = None
    unscored_reason = f"fewer than {MIN_ROWS} outputs or training frames of the target's class"

    def update(self, batch: Batch) -> ClassStates:
        """The state of each class that occurs."""
        return {int(label): _frechet.state_of(batch.outputs[batch.labels == label]) for label in np.unique(batch.labels)}

    def merge(self, first: ClassStates, second: ClassStates) -> ClassStates:
        """The state of both, class by class."""
        both = dict(first)
        for label, state in second.items():
            both[label] = _frechet.merge(both[label], state) if label in both else state
        return both

    def compute(self, state: ClassStates, reference: Reference) -> float:
        """Mean over the classes that have MIN_ROWS outputs and frames; NaN without any."""
        values = self.class_values(state, reference)
        return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")

    def class_values(self, state: ClassStates, reference: Reference) -> Floats:
        """float64 [n_classes]: the distance within each class; NaN below MIN_ROWS."""
        values = np.full(reference.n_classes, np.nan)
        for label, of_class in state.items():
            values[label] = _distance(of_class, _frames(reference, label))
        return values

    def influence(self, batch: Batch, reference: Reference) -> Floats:
        """float64 [n], summing to zero in every class; NaN in classes below MIN_ROWS."""
        moved = np.full(len(batch.labels), np.nan)
        for label in np.unique(batch.labels):
            inside = batch.labels == label
            moved[inside] = _influence(batch.outputs[inside], _frames(reference, int(label)))
        n_scored = np.unique(batch.labels[np.isfinite(moved)]).size
        return moved / max(n_scored, 1)


def _frames(reference: Reference, label: int) -> Array:
    return np.asarray(reference.images[reference.image_labels == label])


# The reference is passed as rows, however many: with few outputs their products cost less than its covariance.
def _distance(state: _frechet.State, frames: Array) -> float:
    if min(state.n, len(frames)) < MIN_ROWS:
        return float("nan")
    return _frechet.frechet_distance(state, _frechet.Rows(np.asarray(frames, np.float64)))


def _influence(outputs: Array, frames: Array) -> Floats:
    if min(len(outputs), len(frames)) < MIN_ROWS:
        return np.full(len(outputs), np.nan)
    return _frechet.influence(outputs, _frechet.Rows(np.asarray(frames, np.float64)))
