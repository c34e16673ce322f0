"""The importer of Greatest Hits: ``adis-bench data greatest-hits --root DIR --out D``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adis_bench.datasets.cutting import Cut
from adis_bench.datasets.greatest_hits.archive import Event, Recording, read_archive
from adis_bench.datasets.ingest import Ingest
from adis_bench.datasets.records import SEGMENT_S, Dataset
from adis_bench.datasets.sources import VideoFile
from adis_bench.datasets.video_dataset import SplitChoice, check_folders, save
from adis_bench.datasets.windows import Window, fixed_windows

Segments = Literal["events", "fixed"]

MATERIALS: Mapping[str, str] = {material: material for material in ("dirt", "grass", "gravel", "leaf", "water")}
"""The outdoor materials that the paper trains on. Source: its appendix."""
APPENDIX_TEST_SHARE = 0.15
"""Share of the audios that the paper tests on. Source: its appendix."""
N_FRAMES = 4
"""Frames per segment. Source: the appendix's 32,172 images are 4 for each of its 8,043 audios."""


@dataclass(frozen=True, slots=True)
class Options:
    """What ``adis-bench data greatest-hits`` can be told.

    Attributes:
        segments: ``events``: 3 s around every event of an outdoor material; ``fixed``: [3i, 3i + 3) by the material that
            most of its events have. The paper's own unit is unknown; its 8,043 audios fit one for each event.
        cut: frames and sounds.
        split: into train and test.
        processes: how many at once.
        name: the dataset's name.
    """

    segments: Segments
    cut: Cut
    split: SplitChoice
    processes: int
    name: str = "greatest_hits"


def import_archive(src: Path, out: Path, options: Options) -> Dataset:
    """Make a dataset of the archive's outdoor materials; labels are the annotators' materials.

    Args:
        src: folder that vis-data-256.zip (or vis-data.zip) unpacks to; nothing in it is changed.
        out: folder of the dataset.
        options: see there.

    Raises:
        DataError: no archive in ``src``, nothing that can be used, or another dataset in ``out``.
        ConfigError: an option out of range.
    """
    options.split.check()
    root = out.resolve()
    fixed = {"importer": "greatest_hits", "cut": options.cut.facts(), "segments": options.segments}
    recordings, skipped = read_archive(src)
    check_folders(src, root, fixed, [recording.file.where for recording in recordings])
    planned = _Planned(options.segments, {recording.file.name: recording for recording in recordings})
    files = [recording.file for recording in recordings if any(event.material in MATERIALS for event in recording.events)]
    ingested = Ingest(root, options.cut, planned, None, options.processes).run(files)
    ingested.skipped += skipped
    return save(
        root,
        options.name,
        ingested,
        options.split,
        recipe={**fixed, "kind": "greatest_hits"},
        notes={
            "labels_from": "the annotators' materials (*_times.txt)",
            "n_videos_without_outdoor_events": len(recordings) - len(files),
            "events": _event_counts(recordings),
            "windows": dict(planned.counts),
            "n_bad_lines": sum(recording.n_bad_lines for recording in recordings),
        },
        displays=MATERIALS,
    )


def _event_counts(recordings: Sequence[Recording]) -> dict[str, int]:
    """Events by what they are of: each outdoor material, ``other materials``, ``no material``."""
    materials = Counter(event.material for recording in recordings for event in recording.events)
    outdoor = {material: materials.pop(material, 0) for material in MATERIALS}
    unlabelled = materials.pop("", 0)
    return {**outdoor, "other materials": sum(materials.values()), "no material": unlabelled}


class _Planned:
    """The windows of every recording, and counts of what gave none."""

    def __init__(self, segments: Segments, recordings: Mapping[str, Recording]) -> None:
        self.segments, self.recordings = segments, recordings
        self.counts: Counter[str] = Counter()

    def __call__(self, file: VideoFile, seconds: float) -> Sequence[Window]:
        events = self.recordings[file.name].events
        return self._around(events, seconds) if self.segments == "events" else self._fixed(events, seconds)

    def _around(self, events: Sequence[Event], seconds: float) -> list[Window]:
        """3 s with the event in the middle, moved into the video; of events that give one piece that nearest to its middle counts."""
        nearest: dict[float, tuple[float, Window]] = {}
        for number, event in enumerate(events, start=1):
            if event.material not in MATERIALS:
                continue
            if event.time_s > seconds:
                self.counts["event after the video's end"] += 1
                continue
            start = max(0.0, min(event.time_s - SEGMENT_S / 2, seconds - SEGMENT_S))
            end = min(start + SEGMENT_S, seconds)
            off = abs(event.time_s - (start + end) / 2)
            if start in nearest:
                self.counts["same piece as another event's"] += 1
            if start not in nearest or off < nearest[start][0]:
                nearest[start] = off, Window(number, start, end, event.material)
        windows = [window for _, window in nearest.values()]
        self.counts["cut"] += len(windows)
        return windows

    def _fixed(self, events: Sequence[Event], seconds: float) -> list[Window]:
        windows = []
        for window in fixed_windows(seconds):
            found = Counter(e.material for e in events if window.start_s <= e.time_s < window.end_s and e.material)
            # Of equally frequent materials the first in time: Counter keeps the order of events.
            material = found.most_common(1)[0][0] if found else ""
            if material in MATERIALS:
                windows.append(Window(window.number, window.start_s, window.end_s, material))
            else:
                self.counts["mostly other materials" if material else "no material"] += 1
        self.counts["cut"] += len(windows)
        return windows
