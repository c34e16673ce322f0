"""What set metrics within classes share: states class by class, the mean over classes, influence within each."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Generic, TypeVar

import numpy as np

from adis_bench.metrics.protocol import Array, Batch, Floats, Reference

S = TypeVar("S")


class ByClass(ABC, Generic[S]):
    """A set metric of the outputs of each target class against that class's frames; its value is the mean over classes."""

    @abstractmethod
    def state_of(self, outputs: Array) -> S:
        """The sufficient statistics of one class's outputs, float32 [n, d]."""

    @abstractmethod
    def merged(self, first: S, second: S) -> S:
        """The statistics of both."""

    @abstractmethod
    def value_of(self, state: S, reference: Reference, label: int) -> float:
        """The value within one class; NaN where there is too little."""

    @abstractmethod
    def influence_of(self, outputs: Array, reference: Reference, label: int) -> Floats:
        """float64 [n] of one class's outputs, summing to zero; NaN where there is too little."""

    def update(self, batch: Batch) -> Mapping[int, S]:
        """The state of each class that occurs."""
        return {int(label): self.state_of(batch.outputs[batch.labels == label]) for label in np.unique(batch.labels)}

    def merge(self, first: Mapping[int, S], second: Mapping[int, S]) -> Mapping[int, S]:
        """The state of both, class by class."""
        both = dict(first)
        for label, state in second.items():
            both[label] = self.merged(both[label], state) if label in both else state
        return both

    def compute(self, state: Mapping[int, S], reference: Reference) -> float:
        """Mean over the classes that have a value; NaN without any."""
        values = self.class_values(state, reference)
        return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")

    def class_values(self, state: Mapping[int, S], reference: Reference) -> Floats:
        """float64 [n_classes]: the value within each class; NaN where there is too little."""
        values = np.full(reference.n_classes, np.nan)
        for label, of_class in state.items():
            values[label] = self.value_of(of_class, reference, label)
        return values

    def influence(self, batch: Batch, reference: Reference) -> Floats:
        """float64 [n], summing to zero in every class; NaN in classes without a value."""
        moved = np.full(len(batch.labels), np.nan)
        for label in np.unique(batch.labels):
            inside = batch.labels == label
            moved[inside] = self.influence_of(batch.outputs[inside], reference, int(label))
        n_scored = np.unique(batch.labels[np.isfinite(moved)]).size
        return moved / max(n_scored, 1)
