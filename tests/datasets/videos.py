"""Videos whose every frame says its own number, with clicks at known times."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 64
_BITS = 12


def numbered_frame(number: int, width: int = SIDE, height: int = SIDE) -> NDArray[np.uint8]:
    """A frame of 4 x 3 blocks, black or white: the binary digits of its number."""
    bits = np.array([(number >> k) & 1 for k in range(_BITS)], np.uint8).reshape(3, 4) * 255
    rows, columns = np.arange(height) * 3 // height, np.arange(width) * 4 // width
    return np.repeat(bits[rows][:, columns][:, :, None], 3, axis=2)


def number_of(image: Image.Image) -> int:
    """The number that a frame shows, whatever was done to its size."""
    grey = np.asarray(image.convert("L").resize((8, 6), Image.Resampling.BOX), float)
    bits = grey.reshape(3, 2, 4, 2).mean(axis=(1, 3)).ravel() > 127
    return int(sum(1 << k for k in range(_BITS) if bits[k]))


def clicks(seconds: float, rate_hz: int, times_s: Sequence[float], seed: int = 0) -> NDArray[np.float32]:
    """Quiet noise with one full sample at each time."""
    wave = np.random.default_rng(seed).normal(0, 0.01, round(seconds * rate_hz)).astype(np.float32)
    wave[[round(time * rate_hz) for time in times_s]] = 0.9
    return wave


def write_video(
    path: Path,
    n_frames: int,
    *,
    fps: int = 30,
    codec: str = "libx264",
    b_frames: int = 2,
    gop: int = 12,
    size: tuple[int, int] = (SIDE, SIDE),
    wave: NDArray[np.float32] | None = None,
    rate_hz: int = 48_000,
    audio_codec: str = "pcm_s16le",
    audio_start_s: float = 0.0,
    pts_ms: Sequence[int] | None = None,
    first: int = 0,
    container_format: str | None = None,
) -> Path:
    """Write a video whose frames are numbered from ``first``; ``pts_ms`` gives each its own time, else they are ``fps`` a second."""
    with av.open(str(path), "w", format=container_format) as out:
        video = out.add_stream(codec, rate=fps)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.codec_context.max_b_frames, video.codec_context.gop_size = b_frames, gop
        if pts_ms is not None:
            video.codec_context.time_base = Fraction(1, 1000)
        audio = None
        if wave is not None:
            audio = out.add_stream(audio_codec, rate=rate_hz)
            audio.layout = "mono"
        for number in range(n_frames):
            frame = av.VideoFrame.from_ndarray(numbered_frame(first + number, *size), format="rgb24")
            frame.pts, frame.time_base = (number, Fraction(1, fps)) if pts_ms is None else (pts_ms[number], Fraction(1, 1000))
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None and wave is not None:
            _write_sound(out, audio, wave, rate_hz, audio_start_s)
    return path


def _write_sound(out, audio, wave, rate_hz: int, start_s: float) -> None:
    block = 1024
    planar = audio.codec_context.format.name if audio.codec_context.format else "s16"
    for start in range(0, len(wave), block):
        part = wave[start : start + block]
        samples = part[None] if planar.startswith("flt") else np.round(part * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(samples, format=planar, layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, start + round(start_s * rate_hz), Fraction(1, rate_hz)
        out.mux(audio.encode(frame))
    out.mux(audio.encode(None))


def turn_upright_by(path: Path, degrees: int) -> None:
    """Make an MP4 say that players should turn it clockwise by 90, 180 or 270 degrees."""
    write_matrix(path, *{90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[degrees])


def write_matrix(path: Path, a: int, b: int, c: int, d: int) -> None:
    """Write the display matrix of an MP4's first track: x becomes a x + c y, y becomes b x + d y."""
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 4 + 40  # version 0: flags 4, times and ids 20, reserved 8, layer to reserved 8
    values = [value * 0x10000 for value in (a, b, 0, c, d, 0, 0, 0)]
    content[place : place + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in values) + (0x40000000).to_bytes(4, "big")
    path.write_bytes(content)
