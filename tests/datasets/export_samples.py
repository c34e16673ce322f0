"""Small datasets changed in one place, and folders as bytes, for the tests of the exports."""

import dataclasses
from pathlib import Path

import numpy as np
from PIL import Image

from adis_bench.datasets.records import Dataset
from adis_bench.files import digest_file


def changed(dataset: Dataset, place: int, **changes: object) -> Dataset:
    """The dataset with one segment changed."""
    segments = list(dataset.segments)
    segments[place] = dataclasses.replace(segments[place], **changes)  # type: ignore[arg-type]
    return dataset.with_segments(segments)


def files_of(out: Path) -> dict[str, bytes]:
    """Every file of a folder by its name in it."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def second_frame(dataset: Dataset, place: int, suffix: str = ".jpg") -> Dataset:
    """The dataset with a second frame in one segment."""
    segment, path = dataset.segments[place], dataset.root / "frames" / f"second{suffix}"
    Image.fromarray(np.random.default_rng(7).integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(path)
    return changed(
        dataset,
        place,
        frame_paths=(*segment.frame_paths, path),
        frame_sha256=(*segment.frame_sha256, digest_file(path)),
        frame_groups=(*segment.frame_groups, "second"),
    )
