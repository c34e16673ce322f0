"""The demo world as a dataset: scenes drawn from a seed, rendered, sounded and written."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from adis_bench.datasets.demo.layout import sample_layout
from adis_bench.datasets.demo.render import render
from adis_bench.datasets.demo.style import DISPLAYS, Style, sample_style
from adis_bench.datasets.media import write_png, write_wav
from adis_bench.datasets.records import HEADER_NAME, Dataset, Segment
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_file
from adis_bench.progress import bar

__all__ = ["make", "render"]

VERSION = 1
"""Raised whenever a pixel or a sample changes."""
RESOLUTIONS = (64, 256)
"""Smallest and largest side in pixels."""
N_TRAIN, N_JUDGE, N_TEST = 640, 200, 240
"""Scenes per split; multiples of the eight classes."""
_MAX_THREADS = 8
"""Numpy lets go of the interpreter only inside large operations; more threads gain nothing."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """One scene to make: its place in the dataset decides everything random in it."""

    split: str
    label: str
    number: int

    @property
    def segment_id(self) -> str:
        return f"{self.split}-{self.label}-{self.number:04d}"

    def rng(self, seed: int, purpose: int) -> np.random.Generator:
        """A generator that no other scene and no other purpose shares."""
        split, label = ("train", "judge", "test").index(self.split), list(DISPLAYS).index(self.label)
        return np.random.default_rng([seed, split, label, self.number, purpose])


def make(
    out: Path, *, resolution: int = 64, n_train: int = N_TRAIN, n_judge: int = N_JUDGE, n_test: int = N_TEST, seed: int = 0
) -> Dataset:
    """Make the demo world in ``out``, or open it where the very same one is already there.

    Media are written first and the header last: a killed call leaves no dataset, and the next call
    writes the same files again. Classes take turns, so that any count is stratified.

    Args:
        out: folder of the dataset.
        resolution: side of the frames in pixels, 64 to 256.
        n_train: scenes for the methods to learn from.
        n_judge: scenes for the extractors of the offline protocol to learn from.
        n_test: scenes for the pairs.
        seed: of everything random.

    Raises:
        ConfigError: a resolution or a count that cannot be.
        DataError: another dataset is already in ``out``.
    """
    counts = {"train": n_train, "judge": n_judge, "test": n_test}
    _check(resolution, counts, seed)
    recipe = {"generator": "adis_bench.demo", "version": VERSION, "seed": seed, "resolution": resolution, "counts": counts}
    root = out.resolve()
    found = _existing(root, recipe)
    if found is not None:
        return found
    scenes = [scene for split, n in counts.items() for scene in _scenes(split, n)]
    dataset = Dataset(root, "demo", recipe, "recorded", DISPLAYS, tuple(_made(scenes, root, resolution, seed)))
    dataset.save()
    return dataset


def _check(resolution: int, counts: dict[str, int], seed: int) -> None:
    low, high = RESOLUTIONS
    if not low <= resolution <= high:
        raise ConfigError(f"the demo world has {low} to {high} pixels, not {resolution}; choose another resolution")
    if min(counts.values()) < 0 or sum(counts.values()) == 0:
        raise ConfigError(f"the demo world cannot have {counts} scenes; counts are 0 or more, and not all 0")
    if seed < 0:
        raise ConfigError(f"seed {seed} is negative; choose 0 or more")


def _existing(root: Path, recipe: dict[str, Any]) -> Dataset | None:
    if not (root / HEADER_NAME).is_file():
        return None
    dataset = Dataset.open(root)
    if dict(dataset.recipe) != recipe:
        raise DataError(f"another dataset ({dataset.name}, {dict(dataset.recipe)}) is already in {root}; choose an empty folder")
    complete = all(path.is_file() for segment in dataset.segments for path in (segment.audio_path, *segment.frame_paths))
    return dataset if complete else None


def _scenes(split: str, count: int) -> Iterator[_Scene]:
    labels = list(DISPLAYS)
    for k in range(count):
        yield _Scene(split, labels[k % len(labels)], k // len(labels))


def _made(scenes: list[_Scene], root: Path, resolution: int, seed: int) -> Iterator[Segment]:
    n_threads = min(_MAX_THREADS, os.cpu_count() or 1)
    job = partial(_segment, root=root, resolution=resolution, seed=seed)
    pool = ThreadPoolExecutor(n_threads)
    try:
        with bar("demo world", len(scenes)) as running:
            for segment in pool.map(job, scenes):
                running.advance()
                yield segment
    finally:
        # After Ctrl-C or a full disk nothing that waits is begun.
        pool.shutdown(cancel_futures=True)


def _segment(scene: _Scene, root: Path, resolution: int, seed: int) -> Segment:
    # Most calls find the world made: they needn't wait for scipy's filters to be imported.
    from adis_bench.datasets.demo.sounds import sound
    from adis_bench.datasets.demo.synthesis import SAMPLE_RATE_HZ

    layout = sample_layout(scene.rng(seed, 0)).to_json()
    style: Style = sample_style(scene.rng(seed, 1), scene.label)
    frame_path, audio_path = root / "frames" / f"{scene.segment_id}.png", root / "audio" / f"{scene.segment_id}.wav"
    write_png(frame_path, render(layout, style.to_json(), resolution))
    write_wav(audio_path, sound(style, scene.rng(seed, 2)), SAMPLE_RATE_HZ)
    return Segment(
        segment_id=scene.segment_id,
        label=scene.label,
        split=scene.split,
        audio_path=audio_path,
        audio_sha256=digest_file(audio_path),
        audio_group=scene.segment_id,
        frame_paths=(frame_path,),
        frame_sha256=(digest_file(frame_path),),
        frame_groups=(scene.segment_id,),
        sample_rate_hz=SAMPLE_RATE_HZ,
        details={"layout": layout, "style": style.to_json()},
    )
