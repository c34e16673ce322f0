"""What a folder offers, before any of its files is decoded: files with their classes, and an even choice among them."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from adis_bench.datasets.dealing import interleaved
from adis_bench.datasets.manifest import read_manifest
from adis_bench.datasets.raw import MANIFEST_NAME, display, slug
from adis_bench.datasets.skipped import Skipped
from adis_bench.datasets.video import VIDEO_SUFFIXES
from adis_bench.errors import DataError
from adis_bench.files import digest_json
from adis_bench.printable import printable
from adis_bench.progress import bar
from adis_bench.seeding import generator

Side = Literal["images", "sounds"]
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
"""What is taken for an image in a folder, in lower case."""
SOUND_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3", ".aif", ".aiff"}) | VIDEO_SUFFIXES
"""What is taken for a sound: what libsndfile reads, and videos."""
SUFFIXES: Mapping[Side, frozenset[str]] = {"images": IMAGE_SUFFIXES, "sounds": SOUND_SUFFIXES}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may become an image or a sound of the dataset.

    Attributes:
        path: the file.
        where: relative to its folder, with ``/``; what notes call it.
        label: class in its machine form.
        group: photograph or recording that it was cut from.
        details: what else is known, JSON-compatible.
    """

    path: Path
    where: str
    label: str
    group: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """One side of the grid.

    Attributes:
        side: images or sounds.
        title: what the source is called.
        candidates: in the order of their names.
        displays: label -> display form.
        labels_from: where the labels come from, in words; empty where files have no classes.
        facts: what decides the listing, for the dataset's recipe.
        notes: counts, for the dataset's notes.
        skipped: links that lead out of the folder or nowhere.
    """

    side: Side
    title: str
    candidates: tuple[Candidate, ...]
    displays: Mapping[str, str]
    labels_from: str
    facts: Mapping[str, Any]
    notes: Mapping[str, Any] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()

    @property
    def digest(self) -> str:
        """sha256 over names, classes, groups and sizes of all files: the same listing gives the same dataset."""
        return digest_json([[c.where, c.label, c.group, c.path.stat().st_size] for c in self.candidates])


@dataclass(slots=True)
class Listing:
    """The files below a folder.

    Attributes:
        root: the folder.
        paths: of the wanted kinds, in the order of their names.
        skipped: links that lead out of the folder or nowhere.
        n_ignored: files of other kinds, and hidden ones.
    """

    root: Path
    paths: list[Path] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    n_ignored: int = 0


def listed(folder: Path, side: Side) -> Listing:
    """List a folder's images or sounds, sub-folders included; hidden and linked folders are not entered.

    Raises:
        DataError: no such folder.
    """
    root = folder.resolve()
    if not root.is_dir():
        raise DataError(f"{printable(str(folder))} is not a folder; name the folder that holds the {side}")
    found = Listing(root)
    for path in _walk(root):
        if path.suffix.lower() not in SUFFIXES[side] or path.name.startswith("."):
            found.n_ignored += 1
        elif not path.resolve().is_relative_to(root):
            found.skipped.append(Skipped(where_of(path, root), "unreadable", "a link that leaves the folder; copy the file instead"))
        elif not path.is_file():
            found.skipped.append(Skipped(where_of(path, root), "unreadable", "a link to nothing"))
        else:
            found.paths.append(path)
    return found


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names))


def where_of(path: Path, root: Path) -> str:
    """A path relative to its folder, with ``/``; bytes that are no UTF-8 are replaced, so that notes hold it."""
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", errors="replace")


def folder_offer(folder: Path, side: Side) -> Offer:
    """Any folder of images or sounds: its sub-folders are classes; without any, all files are of one class, which names nothing.

    A ``manifest.csv`` in the folder or above it tells by ``source_id`` which files were cut from one photograph or recording.

    Raises:
        DataError: no such folder, or nothing of the kind in it.
    """
    found = listed(folder, side)
    if not found.paths:
        endings = " ".join(sorted(SUFFIXES[side]))
        raise DataError(f"no {side} under {printable(str(found.root))} ({found.n_ignored} other files); looked for {endings}")
    in_classes = [path for path in found.paths if path.parent != found.root]
    loose = [path for path in found.paths if path.parent == found.root] if in_classes else []
    names = {path: path.relative_to(found.root).parts[0] if in_classes else side for path in in_classes or found.paths}
    known = _sources(found.root)
    candidates = []
    for path, name in names.items():
        where = where_of(path, found.root)
        candidates.append(Candidate(path, where, slug(name), f"{side}/{known.get(where) or where}"))
    own = "every file is taken for a photograph or recording of its own"
    return Offer(
        side=side,
        title=found.root.name,
        candidates=tuple(candidates),
        displays={slug(name): display(name) for name in sorted(set(names.values()))},
        labels_from="their sub-folders" if in_classes else "",
        facts={"kind": "folder", "source": found.root.name},
        notes={
            "groups": f"source_id of {MANIFEST_NAME}" if known else own,
            "n_ignored": found.n_ignored,
            "n_outside_classes": len(loose),
        },
        skipped=tuple(found.skipped),
    )


def _sources(root: Path) -> dict[str, str]:
    """What files were cut from, by a manifest in the folder, or above it as the folder importer has it; empty without one."""
    if (root / MANIFEST_NAME).is_file():
        return {row.path: row.source_id for row in read_manifest(root / MANIFEST_NAME).rows.values()}
    try:
        above = read_manifest(root.parent / MANIFEST_NAME).rows.values()
    except DataError:  # none there, or a file of that name with another purpose
        return {}
    prefix = f"{root.name}/"
    return {row.path.removeprefix(prefix): row.source_id for row in above if row.path.startswith(prefix)}


def choose(offer: Offer, n: int, seed: int, read: Callable[[Candidate], T | Skipped]) -> tuple[list[tuple[Candidate, T]], list[Skipped]]:
    """The first ``n`` usable files, as many of every class as there are, seeded; and what was left out on the way.

    Classes take turns; within a class one file of every group comes first. A file that cannot be used makes room for the
    next one of its class.

    Args:
        offer: the files.
        n: how many.
        seed: decides which.
        read: decodes a file, or says why it cannot be used.
    """
    waiting: dict[str, deque[Candidate]] = {}
    for label in sorted({c.label for c in offer.candidates}):
        members = [c for c in offer.candidates if c.label == label]
        waiting[label] = deque(interleaved(members, lambda c: c.group, generator("out of domain", offer.side, seed, label)))
    chosen: list[tuple[Candidate, T]] = []
    skipped: list[Skipped] = []
    with bar(f"read {offer.side}", min(n, len(offer.candidates))) as running:
        while len(chosen) < n and any(waiting.values()):
            for queue in waiting.values():
                if len(chosen) < n and (found := _next(queue, read, skipped)) is not None:
                    chosen.append(found)
                    running.advance()
    return sorted(chosen, key=lambda entry: entry[0].where), sorted(skipped, key=lambda entry: entry.path)


def _next(queue: deque[Candidate], read: Callable[[Candidate], T | Skipped], skipped: list[Skipped]) -> tuple[Candidate, T] | None:
    while queue:
        candidate = queue.popleft()
        found = read(candidate)
        if not isinstance(found, Skipped):
            return candidate, found
        skipped.append(found)
    return None


def labels_of(candidates: Sequence[Candidate]) -> list[str]:
    """The classes that occur, sorted."""
    return sorted({candidate.label for candidate in candidates})
