"""What a method is: anything that turns pairs into output images."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.records import Dataset, Pair, Segment

Conditioning = Literal["sound", "label", "nothing", "unknown"]


@dataclass(frozen=True)
class MethodOptions:
    """What a method is created with: ``MyMethod(options)``.

    Attributes:
        resolution: side of source and output images in pixels.
        seed: seed of everything random.
        device: torch device name.
        precision: ``float32`` or ``bf16``.
        preset: name of the run's preset.
        settings: the preset's table for this method (``[methods.NAME]``), names checked by the method.
        variant: what stood behind the colon (``ours:PATH``, ``folder:PATH``), or None.
        retrain: ignore models that come with the package or lie in the cache (pretrained audio encoders are found all the same).
    """

    resolution: int
    seed: int = 0
    device: str = "cpu"
    precision: str = "float32"
    preset: str = "small"
    settings: Mapping[str, Any] = field(default_factory=dict)
    variant: str | None = None
    retrain: bool = False


@runtime_checkable
class Method(Protocol):
    """Anything that turns pairs into output images; created as ``Class(options)``.

    Class attributes state the facts that lists and reports print.
    """

    name: str
    """What is typed after ``--methods``: the name of its entry point."""
    description: str
    """One line."""
    citation: str
    """Paper, or empty."""
    conditions_on: Conditioning
    """What of the target reaches it."""

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Train, or find the trained model; ``workdir`` keeps checkpoints and goes on after a kill."""

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[NDArray[np.uint8]]:
        """Yield one uint8 [resolution, resolution, 3] image per pair, in order."""

    def provenance(self) -> Mapping[str, Any]:
        """What determines the outputs, JSON-compatible: settings, model digest, training facts; after ``fit``.

        ``digest`` in it is the content key of the outputs: equal digests and pairs give equal images.
        ``differences`` lists where a small preset departs from the published method, in words.
        """


@runtime_checkable
class NeedsPairs(Protocol):
    """A method that must see the run's whole pair list first, because ``stylize`` may get it in parts.

    ``shuffled`` deals the targets' frames over all pairs, ``folder`` looks whether every output is there.
    """

    def plan(self, pairs: Sequence[Pair]) -> None:
        """Called once with all pairs of the run, before ``fit``, ``provenance`` and ``stylize``."""


@runtime_checkable
class TakesSounds(Protocol):
    """A method that takes sounds just as they reach its network, past what its own loading does to their level.

    ``adis-bench sweep`` asks it for the same source with louder, softer and mixed sounds. A method without it is handed
    changed sound files instead, and a loader that normalises them undoes a gain before the network hears of it.
    """

    sound_rate_hz: int
    """Sample rate of the waveforms."""
    erases_level: bool
    """Whether its loading brings every sound to one level, so that it was never trained on another one."""

    def sounds(self, segments: Sequence[Segment]) -> NDArray[np.float32]:
        """float32 [N, T]: the segments' sounds as they reach the network, loaded and levelled as in training."""

    def levelled(self, waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 [N, T]: waveforms brought to the level of training, as a loaded sound would be; the same where it does nothing."""

    def stylize_sounds(self, pairs: Sequence[Pair], waveforms: NDArray[np.float32]) -> Iterator[NDArray[np.uint8]]:
        """Yield one uint8 [resolution, resolution, 3] image per pair, in order: its source by the waveform of its row, unchanged.

        Args:
            pairs: N pairs; their own target sounds are not heard.
            waveforms: float32 [N, T] at ``sound_rate_hz``, of any level.
        """


@runtime_checkable
class TellsDifferences(Protocol):
    """A method's class that can say what a preset changes of the published method; ``adis-bench list presets`` asks."""

    @classmethod
    def differences(cls, table: Mapping[str, Any]) -> list[str]:
        """Where a preset's ``[methods.NAME]`` table departs from the published method, one phrase each.

        Those of an empty table hold whatever a preset says.

        Raises:
            ConfigError: a table that the method can't use.
        """
