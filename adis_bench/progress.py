"""Progress on stderr: bars on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

T = TypeVar("T")
_LINE_EVERY_S = 20.0  # without a terminal: often enough to see life, rare enough for a CI log


class Bar:
    """A running job: ``advance`` it, and ``note`` what it says of itself (loss, images per second)."""

    def __init__(self, description: str, total: int, progress: Progress | None) -> None:
        self.description, self.total, self.done, self.text = description, total, 0, ""
        self._before = 0
        self._progress = progress
        self._task = progress.add_task(description, total=total, note="") if progress else None
        self._started = self._printed = time.monotonic()

    def advance(self, n: int = 1) -> None:
        """Count ``n`` more items as done."""
        self.done += n
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, n)
        elif time.monotonic() - self._printed > _LINE_EVERY_S:
            self._line()

    def begin(self, n: int) -> None:
        """Count ``n`` items as done by a former call: shown as done, left out of the estimate."""
        self.done = self._before = n
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=n)

    def note(self, text: str) -> None:
        """Say something beside the bar."""
        self.text = text
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, note=text)

    def _line(self) -> None:
        self._printed = time.monotonic()
        elapsed, made = self._printed - self._started, self.done - self._before
        left = f", about {_duration(elapsed / made * (self.total - self.done))} left" if made > 0 and self.done < self.total else ""
        print(f"{self.description}: {self.done}/{self.total} {self.text} [{elapsed:.0f} s{left}]", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Without a terminal, say the end of a job that took a while."""
        if self._progress is None and time.monotonic() - self._started > 2:
            self._line()


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


@contextmanager
def bar(description: str, total: int) -> Iterator[Bar]:
    """A progress bar on stderr for ``total`` items."""
    console = Console(stderr=True)
    if not console.is_terminal:
        plain = Bar(description, total, None)
        try:
            yield plain
        finally:
            plain.close()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console) as progress:
        yield Bar(description, total, progress)


def track(items: Iterable[T], description: str, total: int) -> Iterator[T]:
    """Iterate with a progress bar."""
    with bar(description, total) as running:
        for item in items:
            yield item
            running.advance()


def say(text: str) -> None:
    """One line on stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)
