"""How loud the segments of a dataset are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adis_bench.datasets.histogram import Histogram, histogram
from adis_bench.datasets.media import Waveform, read_audio
from adis_bench.datasets.parallel import in_order
from adis_bench.datasets.records import Segment
from adis_bench.errors import DataError

_SHARES = (0.05, 0.5, 0.95)
_MOST_DB = 1000.0
"""The largest sample that is a 32-bit number has 771 dB of full scale, the smallest -897 dB."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Levels of a dataset's segments: RMS in dB of full scale (dBFS), 0 dB for a square wave at full scale.

    Attributes:
        n: segments that were measured, silent ones included.
        n_silent: of those, with digital silence (no level in dB).
        n_unreadable: segments whose file is gone or damaged.
        low_db, median_db, high_db: 5 %, 50 % and 95 % quantiles of the levels; None without any.
        histogram: of the levels.
    """

    n: int
    n_silent: int
    n_unreadable: int
    low_db: float | None
    median_db: float | None
    high_db: float | None
    histogram: Histogram


def level_db(waveform: Waveform) -> float:
    """RMS of float32 [T] in [-1, 1] in dB of full scale; minus infinity for digital silence.

    >>> round(level_db(np.full(8, 0.1, np.float32)), 6)
    -20.0
    """
    power = float(np.mean(np.square(waveform, dtype=np.float64)))
    return 10 * math.log10(power) if power > 0 else -math.inf


def levels(segments: Sequence[Segment]) -> tuple[float | None, ...]:
    """The level of every segment in dBFS, as its importer measured it, or from its file; None where there is none to read.

    Args:
        segments: with sounds or without.

    Raises:
        ValueError: a noted level that no sound can have.
    """
    found = {segment.audio_path: level for segment in segments if (level := _noted(segment)) is not None}
    missing = list(dict.fromkeys(segment.audio_path for segment in segments if segment.has_sound and segment.audio_path not in found))
    measured = dict(zip(missing, in_order(_measured, missing, "loudness"), strict=True))
    return tuple(found.get(segment.audio_path, measured.get(segment.audio_path)) for segment in segments)


def _noted(segment: Segment) -> float | None:
    level = segment.details.get("level_db")
    if not isinstance(level, int | float) or math.isnan(level):
        return None
    if level != -math.inf and abs(level) > _MOST_DB:
        raise ValueError(f"level_db of {segment.segment_id} is {level:g}")
    return float(level)


def _measured(path: Path) -> float | None:
    try:
        return level_db(read_audio(path)[0])
    except DataError:
        return None


def summarized(found: Sequence[float | None]) -> Loudness:
    """Levels of segments with sound, as ``levels`` gives them, in a few numbers."""
    known = [level for level in found if level is not None]
    finite = [level for level in known if math.isfinite(level)]
    low, median, high = (float(q) for q in np.quantile(finite, _SHARES)) if finite else (None, None, None)
    n_silent = len(known) - len(finite)
    return Loudness(len(known), n_silent, len(found) - len(known), low, median, high, histogram(finite, "dBFS"))
