"""What an extractor is: a frozen network that turns images or audio into embeddings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.records import Dataset

Embeddings = NDArray[np.float32]


@dataclass(frozen=True)
class ExtractorOptions:
    """What an extractor is created with: ``MyExtractor(options)``.

    Attributes:
        resolution: side of the run's images in pixels.
        seed: seed of everything random.
        device: torch device name.
        precision: ``float32`` or ``bf16``.
        settings: the preset's table for this extractor: ``[extractors.NAME]``, or the one that its class
            attribute ``settings_table`` names where several extractors share one.
    """

    resolution: int
    seed: int = 0
    device: str = "cpu"
    precision: str = "float32"
    settings: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Extractor(Protocol):
    """A frozen map from media to vectors; created as ``Class(options)``."""

    name: str
    description: str
    modality: Literal["image", "audio"]
    batch_size: int
    """Constant batch shape: the caller pads the last batch, so that a resumed run gives the same bits."""
    sample_rate_hz: int
    """Audio only: rate of the waveforms that ``embed`` takes (0 for images)."""

    def prepare(self, judge: Dataset) -> None:
        """Load the weights, or train on the judge split (found again in the cache); before any ``embed``."""

    @property
    def digest(self) -> str:
        """sha256 over weights, preprocessing, precision and code version; after ``prepare``."""

    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """float32 [N, D] of images (uint8 [N, H, W, 3]) or 3-s waveforms (float32 [N, 3 * sample_rate_hz])."""

    def facts(self) -> Mapping[str, Any]:
        """What a report should print of it (weights, training accuracy with interval ...), JSON-compatible."""


@runtime_checkable
class Resamples(Protocol):
    """An audio extractor whose original brings a resampler of its own; other sounds go through soxr."""

    resampler: str
    """Its name; part of the cache key."""

    def resample(self, waveform: NDArray[np.float32], rate_hz: int, wanted_hz: int) -> NDArray[np.float32]:
        """float32 [T] at another rate."""


@runtime_checkable
class EmbedsLabels(Protocol):
    """What an image extractor with a text side gives, for metrics that need ``label_text``."""

    def embed_labels(self, labels: Sequence[str]) -> Embeddings:
        """float32 [N, D] of class names, in the space of its images; after ``prepare``."""
