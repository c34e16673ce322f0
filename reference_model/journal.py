"""What a training tells while it runs: a progress bar, a table of losses and speed, and TensorBoard's curves."""

import csv
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

import torch
from lightning_fabric import Fabric
from torch import Tensor

from adis_bench.datasets.media import Images
from adis_bench.files import atomic_path
from adis_bench.progress import Bar, bar
from reference_model.data import Feed
from reference_model.meter import Meter, peak_memory_gib, synchronize
from reference_model.networks import at_least_float32
from reference_model.schedule import Schedule

LOG_NAME = "losses.csv"
EVENTS_NAME = "tensorboard"
LOG_STEPS = 25
FLUSH_S = 10
"""Seconds after which TensorBoard can see a value, and what of its curves a SIGKILL can take."""
MUCH_WAITING = 0.05
"""Share of the time: more is told beside the progress bar."""


class _Mark(NamedTuple):
    """When a stretch of steps began."""

    step: int
    at_s: float
    waited_s: float


class Journal:
    """The log of one training: every process measures, the first one shows and writes.

    Attributes:
        rows: one per ``LOG_STEPS`` steps, part of the checkpoint: ``step`` (how many lie behind), ``learning_rate``
            (``_D``: the discriminator's), the losses of that step over all processes, and the speed since the last
            row: ``images_per_s`` (pairs, of all processes), ``waiting`` (share of the time that the first process
            waited for data, 0 to 1), ``share_of_peak``, ``flop_per_step`` (see ``Meter``), ``peak_memory_gib``. What
            isn't known is left out: the first step after a start isn't timed, since it also warms up.
        meter: counts FLOPs; the loop runs its steps in ``meter.counting()``.
    """

    def __init__(self, folder: Path, name: str, schedule: Schedule, fabric: Fabric) -> None:
        self.rows: list[dict[str, float]] = []
        self.meter = Meter(fabric, schedule.settings.training_precision)
        self._folder, self._name, self._schedule, self._fabric = folder, name, schedule, fabric
        self._bar: Bar | None = None
        self._events: Any = None
        self._mark: _Mark | None = None

    @contextmanager
    def open(self, start: int, feed: Feed) -> Iterator[None]:
        """From step ``start`` to the end of the training, or to an exception."""
        self._feed = feed
        with ExitStack() as stack:
            if self._fabric.is_global_zero:
                self._bar = stack.enter_context(bar(f"train {self._name}", self._schedule.n_steps))
                self._bar.advance(start)
                self._events = _events(self._folder / EVENTS_NAME, start)
            stack.callback(self.close)
            yield

    def note(self, step: int, losses: Mapping[str, Tensor]) -> None:
        """After each step, in every process."""
        if self._bar is not None:
            self._bar.advance()
        done = step + 1
        if done % LOG_STEPS and done != self._schedule.n_steps:
            if self._mark is None:
                synchronize(self._fabric.device)
                self._mark = self._now(done)
            return
        # Reading a loss waits for the device: not at every step.
        values = torch.stack([at_least_float32(value) for value in losses.values()])
        means = cast(Tensor, self._fabric.all_reduce(values, reduce_op="mean")).tolist()
        if not all(map(math.isfinite, means)):
            return  # the loop says so at the next checkpoint, before it would be overwritten
        named = {name: round(value, 5) for name, value in zip(losses, means, strict=True)}
        rate = self._schedule.learning_rate(step)
        rates = {"learning_rate": rate, "learning_rate_D": rate * self._schedule.settings.discriminator_rate}
        speed = self._speed(done)
        self.rows.append({"step": done, **rates, **named, **speed})
        self.write()
        self._tell(done, {"losses": named, "learning_rates": rates, "speed": speed})

    def picture(self, done: int, grid: Images | None) -> None:
        """Show a grid of samples, where there is one, beside the curves."""
        if grid is not None and self._events is not None:
            self._events.add_image("samples", grid, done, dataformats="HWC")

    def write(self) -> None:
        """The rows so far, as a table; unknown cells are empty."""
        if not self.rows or not self._fabric.is_global_zero:
            return
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        with atomic_path(self._folder / LOG_NAME) as temporary, temporary.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, names, restval="")
            writer.writeheader()
            writer.writerows(self.rows)

    def close(self) -> None:
        """Write what is left; to be called before the process ends by a signal."""
        self.write()
        if self._events is not None:
            self._events.close()
            self._events = None

    def _now(self, done: int) -> _Mark:
        return _Mark(done, time.monotonic(), self._feed.waited_s)

    def _speed(self, done: int) -> dict[str, float]:
        """What was measured since the last call; nothing at the first one without a step before."""
        since, now = self._mark, self._now(done)
        self._mark = now
        if since is None:
            return {}
        steps_per_s = (done - since.step) / (now.at_s - since.at_s)
        speed = {
            "images_per_s": steps_per_s * self._schedule.settings.batch_size,
            "waiting": (now.waited_s - since.waited_s) / (now.at_s - since.at_s),
        }
        share, flop = self.meter.share_of_peak(steps_per_s), self.meter.flop_per_step
        if share is not None and flop is not None:
            speed |= {"share_of_peak": share, "flop_per_step": flop}
        return speed | {"peak_memory_gib": peak_memory_gib(self._fabric.device)}

    def _tell(self, done: int, groups: Mapping[str, Mapping[str, float]]) -> None:
        if self._bar is not None:
            self._bar.note(_line(groups["losses"], groups["speed"]))
        if self._events is not None:
            for group, values in groups.items():
                for name, value in values.items():
                    self._events.add_scalar(f"{group}/{name}", value, done)


def _line(losses: Mapping[str, float], speed: Mapping[str, float]) -> str:
    """What stands beside the progress bar."""
    pieces = [" ".join(f"{name} {value:.3f}" for name, value in losses.items())]
    if "images_per_s" in speed:
        pieces.append(f"{speed['images_per_s']:.3g} images/s")
    if "share_of_peak" in speed:
        pieces.append(f"{speed['share_of_peak']:.0%} of peak")
    if speed.get("waiting", 0.0) > MUCH_WAITING:
        pieces.append(f"waiting {speed['waiting']:.0%}")
    return " · ".join(pieces)


def _events(folder: Path, start: int) -> Any:
    """A writer of TensorBoard's files; what an earlier run wrote of the steps after ``start`` disappears."""
    # Only a training needs it, and only its first process.
    from tensorboardX import SummaryWriter

    # tensorboardX names a file by the second and overwrites; TensorBoard reads files in the order of their names.
    part = f".{time.time_ns() % 10**9:09d}"
    return SummaryWriter(str(folder), purge_step=start + 1, flush_secs=FLUSH_S, filename_suffix=part)
