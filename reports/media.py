"""Images, sounds and spectrograms of a report, as small files named by their content."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from adis_bench.datasets.media import read_audio, read_image, write_wav
from adis_bench.datasets.spectrogram import spectrogram
from adis_bench.errors import DataError
from adis_bench.files import atomic_path, digest_bytes, digest_file, write_bytes
from adis_bench.printable import printable
from reports.own_folder import refuse_link

MAX_SIDE = 256
"""Longest side of a picture in a report, in pixels."""
MAX_RATE_HZ = 32_000
"""Highest sample rate of a sound in a report: 3 s stay under 200 kB."""

_DIGITS = 20
_OUR_NAMES = re.compile(rf"[0-9a-f]{{{_DIGITS}}}\.[a-z0-9]+|\.tmp-[a-z0-9_]{{8}}\.[a-z0-9]+")
_NAMED = re.compile(r"[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9_-]*\.(svg|csv|tex)")  # a record must not be able to name any other file
_UNFINISHED = re.compile(r"\.tmp-[a-z0-9_]{8}\.(svg|csv|tex)")
_RECORD = "media/named.json"
_BEGUN = "media/begun"
_LOSSLESS_SIDE = 128  # below, chroma subsampling shows once the picture is enlarged


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the report's folder.

    Attributes:
        url: relative to ``index.html``.
        width, height: in pixels.
    """

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound in the report's folder, with its spectrogram.

    Attributes:
        url: relative to ``index.html``.
        spectrogram: picture of it.
        seconds: length.
        highest_hz: upper end of the spectrogram.
        rms_db: level in dB re full scale, None for digital silence.
    """

    url: str
    spectrogram: Picture
    seconds: float
    highest_hz: float
    rms_db: float | None


class MediaFolder:
    """Writes media under ``report/media`` and remembers what it wrote, so that leftovers can go.

    Names are digests of content and recipe: a file that is there is right, and an older page that is
    still in place keeps its pictures until the new one replaces it. Files with names of their own could be anybody's: ``media/named.json``
    says which ones the page wrote, with their digests, and no other is replaced or removed. ``media/begun`` stands for as long as a
    first page is being written: a folder that has it belongs to a page that was stopped, and can be written again.
    """

    def __init__(self, report_dir: Path) -> None:
        """Nothing is written yet.

        Args:
            report_dir: folder of the page.

        Raises:
            DataError: its folder of media is a link to elsewhere.
        """
        self.folder = report_dir
        self._kept: set[Path] = set()
        self._named: dict[str, str] = {}
        refuse_link(report_dir / "media")
        self._before = _read_record(report_dir / _RECORD)

    def begin(self, *folders: str) -> None:
        """Say that a page is being written here, ahead of its first file; ``prune`` ends that.

        Args:
            folders: names of folders beside the page that ``add_named`` will write to.

        Raises:
            DataError: one of them is a link to elsewhere; nothing is written.
        """
        for name in folders:
            refuse_link(self.folder / name)
        write_bytes(self.folder / _BEGUN, b"")

    @staticmethod
    def was_begun(folder: Path) -> bool:
        """Whether a page was begun in a folder and stopped before its end: what lies in the page's own folders there is the page's."""
        return (folder / _BEGUN).is_file() and not (folder / "media").is_symlink()

    def add(self, content: bytes, suffix: str) -> str:
        """Write ``content`` and return its address relative to ``index.html``."""
        path = self._place(digest_bytes(content), suffix)
        if not path.is_file():
            write_bytes(path, content)
        return self._url(path)

    def add_named(self, name: str, content: bytes) -> str:
        """Write ``content`` under a name that others can rely on (``figures/scores.svg``), and return that.

        Raises:
            DataError: its folder is a link to elsewhere, or something else has that name.
        """
        path, digest = self.folder / name, digest_bytes(content)
        refuse_link(path.parent)
        # A page of an earlier version has no record: what stands in the folders of its page counts as its own.
        if self._before is not None and name not in self._before and path.exists() and digest_file(path) != digest:
            raise DataError(f"{printable(str(path))} was not written by this page; move it, or choose another folder with --out")
        self._kept.add(path)
        self._named[name] = digest
        if self._before is not None and self._before.get(name) != digest:
            # Ahead of the file: a writer that is stopped must know its own files the next time.
            write_bytes(self.folder / _RECORD, _record({**self._before, **self._named}))
        write_bytes(path, content)
        return name

    def place(self, digest: str, suffix: str) -> Path:
        """Where the file of this digest (hex) lies or will lie; threads may ask. ``keep`` makes it part of the report."""
        return self.folder / "media" / f"{digest[:_DIGITS]}{suffix}"

    def keep(self, path: Path) -> str:
        """Make a file of ``place`` part of the report and return its address relative to ``index.html``."""
        self._kept.add(path)
        return self._url(path)

    def image(self, path: Path, side: int) -> Picture:
        """An image as the methods see it ([side, side]), at most ``MAX_SIDE``; lossless where small.

        Raises:
            DataError: missing or not decodable.
        """
        shown = min(side, MAX_SIDE)
        picture = Image.fromarray(read_image(path, side))
        if shown != side:
            picture = picture.resize((shown, shown), Image.Resampling.LANCZOS)
        return Picture(self.add(*_encoded(picture)), shown, shown)

    def sound(self, path: Path) -> Sound:
        """A sound as 16-bit WAV of at most ``MAX_RATE_HZ``, with its spectrogram.

        Raises:
            DataError: missing or not decodable.
        """
        samples, rate = read_audio(path)
        if rate <= MAX_RATE_HZ and _is_plain_wav(path):
            url = self.add(path.read_bytes(), ".wav")
        else:
            samples, rate = read_audio(path, min(rate, MAX_RATE_HZ))
            target = self._place(digest_bytes(samples.tobytes() + str(rate).encode()), ".wav")
            if not target.is_file():
                with atomic_path(target) as temporary:
                    write_wav(temporary, samples, rate)
            url = self._url(target)
        pixels = spectrogram(samples, rate)
        picture = Picture(self.add(*_encoded(Image.fromarray(pixels))), pixels.shape[1], pixels.shape[0])
        rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
        return Sound(url, picture, len(samples) / rate, rate / 2, None if rms == 0 else 20 * float(np.log10(rms)))

    @property
    def n_bytes(self) -> int:
        """Size of all media of this report."""
        return sum(path.stat().st_size for path in self._kept) + (len(_record(self._named)) if self._named else 0)

    def prune(self) -> None:
        """Remove media of earlier reports, by their names, and what a stopped one left; after ``index.html`` is in place.

        Of the files of ``add_named`` those go that an earlier page's record names and that are still as it wrote them.
        """
        for path in (self.folder / "media").glob("*"):
            if _OUR_NAMES.fullmatch(path.name) and path.is_file() and path not in self._kept:
                path.unlink()
        for name, digest in (self._before or {}).items():
            path = self.folder / name
            if name not in self._named and not path.parent.is_symlink() and _is_still(path, digest):
                path.unlink()
        for folder in {(self.folder / name).parent for name in self._named}:
            for path in folder.glob(".tmp-*"):
                # Of the atomic writer: parts of files, which nobody reads.
                if _UNFINISHED.fullmatch(path.name) and path.is_file():
                    path.unlink()
        if self._named:
            write_bytes(self.folder / _RECORD, _record(self._named))
        else:
            (self.folder / _RECORD).unlink(missing_ok=True)
        (self.folder / _BEGUN).unlink(missing_ok=True)

    def _place(self, digest: str, suffix: str) -> Path:
        path = self.place(digest, suffix)
        self._kept.add(path)
        return path

    def _url(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def _record(named: Mapping[str, str]) -> bytes:
    return (json.dumps(named, indent=1, sort_keys=True) + "\n").encode()


def _read_record(path: Path) -> Mapping[str, str] | None:
    """The named files of an earlier page with their digests; None where there is no record, or one of something else."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(isinstance(digest, str) and _NAMED.fullmatch(name) for name, digest in found.items()):
        return None
    return found


def _is_still(path: Path, digest: str) -> bool:
    return path.is_file() and not path.is_symlink() and digest_file(path) == digest


def _is_plain_wav(path: Path) -> bool:
    facts = soundfile.info(path)
    return bool(facts.format == "WAV" and facts.subtype == "PCM_16" and facts.channels == 1)


def _encoded(picture: Image.Image) -> tuple[bytes, str]:
    buffer = BytesIO()
    if max(picture.size) <= _LOSSLESS_SIDE:
        picture.save(buffer, format="PNG", optimize=True)
        return buffer.getvalue(), ".png"
    picture.save(buffer, format="WEBP", quality=88, method=4)
    return buffer.getvalue(), ".webp"
