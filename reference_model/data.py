"""What a training step draws: images and their sounds or labels, decoded ahead by threads."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from adis_bench.datasets.media import read_image, segment_audio
from adis_bench.datasets.records import Dataset, Segment
from adis_bench.errors import ConfigError, DataError
from reference_model.audio import N_SAMPLES, SAMPLE_RATE_HZ, normalise_peak
from reference_model.objective import TrainBatch
from reference_model.schedule import Schedule
from reference_model.settings import NetworkSettings, TrainerSettings

CACHE_BYTES = 2 * 1024**3
"""Decoded images kept in memory; a small dataset is decoded once, a large one from its files."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a method is conditioned on.

    Attributes:
        of: raw conditions of segments, one row each.
        of_sources: whether the objective needs those of the sources too; else their sounds aren't decoded.
        between: labels that sources and targets have (models of two domains); None: any.
    """

    of: Callable[[Sequence[Segment]], Tensor]
    of_sources: bool = False
    between: tuple[str, str] | None = None


class Images:
    """Frames as uint8 [3, size, size], kept while they fit. Threads may share it: a frame decoded twice is the same."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._kept: dict[tuple[int, int], NDArray[np.uint8]] = {}
        self._room = CACHE_BYTES

    def __call__(self, row: int, size: int) -> NDArray[np.uint8]:
        """uint8 [3, size, size]."""
        found = self._kept.get((row, size))
        if found is None:
            found = np.ascontiguousarray(read_image(self._paths[row], size).transpose(2, 0, 1))
            if self._room >= found.nbytes:
                self._kept[row, size] = found
                self._room -= found.nbytes
        return found


def sounds(segments: Sequence[Segment], settings: NetworkSettings) -> Tensor:
    """Waveforms float32 [N, 48000] of segments, peak-normalised where the settings say so."""
    waves = torch.from_numpy(np.stack([segment_audio(s.audio_path, SAMPLE_RATE_HZ, N_SAMPLES) for s in segments]))
    return normalise_peak(waves) if settings.peak_normalisation else waves


def label_indices(segments: Sequence[Segment], labels: Sequence[str]) -> Tensor:
    """int64 [N]: places of the segments' labels."""
    return torch.tensor([labels.index(s.label) for s in segments])


class Batches:
    """Seeded training batches: step k always draws the same, so a resumed training goes on exactly.

    As in the release, sources are the training images in an order that each epoch draws anew, targets are
    drawn from all of them with replacement; both are enlarged, cropped and flipped on their own (protocol.md B;
    Tinglok/avstyle b09dc1e, data/unaligned_dataset.py). The draw is that of the whole batch, whatever the number
    of processes; each process decodes its own share. Between two labels an epoch is as long as the one with more images, and
    those of the other come again.
    """

    def __init__(
        self,
        train: Dataset,
        conditions: Conditions,
        resolution: int,
        settings: TrainerSettings,
        seed: int,
        process: tuple[int, int] = (0, 1),
    ) -> None:
        """``process``: this process's rank and how many there are.

        Raises:
            DataError: fewer images than one batch takes.
            ConfigError: a batch that the processes can't share evenly.
        """
        self._rows = [(s, i) for s in train.segments for i in range(len(s.frame_paths))]
        self._sources, self._targets = self._domains(train, conditions.between)
        n, (rank, n_ranks) = settings.batch_size, process
        n_epoch = max(len(self._sources), len(self._targets))
        if n_epoch < n:
            raise DataError(f"{train.root} has {n_epoch} training images, fewer than one batch of {n}; lower batch_size")
        if n % (n_ranks * settings.accumulate):
            step = n_ranks * settings.accumulate
            raise ConfigError(
                f"batch_size {n} cannot be shared out: it must be a multiple of {step} (processes {n_ranks} x accumulate "
                f"{settings.accumulate}), such as {-(-n // step) * step}"
            )
        _refuse_small_parts(settings, n // (n_ranks * settings.accumulate))
        self.schedule = Schedule(settings, n_epoch // n)
        self._share = slice(rank, None, n_ranks)
        self._images = Images([s.frame_paths[i] for s, i in self._rows])
        self._conditions, self._resolution, self._settings, self._seed = conditions, resolution, settings, seed
        self._order = lru_cache(maxsize=2)(self._order_of)

    def _domains(self, train: Dataset, between: tuple[str, str] | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of the sources and of the targets."""
        labels = np.array([segment.label for segment, _ in self._rows])
        if between is None:
            return np.arange(len(labels)), np.arange(len(labels))
        for label in between:
            if label not in labels:
                raise DataError(f"{train.root} has no training image of class {label!r}, which a model between two classes takes")
        source, target = (np.flatnonzero(labels == label) for label in between)
        return source, target

    def __call__(self, step: int) -> TrainBatch:
        """This process's share of one step, images as uint8."""
        rng = np.random.default_rng([self._seed, 1, step])
        n = self._settings.batch_size
        epoch, within = divmod(step, self.schedule.epoch_steps)
        source = self._order(epoch)[within * n : (within + 1) * n]
        target = self._targets[rng.integers(len(self._targets), size=n)]
        room = self._load_size(step) - self._resolution
        # Drawn for the whole batch: a process's share doesn't depend on how many there are.
        crops = rng.integers(room + 1, size=(2, n, 2))
        flips = rng.random((2, n)) < 0.5
        patch_seed = int(rng.integers(2**62))
        mine = self._share
        return TrainBatch(
            source=self._cropped(source[mine], crops[0][mine], flips[0][mine], step),
            target=self._cropped(target[mine], crops[1][mine], flips[1][mine], step),
            source_condition=self._condition(source[mine]) if self._conditions.of_sources else None,
            condition=self._condition(target[mine]),
            patch_seed=patch_seed,
        )

    def _order_of(self, epoch: int) -> NDArray[np.int64]:
        n_epoch = max(len(self._sources), len(self._targets))
        return np.random.default_rng([self._seed, 0, epoch]).permutation(np.resize(self._sources, n_epoch))

    def _load_size(self, step: int) -> int:
        enlarges = self._settings.crop_while_decaying or not self.schedule.decays(step)
        return round(self._resolution * self._settings.load_scale) if enlarges else self._resolution

    def _condition(self, rows: NDArray[np.int64]) -> Tensor:
        return self._conditions.of([self._rows[row][0] for row in rows])

    def _cropped(self, rows: NDArray[np.int64], corners: NDArray[np.int64], flips: NDArray[np.bool_], step: int) -> Tensor:
        """uint8 [N, 3, R, R]."""
        size, load = self._resolution, self._load_size(step)
        made = np.empty((len(rows), 3, size, size), np.uint8)
        for i, (row, (top, left), flip) in enumerate(zip(rows, corners, flips, strict=True)):
            piece = self._images(int(row), load)[:, top : top + size, left : left + size]
            made[i] = piece[:, :, ::-1] if flip else piece
        return torch.from_numpy(made)


def _refuse_small_parts(settings: TrainerSettings, part: int) -> None:
    """Wrong conditions are others of the same part: fewer of them in a part would be another training without a word.

    Raises:
        ConfigError: a part has fewer pairs than the mismatched ones of the whole batch take.
    """
    if not settings.mismatched:
        return
    wanted = max(1, min(settings.n_mismatched, settings.batch_size - 1)) + 1
    if part < wanted:
        raise ConfigError(
            f"mismatched takes {wanted} pairs in every part of a batch; processes x accumulate leave {part} of {settings.batch_size}: "
            "raise batch_size, lower n_mismatched, or use fewer processes or parts"
        )


class Feed:
    """Batches of steps ``start`` to ``stop``, made ahead of their use by threads.

    Threads, not processes: decoding and resizing run without Python's lock, nothing is copied between
    processes, and all share one cache of decoded images.

    Attributes:
        waited_s: seconds that the consumer has waited for a batch.
    """

    def __init__(self, batches: Callable[[int], TrainBatch], start: int, stop: int, workers: int) -> None:
        self._batches, self._steps, self._workers = batches, range(start, stop), workers
        self.waited_s = 0.0

    def __iter__(self) -> Iterator[TrainBatch]:
        """Yield the batches in order."""
        with ThreadPoolExecutor(self._workers, thread_name_prefix="feed") as pool:
            waiting: deque[Future[TrainBatch]] = deque()
            steps = iter(self._steps)
            try:
                for step in steps:
                    waiting.append(pool.submit(self._batches, step))
                    if len(waiting) > self._workers:
                        yield self._next(waiting)
                while waiting:
                    yield self._next(waiting)
            finally:
                for future in waiting:
                    future.cancel()

    def _next(self, waiting: deque[Future[TrainBatch]]) -> TrainBatch:
        began = time.perf_counter()
        batch = waiting.popleft().result()
        self.waited_s += time.perf_counter() - began
        return batch


def default_workers() -> int:
    """Threads that feed one process: as many as it has processors, eight at most."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(8, available // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))))


def scaled(images: Tensor) -> Tensor:
    """uint8 [N, 3, H, W] to float32 in [-1, 1]."""
    return images.float().div_(127.5).sub_(1.0).contiguous(memory_format=torch.channels_last)


def as_pixels(images: Tensor) -> NDArray[np.uint8]:
    """[B, 3, H, W] in [-1, 1] to uint8 [B, H, W, 3]."""
    return images.float().add(1).mul(127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy()
