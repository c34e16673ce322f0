"""A folder as people have it: ``images/<class>/*``, ``audio/<class>/*`` and an optional ``manifest.csv``."""

import hashlib
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from adis_bench.datasets.faults import FaultKind, Finding
from adis_bench.datasets.manifest import Manifest, read_manifest
from adis_bench.datasets.splits import Kind
from adis_bench.errors import DataError

MANIFEST_NAME = "manifest.csv"
SIDES: tuple[tuple[str, Kind], ...] = (("images", "image"), ("audio", "audio"))

_LITTER = {"thumbs.db", "desktop.ini"}
_SLUG_LENGTH = 60  # leaves room for the rest of a file name within 255 bytes


@dataclass(frozen=True, slots=True)
class RawFile:
    """An image or a sound of the folder.

    Attributes:
        path: absolute path.
        name: relative to the folder, with ``/``.
        kind: ``image`` or ``audio``.
        label: class in its machine form.
        source: ``source_id`` of the manifest; the file's own name where it has none.
    """

    path: Path
    name: str
    kind: Kind
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class RawFolder:
    """What lies in the folder, before any file is decoded.

    Attributes:
        root: the folder.
        files: images and sounds in the order of their names.
        displays: label -> display form, in the order of the labels.
        faults: what keeps the folder from being imported as it is.
        n_ignored: hidden files, and rows of the manifest of other kinds.
        has_manifest: whether there is a manifest.
    """

    root: Path
    files: tuple[RawFile, ...]
    displays: dict[str, str]
    faults: tuple[Finding, ...]
    n_ignored: int
    has_manifest: bool


def slug(text: str) -> str:
    """A name that is safe in paths, ids and URLs: ``Crunching Snow!`` -> ``crunching_snow``."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    short = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_SLUG_LENGTH].strip("_")
    return short or f"x{hashlib.sha256(text.encode(errors='surrogateescape')).hexdigest()[:8]}"


def display(text: str) -> str:
    """The form that people read: ``crunching_snow`` -> ``crunching snow``."""
    return " ".join(re.sub(r"[_\-]+", " ", "".join(c if c.isprintable() else " " for c in text)).split()) or slug(text)


def scan(src: Path, manifest: Path | None = None) -> RawFolder:
    """List a folder's files with their classes and sources; nothing is decoded.

    Args:
        src: the folder.
        manifest: a manifest elsewhere (its paths are relative to ``src``); by default ``src/manifest.csv`` where it exists.

    Raises:
        DataError: no such folder, no images or sounds in it at all, or a manifest that is not one.
    """
    root = src.resolve()
    absent = [name for name, _ in SIDES if not (root / name).is_dir()]
    if absent:
        raise DataError(f"{root} has no folder {' and no folder '.join(absent)}; expected images/<class>/* and audio/<class>/*")
    if manifest is not None and not manifest.is_file():
        raise DataError(f"no manifest {manifest}; name an existing CSV file, or leave --manifest out")
    manifest = manifest or (root / MANIFEST_NAME if (root / MANIFEST_NAME).is_file() else None)
    table = read_manifest(manifest) if manifest else None
    walk = _Walk(root)
    for name, kind in SIDES:
        walk.side(name, kind)
    for _, kind in SIDES:
        if not any(file.kind == kind for file in walk.files):
            raise DataError(f"no {'images' if kind == 'image' else 'sounds'} under {root}; expected images/<class>/* and audio/<class>/*")
    files, row_faults = _with_sources(walk, table, manifest.name if manifest else "")
    displays = {label: walk.displays[label] for label in sorted(walk.displays)}
    faults = (*walk.faults, *(table.faults if table else ()), *row_faults)
    return RawFolder(root, files, displays, faults, walk.n_ignored + (table.n_other if table else 0), table is not None)


class _Walk:
    """Collects files and faults of both sides of a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: list[RawFile] = []
        self.faults: list[Finding] = []
        self.displays: dict[str, str] = {}
        self.n_ignored = 0

    def side(self, name: str, kind: Kind) -> None:
        """Collect ``images/`` or ``audio/``."""
        folders: dict[str, str] = {}
        for path in self._entries(self.root / name):
            if not path.is_dir():
                self._fault("structure", path, f"not in a class folder; expected {name}/<class>/{path.name}")
                continue
            label = slug(path.name)
            if label in folders:
                self._fault(
                    "class", path, f"the same class as {name}/{folders[label]} ({label}); give it another name, or put both in one folder"
                )
                continue
            folders[label] = path.name
            self.displays.setdefault(label, display(path.name))
            self._class(path, kind, label)

    def _class(self, folder: Path, kind: Kind, label: str) -> None:
        for path in self._entries(folder):
            if path.is_dir():
                self._fault("structure", path, "a folder inside a class folder; put its files directly into the class folder")
            elif not path.exists():
                self._fault("missing", path, "a link to nothing")
            else:
                name = path.relative_to(self.root).as_posix()
                self.files.append(RawFile(path, name, kind, label, name))

    def _entries(self, folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.name.lower() in _LITTER:
                self.n_ignored += 1
            elif not Path(os.path.realpath(path)).is_relative_to(self.root):
                self._fault("outside", path, "a link that leaves the folder; copy the file instead")
            else:
                yield path

    def _fault(self, kind: FaultKind, path: Path, reason: str) -> None:
        self.faults.append(Finding(kind, path.relative_to(self.root).as_posix(), reason))


def _with_sources(walk: _Walk, table: Manifest | None, name: str) -> tuple[tuple[RawFile, ...], list[Finding]]:
    """The files with the sources that the manifest gives; files that it does not hold, or holds wrongly, are faults."""
    if table is None:
        return tuple(walk.files), []
    files: list[RawFile] = []
    faults: list[Finding] = []
    for file in walk.files:
        row = table.rows.get(file.name)
        if row is None:
            # Grouping by guess would put pieces of one recording on both sides of the split.
            faults.append(Finding("manifest", file.name, f"no usable row in {name}: what it was cut from is unknown"))
        elif (row.kind, slug(row.class_name)) != (file.kind, file.label):
            faults.append(Finding("manifest", file.name, f"{name} says {row.kind} of class {row.class_name!r}"))
        else:
            files.append(replace(file, source=row.source_id or file.name))
    known = {file.name for file in walk.files} | {fault.where for fault in walk.faults}
    gone = [Finding("missing", path, f"named in {name}, but not there") for path in table.rows if path not in known]
    return tuple(files), [*faults, *gone]


def class_faults(files: tuple[RawFile, ...], displays: dict[str, str]) -> list[Finding]:
    """Classes that lack images or sounds."""
    counts: dict[str, dict[Kind, int]] = defaultdict(lambda: {"image": 0, "audio": 0})
    for file in files:
        counts[file.label][file.kind] += 1
    faults = []
    for label in displays:
        n_images, n_sounds = counts[label]["image"], counts[label]["audio"]
        if not n_images or not n_sounds:
            faults.append(Finding("class", label, f"{n_images or 'no'} images and {n_sounds or 'no'} sounds; a class needs both"))
    return faults
