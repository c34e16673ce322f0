"""Dataset, Segment and Pair: the records that everything else passes around."""

import gc
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from adis_bench.datasets.header import checked_header
from adis_bench.errors import DataError
from adis_bench.files import atomic_path, digest_json, write_json
from adis_bench.printable import printable

SCHEMA_VERSION = 1
INDEX_NAME = "index.parquet"
HEADER_NAME = "dataset.json"
SEGMENT_S = 3.0
"""Length of a segment in seconds. Source: the paper's appendix; Tinglok/avstyle b09dc1e, split.py."""

Pairing = Literal["recorded", "class", "grid"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A 3-second piece of sound with its frames.

    Test data whose images and sounds come from different sources (pairing ``grid``) has one without the other: a
    picture without sound (``audio_path`` is ``Path()``, ``audio_sha256`` and ``audio_group`` are empty,
    ``sample_rate_hz`` is 0), or a sound without pictures (``frame_paths`` is empty). Training and judge data have both.

    Attributes:
        segment_id: unique in its dataset, safe as a file name.
        label: class in its machine form (``crunching_snow``).
        split: ``train``, ``judge`` or ``test``.
        audio_path: absolute path of a mono WAV of 3 s at ``sample_rate_hz``.
        audio_sha256: digest of that file's bytes.
        audio_group: recording that the sound was cut from; intervals resample whole groups.
        frame_paths: absolute paths of the frames; the first is the target frame.
        frame_sha256: digests of the frames' bytes.
        frame_groups: photograph or video that each frame comes from.
        sample_rate_hz: sample rate of the file.
        details: what else the dataset knows (the demo world: layout and style), JSON-compatible.
    """

    segment_id: str
    label: str
    split: str
    audio_path: Path
    audio_sha256: str
    audio_group: str
    frame_paths: tuple[Path, ...]
    frame_sha256: tuple[str, ...]
    frame_groups: tuple[str, ...]
    sample_rate_hz: int
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_sound(self) -> bool:
        """Whether there is a sound; a picture alone has none."""
        return bool(self.audio_sha256)

    @property
    def has_frames(self) -> bool:
        """Whether there are frames; a sound alone has none."""
        return bool(self.frame_paths)


@dataclass(frozen=True, slots=True)
class Pair:
    """The unit of evaluation: one source image and one target segment of another class.

    Attributes:
        pair_id: stable, safe as a file name (``rain-to-ocean-1f3a9c0b``).
        source: segment that the source image belongs to (its label, its details).
        source_frame: index of the source image in ``source.frame_paths``.
        target: segment whose sound the image should fit.
    """

    pair_id: str
    source: Segment
    source_frame: int
    target: Segment

    @property
    def source_path(self) -> Path:
        """Absolute path of the source image."""
        return self.source.frame_paths[self.source_frame]

    @property
    def source_group(self) -> str:
        """Photograph or video of the source image."""
        return self.source.frame_groups[self.source_frame]


@dataclass(frozen=True)
class Dataset:
    """Segments with splits and labels, as an index over media files.

    Attributes:
        root: folder that holds ``dataset.json``, ``index.parquet`` and the media.
        name: the dataset's name.
        recipe: how it was made (kind, version, seed, options), JSON-compatible.
        pairing: ``recorded`` where sound and frames were recorded together, ``class`` where they
            were only joined by class, ``grid`` where any image is paired with any sound: images and sounds come from
            different sources, and segments have the one or the other.
        displays: display form of every label (``crunching_snow`` -> ``crunching snow``).
        not_evaluated: label -> reason, for classes that make no pairs (most have no test data).
        notes: counts and remarks of the import (silent, clipped, dropped ...), JSON-compatible.
        segments: all segments (or one split's, see ``split``).
    """

    root: Path
    name: str
    recipe: Mapping[str, Any]
    pairing: Pairing
    displays: Mapping[str, str]
    segments: tuple[Segment, ...]
    not_evaluated: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        """Machine labels in their fixed order."""
        return tuple(self.displays)

    @property
    def labels_from(self) -> str:
        """Where the labels come from, in words; an importer that tags sounds itself notes it."""
        return str(self.notes.get("labels_from", "the dataset's own classes"))

    @property
    def nameless(self) -> frozenset[str]:
        """Labels that name no class of sounds: ``unknown`` and ``other`` of tagged videos, folders without classes."""
        return frozenset(self.notes.get("no_category", ()))

    def split(self, name: str) -> "Dataset":
        """The same dataset with only the segments of one split."""
        return self.with_segments(s for s in self.segments if s.split == name)

    def with_segments(self, segments: Iterable[Segment]) -> "Dataset":
        """The same dataset with other segments."""
        return replace(self, segments=tuple(segments))

    @cached_property
    def digest(self) -> str:
        """sha256 over content: labels, pairing, and every segment's row with its media digests; no paths."""
        rows = sorted(
            [s.segment_id, s.label, s.split, s.audio_sha256, s.audio_group, *s.frame_sha256, *s.frame_groups] for s in self.segments
        )
        return digest_json([SCHEMA_VERSION, self.name, self.pairing, dict(self.displays), rows])

    def save(self) -> None:
        """Write header and index beside the media, atomically, the header last."""
        table = pa.Table.from_pylist([_row(s, self.root) for s in self.segments], schema=_SCHEMA)
        with atomic_path(self.root / INDEX_NAME) as path:
            pq.write_table(table, path)
        header = {
            "schema_version": SCHEMA_VERSION,
            "name": self.name,
            "digest": self.digest,
            "recipe": dict(self.recipe),
            "pairing": self.pairing,
            "displays": dict(self.displays),
            "not_evaluated": dict(self.not_evaluated),
            "notes": dict(self.notes),
            "n_segments": len(self.segments),
        }
        write_json(self.root / HEADER_NAME, header)

    @classmethod
    def open(cls, root: Path) -> "Dataset":
        """Read a dataset folder.

        Raises:
            DataError: no dataset there, or header and index do not belong together.
        """
        root = root.resolve()
        header_path = root / HEADER_NAME
        if not header_path.is_file():
            shown = printable(str(root))
            raise DataError(f"no dataset in {shown} ({HEADER_NAME} is missing); make one with `adis-bench data folder SRC --out {shown}`")
        try:
            header = checked_header(json.loads(header_path.read_text()))
            with _collector_off():
                rows = pq.read_table(root / INDEX_NAME, schema=_SCHEMA).to_pylist()
                segments = tuple(_segment(row, root) for row in rows)
            dataset = cls(
                root=root,
                name=header["name"],
                recipe=header["recipe"],
                pairing=header["pairing"],
                displays=header["displays"],
                not_evaluated=header["not_evaluated"],
                notes=header["notes"],
                segments=segments,
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError, pa.ArrowException) as error:
            raise DataError(
                f"the dataset in {printable(str(root))} cannot be read ({printable(str(error))}); import it again with `adis-bench data`"
            ) from error
        if dataset.digest != header["digest"]:
            raise DataError(
                f"{printable(str(root / INDEX_NAME))} does not belong to its {HEADER_NAME} "
                f"(digest {dataset.digest[:12]}, not {printable(header['digest'][:12])}); import the dataset again with `adis-bench data`"
            )
        return dataset


_SCHEMA = pa.schema(
    [
        ("segment_id", pa.string()),
        ("label", pa.string()),
        ("split", pa.string()),
        ("audio_path", pa.string()),
        ("audio_sha256", pa.string()),
        ("audio_group", pa.string()),
        ("frame_paths", pa.list_(pa.string())),
        ("frame_sha256", pa.list_(pa.string())),
        ("frame_groups", pa.list_(pa.string())),
        ("sample_rate_hz", pa.int32()),
        ("details", pa.string()),
    ]
)


@contextmanager
def _collector_off() -> Iterator[None]:
    """Millions of records without cycles: Python's collector would walk them again and again (half of the time at the paper's size)."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _row(segment: Segment, root: Path) -> dict[str, Any]:
    row = {name: getattr(segment, name) for name in _SCHEMA.names}
    row["audio_path"] = segment.audio_path.relative_to(root).as_posix() if segment.has_sound else ""
    row["frame_paths"] = [path.relative_to(root).as_posix() for path in segment.frame_paths]
    row["details"] = json.dumps(dict(segment.details))
    return row


def _segment(row: dict[str, Any], root: Path) -> Segment:
    details = json.loads(row["details"])
    if not isinstance(details, dict):
        raise ValueError(f"details of {row['segment_id']} are no object")
    n_frames = {len(row[name]) for name in ("frame_paths", "frame_sha256", "frame_groups")}
    if len(n_frames) > 1:
        raise ValueError(f"{row['segment_id']} has not as many paths, digests and groups of frames")
    return Segment(
        segment_id=_safe_name(row["segment_id"]),
        label=_safe_name(row["label"]),
        split=row["split"],
        audio_path=_inside(root, row["audio_path"]) if row["audio_sha256"] else Path(),
        audio_sha256=row["audio_sha256"],
        audio_group=row["audio_group"],
        frame_paths=tuple(_inside(root, name) for name in row["frame_paths"]),
        frame_sha256=tuple(row["frame_sha256"]),
        frame_groups=tuple(row["frame_groups"]),
        sample_rate_hz=row["sample_rate_hz"],
        details=details,
    )


def _inside(root: Path, name: str) -> Path:
    """The index may come from anybody: a path that leaves the dataset's folder is refused."""
    if ".." in name.split("/") or name.startswith("/") or (os.name == "nt" and ("\\" in name or ":" in name)):
        raise ValueError(f"path {name!r} leaves the dataset's folder")
    return Path(f"{root}{os.sep}{name}")  # one parse instead of three: the paper's index has half a million paths


def _safe_name(name: str) -> str:
    """Ids and labels become file names (outputs, exports): what could leave a folder or hide in it is refused."""
    if not name or name.startswith(".") or not name.isprintable() or set(name) & set("/\\:"):
        raise ValueError(f"{name!r} is not a safe name")
    return name
