"""Signals that a training answers between two steps: keep a checkpoint, and stop where that is asked."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self, cast

import torch
from lightning_fabric import Fabric

STOPPING = (signal.SIGTERM, signal.SIGINT)
SAVING = signal.SIGUSR1
"""Keep a checkpoint and go on. Sent to the training's own processes: torchrun itself dies of it (docs/training.md)."""
AGREE_STEPS = 10
"""Several processes on GPUs compare what they have heard every so many steps, since that waits for the devices; torchrun
gives them 30 s from SIGTERM to the end. CPUs compare at every step."""


@contextmanager
def saving_is_harmless() -> Iterator[None]:
    """Before the first step and after the last one there is nothing to keep: SIGUSR1 is passed over, not died of."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(SAVING, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(SAVING, before)


class Signals:
    """Remembers SIGTERM, SIGINT and SIGUSR1 until the loop asks; a second SIGINT interrupts at once.

    Outside the main thread Python allows no handlers: then nothing is caught, and nothing else changes.
    """

    def __init__(self) -> None:
        self._heard: int = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._note) for number in (*STOPPING, SAVING)}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        # A wish to stop is not forgotten for a later wish to save.
        self._heard = self._heard if self._heard in STOPPING else number

    def heard(self, fabric: Fabric, step: int) -> int:
        """The signal that any process has heard since the last call, 0 for none; the same answer in all of them."""
        number = self._heard
        if fabric.world_size > 1:
            if fabric.device.type != "cpu" and step % AGREE_STEPS:
                return 0
            # Numbers order them: SIGINT 2 and SIGTERM 15 stop, and are told apart from SIGUSR1 by a lead.
            told = fabric.to_device(torch.tensor(number + (100 if number in STOPPING else 0)))
            loudest = int(cast(torch.Tensor, fabric.all_reduce(told, reduce_op="max")))
            number = loudest - 100 if loudest > 100 else loudest
        self._heard = 0
        return number

    def obey(self, number: int) -> None:
        """End as the sender of a stopping signal expects: KeyboardInterrupt, or death by that signal."""
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        if number in STOPPING:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
