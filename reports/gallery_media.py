"""Pictures and sounds of the gallery: a strip of thumbnails for each pair, each sound once, all within a bound."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from PIL import Image

from adis_bench.datasets.media import read_image
from adis_bench.datasets.spectrogram import spectrogram
from adis_bench.errors import DataError
from adis_bench.files import digest_file, digest_json, write_bytes
from adis_bench.study.blind_media import sound_bytes
from reports.data import PairRow, RunData
from reports.media import MediaFolder

SOURCE_CELL = 0
"""The source's place in a strip; methods follow in the report's order."""

_RECIPE = 1  # part of every name: a change of how files are made gives them other names
_GAP = 128  # grey of a cell without a picture; the page draws its own gap over it
_WEBP_LIMIT = 16_383  # pixels of a side. Source: the WebP container's specification, 14 bits
_EFFORT = 30  # of lossless WebP with method 2: a third of the time of method 4 for 5 % more bytes (strips of the demo world)
_SPECTROGRAM_QUALITY = 60  # ours: 4 kB each, no difference at the size of a thumbnail


@dataclass(frozen=True, slots=True)
class Level:
    """How sharp strips are.

    Attributes:
        side: of a cell, in pixels; the run's resolution where that is smaller.
        quality: of WebP, 0 to 100; None is lossless.
    """

    side: int
    quality: int | None

    @property
    def words(self) -> str:
        """For readers."""
        return f"{self.side} × {self.side} pixels, {'without loss' if self.quality is None else f'WebP quality {self.quality}'}"


LADDER = (Level(128, None), Level(256, 90), Level(256, 80), Level(192, 80), Level(128, 80), Level(96, 80), Level(64, 75), Level(48, 70))
"""From sharp to small: the first whose estimated total fits the bound is taken; lossless only where that is the run's resolution.

Ours. Lossy WebP halves the resolution of colour, which shows once a small picture is enlarged; at quality 90 the 64-pixel
pictures of the demo world can hardly be told from lossless ones at twice their size and take 1.3 of 4.4 kB. Below 48 pixels the
marks of a style are no longer seen.
"""


@dataclass(frozen=True, slots=True)
class Strip:
    """Source and outputs of a pair side by side in one file.

    Attributes:
        path: of the file in the report.
        n_bytes: its size.
        gaps: places whose picture is missing, with the reason.
    """

    path: Path
    n_bytes: int
    gaps: dict[int, str]


@dataclass(frozen=True, slots=True)
class HeardSound:
    """A target sound as MP3 with its spectrogram.

    Attributes:
        path, spectrogram: files in the report.
        n_bytes: size of both.
        seconds: length.
        highest_hz: upper end of the spectrogram.
    """

    path: Path
    spectrogram: Path
    n_bytes: int
    seconds: float
    highest_hz: float


def levels(resolution: int, n_cells: int) -> tuple[Level, ...]:
    """The ladder for outputs of [resolution, resolution] and strips of ``n_cells``, each step once.

    At least one remains: 341 cells of 48 pixels are as wide as WebP allows, more cells get a smaller side.
    """
    widest = max(1, _WEBP_LIMIT // n_cells)
    fitting = [step for step in LADDER if step.quality is not None or step.side >= resolution]
    capped = [Level(min(step.side, resolution, widest), step.quality) for step in fitting]
    return tuple(dict.fromkeys(capped))


def strip_paths(run: RunData, pair: PairRow) -> list[Path]:
    """The pictures of a strip: source, then every method and control."""
    return [pair.source_path, *(run.output_path(m.label, pair.pair_id) for m in run.methods)]


class StripMaker:
    """Makes strips of one level; threads share it.

    Args:
        run: whose pairs.
        media: the report's folder.
        level: side and quality.
    """

    def __init__(self, run: RunData, media: MediaFolder, level: Level) -> None:
        self._run, self._media, self._level = run, media, level

    def __call__(self, pair: PairRow) -> Strip:
        """The strip of a pair; encoded only where no earlier report has made it from the same files.

        Missing and damaged pictures become gaps.
        """
        paths = strip_paths(self._run, pair)
        digests = [digest_file(path) if path.is_file() else "" for path in paths]
        key = [_RECIPE, self._run.results.resolution, self._level.side, self._level.quality, digests]
        suffix = ".png" if self._level.side * len(paths) > _WEBP_LIMIT else ".webp"
        place = self._media.place(digest_json(key), suffix)
        gaps = {cell: "no output" if cell else "image missing" for cell, digest in enumerate(digests) if not digest}
        if not place.is_file():
            pictures = _pictures(paths, self._run.results.resolution)
            damaged = [cell for cell, picture in enumerate(pictures) if picture is None and cell not in gaps]
            if damaged:
                gaps |= dict.fromkeys(damaged, "cannot be read")
                # Another name: under the plain one, the next report would take the strip without looking for damage.
                place = self._media.place(digest_json([key, damaged]), suffix)
            write_bytes(place, _encoded(pictures, self._level))
        return Strip(place, place.stat().st_size, gaps)


def strip_sizes(run: RunData, pair: PairRow, steps: Sequence[Level]) -> list[int]:
    """Bytes that the strip of a pair takes at each of several levels; writes nothing."""
    pictures = _pictures(strip_paths(run, pair), run.results.resolution)
    return [len(_encoded(pictures, step)) for step in steps]


def _pictures(paths: Sequence[Path], resolution: int) -> list[NDArray[np.uint8] | None]:
    """uint8 [resolution, resolution, 3] each, as the methods saw them; None for what is missing or damaged."""

    def picture(path: Path) -> NDArray[np.uint8] | None:
        try:
            return read_image(path, resolution)
        except DataError:
            return None

    return [picture(path) for path in paths]


def _encoded(pictures: Sequence[NDArray[np.uint8] | None], level: Level) -> bytes:
    side = level.side
    strip = Image.new("RGB", (side * len(pictures), side), (_GAP, _GAP, _GAP))
    for place, pixels in enumerate(pictures):
        if pixels is not None:
            picture = Image.fromarray(pixels)
            strip.paste(picture if picture.width == side else picture.resize((side, side), Image.Resampling.LANCZOS), (place * side, 0))
    buffer = BytesIO()
    if strip.width > _WEBP_LIMIT:
        strip.save(buffer, format="PNG")
    elif level.quality is None:
        strip.save(buffer, format="WEBP", lossless=True, quality=_EFFORT, method=2)
    else:
        strip.save(buffer, format="WEBP", quality=level.quality, method=4)
    return buffer.getvalue()


class SoundMaker:
    """Makes sounds and their spectrograms; threads share it."""

    def __init__(self, media: MediaFolder) -> None:
        self._media = media

    def __call__(self, path: Path) -> HeardSound | None:
        """The sound of a file; None where it is missing or damaged. Encoded only where no earlier report did.

        Raises:
            OSError: it cannot be written.
        """
        try:
            digest = digest_file(path)
            sound = self._media.place(digest_json([_RECIPE, "mp3", digest]), ".mp3")
            picture = self._media.place(digest_json([_RECIPE, "spectrogram", _SPECTROGRAM_QUALITY, digest]), ".webp")
            made = {} if sound.is_file() and picture.is_file() else dict(zip((sound, picture), _sound_and_picture(path), strict=True))
            seconds = soundfile.info(path).duration
        except (DataError, OSError, RuntimeError):  # a report outlives its dataset
            return None
        # Outside: a full disk must not pass for a missing sound.
        for place, content in made.items():
            write_bytes(place, content)
        rate_hz = soundfile.info(sound).samplerate
        return HeardSound(sound, picture, sound.stat().st_size + picture.stat().st_size, seconds, rate_hz / 2)


def _sound_and_picture(path: Path) -> tuple[bytes, bytes]:
    """A sound as MP3, and its spectrogram as WebP."""
    content, samples, rate = sound_bytes(path, "mp3")
    buffer = BytesIO()
    Image.fromarray(spectrogram(samples, rate)).save(buffer, format="WEBP", quality=_SPECTROGRAM_QUALITY, method=4)
    return content, buffer.getvalue()
