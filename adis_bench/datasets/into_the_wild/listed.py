"""The 94 videos that Into the Wild was cut from, and which of them a file is."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ListedVideo:
    """A row of the published list.

    Attributes:
        youtube_id: 11 characters, case-sensitive; it may begin with ``-`` or ``_``.
        snow: the list's flag. Of the three flags one is set, except for one video that has none.
        forest: the list's flag.
        rain: the list's flag.
        minutes: duration in minutes; the list gives no unit, see ``listed``.
    """

    youtube_id: str
    snow: bool
    forest: bool
    rain: bool
    minutes: float


@cache
def listed() -> tuple[ListedVideo, ...]:
    """The 94 videos in the list's order; ``videos.csv`` comes with the package.

    Source: Tinglok/avstyle b09dc1e, dataset/Into-the-Wild/metadata.xlsx (columns ID, Snow, Forest, Rain,
    Duration; stray tabs were taken off three ids). That durations are minutes is an inference: they
    add up to 3,028, and the paper's 56,820 segments of 3 s are 2,841 minutes.
    """
    text = files(__package__).joinpath("videos.csv").read_text(encoding="utf-8")
    return tuple(
        ListedVideo(row["youtube_id"], row["snow"] == "1", row["forest"] == "1", row["rain"] == "1", float(row["minutes"]))
        for row in csv.DictReader(text.splitlines())
    )


def is_named(path: Path, youtube_id: str) -> bool:
    """Whether a file's name says that it is the video ``youtube_id``.

    Three names do: ``<id>.mp4``; ``any title [<id>].mp4``, yt-dlp's default; ``any title-<id>.mp4``, youtube-dl's.
    """
    return path.stem == youtube_id or path.stem.endswith((f"[{youtube_id}]", f"-{youtube_id}"))


def identify(path: Path) -> ListedVideo | None:
    """The listed video that a file is by its name (see ``is_named``); None where its name says none."""
    return next((video for video in listed() if is_named(path, video.youtube_id)), None)
