"""From a folder of videos to segments: look, cut sounds, tag them, cut frames, each step in processes and only once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from adis_bench.datasets.cutting import Cut, Place, cut_frames, cut_sound
from adis_bench.datasets.records import SEGMENT_S, Segment
from adis_bench.datasets.skipped import Skipped, SkipReason
from adis_bench.datasets.sources import VideoFile
from adis_bench.datasets.tagging.decide import VideoFlags
from adis_bench.datasets.tagging.work import Tagger, tagged
from adis_bench.datasets.units import Record, Unit, records
from adis_bench.datasets.video import Video, VideoError, probe
from adis_bench.datasets.windows import Window
from adis_bench.errors import is_storage_error
from adis_bench.files import atomic_path, digest_file, digest_json

VERSION = 1
"""Raised whenever the same videos and options give other segments."""
WORK_NAME = "ingest"
"""Folder of the records by which a second call continues where the first one stopped."""
FRAMES_AT_ONCE = 50
"""Segments whose frames are one unit of work: what a killed call loses at most, 150 s of video per process."""

_LONG_RUN = 1000  # pieces of one video with one reason: 50 minutes; ours
_ROUNDED_S = 1e-3  # lengths of sounds are whole numbers of samples

Plan = Callable[[VideoFile, float], Sequence[Window]]
"""The windows of a video of so many seconds, by their starts."""


@dataclass(frozen=True, slots=True)
class Source:
    """A video that can be read, and what is cut from it.

    Attributes:
        file: the video.
        facts: ``seconds``, ``width``, ``height``, ``fps``, ``audio_rate_hz``, ``sha256``.
        group: name of the first video of the same bytes; what may never be on both sides of a split.
        windows: what is cut.
    """

    file: VideoFile
    facts: Mapping[str, Any]
    group: str
    windows: tuple[Window, ...]


@dataclass(slots=True)
class Ingested:
    """What an ingest gives: segments, still all in ``train``, and everything that was left out."""

    segments: list[Segment] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def notes(self) -> dict[str, Any]:
        """The sources and what was left out, JSON-compatible."""
        counts = {name: len(list(members)) for name, members in groupby(s.details["video"] for s in self.segments)}
        rows = [
            {"name": s.file.name, "path": s.file.where, "n_segments": counts.get(s.file.name, 0)}
            | {key: s.facts[key] for key in ("seconds", "width", "height", "fps", "audio_rate_hz")}
            for s in self.sources
        ]
        return {"sources": rows, "skipped": [skip.to_json() for skip in self.skipped]}


@dataclass(frozen=True, slots=True)
class Ingest:
    """An ingest into ``root``.

    Attributes:
        root: folder of the dataset.
        cut: how videos are cut.
        plan: which windows.
        tagger: names the sounds; None leaves the windows' own labels, or ``unknown``.
        processes: how many at once; 0 stays in this process.
        whole_only: leave out what has less than 3 s of sound.
    """

    root: Path
    cut: Cut
    plan: Plan
    tagger: Tagger | None
    processes: int
    whole_only: bool = False

    def run(self, files: Sequence[VideoFile]) -> Ingested:
        """Cut all videos; what an earlier call has done is kept.

        Raises:
            OSError: a full or read-only disk; what was done remains.
        """
        result = Ingested()
        result.sources = self._looked_at(files, result)
        sounds = self._sounds(result.sources)
        tags = self._tags(result.sources, sounds)
        kept = [self._kept(source, heard, tag, result) for source, heard, tag in zip(result.sources, sounds, tags, strict=True)]
        pictures = self._frames(result.sources, kept)
        for source, windows, *rows in zip(result.sources, kept, sounds, tags, pictures, strict=True):
            self._assemble(source, windows, rows, result)
        return result

    def _unit(self, name: str, step: str, key: Sequence[Any], work: Callable[..., Record], *arguments: Any, **extra: Any) -> Unit:
        return Unit(self.root / WORK_NAME / name / f"{step}.json", digest_json([VERSION, step, *key]), work, arguments, **extra)

    def _looked_at(self, files: Sequence[VideoFile], result: Ingested) -> list[Source]:
        units = []
        for file in files:
            table = self._table(file.name)
            stats = [path.stat() for path in (file.path, *([file.sound] if file.sound else []))]
            key = [file.where, [[stat.st_size, stat.st_mtime_ns] for stat in stats]]
            units.append(self._unit(file.name, "look", key, _look, file, table, holds=_Table(table)))
        sources: list[Source] = []
        groups: dict[str, str] = {}
        for file, record in zip(files, records(units, "look at videos", self.processes), strict=True):
            if "crashed" in record:
                record = {"skip": "unreadable", "detail": "the decoder crashed on it"}
            if "skip" in record:
                result.skipped.append(Skipped(file.where, record["skip"], record["detail"]))
                continue
            group = groups.setdefault(record["sha256"], file.name)
            sources.append(Source(file, record, group, tuple(self.plan(file, record["seconds"]))))
        return sources

    def _table(self, name: str) -> Path:
        return self.root / WORK_NAME / name / "frames.npz"

    def _sounds(self, sources: Sequence[Source]) -> list[dict[int, Record]]:
        units = []
        for source in sources:
            place = Place(self.root, source.file.name)
            key = [source.facts["sha256"], self.cut.rate_hz, _windows_key(source.windows)]
            arguments = (source.file, self._table(source.file.name), source.windows, self.cut, place)
            unit = self._unit(
                source.file.name, "sound", key, _sound, *arguments, weight=max(len(source.windows), 1), holds=_Holds(place, source.windows)
            )
            units.append(unit)
        return [_by_number(record) for record in records(units, "cut sounds", self.processes)]

    def _tags(self, sources: Sequence[Source], sounds: Sequence[Mapping[int, Record]]) -> list[dict[int, Record]]:
        if self.tagger is None:
            return [{} for _ in sources]
        units = []
        for source, heard in zip(sources, sounds, strict=True):
            place = Place(self.root, source.file.name)
            audible = [window for window in source.windows if "sha256" in heard.get(window.number, {})]
            key = [self.tagger.key(), _flags_key(source.file.flags), [heard[window.number]["sha256"] for window in audible]]
            arguments = (self.tagger, source.file.flags, [(window.number, place.audio(window)) for window in audible])
            units.append(self._unit(source.file.name, "tags", key, tagged, *arguments, weight=max(len(audible), 1)))
        return [_by_number(record) for record in records(units, "tag sounds", self.processes)]

    def _kept(self, source: Source, heard: Mapping[int, Record], tags: Mapping[int, Record], result: Ingested) -> tuple[Window, ...]:
        """The windows that have a sound worth a picture; the others are listed."""
        skips: list[tuple[Window, SkipReason, str]] = []
        for window in source.windows:
            row = heard.get(window.number, {"skip": "unreadable"})
            if "skip" in row:
                skips.append((window, row["skip"], row.get("detail") or _SOUND_SKIPS[row["skip"]]))
            elif self.whole_only and row["seconds"] < SEGMENT_S - _ROUNDED_S:
                skips.append((window, "too_short", "less than 3 s (--tails drop)"))
            elif tags.get(window.number, {}).get("is_music"):
                skips.append((window, "music", "dominated by music"))
        if len(skips) == len(source.windows) and len({reason for _, reason, _ in skips}) == 1:
            result.skipped.append(Skipped(source.file.where, skips[0][1], f"all of it: {skips[0][2]}"))
            return ()
        result.skipped += _pieces(source, skips)
        gone = {window.number for window, *_ in skips}
        return tuple(window for window in source.windows if window.number not in gone)

    def _frames(self, sources: Sequence[Source], kept: Sequence[Sequence[Window]]) -> list[dict[int, Record]]:
        """Units are stretches of all windows, so that they stay the same when tags come and some windows go."""
        units, owners = [], []
        for owner, (source, wanted) in enumerate(zip(sources, kept, strict=True)):
            place, numbers = Place(self.root, source.file.name), {window.number for window in wanted}
            for start in range(0, len(source.windows), FRAMES_AT_ONCE):
                stretch = source.windows[start : start + FRAMES_AT_ONCE]
                windows = [window for window in stretch if window.number in numbers]
                if not windows:
                    continue
                key = [source.facts["sha256"], self.cut.facts(), _windows_key(stretch)]
                arguments = (source.file, self._table(source.file.name), windows, self.cut, place)
                holds = _Holds(place, windows, self.cut.n_frames)
                step = f"frames-{stretch[0].number:05d}"
                units.append(self._unit(source.file.name, step, key, _frames, *arguments, weight=len(windows), holds=holds))
                owners.append(owner)
        pictures: list[dict[int, Record]] = [{} for _ in sources]
        for owner, record in zip(owners, records(units, "cut frames", self.processes), strict=True):
            pictures[owner].update(_by_number(record))
        return pictures

    def _assemble(self, source: Source, windows: Sequence[Window], rows: Sequence[Mapping[int, Record]], result: Ingested) -> None:
        heard, tags, pictures = rows
        for window in windows:
            seen = pictures.get(window.number, {"skip": "unreadable"})
            if "skip" in seen:
                result.skipped.append(_piece(source, window, seen["skip"], seen.get("detail") or "a frame cannot be decoded"))
                continue
            result.segments.append(self._segment(source, window, heard[window.number], tags.get(window.number), seen))

    def _segment(self, source: Source, window: Window, heard: Record, tag: Record | None, seen: Record) -> Segment:
        place = Place(self.root, source.file.name)
        details = {"video": source.file.name, "start_s": window.start_s, "seconds": heard["seconds"], "phash": seen["phash"]}
        details |= {"level_db": heard["level_db"]} | ({"tags": tag["tags"]} if tag else {})
        n = len(seen["sha256"])
        return Segment(
            segment_id=place.segment_id(window),
            label=window.label or (tag["label"] if tag else "unknown"),
            split="train",
            audio_path=place.audio(window),
            audio_sha256=heard["sha256"],
            audio_group=source.group,
            frame_paths=tuple(place.frame(window, k) for k in range(n)),
            frame_sha256=tuple(seen["sha256"]),
            frame_groups=(source.group,) * n,
            sample_rate_hz=self.cut.rate_hz,
            details=details,
        )


_SOUND_SKIPS: Mapping[str, str] = {
    "silent": "below -60 dB of full scale throughout",
    "too_short": "less than 0.1 s of sound",
    "unreadable": "its sound cannot be decoded",
}


def _piece(source: Source, window: Window, reason: SkipReason, detail: str) -> Skipped:
    return Skipped(f"{source.file.where}#t={window.start_s:g},{window.end_s:g}", reason, detail)


def _pieces(source: Source, skips: Sequence[tuple[Window, SkipReason, str]]) -> list[Skipped]:
    """One entry for each piece; a long run of one reason is one entry (a wrong timestamp makes a hundred thousand)."""
    found: list[Skipped] = []
    for (reason, detail), members in groupby(skips, key=lambda skip: skip[1:]):
        windows = [window for window, *_ in members]
        if len(windows) > _LONG_RUN:
            whole = Window(windows[0].number, windows[0].start_s, windows[-1].end_s)
            found.append(_piece(source, whole, reason, f"{len(windows)} pieces: {detail}"))
        else:
            found += [_piece(source, window, reason, detail) for window in windows]
    return found


def _flags_key(flags: VideoFlags | None) -> dict[str, bool] | None:
    return None if flags is None else asdict(flags)


def _windows_key(windows: Sequence[Window]) -> list[list[float]]:
    return [[window.number, window.start_s, window.end_s] for window in windows]


def _by_number(record: Record) -> dict[int, Record]:
    return {row["number"]: row for row in record.get("rows", ())}


@dataclass(frozen=True, slots=True)
class _Holds:
    """Whether a record has all windows that are wanted, and their files: sounds, or frames where ``n_frames`` is given."""

    place: Place
    windows: Sequence[Window]
    n_frames: int = 0

    def __call__(self, record: Record) -> bool:
        rows = _by_number(record)
        if any(window.number not in rows for window in self.windows):
            return False
        made = [window for window in self.windows if "skip" not in rows[window.number]]
        if not self.n_frames:
            return all(self.place.audio(window).is_file() for window in made)
        return all(self.place.frame(window, k).is_file() for window in made for k in range(self.n_frames))


@dataclass(frozen=True, slots=True)
class _Table:
    """Whether the table of frames that a record belongs to is there."""

    path: Path

    def __call__(self, record: Record) -> bool:
        return "skip" in record or self.path.is_file()


def _look(file: VideoFile, table: Path) -> Record:
    try:
        video = probe(file.path, file.sound)
    except VideoError as error:
        return {"skip": error.reason, "detail": str(error)}
    except Exception as error:
        return {"skip": "unreadable", "detail": _odd(error)}
    with atomic_path(table) as temporary:
        video.save(temporary)
    digests = [digest_file(path) for path in (file.path, file.sound) if path]
    return {**{name: getattr(video, name) for name in _FACTS}, "sha256": digest_json(digests) if file.sound else digests[0]}


_FACTS = ("seconds", "width", "height", "fps", "audio_rate_hz")


def _sound(file: VideoFile, table: Path, windows: Sequence[Window], cut: Cut, place: Place) -> Record:
    return _rows(cut_sound, file, table, windows, cut, place)


def _frames(file: VideoFile, table: Path, windows: Sequence[Window], cut: Cut, place: Place) -> Record:
    return _rows(cut_frames, file, table, windows, cut, place)


def _rows(work: Callable[..., list[Record]], file: VideoFile, table: Path, windows: Sequence[Window], cut: Cut, place: Place) -> Record:
    try:
        return {"rows": work(Video.load(file.path, table, file.sound), windows, cut, place)}
    except Exception as error:
        detail = _odd(error)
        return {"rows": [{"number": window.number, "skip": "unreadable", "detail": detail} for window in windows]}


def _odd(error: Exception) -> str:
    """One odd file may fail in any way, and costs itself only; a full disk concerns all and is raised.

    Raises:
        OSError: the disk is full, read-only or not ours.
    """
    if is_storage_error(error):
        raise error
    return f"{type(error).__name__}: {error}"
