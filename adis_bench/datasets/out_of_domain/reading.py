"""Decoding the files of a grid: an image, or the first 3 seconds of a sound, of a video with its frame in the middle of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from adis_bench.datasets.cutting import LEAST_S
from adis_bench.datasets.faults import Finding
from adis_bench.datasets.inspection import SILENT_PEAK, Look, look, samples_of
from adis_bench.datasets.media import Images, Waveform
from adis_bench.datasets.out_of_domain.offers import Candidate
from adis_bench.datasets.records import SEGMENT_S
from adis_bench.datasets.skipped import Skipped
from adis_bench.datasets.video import VIDEO_SUFFIXES, Video, VideoError, frames, probe, sound


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """The sound of a segment.

    Attributes:
        waveform: float32 [T] in [-1, 1], at most the first 3 s of the file.
        rate_hz: sample rate.
        frame: uint8 [H, W, 3], what is on the screen at 1.5 s (in the middle of a shorter video); None for a sound alone.
    """

    waveform: Waveform
    rate_hz: int
    frame: Images | None


def seen(candidate: Candidate) -> Look | Skipped:
    """What an image holds, or why it cannot be used."""
    found = look(candidate.path, candidate.where)
    return Skipped(candidate.where, "unreadable", found.reason) if isinstance(found, Finding) else found


def heard(candidate: Candidate) -> Heard | Skipped:
    """The first 3 s of a sound or of a video's sound, or why they cannot be used."""
    try:
        found = _of_video(candidate.path) if candidate.path.suffix.lower() in VIDEO_SUFFIXES else _of_sound(candidate)
    except VideoError as error:
        return Skipped(candidate.where, error.reason, str(error))
    except OSError as error:
        return Skipped(candidate.where, "unreadable", error.strerror or str(error))
    piece = f"{candidate.where}#t=0,{SEGMENT_S:g}"
    if len(found.waveform) < LEAST_S * found.rate_hz:
        return Skipped(piece, "too_short", f"less than {LEAST_S:g} s of sound")
    if float(np.abs(found.waveform).max()) < SILENT_PEAK:
        return Skipped(piece, "silent", "below -60 dB of full scale in its first 3 s")
    return found


def _of_sound(candidate: Candidate) -> Heard:
    found = samples_of(candidate.path, candidate.where, SEGMENT_S)
    if isinstance(found, Finding):
        raise VideoError("unreadable", found.reason)
    return Heard(*found, None)


def _of_video(path: Path) -> Heard:
    if path.stat().st_size == 0:
        raise VideoError("unreadable", "0 bytes")
    video = probe(path)
    n_wanted = round(SEGMENT_S * video.audio_rate_hz)
    blocks: list[Waveform] = []
    for block, damaged in sound(video, video.audio_rate_hz):
        if damaged:
            raise VideoError("unreadable", "damaged sound in its first 3 s")
        blocks.append(block)
        if sum(map(len, blocks)) >= n_wanted:
            break
    waveform = np.concatenate(blocks)[:n_wanted] if blocks else np.empty(0, np.float32)
    return Heard(waveform, video.audio_rate_hz, _frame(video))


def _frame(video: Video) -> Images:
    at = min(SEGMENT_S, video.seconds) / 2
    place = max(int(np.searchsorted(video.times_s, at, side="right")) - 1, 0)
    image: Image.Image | None = next((image for _, image in frames(video, [int(video.pts[place])])), None)
    if image is None:
        raise VideoError("unreadable", f"the frame at {at:g} s cannot be decoded")
    return np.asarray(image)
