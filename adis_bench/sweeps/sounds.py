"""Changed sounds: louder, softer and mixed, as a network gets them or as sound files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile

from adis_bench.datasets.media import Waveform, resampled, segment_audio
from adis_bench.datasets.records import SEGMENT_S, Pair, Segment
from adis_bench.files import digest_bytes, write_bytes
from adis_bench.methods.protocol import TakesSounds
from adis_bench.sweeps.records import Kind, Step

FILE_PEAK = 1 / 1.1
"""Peak of both sounds of a mixed file, and of the mixture. Source: the release's loader divides by 1.1 times the peak
(Tinglok/avstyle b09dc1e, data/unaligned_dataset.py), so that a weight means the same in a file and in the network."""


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """The sounds of one reading before they are changed, a row for every pair.

    Attributes:
        kind: what is changed.
        own: the targets' waveforms, float32 [T] each.
        others: those that are mixed in; empty where the volume is changed.
        rates_hz: sample rate of every row.
        levelled: what is done to a mixture's level.
    """

    kind: Kind
    own: tuple[Waveform, ...]
    others: tuple[Waveform, ...]
    rates_hz: tuple[int, ...]
    levelled: Callable[[Waveform], Waveform]

    def at(self, row: int, step: Step) -> Waveform:
        """A pair's sound at a step, float32 [T]; nothing is clipped."""
        own = self.own[row]
        if self.kind == "volume":
            return np.asarray(own * np.float32(10 ** (step.value / 20)), np.float32)
        weight = np.float32(step.value)
        return self.levelled(np.asarray((1 - weight) * own + weight * self.others[row], np.float32))


def for_network(method: TakesSounds, kind: Kind, pairs: Sequence[Pair], others: Sequence[Segment]) -> Changed:
    """Sounds as they reach the network: the method loads and levels them, and a gain comes after that.

    A mixture is levelled like its parts, as a mixed file would be.
    """
    return Changed(
        kind=kind,
        own=tuple(method.sounds([pair.target for pair in pairs])),
        others=tuple(method.sounds(others)) if others else (),
        rates_hz=(method.sound_rate_hz,) * len(pairs),
        levelled=lambda waveform: method.levelled(waveform[None])[0],
    )


def for_files(kind: Kind, pairs: Sequence[Pair], others: Sequence[Segment]) -> Changed:
    """Sounds as they will lie in files, at the targets' own rates: 0 dB is the file as it is; mixtures and their parts have one peak."""
    level = _at_file_peak if kind == "mix" else _as_it_is
    rates = tuple(pair.target.sample_rate_hz for pair in pairs)
    return Changed(
        kind=kind,
        own=tuple(level(_loaded(pair.target, rate)) for pair, rate in zip(pairs, rates, strict=True)),
        others=tuple(level(_loaded(other, rate)) for other, rate in zip(others, rates, strict=True)) if others else (),
        rates_hz=rates,
        levelled=_at_file_peak,
    )


def _loaded(segment: Segment, rate_hz: int) -> Waveform:
    return segment_audio(segment.audio_path, rate_hz, round(SEGMENT_S * rate_hz), resampled)


def _as_it_is(waveform: Waveform) -> Waveform:
    return waveform


def _at_file_peak(waveform: Waveform) -> Waveform:
    """Silence stays silence."""
    peak = float(np.abs(waveform).max(initial=0.0))
    return np.asarray(waveform * np.float32(FILE_PEAK / peak), np.float32) if peak else waveform


def changed_pair(pair: Pair, waveform: Waveform, rate_hz: int, folder: Path) -> Pair:
    """The pair with a changed sound file in the place of its target's; ids and digests are new, for methods that remember sounds.

    The file is named by its content: whoever caches sounds by path never hears another one.
    """
    content = wav_bytes(waveform, rate_hz)
    digest = digest_bytes(content)
    path = folder / f"{digest[:24]}.wav"
    if not path.is_file():
        write_bytes(path, content)
    target = replace(pair.target, segment_id=f"{pair.target.segment_id}-{digest[:8]}", audio_path=path, audio_sha256=digest)
    return replace(pair, target=target)


def wav_bytes(waveform: Waveform, rate_hz: int) -> bytes:
    """float32 [T] as a mono WAV file of 32-bit floats: soft sounds keep their digits, and peaks above 1 stay as they are."""
    buffer = BytesIO()
    soundfile.write(buffer, waveform, rate_hz, format="WAV", subtype="FLOAT")
    return buffer.getvalue()
