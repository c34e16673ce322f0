"""What a training tells while it runs: a progress bar and a log of losses and speed."""

import csv
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lightning_fabric import Fabric
from torch import Tensor

from adis_bench.files import atomic_path
from adis_bench.progress import Bar, bar
from reference_model.data import Feed
from reference_model.schedule import Schedule

LOG_NAME = "losses.csv"
LOG_STEPS = 25


class Journal:
    """The log of one training; only the first process shows and writes.

    Attributes:
        rows: losses, learning rate and speed every ``LOG_STEPS`` steps; part of the checkpoint.
    """

    def __init__(self, folder: Path, name: str, schedule: Schedule, fabric: Fabric) -> None:
        self.rows: list[dict[str, float]] = []
        self._folder, self._name, self._schedule, self._fabric = folder, name, schedule, fabric

    @contextmanager
    def open(self, start: int, feed: Feed) -> Iterator[None]:
        """From step ``start`` to the end of the training, or to an exception."""
        with bar(f"train {self._name}", self._schedule.n_steps) as self._bar:
            self._bar.advance(start)
            self._feed, self._since, self._before, self._waited = feed, time.monotonic(), start, 0.0
            try:
                yield
            finally:
                self._write()

    def note(self, step: int, losses: Mapping[str, Tensor]) -> None:
        """After each step."""
        self._bar.advance()
        done = step + 1
        if done % LOG_STEPS and done != self._schedule.n_steps:
            return
        # Reading a loss waits for the device: not at every step.
        named = {name: round(value.item(), 5) for name, value in losses.items()}
        seconds = time.monotonic() - self._since
        speed = {
            "images_per_s": (done - self._before) * self._schedule.settings.batch_size / seconds,
            "waiting": (self._feed.waited_s - self._waited) / seconds,
        }
        self.rows.append({"step": done, "learning_rate": self._schedule.learning_rate(step), **named, **speed})
        self._show(self._bar, named, speed)
        self._since, self._before, self._waited = time.monotonic(), done, self._feed.waited_s

    def _show(self, running: Bar, named: Mapping[str, float], speed: Mapping[str, float]) -> None:
        losses = " ".join(f"{name} {value:.3f}" for name, value in named.items())
        running.note(f"{losses} · {speed['images_per_s']:.3g} images/s")

    def _write(self) -> None:
        if not self.rows or not self._fabric.is_global_zero:
            return
        with atomic_path(self._folder / LOG_NAME) as temporary, temporary.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)
