"""WebDataset shards: tar files in which the files of a segment follow each other, one folder a split."""

import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adis_bench.datasets.export.claim import MANIFEST_NAME, Chosen, Export, choose, claim, n_bytes, original, segment_facts
from adis_bench.datasets.records import Dataset, Segment
from adis_bench.errors import ConfigError
from adis_bench.files import atomic_path, digest_file, write_json
from adis_bench.progress import bar

SPLITS = ("train", "judge", "test")


@dataclass(frozen=True, slots=True)
class ShardSize:
    """Where a shard ends: after so many segments, or before it is larger than so many bytes."""

    n_segments: int | None = None
    n_bytes: int | None = None

    @classmethod
    def parse(cls, text: str) -> "ShardSize":
        """``500`` segments, or ``250MB``.

        Raises:
            ConfigError: neither.
        """
        match = re.fullmatch(r"([0-9]+)\s*(MB)?", text.strip(), re.IGNORECASE)
        if match is None or int(match[1]) < 1:
            raise ConfigError(f"the shard size {text!r} is neither a number of segments (500) nor of megabytes (250MB)")
        return cls(n_bytes=int(match[1]) * 1_000_000) if match[2] else cls(n_segments=int(match[1]))


def export_webdataset(dataset: Dataset, out: Path, shard_size: ShardSize) -> Export:
    """Write ``<split>/shard-000000.tar`` ... and a manifest with digests; a call that was stopped is continued.

    A segment is ``<key>.json`` (label, split, groups, details, digests), ``<key>.wav`` and ``<key>.1.jpg`` (or png),
    ``<key>.2.jpg`` ...; media are copied byte for byte. Segments are in the order of their ids: who trains on them shuffles
    (shards, then samples), as WebDataset's readers do. The same dataset and size give the same bytes.

    Raises:
        DataError: ``out`` holds something else, a media file is missing or has changed, or nothing can be exported.
    """
    out = out.resolve()
    chosen = choose(dataset, SPLITS)
    size = {"n_segments": shard_size.n_segments, "n_bytes": shard_size.n_bytes}
    manifest = claim(out, dataset, chosen.segments, {"format": "webdataset", "shard_size": size})
    before: Mapping[str, Any] = manifest.get("shards", {})
    shards: dict[str, Any] = {}
    with bar("export", len(chosen.segments)) as running:
        for name, segments in _plan(chosen, dataset, shard_size):
            shards[name] = _whole(out / name, before.get(name)) or _written(out / name, segments, dataset)
            # After every shard, so that a call that was stopped knows which of them are whole.
            manifest |= {"complete": False, "shards": dict(before) | shards}
            write_json(out / MANIFEST_NAME, manifest)
            running.advance(len(segments))
    counts = {"n_segments": len(chosen.segments), "n_without_sound": chosen.n_without_sound, "n_without_frames": chosen.n_without_frames}
    write_json(out / MANIFEST_NAME, manifest | counts | {"complete": True, "shards": shards})
    n_bytes = sum(shard["n_bytes"] for shard in shards.values())
    return Export(out, f"{len(chosen.segments)} segments in {len(shards)} shards, {n_bytes / 1e9:.2f} GB", chosen.left_out)


def _whole(path: Path, known: dict[str, Any] | None) -> dict[str, Any] | None:
    """A shard's entry in the manifest, if the shard is there as that says."""
    if known is None or not path.is_file() or path.stat().st_size != known["n_bytes"] or digest_file(path) != known["sha256"]:
        return None
    return known


def _written(path: Path, segments: Sequence[Segment], dataset: Dataset) -> dict[str, Any]:
    with atomic_path(path) as temporary:
        _write_shard(temporary, segments, dataset)
    return {"n_segments": len(segments), "n_bytes": path.stat().st_size, "sha256": digest_file(path)}


def _plan(chosen: Chosen, dataset: Dataset, size: ShardSize) -> Iterator[tuple[str, list[Segment]]]:
    """Every shard's name and segments; decided by ids and file sizes, so that two calls plan alike."""
    for split in SPLITS:
        members = [segment for segment in chosen.segments if segment.split == split]
        for number, segments in enumerate(_cut(members, dataset, size)):
            yield f"{split}/shard-{number:06d}.tar", segments


def _cut(segments: Sequence[Segment], dataset: Dataset, size: ShardSize) -> Iterator[list[Segment]]:
    if size.n_segments is not None:
        for start in range(0, len(segments), size.n_segments):
            yield list(segments[start : start + size.n_segments])
        return
    shard: list[Segment] = []
    n_bytes = 0
    for segment in segments:
        n = _tar_bytes(segment, dataset)
        if shard and _closed(n_bytes + n) > (size.n_bytes or 0):
            yield shard
            shard, n_bytes = [], 0
        shard.append(segment)
        n_bytes += n
    if shard:
        yield shard


def _closed(n_bytes: int) -> int:
    """The size of a tar file with members of so many bytes: two empty blocks end it, then it is filled up to whole records."""
    return -(-(n_bytes + 2 * tarfile.BLOCKSIZE) // tarfile.RECORDSIZE) * tarfile.RECORDSIZE


def _tar_bytes(segment: Segment, dataset: Dataset) -> int:
    """What a segment takes in a shard (names of more than 100 characters take a little more)."""
    paths = [segment.audio_path, *segment.frame_paths]
    sizes = [len(_json_bytes(segment, dataset)), *map(n_bytes, paths)]
    return sum((1 - -n // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE for n in sizes)


def _write_shard(path: Path, segments: Sequence[Segment], dataset: Dataset) -> None:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for segment in segments:
            for name, content in _members(segment, dataset):
                # A new TarInfo has time 0, owner 0 and no owner's name: nothing of this machine gets in.
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))


def _members(segment: Segment, dataset: Dataset) -> Iterator[tuple[str, bytes]]:
    key = shard_key(segment.segment_id)
    yield f"{key}.json", _json_bytes(segment, dataset)
    yield f"{key}.wav", original(segment.audio_path, segment.audio_sha256)
    for number, (path, sha256) in enumerate(zip(segment.frame_paths, segment.frame_sha256, strict=True), start=1):
        yield f"{key}.{number}{path.suffix.lower()}", original(path, sha256)


def _json_bytes(segment: Segment, dataset: Dataset) -> bytes:
    facts = segment_facts(segment, dataset.displays.get(segment.label, segment.label))
    return json.dumps(facts, sort_keys=True, allow_nan=False).encode()


def shard_key(segment_id: str) -> str:
    """A segment's key in a shard: its id without dots, as WebDataset takes all after a name's first dot for the extension.

    ``.`` is written ``%2E`` and ``%`` as ``%25``, so that no two ids have one key; the JSON holds the id itself.

    >>> shard_key("2015-02-16_v1.5_clip3")
    '2015-02-16_v1%2E5_clip3'
    """
    return segment_id.replace("%", "%25").replace(".", "%2E")
