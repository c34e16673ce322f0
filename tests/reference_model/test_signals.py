"""What the training loop hears of signals; what follows from them is in commands/test_signals.py."""

import os
import signal
import threading
from types import SimpleNamespace

import pytest
import torch

from reference_model.signals import AGREE_STEPS, Signals

ALONE = SimpleNamespace(world_size=1, device=torch.device("cpu"))


def among(told_by_others: int, device: str = "cpu") -> SimpleNamespace:
    """Two processes, of which the other one tells this number."""

    def all_reduce(mine: torch.Tensor, reduce_op: str) -> torch.Tensor:
        assert reduce_op == "max"
        return torch.maximum(mine, torch.tensor(told_by_others))

    return SimpleNamespace(world_size=2, device=torch.device(device), all_reduce=all_reduce, to_device=lambda value: value)


def send(*numbers: int) -> None:
    """Signals to this process."""
    for number in numbers:
        os.kill(os.getpid(), number)


def test_a_signal_is_heard_once() -> None:
    """Between two steps a signal waits; after it was heard, it is gone; handlers are as before in the end."""
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)]
    with Signals() as signals:
        assert signals.heard(ALONE, 1) == 0
        send(signal.SIGUSR1)
        assert [signals.heard(ALONE, step) for step in (2, 3)] == [signal.SIGUSR1, 0]
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)] == before


def test_a_wish_to_stop_is_not_forgotten() -> None:
    """SIGUSR1 after SIGTERM, before the step ends, still stops."""
    with Signals() as signals:
        send(signal.SIGTERM, signal.SIGUSR1)
        assert signals.heard(ALONE, 1) == signal.SIGTERM


def test_a_second_interrupt_is_immediate() -> None:
    """Who presses Ctrl-C twice doesn't wait for the step."""
    with Signals(), pytest.raises(KeyboardInterrupt):
        send(signal.SIGINT, signal.SIGINT)


def test_other_threads_catch_nothing() -> None:
    """Outside the main thread Python allows no handlers; the loop runs without them."""
    heard: list[int] = []

    def loop() -> None:
        with Signals() as signals:
            heard.append(signals.heard(ALONE, 1))

    thread = threading.Thread(target=loop)
    thread.start()
    thread.join()
    assert heard == [0]


@pytest.mark.parametrize(
    ("mine", "others", "agreed"),
    [
        (0, 0, 0),
        (0, signal.SIGUSR1, signal.SIGUSR1),
        (signal.SIGUSR1, 0, signal.SIGUSR1),
        (signal.SIGUSR1, 100 + signal.SIGINT, signal.SIGINT),
        (signal.SIGTERM, signal.SIGUSR1, signal.SIGTERM),
        (signal.SIGTERM, 100 + signal.SIGINT, signal.SIGTERM),
    ],
)
def test_processes_agree(mine: int, others: int, agreed: int) -> None:
    """All take the loudest signal of any: one that stops before one that saves."""
    with Signals() as signals:
        if mine:
            send(mine)
        assert signals.heard(among(others), 1) == agreed


def test_gpus_agree_every_few_steps() -> None:
    """Comparing waits for the devices: not at every step, and nothing is lost until then."""
    with Signals() as signals:
        send(signal.SIGTERM)
        found = [signals.heard(among(0, "cuda"), step) for step in range(1, AGREE_STEPS + 1)]
    assert found == [0] * (AGREE_STEPS - 1) + [signal.SIGTERM]
