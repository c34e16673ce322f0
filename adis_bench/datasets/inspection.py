"""Looking at one image, listening to one sound: readable, empty, silent, clipped, and what it holds."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from PIL import ImageOps, UnidentifiedImageError

from adis_bench.datasets.faults import Finding
from adis_bench.datasets.media import Images, Waveform, as_rgb, open_image, read_audio
from adis_bench.datasets.records import SEGMENT_S
from adis_bench.errors import DataError
from adis_bench.files import digest_file

SILENT_PEAK = 1e-3
"""A sound whose loudest sample is below -60 dB of full scale is counted as silent; nobody hears it beside another."""
_CLIPPED_LEVEL = 0.999
_CLIPPED_RUN = 3
"""So many samples in a row at full scale are a flat top; single ones come from normalising the peak."""


@dataclass(frozen=True, slots=True)
class Look:
    """What an image file holds.

    Attributes:
        sha256: digest of the bytes.
        content: digest of the decoded pixels; equal for the same picture in two formats.
        suffix: ``.jpg`` or ``.png`` where the file can be kept as it is, empty where it must be converted.
        flat: one colour throughout.
    """

    sha256: str
    content: str
    suffix: str
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """What a sound file holds.

    Attributes:
        sha256: digest of the bytes.
        content: digest of the decoded samples; equal for the same sound in two lossless formats.
        sample_rate_hz: sample rate.
        seconds: length.
        silent: below -60 dB throughout its first 3 s.
        clipped: flat tops in its first 3 s.
    """

    sha256: str
    content: str
    sample_rate_hz: int
    seconds: float
    silent: bool
    clipped: bool


def look(path: Path, name: str) -> Look | Finding:
    """Decode an image; a fault instead where that fails."""
    try:
        if path.stat().st_size == 0:
            return Finding("empty", name, "0 bytes")
        with open_image(path) as image:
            upright = image.getexif().get(_EXIF_ORIENTATION, 1) == 1
            suffix = {"JPEG": ".jpg", "PNG": ".png"}.get(image.format or "", "") if upright else ""
            pixels = np.asarray(as_rgb(image))
        sha256 = digest_file(path)
    except Exception as error:  # Pillow's decoders raise many kinds for a damaged file
        return Finding("unreadable", name, f"not a readable image ({_cause(error)})")
    content = hashlib.sha256(f"{pixels.shape}".encode())
    content.update(np.ascontiguousarray(pixels).data)
    flat = bool((pixels[0] == pixels[0, 0]).all() and (pixels == pixels[0, 0]).all())
    return Look(sha256, content.hexdigest(), suffix, flat)


_EXIF_ORIENTATION = 0x0112
_LIBMPG123_GAVE_UP = 7
"""libsndfile says SFE_BAD_FILE ("does not exist") of a file that is there and that libmpg123 could not read."""


def listen(path: Path, name: str) -> tuple[Sound, Waveform] | Finding:
    """Decode a sound as mono; a fault instead where that fails."""
    found = samples_of(path, name)
    if isinstance(found, Finding):
        return found
    waveform, rate = found
    head = np.abs(waveform[: round(SEGMENT_S * rate)])
    content = hashlib.sha256(f"{rate}".encode())
    content.update(waveform.data)
    facts = Sound(digest_file(path), content.hexdigest(), rate, len(waveform) / rate, bool(head.max() < SILENT_PEAK), _is_clipped(head))
    return facts, waveform


def samples_of(path: Path, name: str, first_s: float | None = None) -> tuple[Waveform, int] | Finding:
    """A sound as mono float32 [T] in [-1, 1], or as much of its start, and its rate in Hz; a fault instead where that fails."""
    try:
        if path.stat().st_size == 0:
            return Finding("empty", name, "0 bytes")
        waveform, rate = read_audio(path, first_s=first_s)
    except MemoryError:
        return Finding("unreadable", name, "not a readable sound (its header names more samples than memory holds)")
    except (OSError, DataError) as error:
        if isinstance(error, DataError) and error.__cause__ is None:
            return Finding("empty", name, "no samples")
        return Finding("unreadable", name, f"not a readable sound ({_cause(error)})")
    if not np.isfinite(waveform).all():
        return Finding("unreadable", name, "samples that are not numbers (NaN or infinity)")
    return waveform, rate


def _is_clipped(magnitudes: Waveform) -> bool:
    full = magnitudes >= _CLIPPED_LEVEL
    n = len(full) - _CLIPPED_RUN + 1
    return n > 0 and bool(np.logical_and.reduce([full[k : k + n] for k in range(_CLIPPED_RUN)]).any())


def _cause(error: Exception) -> str:
    """The decoder's own words, without the path that the finding names already."""
    cause = error.__cause__ or error
    if isinstance(cause, UnidentifiedImageError):
        return "no known image format"
    if isinstance(cause, soundfile.LibsndfileError):
        if cause.code == _LIBMPG123_GAVE_UP:
            return "no known sound format"
        # Some codes (a cut FLAC's) have no text in the libsndfile that soundfile brings along.
        return str(cause.error_string).rstrip(".") or f"damaged or cut, libsndfile error {cause.code}"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) or type(cause).__name__


def upright(path: Path) -> Images:
    """Decode an image as uint8 [H, W, 3], turned as its EXIF orientation says."""
    with open_image(path) as image:
        return np.asarray(as_rgb(ImageOps.exif_transpose(image)))
