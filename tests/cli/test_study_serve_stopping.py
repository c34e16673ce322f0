"""Ctrl-C at any moment of ``adis-bench study serve``, also where Python forgets the exception."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from click.testing import Result

from adis_bench.study.server import serving
from adis_bench.study.server.connection import BoundedProtocol
from tests.study.studies import make_study

PATIENCE_S = 30.0  # a signal that was lost is sent again then, so that the test ends


class Dying:
    """Something whose destructor runs just when the signal comes: what is raised there is dropped."""

    def __del__(self) -> None:
        interrupt()


def interrupt() -> None:
    """Ctrl-C, whose handler has run when this returns."""
    signal.raise_signal(signal.SIGINT)
    for _ in range(10):
        pass


def forgotten() -> None:
    """Ctrl-C in a destructor."""
    Dying()


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server runs in this process, and must leave nothing behind."""
    monkeypatch.setattr(serving, "listen", lambda say: None)
    monkeypatch.setattr(serving, "most_connections", lambda: 10)
    monkeypatch.setattr(BoundedProtocol, "most", 10)


@pytest.fixture
def lost() -> Iterator[list[bool]]:
    """Holds something once the server had to be interrupted again."""
    found: list[bool] = []

    def again() -> None:
        found.append(True)
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(PATIENCE_S, again)
    timer.start()
    yield found
    timer.cancel()
    timer.join()


def _before(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, act: Callable[[], None]) -> None:
    """Do something when a function is called, before it does its own work."""
    real = getattr(owner, name)

    def called(*arguments: Any, **named: Any) -> Any:
        act()
        return real(*arguments, **named)

    monkeypatch.setattr(owner, name, called)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("how", [interrupt, forgotten])
@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (serving, "address"),  # before the link is printed
        (serving, "listen"),  # after it
        (serving, "_status_lines"),
        (uvicorn.Server, "run"),
        (uvicorn.Server, "capture_signals"),  # in asyncio, before uvicorn's handlers are there
        (uvicorn.Config, "load"),  # and after
        (uvicorn.Server, "startup"),
        (uvicorn.Server, "on_tick"),
        (uvicorn.Server, "shutdown"),  # a second one follows the first
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_signal_at_any_moment(
    invoke: Callable[..., Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lost: list[bool],
    owner: Any,
    name: str,
    how: Callable[[], None],
):
    """It ends with 130 and one line, once what was begun is done."""
    folder = tmp_path / "study"
    make_study(folder, n_items=2, n_gold=0, n_repeats=0)
    if name == "shutdown":
        _before(monkeypatch, uvicorn.Server, "on_tick", interrupt)
    _before(monkeypatch, owner, name, how)
    handler = signal.getsignal(signal.SIGINT)
    result = invoke("study", "serve", folder, "--port", "0")
    assert (result.exit_code, lost) == (130, []), result.output
    assert "interrupted; all answers are kept" in result.stderr
    assert signal.getsignal(signal.SIGINT) is handler
