"""What a training step draws: images, their sounds or labels, and what does not belong to them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from adis_bench.datasets.media import read_image, segment_audio
from adis_bench.datasets.records import Dataset, Segment
from reference_model.audio import N_SAMPLES, SAMPLE_RATE_HZ, audio_features, normalise_peak
from reference_model.objective import TrainBatch
from reference_model.settings import NetworkSettings, TrainerSettings

CACHE_BYTES = 2 * 1024**3
"""Decoded images kept in memory; a small dataset is decoded once, a large one from its files."""


class Images:
    """Frames as uint8 [3, size, size], decoded by threads and kept while they fit."""

    def __init__(self, paths: Sequence[Path], size: int) -> None:
        self._paths, self._size = paths, size
        self._kept: dict[int, Tensor] = {}
        self._room = CACHE_BYTES // (3 * size * size)
        self._pool = ThreadPoolExecutor(2)

    def __call__(self, rows: Sequence[int]) -> Tensor:
        """uint8 [N, 3, size, size]."""
        return torch.stack(list(self._pool.map(self._one, rows)))

    def _one(self, row: int) -> Tensor:
        found = self._kept.get(row)
        if found is None:
            found = torch.from_numpy(read_image(self._paths[row], self._size).copy()).permute(2, 0, 1).contiguous()
            if len(self._kept) < self._room:
                self._kept[row] = found
        return found


def sound_features(segments: Sequence[Segment], settings: NetworkSettings) -> Tensor:
    """Front-end features float32 [N, F, T] of segments' sounds, peak-normalised as in the release."""
    waves = np.stack([segment_audio(s.audio_path, SAMPLE_RATE_HZ, N_SAMPLES) for s in segments])
    return audio_features(normalise_peak(torch.from_numpy(waves)), settings)


class Conditions:
    """The condition of a segment: its sound's features, or its label's index."""

    def __init__(self, labels: Sequence[str] | None, settings: NetworkSettings) -> None:
        self._labels, self._settings = labels, settings
        self._kept: dict[str, Tensor] = {}

    def __call__(self, segments: Sequence[Segment]) -> Tensor:
        """float32 [N, F, T] of sounds, or int64 [N] of labels."""
        if self._labels is not None:
            return torch.tensor([self._labels.index(s.label) for s in segments])
        return torch.stack([self._sound(s) for s in segments])

    def _sound(self, segment: Segment) -> Tensor:
        found = self._kept.get(segment.segment_id)
        if found is None:
            found = sound_features([segment], self._settings)[0]
            if len(self._kept) * found.nbytes < CACHE_BYTES:
                self._kept[segment.segment_id] = found
        return found


class Batches:
    """Seeded training batches: step k always draws the same, so a resumed training goes on exactly.

    Source and target are drawn independently of each other, each resized to ``load_scale`` times the
    resolution, cropped and flipped on its own (protocol.md B).
    """

    def __init__(self, train: Dataset, conditions: Conditions, resolution: int, settings: TrainerSettings, seed: int) -> None:
        self._rows = [(s, i) for s in train.segments for i in range(len(s.frame_paths))]
        self._load = round(resolution * settings.load_scale)
        self._images = Images([s.frame_paths[i] for s, i in self._rows], self._load)
        self._count = [len(s.frame_paths) for s in train.segments]
        self._first = np.cumsum([0, *self._count[:-1]])
        self._conditions, self._resolution, self._settings, self._seed = conditions, resolution, settings, seed

    def __call__(self, step: int) -> TrainBatch:
        """The batch of one step."""
        rng = np.random.default_rng([self._seed, step])
        n = self._settings.batch_size
        source, target = self._draw(rng, n), self._draw(rng, n)
        return TrainBatch(
            source=self._augmented(source, rng),
            target=self._augmented(target, rng),
            source_condition=self._condition(source),
            condition=self._condition(target),
            generator=torch.Generator().manual_seed(int(rng.integers(2**62))),
        )

    def _draw(self, rng: np.random.Generator, n: int) -> list[int]:
        """Segments evenly, then one of the segment's frames: no label is needed to draw."""
        return [int(self._first[k] + rng.integers(self._count[k])) for k in rng.integers(len(self._first), size=n)]

    def _condition(self, rows: list[int]) -> Tensor:
        return self._conditions([self._rows[row][0] for row in rows])

    def _augmented(self, rows: list[int], rng: np.random.Generator) -> Tensor:
        images = self._images(rows)
        room, size = self._load - self._resolution, self._resolution
        cropped = []
        for image in images:
            top, left = (int(v) for v in rng.integers(room + 1, size=2))
            piece = image[:, top : top + size, left : left + size]
            cropped.append(piece.flip(-1) if rng.random() < 0.5 else piece)
        return scaled(torch.stack(cropped))


def scaled(images: Tensor) -> Tensor:
    """uint8 [N, 3, H, W] to float32 in [-1, 1]."""
    return images.float().div_(127.5).sub_(1.0).contiguous(memory_format=torch.channels_last)
