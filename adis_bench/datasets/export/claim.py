"""What every export shares: which segments go in, whose folder it is, and media that are what the index says."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adis_bench.datasets.records import Dataset, Segment
from adis_bench.errors import DataError
from adis_bench.files import digest_bytes, digest_json, make_folder, write_json
from adis_bench.printable import printable

MANIFEST_NAME = "manifest.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Export:
    """An export that is complete.

    Attributes:
        root: its folder.
        facts: what is in it, in words.
        left_out: what is not, with the reason, one entry a kind.
    """

    root: Path
    facts: str
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Segments with both sound and frames, in the order of their ids, and how many lack one."""

    segments: tuple[Segment, ...]
    n_without_sound: int
    n_without_frames: int

    @property
    def left_out(self) -> tuple[str, ...]:
        """In words."""
        counts = {"sound": self.n_without_sound, "frames": self.n_without_frames}
        return tuple(f"{n} segments without {what}" for what, n in counts.items() if n)


def choose(dataset: Dataset, splits: Sequence[str]) -> Chosen:
    """The segments of some splits that an export can hold.

    Raises:
        DataError: there is none.
    """
    segments = sorted((s for s in dataset.segments if s.split in splits), key=lambda segment: segment.segment_id)
    whole = tuple(s for s in segments if s.has_sound and s.has_frames)
    if not whole:
        raise DataError(
            f"{printable(str(dataset.root))}: none of its {len(segments)} segments ({', '.join(splits)}) has both sound and frames; "
            "export a dataset that was recorded or paired by class"
        )
    return Chosen(whole, sum(not s.has_sound for s in segments), sum(s.has_sound and not s.has_frames for s in segments))


def segment_facts(segment: Segment, display: str) -> dict[str, Any]:
    """What the index knows of a segment, JSON-compatible; numbers that are none become null."""
    return {
        "segment_id": segment.segment_id,
        "label": segment.label,
        "display": display,
        "split": segment.split,
        "audio_group": segment.audio_group,
        "frame_groups": list(segment.frame_groups),
        "sample_rate_hz": segment.sample_rate_hz,
        "audio_sha256": segment.audio_sha256,
        "frame_sha256": list(segment.frame_sha256),
        "details": _finite(segment.details),
    }


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity; Python writes them all the same, and other readers stop there."""
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def claim(out: Path, dataset: Dataset, segments: Sequence[Segment], options: Mapping[str, Any]) -> dict[str, Any]:
    """Make ``out`` this export's folder, or find that it is: what its manifest says, with ``complete`` false in a new one.

    Args:
        out: folder of the export.
        dataset: whose export.
        segments: what goes in; their details count too, which the dataset's digest leaves out.
        options: what else decides the bytes, JSON-compatible.

    Raises:
        DataError: the folder holds another export, or other files, or lies in the dataset.
    """
    facts = [segment_facts(segment, dataset.displays.get(segment.label, segment.label)) for segment in segments]
    mine = {
        "schema_version": SCHEMA_VERSION,
        "dataset": {"name": dataset.name, "digest": dataset.digest},
        "options": dict(options),
        "content": digest_json(facts),
    }
    shown, path = printable(str(out)), out / MANIFEST_NAME
    if out.resolve().is_relative_to(dataset.root.resolve()):
        raise DataError(f"the export cannot lie inside its dataset {printable(str(dataset.root))}; choose another folder than {shown}")
    make_folder(out)
    if not path.exists():
        if any(not _LEFTOVER.fullmatch(entry.name) for entry in out.iterdir()):
            raise DataError(f"{shown} holds other files than an export; choose an empty folder")
        _tidy(out)
        write_json(path, mine | {"complete": False})
        return mine | {"complete": False}
    try:
        found = dict(json.loads(path.read_bytes()))
        name, digest = str(found["dataset"]["name"]), str(found["dataset"]["digest"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{printable(str(path))} is not an export's manifest ({error}); choose an empty folder") from error
    if any(found.get(key) != value for key, value in mine.items()):
        other = "another export of this dataset, with other options" if digest == dataset.digest else f"another dataset's export ({name})"
        raise DataError(f"{shown} holds {printable(other)}; choose an empty folder")
    _tidy(out)
    return found


_LEFTOVER = re.compile(r"\.tmp-[a-z0-9_]{8}\.[a-z0-9]+")
"""What ``adis_bench.files.atomic_path`` leaves where its program was killed."""


def _tidy(out: Path) -> None:
    """Remove what earlier calls that were killed had begun."""
    for path in [path for path in out.rglob(".tmp-*") if _LEFTOVER.fullmatch(path.name) and path.is_file()]:
        path.unlink()


def n_bytes(path: Path) -> int:
    """The size of a media file.

    Raises:
        DataError: missing, a link in a circle, or no regular file.
    """
    if not path.is_file():
        what = "is no regular file" if path.exists() else "is missing"
        raise DataError(f"{printable(str(path))} {what}; see `adis-bench data check`")
    return path.stat().st_size


def original(path: Path, sha256: str) -> bytes:
    """A media file's bytes.

    Raises:
        DataError: missing, or not what was imported.
    """
    n_bytes(path)
    content = path.read_bytes()
    if digest_bytes(content) != sha256:
        raise DataError(f"{printable(str(path))} has changed since it was imported; see `adis-bench data check`")
    return content
