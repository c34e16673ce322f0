"""``adis-bench data check DIR``: what is wrong with a dataset or with a folder that should become one, file by file."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adis_bench.datasets.crossings import Media, changed, crossings, duplicates, media_of
from adis_bench.datasets.faults import Finding, counted
from adis_bench.datasets.inspection import Look, Sound, listen, look
from adis_bench.datasets.parallel import in_order
from adis_bench.datasets.raw import class_faults, scan
from adis_bench.datasets.records import HEADER_NAME, SEGMENT_S, Dataset
from adis_bench.printable import printable

_SPLITS = ("train", "judge", "test")


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
        """What is good to know: silent, clipped, one-coloured and duplicate files, and what both sides share by the split's rule."""
        return tuple(finding for finding in self.findings if not finding.is_fault)

    @property
    def ok(self) -> bool:
        """No faults."""
        return not self.faults

    def __str__(self) -> str:
        lines = [f"{self.form} {printable(str(self.root))}: {self.n_images} images, {self.n_sounds} sounds"]
        for title, findings in (("faults", self.faults), ("remarks", self.remarks)):
            lines.append(f"{title}: {counted(findings) or 'none'}")
            lines += [f"  {finding.kind:<11}{finding}" for finding in findings]
        return "\n".join(lines)


def check_dataset(root: Path, threads: int | None = None) -> CheckReport:
    """Examine every file of a dataset folder, or of a folder of images and sounds.

    Args:
        root: the folder.
        threads: files that are read at once, by default one for each core; the report is the same.

    Raises:
        DataError: neither of the two is there, or its index or manifest cannot be read at all.
    """
    root = root.resolve()
    return _check_imported(Dataset.open(root), threads) if (root / HEADER_NAME).is_file() else _check_raw(root, threads)


def _check_raw(root: Path, threads: int | None) -> CheckReport:
    folder = scan(root)
    media = [Media(file.path, file.name, file.kind) for file in folder.files]
    facts, findings = _examined(media, threads)
    good = tuple(file for file in folder.files if file.name in facts)
    findings += [*folder.faults, *class_faults(good, folder.displays), *duplicates(media, facts)]
    return _report(root, "folder", media, findings)


def _check_imported(dataset: Dataset, threads: int | None) -> CheckReport:
    media = media_of(dataset)
    inside, links = _without_links(dataset.root, media)
    facts, findings = _examined(inside, threads)
    findings += [*links, *changed(inside, facts), *_against_index(dataset, inside, facts), *crossings(dataset, inside, facts)]
    return _report(dataset.root, "dataset", media, findings)


def _against_index(dataset: Dataset, media: Sequence[Media], facts: Mapping[str, Look | Sound]) -> Iterator[Finding]:
    """What the index says of splits and sounds, where nothing fits it."""
    for segment in dataset.segments:
        if segment.split not in _SPLITS:
            yield Finding("index", segment.segment_id, f"its split {segment.split!r} is none of {', '.join(_SPLITS)}; no command uses it")
    for item in media:
        found = facts.get(item.name)
        if isinstance(found, Sound):
            told = {segment.sample_rate_hz for segment in item.users} - {found.sample_rate_hz}
            if told:
                yield Finding("index", item.name, f"{found.sample_rate_hz} Hz, and the index says {', '.join(map(str, sorted(told)))} Hz")
            if round(found.seconds * found.sample_rate_hz) != round(SEGMENT_S * found.sample_rate_hz):
                yield Finding("index", item.name, f"{found.seconds:.4g} s, and a segment has {SEGMENT_S:g} s")


def _report(root: Path, form: Literal["dataset", "folder"], media: Sequence[Media], findings: list[Finding]) -> CheckReport:
    n_images = sum(item.kind == "image" for item in media)
    ordered = sorted(findings, key=lambda finding: (not finding.is_fault, finding.where, finding.kind))
    return CheckReport(root, form, n_images, len(media) - n_images, tuple(ordered))


def _without_links(root: Path, media: Sequence[Media]) -> tuple[list[Media], list[Finding]]:
    """The files that lie in the dataset's folder, and a finding for each link that leads out of it.

    A dataset may come from anybody, so nothing outside is opened; and a copy of it would not hold what is linked.
    """
    known: dict[Path, Path | None] = {root: None}

    def leaving(path: Path) -> Path | None:
        if path.parent not in known:
            known[path.parent] = leaving(path.parent)
        above = known[path.parent]
        if above is None and path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(root):
            return path
        return above

    links = [leaving(item.path) for item in media]
    counts = Counter(link for link in links if link is not None)
    reason = "a link that leaves the dataset's folder, with {} of its files; put the files themselves there"
    findings = [Finding("outside", link.relative_to(root).as_posix(), reason.format(f"{n:,}")) for link, n in counts.items()]
    return [item for item, link in zip(media, links, strict=True) if link is None], findings


def _examined(media: Sequence[Media], threads: int | None) -> tuple[dict[str, Look | Sound], list[Finding]]:
    """What every file holds, by its name, and what is wrong or remarkable; files are decoded side by side."""
    facts: dict[str, Look | Sound] = {}
    findings: list[Finding] = []
    for item, found in zip(media, in_order(_examine, media, "look and listen", threads), strict=True):
        if isinstance(found, Finding):
            findings.append(found)
        else:
            facts[item.name] = found
            findings += _remarks(item.name, found)
    return facts, findings


def _examine(item: Media) -> Look | Sound | Finding:
    if not item.path.is_file():
        return Finding("missing", item.name, "in the index, but not there")
    if item.kind == "image":
        return look(item.path, item.name)
    heard = listen(item.path, item.name)
    return heard if isinstance(heard, Finding) else heard[0]


def _remarks(name: str, found: Look | Sound) -> Iterator[Finding]:
    if isinstance(found, Look):
        if found.flat:
            yield Finding("flat", name, "one colour throughout")
        return
    if found.silent:
        yield Finding("silent", name, "below -60 dB of full scale in its first 3 s")
    if found.clipped:
        yield Finding("clipped", name, "flat tops at full scale in its first 3 s")
