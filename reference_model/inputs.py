"""Anybody's images and sounds, made ready for a model: found, decoded, sized, cut to length, normalised."""

from pathlib import Path

import numpy as np
import torch
from PIL import ExifTags, Image, UnidentifiedImageError
from torch import Tensor

from adis_bench.datasets.inspection import upright
from adis_bench.datasets.media import Images, exact_length, read_audio
from adis_bench.errors import DataError
from reference_model.audio import N_SAMPLES, PEAK_HEADROOM, SAMPLE_RATE_HZ, normalise_peak
from reference_model.method import SIDE_STEP

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif")
"""What is looked for in a folder; a file that is named itself may be called anything that can be decoded."""
MAX_ASPECT = 8
"""Longest side over the shorter one with ``--keep-aspect``: a longer picture would not fit into memory."""
SILENT_PEAK = 1e-5 / PEAK_HEADROOM
"""Below it ``normalise_peak`` no longer brings a sound to full level (its guard against a division by zero)."""
_TURNED = {5, 6, 7, 8}  # EXIF orientations that exchange width and height


def files_of(path: Path, option: str, suffixes: tuple[str, ...]) -> list[Path]:
    """The file itself, or the files of a folder by name (hidden ones and subfolders left out).

    Raises:
        DataError: nothing there, or two files of one stem, whose outputs would have one name.
    """
    if not path.is_dir():
        if not path.is_file():
            raise DataError(f"{option} {path} does not exist or is not a file or folder")
        return [path]
    found = sorted(f for f in path.iterdir() if f.is_file() and f.suffix.lower() in suffixes and not f.name.startswith("."))
    if not found:
        raise DataError(f"{option} {path} holds no file named {', '.join('*' + s for s in suffixes)} (subfolders are not searched)")
    stems: dict[str, Path] = {}
    for file in found:
        if file.stem in stems:
            raise DataError(f"{option} {path} holds {stems[file.stem].name} and {file.name}: their outputs would have one name; rename one")
        stems[file.stem] = file
    return found


def photo_shape(path: Path, size: int) -> tuple[int, int]:
    """Height and width in pixels that keep an image's aspect ratio with its shorter side at ``size``.

    Raises:
        DataError: not an image, or longer than eight times its shorter side.
    """
    try:
        with Image.open(path) as image:
            width, height = image.size
            if image.getexif().get(ExifTags.Base.Orientation) in _TURNED:
                width, height = height, width
    except Exception as error:  # Pillow's decoders raise many kinds for a damaged file
        raise _unreadable(path, error) from error
    if max(height, width) > MAX_ASPECT * min(height, width):
        raise DataError(f"{path} is {width} x {height}: more than {MAX_ASPECT} times as long as wide; crop it, or leave out --keep-aspect")
    scale = size / min(height, width)
    return _rounded(height * scale), _rounded(width * scale)


def _rounded(side: float) -> int:
    return SIDE_STEP * max(1, round(side / SIDE_STEP))


def read_photo(path: Path, shape: tuple[int, int]) -> Images:
    """Decode an image, turned as its camera says, as uint8 [H, W, 3] of that (height, width); bicubic with antialiasing.

    Raises:
        DataError: not decodable.
    """
    try:
        image = Image.fromarray(upright(path))
    except Exception as error:  # Pillow's decoders raise many kinds for a damaged file
        raise _unreadable(path, error) from error
    return np.asarray(image.resize(shape[::-1], Image.Resampling.BICUBIC))


def _unreadable(path: Path, error: Exception) -> DataError:
    cause = "no known image format" if isinstance(error, UnidentifiedImageError) else str(error)
    return DataError(f"{path} is not a readable image ({cause})")


def read_sound(path: Path, start_s: float) -> Tensor:
    """Three seconds of a sound from ``start_s`` on, repeated where it ends before, as float32 [48000] at its own level.

    Raises:
        DataError: not decodable, too short for ``start_s``, or with samples that are not numbers.
    """
    samples, _ = read_audio(path, SAMPLE_RATE_HZ)
    start = round(start_s * SAMPLE_RATE_HZ)
    if start >= len(samples):
        raise DataError(f"{path} is {len(samples) / SAMPLE_RATE_HZ:.2f} s long: --start {start_s:g} lies past its end")
    if not np.isfinite(samples).all():
        raise DataError(f"{path} holds samples that are not numbers (NaN or infinity)")
    return torch.from_numpy(exact_length(samples[start:], N_SAMPLES))


def normalised(waveform: Tensor, name: str) -> Tensor:
    """A waveform [48000] divided by 1.1 times its peak, as in training.

    Raises:
        DataError: it is silent, so that there is nothing to raise.
    """
    if float(waveform.abs().max()) < SILENT_PEAK:
        raise DataError(
            f"{name} is silent in the 3 s that are used, and the model takes sounds of full level only; choose another --start or sound"
        )
    return normalise_peak(waveform[None])[0]
