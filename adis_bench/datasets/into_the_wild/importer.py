"""The importer of videos: ``adis-bench data into-the-wild --videos DIR --out D``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adis_bench.datasets.cutting import Cut
from adis_bench.datasets.ingest import Ingest, Ingested
from adis_bench.datasets.into_the_wild.listed import ListedVideo, identify, listed
from adis_bench.datasets.records import SEGMENT_S, Dataset
from adis_bench.datasets.skipped import Skipped
from adis_bench.datasets.sources import VideoFile, find_videos
from adis_bench.datasets.tagging.decide import VideoFlags
from adis_bench.datasets.video_dataset import SplitChoice, check_folders, find_tagger, save
from adis_bench.datasets.windows import Tails, Window, fixed_windows, is_short
from adis_bench.progress import say

APPENDIX_TEST_SHARE = 0.2
"""Share of the segments that the paper tests on. Source: its appendix (20 % of the audios)."""


@dataclass(frozen=True, slots=True)
class Options:
    """What ``adis-bench data into-the-wild`` can be told.

    Attributes:
        cut: frames and sounds.
        tails: whether a last piece of less than 3 s is kept, repeated to 3 s (the released rule), or left out.
        split: into train and test.
        processes: how many at once.
        name: the dataset's name; by default ``into_the_wild`` where every video is a listed one, else the folder's.
    """

    cut: Cut
    tails: Tails
    split: SplitChoice
    processes: int
    name: str | None = None


def import_videos(src: Path, out: Path, options: Options) -> Dataset:
    """Make a dataset of a folder of videos: segments [3i, 3i + 3) with their frames, sound and YAMNet's labels.

    Videos and pieces that cannot be used are counted and listed in ``notes["skipped"]``. Where YAMNet is not
    here, labels are ``unknown``; the same call with it later adds them and cuts nothing anew.

    Args:
        src: folder of videos; nothing in it is changed.
        out: folder of the dataset.
        options: see there.

    Raises:
        DataError: no videos in ``src``, nothing that can be used, or another dataset in ``out``.
        ConfigError: an option out of range.
    """
    options.split.check()
    root = out.resolve()
    fixed = {"importer": "into_the_wild", "cut": options.cut.facts(), "tails": options.tails}
    check_folders(src, root, fixed)
    found = find_videos(src, _listed_name)
    known = {file.name: video for file in found.files if (video := identify(file.path)) is not None}
    files = [replace(file, flags=_flags(known.get(file.name))) for file in found.files]
    tagger, untagged = find_tagger()
    if tagger is None:
        say(f"labels will be unknown: {untagged}; the same command with it later adds them")
    short: list[tuple[VideoFile, Window]] = []
    ingested = Ingest(root, options.cut, _plan(options.tails, short), tagger, options.processes).run(files)
    ingested.skipped += found.skipped
    ingested.skipped += [_dropped(file, window) for file, window in short]
    flagged = bool(known)
    return save(
        root,
        options.name or ("into_the_wild" if known and len(known) == len(files) else found.root.name),
        ingested,
        options.split,
        recipe={**fixed, "kind": _kind(ingested, options), "tagger": tagger.digest if tagger else None},
        notes={
            "labels_from": tagger.describe(flagged) if tagger else f"nothing: {untagged}",
            "n_ignored": found.n_ignored,
            **({"availability": _availability(ingested)} if known else {}),
        },
        untagged=untagged,
    )


def _listed_name(path: Path) -> str | None:
    video = identify(path)
    return video.youtube_id if video else None


def _flags(video: ListedVideo | None) -> VideoFlags | None:
    return VideoFlags(video.snow, video.forest, video.rain) if video else None


def _plan(tails: Tails, short: list[tuple[VideoFile, Window]]) -> Any:
    def plan(file: VideoFile, seconds: float) -> Sequence[Window]:
        windows = fixed_windows(seconds)
        if tails == "drop" and windows and is_short(windows[-1]):
            short.append((file, windows.pop()))
        return windows

    return plan


def _dropped(file: VideoFile, window: Window) -> Skipped:
    return Skipped(f"{file.where}#t={window.start_s:g},{window.end_s:g}", "too_short", "a tail of less than 3 s (--tails drop)")


def _listed_sources(ingested: Ingested) -> set[str]:
    """Ids of the listed videos that gave at least one segment."""
    ids = {video.youtube_id for video in listed()}
    return {segment.details["video"] for segment in ingested.segments} & ids


def _kind(ingested: Ingested, options: Options) -> str:
    """``into_the_wild`` where these are the paper's videos and nothing else, cut as the paper did (3 s, 8 frames, tails kept)."""
    names = {segment.details["video"] for segment in ingested.segments}
    as_published = options.tails == "repeat" and options.cut.n_frames == Cut().n_frames and options.cut.side == Cut().side
    return "into_the_wild" if as_published and names and names == _listed_sources(ingested) else "videos"


def _availability(ingested: Ingested) -> dict[str, Any]:
    present = _listed_sources(ingested)
    n = sum(segment.details["video"] in present for segment in ingested.segments)
    return {"listed": len(listed()), "present": len(present), "hours": round(n * SEGMENT_S / 3600, 2)}
