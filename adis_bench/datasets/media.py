"""Reading and writing images and audio."""

import errno
import os
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from PIL import Image

from adis_bench.errors import DataError
from adis_bench.files import write_bytes
from adis_bench.printable import printable

Images = NDArray[np.uint8]
Waveform = NDArray[np.float32]
Resample = Callable[[Waveform, int, int], Waveform]
"""A waveform float32 [T], its rate and the wanted one, in Hz, to the waveform at that rate."""

MAX_PIXELS = 89_478_485
"""Images with more pixels than this are refused before any is decoded: a header can name as many as it likes.

Source: Pillow's ``MAX_IMAGE_PIXELS``, a quarter of a GiB as 8-bit RGB. Pillow only warns from there to twice as many; a
dataset's images are far smaller, and several are decoded at once.
"""
_QUIET = ("ignore", None, Image.DecompressionBombWarning, None, 0)


@contextmanager
def open_image(path: Path) -> Iterator[Image.Image]:
    """Open an image file, as ``PIL.Image.open`` does, within ``MAX_PIXELS``; the pixels are not decoded yet.

    Raises:
        ValueError: more pixels than that.
        OSError: missing, no regular file, or no image.
    """
    _refuse_pipes(path)
    # The limit below says more than Pillow's warning does. The filter is for the whole process, as
    # warnings.catch_warnings must not be used in threads.
    if _QUIET not in warnings.filters:
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(f"{image.width} x {image.height} pixels are {_TOO_MANY}")
            yield image
    except Image.DecompressionBombError:
        raise ValueError(f"the pixels that its header names are {_TOO_MANY}") from None


def _refuse_pipes(path: Path) -> None:
    """Whoever opens a pipe waits until somebody writes into it."""
    if not path.is_file():
        code = errno.EINVAL if path.exists() else errno.ENOENT
        raise OSError(code, "not a regular file" if code == errno.EINVAL else os.strerror(code), str(path))


_TOO_MANY = f"more than {MAX_PIXELS:,}, the limit; scale the image down"


def read_image(path: Path, size: int | None = None) -> Images:
    """Decode an image as uint8 [H, W, 3]; with ``size``, resized to [size, size, 3].

    The resize is bicubic with antialiasing and ignores the aspect ratio, as the release does
    (Tinglok/avstyle b09dc1e, data/base_dataset.py: ``Resize((size, size), BICUBIC)``).

    Raises:
        DataError: missing or not decodable.
    """
    try:
        with open_image(path) as image:
            rgb = as_rgb(image)
            if size is not None and rgb.size != (size, size):
                rgb = rgb.resize((size, size), Image.Resampling.BICUBIC)
            return np.asarray(rgb)
    except Exception as error:  # Pillow's decoders raise many kinds for a damaged file
        raise DataError(f"{printable(str(path))} is not a readable image ({printable(str(error))}); see `adis-bench data check`") from error


def as_rgb(image: Image.Image) -> Image.Image:
    """An image of any mode as 8-bit RGB; 16-bit grey is scaled, where Pillow's own conversion would clip it to white.

    Raises:
        ValueError: pixels of a range that nobody told.
    """
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        return Image.fromarray((np.asarray(image, np.uint32).clip(0, 65535) / 257).round().astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise ValueError(f"pixels of mode {image.mode} have no known range, save it with 8 or 16 bits")
    return image.convert("RGB")


def read_images(paths: list[Path], size: int) -> Images:
    """Decode images as one uint8 array [N, size, size, 3]."""
    return np.stack([read_image(path, size) for path in paths]) if paths else np.empty((0, size, size, 3), np.uint8)


def write_png(path: Path, image: Images) -> None:
    """Write uint8 [H, W, 3] as PNG, atomically."""
    buffer = BytesIO()
    # Level 1: outputs are read back many times and kept for a while; decode speed matters, size little.
    Image.fromarray(image).save(buffer, format="PNG", compress_level=1)
    write_bytes(path, buffer.getvalue())


def resampled(waveform: Waveform, rate_hz: int, wanted_hz: int) -> Waveform:
    """float32 [T] at another rate, by soxr (HQ)."""
    return np.asarray(soxr.resample(waveform, rate_hz, wanted_hz), dtype=np.float32)


def read_audio(
    path: Path, sample_rate_hz: int | None = None, resample: Resample = resampled, *, first_s: float | None = None
) -> tuple[Waveform, int]:
    """Decode audio as mono float32 [T] in [-1, 1] and its sample rate, resampled where asked for.

    Args:
        path: the file.
        sample_rate_hz: wanted rate; by default the file's own.
        resample: how that is reached.
        first_s: read no more than so many seconds from the start; by default all.

    Raises:
        DataError: missing, not decodable or without samples.
    """
    try:
        _refuse_pipes(path)
        _refuse_other_than_mpeg(path)
        with soundfile.SoundFile(path) as stream:
            rate = int(stream.samplerate)
            samples = stream.read(-1 if first_s is None else round(first_s * rate), dtype="float32", always_2d=True)
    except (OSError, RuntimeError, TypeError, ValueError) as error:  # soundfile's own for a file called .raw is a TypeError
        raise DataError(f"{printable(str(path))} is not readable audio ({printable(str(error))}); see `adis-bench data check`") from error
    if samples.shape[0] == 0:
        raise DataError(f"{printable(str(path))} holds no samples; see `adis-bench data check`")
    mono = np.ascontiguousarray(samples.mean(axis=1, dtype=np.float32))
    if sample_rate_hz is not None and sample_rate_hz != rate:
        mono = resample(mono, rate, sample_rate_hz)
        rate = sample_rate_hz
    return mono, rate


def _refuse_other_than_mpeg(path: Path) -> None:
    """libmpg123, which reads whatever is called .mp3, writes its doubts straight to the terminal; a text is told here.

    Source of the header's fields: ISO/IEC 11172-3, 2.4.2.3 (11 bits of sync, version, layer, bit rate, sample rate).
    """
    if path.suffix.lower() not in _MPEG_SUFFIXES:
        return
    with path.open("rb") as stream:
        head = stream.read(_MPEG_SEARCHED)
    if head and not head.startswith(b"ID3") and _MPEG_HEADER.search(head) is None and not head.startswith(_OTHER_FORMATS):
        raise ValueError("no MPEG audio in it")


_MPEG_SUFFIXES = {".mp3", ".mp2", ".mp1"}
_MPEG_SEARCHED = 1 << 16
"""Bytes; ours: what stands before the first header is a few kilobytes in files of any program, and ID3 tags are known by their name."""
_RATES = re.escape(bytes(bits << 4 | rate for bits in range(15) for rate in range(12)))
_MPEG_HEADER = re.compile(rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff][" + _RATES + rb"]")
_OTHER_FORMATS = (b"RIFF", b"fLaC", b"OggS", b"FORM")
"""Files of a wrong name that libsndfile reads all the same."""


def write_wav(path: Path, waveform: Waveform, sample_rate_hz: int) -> None:
    """Write float32 [T] as 16-bit mono WAV, atomically; values outside [-1, 1] are clipped."""
    write_bytes(path, wav_bytes(waveform, sample_rate_hz))


def wav_bytes(waveform: Waveform, sample_rate_hz: int) -> bytes:
    """float32 [T] as a 16-bit mono WAV file; values outside [-1, 1] are clipped."""
    buffer = BytesIO()
    soundfile.write(buffer, np.clip(waveform, -1.0, 1.0), sample_rate_hz, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def exact_length(waveform: Waveform, n_samples: int) -> Waveform:
    """Repeat a short waveform and cut to ``n_samples``: the released rule.

    Source: Tinglok/avstyle b09dc1e, data/unaligned_dataset.py.
    """
    repeats = -(-n_samples // waveform.shape[0])
    return np.tile(waveform, repeats)[:n_samples]


@lru_cache(maxsize=1024)
def segment_audio(path: Path, sample_rate_hz: int, n_samples: int, resample: Resample = resampled) -> Waveform:
    """A segment's sound as float32 [n_samples] at the wanted rate (cached: every method hears the same segments)."""
    waveform = exact_length(read_audio(path, sample_rate_hz, resample)[0], n_samples)
    waveform.setflags(write=False)
    return waveform
