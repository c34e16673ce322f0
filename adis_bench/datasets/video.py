"""Reading videos with PyAV: when every frame is shown, exactly the frames that are wanted, and the sound in step with them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import av
import numpy as np
import soxr
from av.container import InputContainer
from av.packet import Packet
from numpy.typing import NDArray
from PIL import Image

from adis_bench.datasets.media import Waveform
from adis_bench.datasets.skipped import SkipReason
from adis_bench.errors import DataError

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mkv", ".webm", ".mov", ".avi", ".mpg", ".mpeg", ".ts", ".flv", ".wmv", ".3gp", ".ogv"})
"""What is taken for a video in a folder, in lower case."""

_MICROSECONDS = 1_000_000  # FFmpeg's AV_TIME_BASE, the unit of a container's start
_DEFAULT_FPS = 25.0  # FFmpeg's own guess for raw streams
_AFTER_S = 1.0  # sound after the last picture belongs to no segment
_SILENCE = 1 << 18  # samples of a gap at a time: hours of silence need no memory
_RESYNC_S = 0.02
"""Timestamps in whole milliseconds jitter by less than this; a larger step is a gap or an overlap in the sound."""


class VideoError(DataError):
    """A video that cannot be used, with the reason of the closed list."""

    def __init__(self, reason: SkipReason, detail: str) -> None:
        super().__init__(detail)
        self.reason: SkipReason = reason


@dataclass(frozen=True)
class Video:
    """What a video file holds, known without decoding it.

    Attributes:
        path: the file.
        pts: presentation timestamps of all frames in order, int64 [n], in the stream's own unit; running numbers where
            the file has none (``counted``).
        times_s: the same in seconds from the file's start, float64 [n].
        keyframes: the timestamps among ``pts`` at which decoding can begin.
        seconds: time at which the last frame stops being shown.
        width, height: in pixels, as stored (before any rotation).
        fps: average frame rate.
        audio_rate_hz: sample rate of the first audio stream.
        start_s: the start of the file with the sound in its own time: zero of the sound, and of ``times_s`` where they are one.
        counted: the file has no timestamps; frames were counted at its frame rate.
        sound_path: where the sound is; the video itself, or a sound file that belongs to it.
    """

    path: Path
    pts: NDArray[np.int64]
    times_s: NDArray[np.float64]
    keyframes: NDArray[np.int64]
    seconds: float
    width: int
    height: int
    fps: float
    audio_rate_hz: int
    start_s: float
    sound_path: Path
    counted: bool = False

    def save(self, path: Path) -> None:
        """Write everything but the path to an ``.npz`` file."""
        arrays: dict[str, Any] = {name: np.asarray(getattr(self, name)) for name in _SAVED}
        np.savez(path, **arrays)

    @classmethod
    def load(cls, path: Path, table: Path, sound_path: Path | None = None) -> "Video":
        """The video at ``path`` as ``save`` wrote it to ``table``, with its sound in ``sound_path`` or in itself."""
        with np.load(table, allow_pickle=False) as arrays:
            facts = {name: arrays[name] if arrays[name].ndim else arrays[name].item() for name in _SAVED}
        return cls(path, **facts, sound_path=sound_path or path)


_SAVED = tuple(field.name for field in fields(Video) if field.type is not Path)


def probe(path: Path, sound_path: Path | None = None) -> Video:
    """List a video's frames: every packet is read, none is decoded (but in files without timestamps).

    Args:
        path: the video.
        sound_path: a sound file that begins with the video, where the sound isn't the video's own.

    Raises:
        VideoError: ``unreadable`` (no video in it, damaged, empty), or ``no_audio``.
    """
    with _opened(path) as container:
        if not container.streams.video:
            raise VideoError("unreadable", "no video stream in it")
        if sound_path is None and not container.streams.audio:
            raise VideoError("no_audio", "no audio stream in it")
        _check_decodable(container)
        stream = container.streams.video[0]
        unit, fps = float(stream.time_base or 0), float(stream.average_rate or stream.guessed_rate or 0)
        size = stream.width, stream.height
        listed = _listed(container)
        first_frame_s = min(listed.shown)[0] * unit if listed.shown else None
        start = _start_s(container, [time for time in (listed.first_sound_s, first_frame_s) if time is not None])
        heard = _Heard(container.streams.audio[0].rate or 0, start) if sound_path is None else None
    if not listed.n_packets:
        raise VideoError("unreadable", "no frame can be read: empty, or damaged from the start")
    if heard is not None and listed.first_sound_s is None:
        raise VideoError("no_audio", "an audio stream without sound")
    heard = heard or _heard(sound_path or path)
    if len(listed.shown) + listed.n_discarded < listed.n_packets or not unit:
        return _counted(path, fps or _DEFAULT_FPS, size, heard, sound_path or path)
    shown = sorted(listed.shown)
    pts = np.array([s[0] for s in shown], dtype=np.int64)
    times = (pts * unit - start).astype(np.float64)
    last_s = shown[-1][1] * unit or (1 / fps if fps else 0.0)
    keys = np.array([s[0] for s in shown if s[2]], dtype=np.int64)
    seconds = float(times[-1] + last_s)
    return Video(path, pts, times, keys, seconds, *size, fps, heard.rate_hz, heard.start_s, sound_path or path)


_LISTS = frozenset({"concat", "concatf", "image2", "hls", "dash", "sdp"})
"""Formats that name other files: a video's frames must be its own."""


def _check_decodable(container: InputContainer) -> None:
    if container.format.name in _LISTS:
        raise VideoError("unreadable", f"a list of other files ({container.format.name}), not a video")
    for stream in [*container.streams.video[:1], *container.streams.audio[:1]]:
        if getattr(stream, "codec_context", None) is None:
            raise VideoError("unreadable", f"no decoder for its {stream.type}")


@dataclass(frozen=True, slots=True)
class _Heard:
    """The sound's rate, and its start in its file's own time."""

    rate_hz: int
    start_s: float


def _heard(sound_path: Path) -> _Heard:
    """Of a sound file beside a video."""
    try:
        opened = _opened(sound_path)
    except VideoError as error:
        raise VideoError("unreadable", f"its sound {sound_path.name}: {error}") from error
    with opened as container:
        if not container.streams.audio:
            raise VideoError("no_audio", f"no sound in {sound_path.name}")
        _check_decodable(container)
        return _Heard(container.streams.audio[0].rate or 0, _start_s(container, ()))


@dataclass(slots=True)
class _Listed:
    """Packets of a file: (timestamp, duration, keyframe) of the frames that are shown, and counts."""

    shown: list[tuple[int, int, bool]]
    n_packets: int = 0
    n_discarded: int = 0
    first_sound_s: float | None = None


def _listed(container: InputContainer) -> _Listed:
    found = _Listed([])
    streams = [container.streams.video[0], *container.streams.audio[:1]]
    try:
        for packet in container.demux(*streams):
            if not packet.size:
                continue
            if packet.stream.type == "audio":
                if found.first_sound_s is None and packet.pts is not None:
                    found.first_sound_s = float(packet.pts * (packet.time_base or 0))
                continue
            found.n_packets += 1
            if packet.is_discard:  # an edit list hides it
                found.n_discarded += 1
            elif packet.pts is not None:
                found.shown.append((packet.pts, packet.duration or 0, packet.is_keyframe))
    except av.FFmpegError:
        pass  # what came before the damage can be used
    return found


def _start_s(container: InputContainer, firsts: Sequence[float]) -> float:
    if container.start_time is not None:
        return container.start_time / _MICROSECONDS
    return min(firsts, default=0.0)


def _opened(path: Path) -> InputContainer:
    try:
        return av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise VideoError("unreadable", f"not a readable file ({error_text(error)})") from error


def error_text(error: BaseException) -> str:
    """FFmpeg's words without the path, which the message around it names already."""
    return str(getattr(error, "strerror", None) or error)


def _counted(path: Path, fps: float, size: tuple[int, int], heard: _Heard, sound_path: Path) -> Video:
    """A file without timestamps (raw streams, some AVI): only decoding tells how many frames it has."""
    n = sum(1 for _ in _all_frames(path))
    if not n:
        raise VideoError("unreadable", "damaged: no frame can be decoded")
    numbers = np.arange(n, dtype=np.int64)
    return Video(path, numbers, numbers / fps, numbers[:1], n / fps, *size, fps, heard.rate_hz, heard.start_s, sound_path, counted=True)


def frames(video: Video, wanted: Sequence[int]) -> Iterator[tuple[int, Image.Image]]:
    """Decode frames by their timestamps, each exactly and upright; those that can't be decoded are left out.

    Decoding begins at the last keyframe before the first wanted frame and ends with the last. Frames that nothing
    refers to (most B-frames) are decoded only where they are wanted; where a decoder does not give all that way, the rest is
    looked for once more among all frames.

    Args:
        video: the video.
        wanted: values of ``video.pts``.

    Yields:
        A timestamp and the RGB image, turned as the file says.
    """
    left = set(wanted)
    for skip in (True, False):
        if not left:
            return
        for pts, frame in _decoded(video, set(left), skip):
            if pts in left and not frame.is_corrupt:
                left.discard(pts)
                yield pts, _upright(frame)
            if not left:
                return


def _decoded(video: Video, wanted: set[int], skip: bool) -> Iterator[tuple[int, av.VideoFrame]]:
    """Frames with their timestamps, or with running numbers where the file has none."""
    start, last = _range(video, wanted)
    with _opened(video.path) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1  # several processes share the cores, each with one thread
        # Some decoders (dav1d) read skip_frame once, when they open: they must not be told to skip then.
        stream.codec_context.open(strict=False)
        if container.format.name == "mpeg":
            start = None  # program streams are searched by guess, and their timestamps differ afterwards
        if start is not None:
            container.seek(start, stream=stream, backward=True)
        number = 0
        for packet in _packets(container, stream.index):
            if start is not None and packet.pts is not None and packet.is_keyframe:
                if packet.pts > start:  # the file's index sent us too far
                    yield from _decoded_from_start(video.path, wanted)
                    return
                start = None
            if skip and not video.counted:
                unwanted = packet.pts is not None and packet.pts not in wanted
                stream.codec_context.skip_frame = "NONREF" if unwanted else "DEFAULT"
            for frame in _frames_of(packet):
                pts = number if video.counted else frame.pts
                number += 1
                if pts is not None:
                    yield pts, frame
                    if pts > last:
                        return


def _decoded_from_start(path: Path, wanted: set[int]) -> Iterator[tuple[int, av.VideoFrame]]:
    for frame in _all_frames(path):
        if frame.pts in wanted:
            yield frame.pts, frame


def _all_frames(path: Path) -> Iterator[av.VideoFrame]:
    with _opened(path) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for packet in _packets(container, container.streams.video[0].index):
            yield from _frames_of(packet)


def _range(video: Video, wanted: set[int]) -> tuple[int | None, int]:
    """The keyframe to begin with, None for the file's start, and the last frame that matters."""
    before = video.keyframes[video.keyframes <= min(wanted)]
    seekable = not video.counted and before.size and before[-1] > video.pts[0]
    return (int(before[-1]) if seekable else None), max(wanted)


def _packets(container: InputContainer, index: int) -> Iterator["Packet[Any]"]:
    """Packets of one stream, up to where the file cannot be read any more."""
    try:
        yield from container.demux(container.streams[index])
    except av.FFmpegError:
        return


def _frames_of(packet: "Packet[Any]") -> list[av.VideoFrame]:
    try:
        return [frame for frame in packet.decode() if isinstance(frame, av.VideoFrame)]
    except av.FFmpegError:
        return []  # the frames stay missing, and whoever wanted them counts them


def _upright(frame: av.VideoFrame) -> Image.Image:
    """The picture as players show it: the file's display matrix sends (x, y) to (a x + c y, b x + d y)."""
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    sides: list[Any] = list(frame.side_data)
    matrix = next((bytes(side) for side in sides if side.type.name == "DISPLAYMATRIX"), None)
    if matrix is None:
        return image
    (a, b, _), (c, d, _), _ = np.frombuffer(matrix, np.int32).reshape(3, 3).tolist()
    across, down = a, d
    if abs(b) > abs(a):  # a quarter turn: x and y change places first
        image, across, down = image.transpose(Image.Transpose.TRANSPOSE), c, b
    if across < 0:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return image.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if down < 0 else image


def sound(video: Video, rate_hz: int) -> Iterator[tuple[Waveform, bool]]:
    """The first audio stream as mono (mean of the channels) at ``rate_hz``, from the video's start on, in blocks.

    Resampled by soxr (HQ) as one stream, so that pieces cut from it have no edges. Gaps in the sound are zeros.

    Args:
        video: the video.
        rate_hz: wanted sample rate.

    Yields:
        Blocks float32 [T], and whether a part of the block could not be decoded.
    """
    stream = soxr.ResampleStream(video.audio_rate_hz, rate_hz, 1, dtype="float32", quality="HQ")
    for block, damaged in _placed(video):
        made = stream.resample_chunk(block) if rate_hz != video.audio_rate_hz else block
        if made.size or damaged:
            yield made, damaged
    if rate_hz != video.audio_rate_hz:
        yield stream.resample_chunk(np.empty(0, np.float32), last=True), False


def _placed(video: Video) -> Iterator[tuple[Waveform, bool]]:
    """Decoded sound, where its timestamps put it: silence in gaps, overlaps cut, nothing long after the last picture."""
    rate = video.audio_rate_hz
    end = round((video.seconds + _AFTER_S) * rate)
    n_done, exact = 0, True
    for block, time_s, damaged in _decoded_sound(video):
        if time_s is not None:
            place = round((time_s - video.start_s) * rate)
            if exact or abs(place - n_done) > _RESYNC_S * rate:
                for start in range(n_done, min(place, end), _SILENCE):
                    yield np.zeros(min(place, end, start + _SILENCE) - start, np.float32), damaged
                n_done = max(n_done, min(place, end))
                block = block[max(n_done - place, 0) :]
                exact = not len(block)  # inside an overlap: the next block is placed to the sample too
        if n_done >= end:
            return
        n_done += len(block)
        yield block, damaged


def _decoded_sound(video: Video) -> Iterator[tuple[Waveform, float | None, bool]]:
    """Blocks at the file's own rate with their times, and whether something in or before them was damaged."""
    with _opened(video.sound_path) as container:
        stream = container.streams.audio[0]
        stream.codec_context.thread_count = 1
        planar = _Planar(video.audio_rate_hz)
        damaged = False
        for packet in _packets(container, stream.index):
            try:
                decoded: list[Any] = packet.decode()
                blocks = [(block, frame.time) for frame in decoded for block in planar.blocks(frame)]
            except av.FFmpegError:
                damaged = True
                continue
            for block, time_s in blocks:
                finite = bool(np.isfinite(block).all())
                yield block if finite else np.zeros_like(block), time_s, damaged or not finite
                damaged = False
        if damaged:
            yield np.empty(0, np.float32), None, True


class _Planar:
    """Frames of any sample format as mono at one rate; layout, format and rate may change in a file."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._form: tuple[str, str, int] | None = None

    def blocks(self, frame: Any) -> list[Waveform]:
        form = (frame.layout.name, frame.format.name, frame.sample_rate)
        if form != self._form:
            self._form, self._resampler = form, av.AudioResampler(format="fltp", rate=self._rate_hz)
        return [made.to_ndarray().mean(axis=0, dtype=np.float32) for made in self._resampler.resample(frame)]
