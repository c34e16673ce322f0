"""The archive as it unpacks: videos, sounds, and what was hit when."""

import math
from dataclasses import dataclass
from pathlib import Path

from adis_bench.datasets.skipped import Skipped
from adis_bench.datasets.sources import VideoFile
from adis_bench.errors import DataError

TIMES = "_times.txt"
VIDEOS = ("_denoised.mp4", "_mic.mp4")
"""Endings of a recording's video, the better first."""
SOUNDS = ("_denoised.wav", "_mic.wav")


@dataclass(frozen=True, slots=True)
class Event:
    """A line of ``<id>_times.txt``.

    Attributes:
        time_s: when, in seconds from the video's start.
        material: what was hit; empty where nobody labelled it.
        action: ``hit`` or ``scratch``; empty where nobody labelled it.
    """

    time_s: float
    material: str
    action: str


@dataclass(frozen=True, slots=True)
class Recording:
    """One video with its events.

    Attributes:
        file: video and sound.
        events: by their times.
        n_bad_lines: lines of ``<id>_times.txt`` that say no time.
    """

    file: VideoFile
    events: tuple[Event, ...]
    n_bad_lines: int


def read_archive(root: Path) -> tuple[list[Recording], list[Skipped]]:
    """The recordings of the archive, by their ids, and those that lack a file.

    Files lie flat, as ``<id>_denoised.mp4``, ``<id>_denoised.wav`` and ``<id>_times.txt``, in ``root`` or in a folder (or two) below it, as
    vis-data-256.zip unpacks.

    Raises:
        DataError: no such folder, or no ``*_times.txt`` in it.
    """
    root = root.resolve()
    if not root.is_dir():
        raise DataError(f"{root} is not a folder; name the folder that vis-data-256.zip unpacks to")
    folder = next((path for path in (root, *sorted(root.glob("*/")), *sorted(root.glob("*/*/"))) if any(path.glob(f"*{TIMES}"))), None)
    if folder is None:
        raise DataError(f"no *{TIMES} in {root} or below; name the folder that vis-data-256.zip unpacks to")
    recordings, skipped = [], []
    times = {path.name.removesuffix(TIMES): path for path in sorted(folder.glob(f"*{TIMES}"))}
    unlabelled = {path.name.removesuffix(VIDEOS[0]) for path in folder.glob(f"*{VIDEOS[0]}")} - set(times)
    skipped += [Skipped(f"{name}{VIDEOS[0]}", "unreadable", f"no {name}{TIMES}: what is hit is unknown") for name in sorted(unlabelled)]
    for name, path in times.items():
        video, sound = _first(folder, name, VIDEOS, root), _first(folder, name, SOUNDS, root)
        if video is None:
            skipped.append(Skipped(path.name, "unreadable", f"no {name}{VIDEOS[0]} beside it"))
            continue
        events, n_bad = read_times(path)
        recordings.append(Recording(VideoFile(video, video.relative_to(root).as_posix(), name, sound=sound), events, n_bad))
    return recordings, skipped


def _first(folder: Path, name: str, endings: tuple[str, ...], root: Path) -> Path | None:
    candidates = [folder / f"{name}{ending}" for ending in endings]
    return next((path for path in candidates if path.is_file() and path.resolve().is_relative_to(root)), None)


def read_times(path: Path) -> tuple[tuple[Event, ...], int]:
    """The events of a ``<id>_times.txt`` by their times, and the number of lines that can't be read.

    Lines are ``time material action reaction``, without a header, separated by spaces; ``None`` stands for what nobody labelled.
    """
    events, n_bad = [], 0
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        words = ["" if word == "None" else word for word in line.split()]
        if not words:
            continue
        try:
            time_s = float(words[0])
        except ValueError:
            time_s = math.nan
        if not time_s >= 0 or math.isinf(time_s):
            n_bad += 1
            continue
        material, action = (*words[1:3], "", "")[:2]
        events.append(Event(time_s, material, action))
    return tuple(sorted(events, key=lambda event: event.time_s)), n_bad
