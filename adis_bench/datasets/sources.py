"""The videos of a folder: which files are meant, what they are called here, and what is left out."""

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adis_bench.datasets.raw import slug
from adis_bench.datasets.skipped import Skipped
from adis_bench.datasets.tagging.decide import VideoFlags
from adis_bench.datasets.video import VIDEO_SUFFIXES
from adis_bench.errors import DataError
from adis_bench.files import digest_bytes

_SAFE = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class VideoFile:
    """A video to import.

    Attributes:
        path: absolute path.
        where: relative to the folder, with ``/``; what messages call it.
        name: unique among the videos, safe in paths; what ids and files are called after.
        flags: what is known of it, or None.
        sound: a sound file that belongs to it, where its sound is not its own.
    """

    path: Path
    where: str
    name: str
    flags: VideoFlags | None = None
    sound: Path | None = None


@dataclass(frozen=True, slots=True)
class VideoFolder:
    """The videos of a folder, before any is opened.

    Attributes:
        root: the folder.
        files: in the order of their names.
        skipped: links that leave the folder or lead nowhere.
        n_ignored: files that are no videos by their names.
    """

    root: Path
    files: tuple[VideoFile, ...]
    skipped: tuple[Skipped, ...]
    n_ignored: int


def find_videos(src: Path) -> VideoFolder:
    """List a folder's videos, sub-folders included; nothing is opened.

    Args:
        src: the folder.

    Raises:
        DataError: no such folder, or no videos in it.
    """
    root = src.resolve()
    if not root.is_dir():
        raise DataError(f"{src} is not a folder; name the folder that holds the videos")
    paths: list[Path] = []
    skipped: list[Skipped] = []
    n_ignored = 0
    for path in _walk(root, skipped):
        where = path.relative_to(root).as_posix()
        if path.suffix.lower() not in VIDEO_SUFFIXES or path.name.startswith("."):
            n_ignored += 1
        elif not Path(os.path.realpath(path)).is_relative_to(root):
            skipped.append(Skipped(where, "unreadable", "a link that leaves the folder; copy the file instead"))
        elif not path.is_file():
            skipped.append(Skipped(where, "unreadable", "a link to nothing"))
        else:
            paths.append(path)
    if not paths and not skipped:
        endings = " ".join(sorted(VIDEO_SUFFIXES))
        raise DataError(f"no videos under {root} ({n_ignored} other files); looked for {endings}")
    names = _names([path.relative_to(root) for path in paths])
    files = tuple(VideoFile(path, path.relative_to(root).as_posix(), name) for path, name in zip(paths, names, strict=True))
    return VideoFolder(root, files, tuple(skipped), n_ignored)


def _walk(root: Path, skipped: list[Skipped]) -> Iterator[Path]:
    """Files in the order of their paths. Hidden folders (half-done downloads) are left alone, links to folders are listed."""

    def unreadable(error: OSError) -> None:
        where = Path(str(error.filename)).relative_to(root).as_posix()
        skipped.append(Skipped(where, "unreadable", f"a folder that cannot be read ({error.strerror})"))

    for folder, folders, names in os.walk(root, onerror=unreadable):
        visible = sorted(name for name in folders if not name.startswith("."))
        for name in visible:
            if Path(folder, name).is_symlink():
                where = Path(folder, name).relative_to(root).as_posix()
                skipped.append(Skipped(where, "unreadable", "a link to a folder; copy the folder instead"))
        folders[:] = visible
        yield from (Path(folder, name) for name in sorted(names))


def _names(paths: Sequence[Path]) -> list[str]:
    """Names that differ also where capitals don't count; names of files that collide get a digest of their path."""
    wanted = [path.stem if _SAFE.fullmatch(path.stem) else slug(path.stem) for path in paths]
    uses = Counter(name.lower() for name in wanted)
    return [
        name if name == path.stem and uses[name.lower()] == 1 else f"{name}-{digest_bytes(os.fsencode(path.as_posix()))[:8]}"
        for name, path in zip(wanted, paths, strict=True)
    ]
