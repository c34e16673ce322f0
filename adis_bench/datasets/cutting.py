"""Cutting one video: its sound into segments, frames into pictures, each written and described."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from adis_bench.datasets.inspection import SILENT_PEAK
from adis_bench.datasets.media import Waveform, exact_length, write_wav
from adis_bench.datasets.phash import perceptual_hash
from adis_bench.datasets.records import SEGMENT_S
from adis_bench.datasets.video import Video, frames, sound
from adis_bench.datasets.windows import FrameRule, Window, window_frames
from adis_bench.files import digest_bytes, digest_file, write_bytes

Resize = Literal["antialiased", "released"]

LEAST_S = 0.1
"""A tail with less sound than this is left out: repeated to 3 s it would be a tone of its own length. Ours."""
_JPEG_QUALITY = 95  # the release wrote JPEG of unknown quality; at 95 the error is below a grey level or two
_FLOOR_DB = -120.0


@dataclass(frozen=True, slots=True)
class Cut:
    """How videos are cut; part of a dataset's recipe.

    Attributes:
        frame_rule: which frames, see ``windows.window_frames``.
        n_frames: frames per segment (8 in the release).
        side: width and height of the pictures in pixels (512 in the release); the aspect ratio is ignored.
        resize: ``antialiased`` is bicubic with antialiasing; ``released`` is bilinear between the four nearest pixels
            (Tinglok/avstyle b09dc1e, video2jpg.py).
        rate_hz: sample rate of the sounds, mono.
    """

    frame_rule: FrameRule = "uniform"
    n_frames: int = 8
    side: int = 512
    resize: Resize = "antialiased"
    rate_hz: int = 48_000

    def facts(self) -> dict[str, Any]:
        """JSON-compatible."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a video's segments go: ``audio/<name>/`` and ``frames/<name>/`` below ``root``."""

    root: Path
    name: str

    def audio(self, window: Window) -> Path:
        """The segment's sound."""
        return self.root / "audio" / self.name / f"{self.segment_id(window)}.wav"

    def frame(self, window: Window, k: int) -> Path:
        """The segment's frame ``k``, from 0; files count from 1, as the release does."""
        return self.root / "frames" / self.name / f"{self.segment_id(window)}-{k + 1}.jpg"

    def segment_id(self, window: Window) -> str:
        """The release's form: ``<video>_clip<N>``."""
        return f"{self.name}_clip{window.number}"


def cut_sound(video: Video, windows: Sequence[Window], cut: Cut, place: Place) -> list[dict[str, Any]]:
    """Write the sound of every window that has one; a row for each window, in order.

    Args:
        video: the video.
        windows: in the order of their starts; they may overlap.
        cut: sample rate.
        place: where to.

    Returns:
        Rows with ``number``, and either ``sha256``, ``seconds`` (of sound before it was repeated) and ``level_db``,
        or ``skip``: ``silent``, ``too_short`` (less than 0.1 s of sound) or ``unreadable``.
    """
    rows = []
    for window, (wave, damaged) in zip(windows, _slices(video, windows, cut.rate_hz), strict=True):
        row: dict[str, Any] = {"number": window.number}
        if damaged:
            row["skip"] = "unreadable"
        elif len(wave) < LEAST_S * cut.rate_hz:
            row["skip"] = "too_short"
        elif float(np.abs(wave).max()) < SILENT_PEAK:
            row["skip"] = "silent"
        else:
            path = place.audio(window)
            write_wav(path, exact_length(wave, round(SEGMENT_S * cut.rate_hz)), cut.rate_hz)
            row |= {"sha256": digest_file(path), "seconds": round(len(wave) / cut.rate_hz, 6), "level_db": _level_db(wave)}
        rows.append(row)
    return rows


def _level_db(wave: Waveform) -> float:
    power = float(np.mean(np.square(wave, dtype=np.float64)))
    return round(max(10 * math.log10(power), _FLOOR_DB), 2) if power else _FLOOR_DB


def _slices(video: Video, windows: Sequence[Window], rate_hz: int) -> Iterator[tuple[Waveform, bool]]:
    """Each window's sound and whether any of it was damaged; only what the windows still need is kept in memory."""
    held = np.empty(0, np.float32)
    offset = 0  # place of held[0] in the whole sound
    damages: list[int] = []
    stream = sound(video, rate_hz)
    ended = False
    for window in windows:
        start, stop = round(window.start_s * rate_hz), round(window.end_s * rate_hz)
        blocks = [held]
        n_held = len(held)
        while not ended and offset + n_held < stop:
            block, damaged = next(stream, (None, False))
            if block is None:
                ended = True
                break
            if damaged:
                damages.append(offset + n_held)
            blocks.append(block)
            n_held += len(block)
        held = np.concatenate(blocks) if len(blocks) > 1 else held
        skipped = min(max(start - offset, 0), len(held))
        held, offset = held[skipped:], offset + skipped
        yield held[: max(stop - offset, 0)], any(start <= at <= stop for at in damages)


def cut_frames(video: Video, windows: Sequence[Window], cut: Cut, place: Place) -> list[dict[str, Any]]:
    """Write the frames of every window; a row for each window, in order.

    Returns:
        Rows with ``number``, and either ``sha256`` and ``phash`` (one a frame), or ``skip``: ``unreadable`` where a
        frame cannot be decoded.
    """
    uses: dict[int, list[tuple[Window, int]]] = defaultdict(list)
    for window in windows:
        for k, index in enumerate(window_frames(video.times_s, window, cut.frame_rule, cut.n_frames)):
            uses[int(video.pts[index])].append((window, k))
    made: dict[tuple[int, int], tuple[str, str]] = {}
    for pts, image in frames(video, list(uses)):
        small = _resized(image, cut)
        buffer = BytesIO()
        small.save(buffer, format="JPEG", quality=_JPEG_QUALITY)
        content = buffer.getvalue()
        facts = digest_bytes(content), perceptual_hash(np.asarray(small))
        for window, k in uses[pts]:
            write_bytes(place.frame(window, k), content)
            made[window.number, k] = facts
    return [_frames_row(window, [made.get((window.number, k)) for k in range(cut.n_frames)]) for window in windows]


def _frames_row(window: Window, found: Sequence[tuple[str, str] | None]) -> dict[str, Any]:
    facts = [frame for frame in found if frame is not None]
    if len(facts) < len(found):
        return {"number": window.number, "skip": "unreadable"}
    return {"number": window.number, "sha256": [sha256 for sha256, _ in facts], "phash": [phash for _, phash in facts]}


def _resized(image: Image.Image, cut: Cut) -> Image.Image:
    size = (cut.side, cut.side)
    if image.size == size:
        return image
    if cut.resize == "antialiased":
        return image.resize(size, Image.Resampling.BICUBIC)
    # Pillow's resize always antialiases; its affine transform is the bilinear interpolation of torch and OpenCV.
    scale = image.width / cut.side, image.height / cut.side
    return image.transform(size, Image.Transform.AFFINE, (scale[0], 0, 0, 0, scale[1], 0), Image.Resampling.BILINEAR)
