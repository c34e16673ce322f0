"""Ctrl-C at any moment: between the first link and the server's end none is forgotten."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn


class Stop:
    """What SIGINT does while a server is made, runs and ends.

    An exception alone is not enough: Python drops one that is raised in a destructor or in the callback of a weak reference
    ("Exception ignored in ..."), and such run at every import and at every collection of garbage. So a signal is noted as well, and
    whoever takes over looks whether one came.
    """

    def __init__(self) -> None:
        self._came = False
        self._server: uvicorn.Server | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal: end what is going on at once, or tell the server to end."""
        self._came = True
        if self._server is None:
            raise KeyboardInterrupt
        self._server.handle_exit(number, frame)

    def hand_over(self, server: uvicorn.Server) -> None:
        """From now on a signal raises nothing; the server ends when it can, or doesn't begin.

        Raises:
            KeyboardInterrupt: a signal came before.
        """
        # In this order: whatever comes between the two lines is told to the server, and looked at as well.
        self._server = server
        if self._came:
            raise KeyboardInterrupt


@contextmanager
def noted() -> Iterator[Stop]:
    """SIGINT's handler for the time of the block; in the main thread only."""
    stop = Stop()
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
