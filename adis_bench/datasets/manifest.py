"""The optional ``manifest.csv`` of a folder of images and sounds: which files come from one source."""

import csv
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from adis_bench.datasets.faults import Finding
from adis_bench.errors import DataError

COLUMNS = ("path", "kind", "class", "source_id")
KINDS = ("image", "audio")


@dataclass(frozen=True, slots=True)
class Row:
    """A file of the manifest.

    Attributes:
        path: relative to the source folder, with ``/``.
        kind: ``image`` or ``audio``.
        class_name: class as written.
        source_id: what the file was cut from; empty where unknown.
    """

    path: str
    kind: str
    class_name: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The rows that hold, the faults of those that don't, and the number of rows of other kinds (video, model ...)."""

    rows: dict[str, Row]
    faults: tuple[Finding, ...]
    n_other: int


def read_manifest(path: Path) -> Manifest:
    """Read a manifest; columns beyond ``path``, ``kind``, ``class`` and ``source_id`` are ignored.

    Raises:
        DataError: not readable as CSV, or columns are missing.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            table = list(csv.reader(stream, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"the manifest {path} cannot be read ({error}); the file may be cut: restore it, or import without it") from error
    header = table[0] if table else []
    absent = [name for name in COLUMNS if name not in header]
    if absent:
        raise DataError(
            f"the manifest {path} lacks {len(absent)} of {len(COLUMNS)} columns: {', '.join(absent)}; "
            "the first line must name path, kind, class and source_id"
        )
    return _checked(path.name, header, table[1:])


def _checked(name: str, header: list[str], table: list[list[str]]) -> Manifest:
    rows: dict[str, Row] = {}
    faults: list[Finding] = []
    n_other = 0
    for number, cells in enumerate(table, start=2):
        if not cells:
            continue
        where = f"{name} row {number}"
        if len(cells) != len(header):
            faults.append(Finding("manifest", where, f"{len(cells)} of {len(header)} cells; the row is cut or has a stray comma"))
            continue
        row = Row(*(dict(zip(header, cells, strict=True))[column].strip() for column in COLUMNS))
        if row.kind not in KINDS:
            n_other += 1
        elif _leaves(row.path):
            faults.append(Finding("outside", where, f"the path {row.path!r} leaves the folder"))
        elif rows.get(row.path, row) != row:
            faults.append(Finding("manifest", where, f"{row.path} has another row that says something else"))
        else:
            rows[row.path] = row
    return Manifest(rows, tuple(faults), n_other)


def _leaves(path: str) -> bool:
    # Backslashes and drive letters leave a folder on Windows; no file of a sane manifest needs them.
    return not path or PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or "\\" in path or ":" in path or "\0" in path
