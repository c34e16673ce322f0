"""Lines for the operator: each kind seldom, so that nobody fills a disk with them."""

import asyncio
import logging

from adis_bench.study.server.telling import Seldom, SeldomHandler


class Clock:
    """Time that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_one_a_minute():
    """The next one says how many were left out."""
    lines: list[str] = []
    clock = Clock()
    say = Seldom(lines.append, clock)
    for i in range(1000):
        say(f"line {i}")
    clock.now = 61
    say("later")
    assert lines == ["line 0", "later (999 more of the kind since the last line)"]


def record(message: str, *arguments: object, error: BaseException | None = None, name: str = "uvicorn.error") -> logging.LogRecord:
    """A line of a library."""
    info = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord(name, logging.ERROR, "/somewhere/file.py", 1, message, arguments, info)


def test_kinds_of_lines():
    """Each kind has its own minute; arguments make no kind."""
    lines: list[str] = []
    handler = SeldomHandler(lines.append, Clock())
    for i in range(100):
        handler.emit(record("Invalid HTTP request received."))
        handler.emit(record("socket.accept() out of system resource\nsocket: %s", i, error=OSError(24, "Too many"), name="asyncio"))
        handler.emit(record("Cancel %s running task(s)", i))
    assert lines == ["Invalid HTTP request received.", "socket.accept() out of system resource: OSError", "Cancel 0 running task(s)"]


def test_tracebacks():
    """Mistakes of ours have one; that the server was stopped is none."""
    lines: list[str] = []
    handler = SeldomHandler(lines.append, Clock())
    handler.emit(record("Exception in ASGI application\n", error=asyncio.CancelledError()))
    assert lines == []
    try:
        int("x")
    except ValueError as error:
        handler.emit(record("Exception in ASGI application\n", error=error))
    assert "ValueError" in lines[0]
    assert "Traceback" in lines[0]
