"""``adis-bench data check DIR``: what is wrong with a dataset or with a folder that should become one, file by file."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adis_bench.datasets.faults import Finding, counted
from adis_bench.datasets.inspection import Look, Sound, listen, look
from adis_bench.datasets.raw import class_faults, scan
from adis_bench.datasets.records import HEADER_NAME, Dataset
from adis_bench.datasets.splits import Kind
from adis_bench.progress import track


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What ``check_dataset`` found; ``str()`` of it is for people.

    Attributes:
        root: the folder.
        form: ``dataset`` (imported, or the demo world) or ``folder`` (images and sounds to import).
        n_images: image files looked at.
        n_sounds: sound files listened to.
        findings: faults first, then remarks, in the order of their files.
    """

    root: Path
    form: Literal["dataset", "folder"]
    n_images: int
    n_sounds: int
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What should be mended before use."""
        return tuple(finding for finding in self.findings if finding.is_fault)

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """What is good to know: silent, clipped and duplicate files."""
        return tuple(finding for finding in self.findings if not finding.is_fault)

    @property
    def ok(self) -> bool:
        """No faults."""
        return not self.faults

    def __str__(self) -> str:
        lines = [f"{self.form} {self.root}: {self.n_images} images, {self.n_sounds} sounds"]
        for title, findings in (("faults", self.faults), ("remarks", self.remarks)):
            lines.append(f"{title}: {counted(findings) or 'none'}")
            lines += [f"  {finding.kind:<11}{finding}" for finding in findings]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Media:
    """A file to examine, and which splits use it."""

    path: Path
    name: str
    kind: Kind
    splits: frozenset[str] = frozenset()
    sha256: str = ""


def check_dataset(root: Path) -> CheckReport:
    """Examine every file of a dataset folder, or of a folder of images and sounds.

    Raises:
        DataError: neither of the two is there, or its index or manifest cannot be read at all.
    """
    root = root.resolve()
    return _check_imported(Dataset.open(root)) if (root / HEADER_NAME).is_file() else _check_raw(root)


def _check_raw(root: Path) -> CheckReport:
    folder = scan(root)
    media = [_Media(file.path, file.name, file.kind) for file in folder.files]
    facts, findings = _examined(media)
    good = tuple(file for file in folder.files if file.name in facts)
    findings += [*folder.faults, *class_faults(good, folder.displays), *_duplicates(media, facts)]
    return _report(root, "folder", media, findings)


def _check_imported(dataset: Dataset) -> CheckReport:
    media = list(_media_of(dataset))
    facts, findings = _examined(media)
    findings += [*_changed(media, facts), *_duplicates(media, facts), *_leaking_groups(dataset)]
    return _report(dataset.root, "dataset", media, findings)


def _report(root: Path, form: Literal["dataset", "folder"], media: list[_Media], findings: list[Finding]) -> CheckReport:
    n_images = sum(item.kind == "image" for item in media)
    ordered = sorted(findings, key=lambda finding: (not finding.is_fault, finding.where, finding.kind))
    return CheckReport(root, form, n_images, len(media) - n_images, tuple(ordered))


def _media_of(dataset: Dataset) -> Iterator[_Media]:
    """Every file of the index once, with the splits of all segments that use it."""
    splits: dict[Path, set[str]] = defaultdict(set)
    first: dict[Path, tuple[Kind, str]] = {}
    for segment in dataset.segments:
        files: list[tuple[Path, Kind, str]] = [(segment.audio_path, "audio", segment.audio_sha256)]
        files += [(path, "image", sha256) for path, sha256 in zip(segment.frame_paths, segment.frame_sha256, strict=True)]
        for path, kind, sha256 in files:
            splits[path].add(segment.split)
            first.setdefault(path, (kind, sha256))
    for path, (kind, sha256) in sorted(first.items()):
        yield _Media(path, path.relative_to(dataset.root).as_posix(), kind, frozenset(splits[path]), sha256)


def _examined(media: list[_Media]) -> tuple[dict[str, Look | Sound], list[Finding]]:
    facts: dict[str, Look | Sound] = {}
    findings: list[Finding] = []
    for item in track(media, "look and listen", len(media)):
        found = _examine(item)
        if isinstance(found, Finding):
            findings.append(found)
            continue
        facts[item.name] = found
        if isinstance(found, Sound) and found.silent:
            findings.append(Finding("silent", item.name, "below -60 dB of full scale in its first 3 s"))
        if isinstance(found, Sound) and found.clipped:
            findings.append(Finding("clipped", item.name, "flat tops at full scale in its first 3 s"))
    return facts, findings


def _examine(item: _Media) -> Look | Sound | Finding:
    if not item.path.is_file():
        return Finding("missing", item.name, "in the index, but not there")
    if item.kind == "image":
        return look(item.path, item.name)
    heard = listen(item.path, item.name)
    return heard if isinstance(heard, Finding) else heard[0]


def _changed(media: list[_Media], facts: Mapping[str, Look | Sound]) -> Iterator[Finding]:
    for item in media:
        found = facts.get(item.name)
        if found is not None and found.sha256 != item.sha256:
            yield Finding("changed", item.name, "its bytes are not those that were imported; import the dataset again")


def _duplicates(media: list[_Media], facts: Mapping[str, Look | Sound]) -> Iterator[Finding]:
    """Files of the same bytes, or of the same decoded pixels or samples; a leak where test and another split share them."""
    contents: dict[str, list[_Media]] = defaultdict(list)
    for item in media:
        if item.name in facts:
            contents[facts[item.name].content].append(item)
    for same in contents.values():
        crossing = _crossing(frozenset().union(*(item.splits for item in same)))
        if len(same) == 1 and crossing is None:
            continue
        first, *others = same
        for item in others or same:
            bytes_too = facts[item.name].sha256 == facts[first.name].sha256
            what = "used" if item is first else f"the same {'bytes' if bytes_too else 'decoded content'} as {first.name}"
            sides = f" on both sides of the split ({crossing[1]})" if crossing else ""
            yield Finding(crossing[0] if crossing else "duplicate", item.name, what + sides)


def _crossing(splits: frozenset[str]) -> tuple[Literal["leak", "shared"], str] | None:
    """What it means that something is in all these splits: a leak, or a remark where only the judge shares it."""
    if len(splits) < 2:
        return None
    return "leak" if "test" in splits else "shared", ", ".join(sorted(splits))


def _leaking_groups(dataset: Dataset) -> Iterator[Finding]:
    for kind in ("audio", "image"):
        splits: dict[str, set[str]] = defaultdict(set)
        for segment in dataset.segments:
            for group in (segment.audio_group,) if kind == "audio" else segment.frame_groups:
                splits[group].add(segment.split)
        for group, sides in splits.items():
            crossing = _crossing(frozenset(sides))
            if crossing:
                noun = "recording" if kind == "audio" else "photograph or video"
                yield Finding(crossing[0], group, f"pieces of one {noun} are on both sides of the split ({crossing[1]})")
