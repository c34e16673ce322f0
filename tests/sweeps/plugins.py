"""Made-up plug-ins whose pictures say how loud each class's tone was, and a metric that reads it off."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.media import Images, read_audio
from adis_bench.datasets.records import Dataset, Pair, Segment
from adis_bench.extractors.protocol import ExtractorOptions
from adis_bench.methods.protocol import Conditioning, MethodOptions
from adis_bench.metrics.protocol import Batch, Floats, Need, Reference, ReferenceSplit
from tests.conftest import TINY_RATE_HZ

N_CLASSES = 3
PITCHES_HZ = [400.0 * (k + 1) for k in range(N_CLASSES)]
"""Of the classes of ``tiny_dataset``, in order."""
LOUDEST = 2.0
"""Amplitude of a tone that is painted white: more than any sweep here has."""


class Killed(BaseException):
    """As sudden as the end of a process."""


def painted(waveform: NDArray[np.float32], side: int) -> Images:
    """A picture in one colour: the amplitudes of the classes' tones in its channels."""
    times = np.arange(len(waveform)) / TINY_RATE_HZ
    amplitudes = [2 * abs(np.mean(waveform * np.exp(-2j * np.pi * pitch * times))) for pitch in PITCHES_HZ]
    color = np.clip(np.round(np.array(amplitudes) / LOUDEST * 255), 0, 255).astype(np.uint8)
    return np.broadcast_to(color, (side, side, 3))


class Painter:
    """Paints the sound in the pair's file, at its level."""

    name, description, citation = "painter", "tones as colours", ""
    conditions_on: ClassVar[Conditioning] = "sound"
    asked: ClassVar[list[str]] = []
    """Pairs that any painter was asked for since a test cleared the list."""
    dies_after: ClassVar[int | None] = None
    """Pictures after which it is killed."""
    digest: ClassVar[str] = "painter"
    breaks: ClassVar[bool] = False

    def __init__(self, options: MethodOptions) -> None:
        self.side = options.resolution

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Nothing to train."""

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield what the files sound like."""
        for pair in pairs:
            yield self._made(pair, read_audio(pair.target.audio_path)[0])

    def provenance(self) -> Mapping[str, Any]:
        """A name is digest enough."""
        return {"digest": f"{self.digest}-{self.name}", "differences": []}

    def _made(self, pair: Pair, waveform: NDArray[np.float32]) -> Images:
        if Painter.dies_after is not None and len(Painter.asked) >= Painter.dies_after:
            raise Killed
        Painter.asked.append(pair.pair_id)
        return painted(waveform, self.side)


class Levelled(Painter):
    """Paints sounds after its loading brought them to one peak; ``sweep`` gets past that."""

    name = "levelled"
    sound_rate_hz, erases_level = TINY_RATE_HZ, True

    def sounds(self, segments: Sequence[Segment]) -> NDArray[np.float32]:
        """Peak 1 each."""
        return self.levelled(np.stack([read_audio(segment.audio_path)[0] for segment in segments]))

    def levelled(self, waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Peak 1 each."""
        return waveforms / np.abs(waveforms).max(axis=1, keepdims=True)

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield what the levelled files sound like."""
        return self.stylize_sounds(pairs, self.sounds([pair.target for pair in pairs]))

    def stylize_sounds(self, pairs: Sequence[Pair], waveforms: NDArray[np.float32]) -> Iterator[Images]:
        """Yield what the waveforms sound like."""
        if self.breaks and pairs:
            raise RuntimeError("no luck today")
        for pair, waveform in zip(pairs, waveforms, strict=True):
            yield self._made(pair, waveform)


class Deaf(Levelled):
    """Takes sounds, and paints the source's number whatever it hears."""

    name = "deaf"

    def _made(self, pair: Pair, waveform: NDArray[np.float32]) -> Images:
        return np.full((self.side, self.side, 3), len(pair.source.label), np.uint8)


class Labelled(Painter):
    """Conditions on the label."""

    name = "labelled"
    conditions_on: ClassVar[Conditioning] = "label"


class Elsewhere(Painter):
    """Doesn't say what it conditions on."""

    name = "elsewhere"
    conditions_on: ClassVar[Conditioning] = "unknown"


class MeanColor:
    """The mean of each channel, 0 to 255."""

    name, description, modality, batch_size, sample_rate_hz = "mean_color", "mean of each channel", "image", 8, 0
    digest = "c" * 64

    def __init__(self, options: ExtractorOptions) -> None:
        """Nothing to choose."""

    def prepare(self, judge: Dataset) -> None:
        """Nothing to load."""

    def embed(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """float32 [N, 3]."""
        return batch.mean(axis=(1, 2)).astype(np.float32)

    def facts(self) -> Mapping[str, Any]:
        """None."""
        return {}


class Heard:
    """How loud the target class's tone is in the picture."""

    name, description, source, unit, higher_is_better = "heard", "the target class's channel", "tests", "levels", True
    image_extractor, audio_extractor = "mean_color", None
    needs: frozenset[Need] = frozenset()
    reference_split: ReferenceSplit | None = None
    beside: str | None = None
    unscored_reason = "no picture"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], 0 to 255."""
        return batch.outputs[np.arange(len(batch.labels)), batch.labels].astype(np.float64)


class Brightness(Heard):
    """How bright the picture is, whatever the target: lower is better."""

    name, description, higher_is_better = "darkness", "mean of all channels", False

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], 0 to 255."""
        return batch.outputs.mean(axis=1).astype(np.float64)


class TargetFrame(Heard):
    """A metric that looks at the target's own frame."""

    name = "like_target"
    needs: frozenset[Need] = frozenset({"target"})

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], at most 0."""
        assert batch.targets is not None
        return -np.abs(batch.outputs - batch.targets).mean(axis=1).astype(np.float64)


def no_report(run_dir: Path) -> None:
    """In the place of the run's HTML report."""
