"""The importer of videos: ``adis-bench data into-the-wild --videos DIR --out D``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adis_bench.datasets.cutting import Cut
from adis_bench.datasets.ingest import Ingest, Ingested
from adis_bench.datasets.into_the_wild.listed import ListedVideo, identify, listed
from adis_bench.datasets.records import SEGMENT_S, Dataset
from adis_bench.datasets.sources import VideoFile, find_videos
from adis_bench.datasets.tagging.decide import VideoFlags
from adis_bench.datasets.video_dataset import SplitChoice, check_folders, find_tagger, save
from adis_bench.datasets.windows import Tails, Window, fixed_windows
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
    found = find_videos(src)
    check_folders(src, root, fixed, [file.where for file in found.files])
    known = {file.where: video for file in found.files if (video := identify(file.path)) is not None}
    files, copies = _without_copies(found.files, known)
    tagger, untagged = find_tagger()
    if tagger is None:
        say(f"labels will be unknown: {untagged}; the same command with it later adds them")
    ingested = Ingest(root, options.cut, _plan, tagger, options.processes, whole_only=options.tails == "drop").run(files)
    ingested.skipped += found.skipped
    return save(
        root,
        options.name or ("into_the_wild" if known and len(known) == len(found.files) else found.root.name),
        ingested,
        options.split,
        recipe={**fixed, "kind": _kind(ingested, options), "tagger": tagger.digest if tagger else None},
        notes={
            "labels_from": tagger.describe(flagged=bool(known)) if tagger else f"nothing: {untagged}",
            "n_ignored": found.n_ignored,
            "copies": copies,
            **({"availability": _availability(ingested)} if known else {}),
        },
        untagged=untagged,
    )


def _plan(_file: VideoFile, seconds: float) -> list[Window]:
    return fixed_windows(seconds)


def _without_copies(files: Sequence[VideoFile], known: Mapping[str, ListedVideo]) -> tuple[list[VideoFile], list[dict[str, str]]]:
    """One file of each listed video, the first by its path, and which others were left out."""
    first: dict[str, VideoFile] = {}
    kept, copies = [], []
    for file in files:
        video = known.get(file.where)
        if video is None:
            kept.append(file)
        elif video.youtube_id in first:
            copies.append({"path": file.where, "same_video": first[video.youtube_id].where})
        else:
            first[video.youtube_id] = replace(file, name=video.youtube_id, flags=VideoFlags(video.snow, video.forest, video.rain))
            kept.append(first[video.youtube_id])
    return kept, copies


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
