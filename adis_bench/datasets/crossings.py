"""What is on both sides of a split: files of the same content, and pieces of one recording, photograph or video."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adis_bench.datasets.faults import Finding
from adis_bench.datasets.inspection import Look, Sound
from adis_bench.datasets.records import HEADER_NAME, Dataset, Segment
from adis_bench.datasets.splits import Kind

Facts = Mapping[str, Look | Sound]


@dataclass(frozen=True, slots=True)
class Media:
    """A file to examine, and what uses it.

    Attributes:
        path: absolute path.
        name: relative to the folder, with ``/``.
        kind: ``image`` or ``audio``.
        sha256: digest of its bytes by the index; empty in a folder that is not imported yet.
        users: segments that list it.
    """

    path: Path
    name: str
    kind: Kind
    sha256: str = ""
    users: tuple[Segment, ...] = ()

    @property
    def splits(self) -> set[str]:
        """Splits of the segments that use it."""
        return {segment.split for segment in self.users}

    @property
    def groups(self) -> set[str]:
        """Recordings, photographs or videos that the index says it comes from."""
        if self.kind == "audio":
            return {segment.audio_group for segment in self.users}
        return {s.frame_groups[s.frame_paths.index(self.path)] for s in self.users}


def media_of(dataset: Dataset) -> list[Media]:
    """Every file of the index once, in the order of the paths, with all segments that use it."""
    found: dict[Path, tuple[Kind, str]] = {}
    users: dict[Path, tuple[Segment, ...]] = {}
    for segment in dataset.segments:
        sounds: list[tuple[Path, Kind, str]] = [(segment.audio_path, "audio", segment.audio_sha256)] if segment.has_sound else []
        frames = zip(segment.frame_paths, segment.frame_sha256, strict=True)
        for path, kind, sha256 in (*sounds, *((path, "image", sha256) for path, sha256 in frames)):
            found.setdefault(path, (kind, sha256))
            users[path] = (*users.get(path, ()), segment)
    return [Media(path, path.relative_to(dataset.root).as_posix(), *found[path], users[path]) for path in sorted(found)]


def changed(media: Sequence[Media], facts: Facts) -> Iterator[Finding]:
    """Files whose bytes are not those that the index names."""
    for item in media:
        found = facts.get(item.name)
        if found is not None and found.sha256 != item.sha256:
            yield Finding("changed", item.name, "its bytes are not those that were imported; import the dataset again")


def crossings(dataset: Dataset, media: Sequence[Media], facts: Facts) -> list[Finding]:
    """What is several times in a dataset, or on both sides of its split.

    Files of the same content in two videos, and pieces of one video in test and another split, are told one by one. What
    is alike within a video is the camera standing still: a remark with its count. A dataset that was split by segment has
    pieces of its videos on both sides by its rule, which is one remark too, and no fault.
    """
    rule = dataset.recipe.get("split")
    if rule is None:
        return [*duplicates(media, facts), *_groups_across(dataset)]
    alike: list[list[Media]] = []
    apart: list[list[Media]] = []
    for same in _same_contents(media, facts):
        in_one_video = len(set().union(*(item.groups for item in same))) == 1
        (alike if in_one_video and (rule == "segment" or not _across(same)) else apart).append(same)
    findings = [finding for same in apart for finding in _told(same, facts)]
    inside = sum(len(same) - 1 for same in alike if not _across(same))
    if inside:
        reason = f"files with the content of another piece of their own video, as of a camera that stands still: {inside:,}"
        findings.append(Finding("duplicate", HEADER_NAME, reason))
    if rule != "segment":
        return [*findings, *_groups_across(dataset)]
    return [*findings, *_by_rule(dataset, sum(len(same) for same in alike if _across(same)))]


def _by_rule(dataset: Dataset, n_alike: int) -> Iterator[Finding]:
    """The one remark that says what a split by segment has on both sides."""
    tested = [s for s in dataset.segments if s.split == "test"]
    both = {s.audio_group for s in tested} & {s.audio_group for s in dataset.segments if s.split != "test"}
    if both:
        n = sum(s.audio_group in both for s in tested)
        alike = f" (files of equal content on both sides: {n_alike:,})" if n_alike else ""
        yield Finding(
            "shared",
            HEADER_NAME,
            f"split by segment: {n:,} of {len(tested):,} test segments, from {len(both):,} videos, have other pieces of their video in "
            f"training{alike}; that is the rule of this split, no fault, and `adis-bench data describe DIR --out PAGE` says what it costs",
        )


def duplicates(media: Sequence[Media], facts: Facts) -> list[Finding]:
    """Files of the same bytes, or of the same decoded pixels or samples; a leak where test and another split share them."""
    return [finding for same in _same_contents(media, facts) for finding in _told(same, facts)]


def _same_contents(media: Sequence[Media], facts: Facts) -> list[list[Media]]:
    """Files by content, where there are several or the splits of one differ; pictures of one colour are no sign of anything."""
    contents: dict[str, list[Media]] = defaultdict(list)
    for item in media:
        found = facts.get(item.name)
        if found is not None and not (isinstance(found, Look) and found.flat):
            contents[found.content].append(item)
    return [same for same in contents.values() if len(same) > 1 or _across(same)]


def _told(same: Sequence[Media], facts: Facts) -> Iterator[Finding]:
    first, *others = same
    crossing = _across(same)
    for item in others or same:
        bytes_too = facts[item.name].sha256 == facts[first.name].sha256
        what = "used" if item is first else f"the same {'bytes' if bytes_too else 'decoded content'} as {first.name}"
        sides = f" on both sides of the split ({crossing[1]})" if crossing else ""
        yield Finding(crossing[0] if crossing else "duplicate", item.name, what + sides)


def _across(same: Sequence[Media]) -> tuple[Literal["leak", "shared"], str] | None:
    return _crossing(set().union(*(item.splits for item in same)))


def _crossing(splits: Collection[str]) -> tuple[Literal["leak", "shared"], str] | None:
    """What it means that something is in all these splits: a leak, or a remark where only the judge shares it."""
    if len(splits) < 2:
        return None
    return "leak" if "test" in splits else "shared", ", ".join(sorted(splits))


def _groups_across(dataset: Dataset) -> Iterator[Finding]:
    for kind in ("audio", "image"):
        splits: dict[str, set[str]] = defaultdict(set)
        for segment in dataset.segments:
            sounds = (segment.audio_group,) if segment.has_sound else ()
            for group in sounds if kind == "audio" else segment.frame_groups:
                splits[group].add(segment.split)
        for group, sides in splits.items():
            crossing = _crossing(sides)
            if crossing:
                noun = "recording" if kind == "audio" else "photograph or video"
                yield Finding(crossing[0], group, f"pieces of one {noun} are on both sides of the split ({crossing[1]})")
