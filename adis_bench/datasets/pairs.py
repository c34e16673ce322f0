"""The pair list: made once per run, scored by every method, and given to anybody's code."""

import csv
import hashlib
import io
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from adis_bench.csv_cells import inert
from adis_bench.datasets.class_pairs import Sides, class_rounds, refuse_without_pairs, sides_of
from adis_bench.datasets.dealing import interleaved
from adis_bench.datasets.media import read_image, write_png
from adis_bench.datasets.records import Dataset, Pair, Segment
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import atomic_path, digest_json, write_bytes, write_text
from adis_bench.progress import track
from adis_bench.seeding import generator

PAIR_SCHEMA = pa.schema(
    [
        ("pair_id", pa.string()),
        ("source_segment_id", pa.string()),
        ("source_frame", pa.int32()),
        ("source_label", pa.string()),
        ("source_path", pa.string()),
        ("source_group", pa.string()),
        ("target_segment_id", pa.string()),
        ("target_label", pa.string()),
        ("target_frame_path", pa.string()),
        ("target_audio_path", pa.string()),
        ("target_group", pa.string()),
    ]
)
"""Columns of the pair list; its paths are for other programs, ``read_pairs`` takes them from the dataset.

``target_frame_path`` is empty where the target sound has no frame."""

_ID_DIGITS = 8


@dataclass(frozen=True, slots=True)
class _Source:
    """A source image: the first segment that shows it, and its place there."""

    segment: Segment
    frame: int

    @property
    def digest(self) -> str:
        return self.segment.frame_sha256[self.frame]

    @property
    def group(self) -> str:
        return self.segment.frame_groups[self.frame]


def make_pairs(test: Dataset, n: int, seed: int) -> tuple[Pair, ...]:
    """Choose ``n`` pairs of the test split; (dataset digest, seed) decide, and a smaller ``n`` gives the first of them.

    Ordered class pairs are dealt in rounds: their counts differ by one at most for as long as each has
    combinations left. Where both sides have the same classes, so do the counts of source and of target classes;
    elsewhere (on a grid, say) these are about even only, since a class that both sides have can't meet itself. Within
    a class, source images and targets are dealt in turn, one of every group first. An image that several segments show
    is one source. No (source image, target) comes twice: where fewer than ``n`` exist, all are returned. Classes in
    ``not_evaluated`` make no pairs. On a grid the sources are the pictures and the targets the sounds
    (``class_pairs.sides_of``).

    Raises:
        ConfigError: ``n`` is not positive.
        DataError: no two classes have test data that can be paired.
    """
    if n < 1:
        raise ConfigError(f"the number of pairs must be at least 1, not {n}")
    sides = sides_of(test)
    refuse_without_pairs(test, sides)
    rng = generator("pairs", test.digest, seed)
    sources: dict[str, deque[_Source]] = {}
    targets: dict[str, deque[Segment]] = {}
    for label in sorted({*sides.source_labels, *sides.target_labels}):
        images = _unique_sources([s for s in sides.sources if s.label == label])
        sources[label] = deque(interleaved(images, lambda source: source.group, rng))
        sounds = [s for s in sides.targets if s.label == label]
        targets[label] = deque(interleaved(sounds, lambda segment: segment.audio_group, rng))
    return _with_ids(_deal(sides, sources, targets, n, rng))


def _unique_sources(segments: Sequence[Segment]) -> list[_Source]:
    found: dict[str, _Source] = {}
    for segment in segments:
        for frame, digest in enumerate(segment.frame_sha256):
            found.setdefault(digest, _Source(segment, frame))
    return list(found.values())


def _deal(
    sides: Sides, sources: dict[str, deque[_Source]], targets: dict[str, deque[Segment]], n: int, rng: np.random.Generator
) -> list[tuple[_Source, Segment]]:
    source_labels, target_labels, n_class_pairs = sides.source_labels, sides.target_labels, sides.n_class_pairs
    used: set[tuple[str, str]] = set()
    exhausted: set[tuple[str, str]] = set()
    dealt: list[tuple[_Source, Segment]] = []
    while len(dealt) < n and len(exhausted) < n_class_pairs:
        for classes in class_rounds(source_labels, target_labels, rng):
            if len(dealt) == n:
                break
            if classes in exhausted:
                continue
            taken = _take(sources[classes[0]], targets[classes[1]], used)
            if taken is None:
                exhausted.add(classes)
            else:
                dealt.append(taken)
    return dealt


def _take(sources: deque[_Source], targets: deque[Segment], used: set[tuple[str, str]]) -> tuple[_Source, Segment] | None:
    """The next source and target that have not met; both go to the end of their queues."""
    for i, source in enumerate(sources):
        for j, target in enumerate(targets):
            key = (source.digest, target.segment_id)
            if key not in used:
                used.add(key)
                del sources[i]
                del targets[j]
                sources.append(source)
                targets.append(target)
                return source, target
    return None


def _id_stem(source: Segment, target: Segment) -> str:
    return f"{source.label}-to-{target.label}-"


def _content_digest(source_sha256: str, target: Segment) -> str:
    return hashlib.sha256(f"{source_sha256}\n{target.audio_sha256}\n{target.segment_id}".encode()).hexdigest()


def _with_ids(chosen: Sequence[tuple[_Source, Segment]]) -> tuple[Pair, ...]:
    taken: set[str] = set()
    pairs = []
    for source, target in chosen:
        stem, digest = _id_stem(source.segment, target), _content_digest(source.digest, target)
        # Eight digits are enough for thousands of pairs; of many more, a few need longer ids to stay distinct.
        length = next(k for k in range(_ID_DIGITS, len(digest) + 1) if stem + digest[:k] not in taken)
        taken.add(stem + digest[:length])
        pairs.append(Pair(stem + digest[:length], source.segment, source.frame, target))
    return tuple(pairs)


def pairs_digest(pairs: Sequence[Pair]) -> str:
    """sha256 (hex) over the pairs in their order: ids and the content of source images and target sounds."""
    return digest_json([[p.pair_id, p.source.frame_sha256[p.source_frame], p.target.segment_id, p.target.audio_sha256] for p in pairs])


def write_pairs(pairs: Sequence[Pair], path: Path) -> None:
    """Write the pair list as Parquet, atomically."""
    table = pa.Table.from_pylist([_row(pair) for pair in pairs], schema=PAIR_SCHEMA)
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary)


def _row(pair: Pair) -> dict[str, Any]:
    return {
        "pair_id": pair.pair_id,
        "source_segment_id": pair.source.segment_id,
        "source_frame": pair.source_frame,
        "source_label": pair.source.label,
        "source_path": str(pair.source_path),
        "source_group": pair.source_group,
        "target_segment_id": pair.target.segment_id,
        "target_label": pair.target.label,
        "target_frame_path": str(pair.target.frame_paths[0]) if pair.target.has_frames else "",
        "target_audio_path": str(pair.target.audio_path),
        "target_group": pair.target.audio_group,
    }


def read_pairs(path: Path, dataset: Dataset) -> tuple[Pair, ...]:
    """Read a pair list that was made from ``dataset``.

    Raises:
        DataError: unreadable, or of another dataset (unknown segments, or other content behind the ids).
    """
    try:
        rows = pq.read_table(path, columns=["pair_id", "source_segment_id", "source_frame", "target_segment_id"]).to_pylist()
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise DataError(f"the pair list {path} cannot be read ({error}); run again into a new folder") from error
    # Pairs are of the test split; training segments may come from another dataset and have the same ids.
    segments = {segment.segment_id: segment for segment in dataset.segments if segment.split == "test"}
    pairs = [_pair(row, segments) for row in rows]
    wrong = [row["pair_id"] for row, pair in zip(rows, pairs, strict=True) if pair is None]
    if wrong:
        raise DataError(
            f"{len(wrong)} of {len(rows)} pairs in {path} are not of the dataset {dataset.root}, first: {wrong[0]}; "
            "the dataset has changed or is another one: run again into a new folder"
        )
    return tuple(pair for pair in pairs if pair is not None)


def _pair(row: dict[str, Any], segments: dict[str, Segment]) -> Pair | None:
    """The row's pair, or None where the dataset does not hold the content that the id was made from."""
    source, target = segments.get(row["source_segment_id"]), segments.get(row["target_segment_id"])
    frame = row["source_frame"]
    if source is None or target is None or frame is None or not 0 <= frame < len(source.frame_paths):
        return None
    stem, digest = _id_stem(source, target), _content_digest(source.frame_sha256[frame], target)
    pair_id = str(row["pair_id"])
    suffix = pair_id.removeprefix(stem)
    if not pair_id.startswith(stem) or len(suffix) < _ID_DIGITS or not digest.startswith(suffix):
        return None
    return Pair(pair_id, source, frame, target)


def export_pairs(pairs: Sequence[Pair], out: Path, resolution: int | None, trains: bool = True) -> None:
    """Write what anybody's code needs to make outputs: ``sources/``, ``targets/``, ``pairs.csv``, ``README.txt``.

    Args:
        pairs: the pair list.
        out: folder to write to.
        resolution: side of the source images in pixels (PNG); None keeps the files as they are.
        trains: whether the dataset has training data of its own; else the README asks for some.
    """
    written: set[Path] = set()
    rows = []
    for pair in track(pairs, "export pairs", len(pairs)):
        suffix = pair.source_path.suffix.lower() if resolution is None else ".png"
        source = out / "sources" / f"{pair.source.label}-{pair.source.frame_sha256[pair.source_frame][:16]}{suffix}"
        target = out / "targets" / f"{pair.target.segment_id}.wav"
        if source not in written:
            _export_image(pair.source_path, source, resolution)
        if target not in written:
            write_bytes(target, pair.target.audio_path.read_bytes())
        written |= {source, target}
        rows.append([pair.pair_id, _posix(source, out), pair.source.label, _posix(target, out), pair.target.label])
    write_text(
        out / "README.txt",
        _EXPORT_README.format(
            n=len(pairs),
            size=f"; {resolution} x {resolution} px is the run's, others are resized to it" if resolution else "",
            train_data="" if trains else " --train-data D",
            about_training="" if trains else _README_WITHOUT_TRAINING,
        ),
    )
    write_text(out / "pairs.csv", _csv([["pair_id", "source_image", "source_label", "target_sound", "target_label"], *rows]))


def _export_image(path: Path, out: Path, resolution: int | None) -> None:
    if resolution is None:
        write_bytes(out, path.read_bytes())
    else:
        write_png(out, read_image(path, resolution))


def _posix(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[inert(cell) for cell in row] for row in rows])
    return text.getvalue()


_EXPORT_README = """\
{n} pairs for audio-driven image stylization: restyle each source image so that it fits the target's sound.

pairs.csv   one row a pair: pair_id, source_image, source_label, target_sound, target_label
sources/    the source images
targets/    the target sounds: 3 s, mono WAV

For every row write one PNG file named <pair_id>.png into one folder. All of them must have one
size{size}.
Then score them, on the same pairs, beside the controls and any other method:

    adis-bench run --data DATASET{train_data} --method mine=folder:THAT_FOLDER

with the dataset, the preset and the seed of this export.{about_training}
"""
_README_WITHOUT_TRAINING = """ The dataset has no training
data of its own: D is the dataset that the methods were trained on, which also gives the judge
and the real frames that metrics compare with."""
