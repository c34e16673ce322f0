"""Connections of bounded number and length: whoever says nothing, or speaks too slowly, keeps no place from others."""

import asyncio
import resource
import time
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""Seconds in which a request must begin and its head be whole: ours; browsers send a head in one piece, and open connections ahead."""
REQUEST_S = 120.0
"""Seconds for a request and its response: ours; 300 kB of media on a line of 3 kB a second."""
MOST = 2000
"""Connections at once, where the system allows as many: ours; 200 participants whose browsers open six each, and room."""
BACKLOG = 256
"""Connections that are taken in one go: ours; each needs a file before the limit is seen to."""
_OTHER_FILES = 64  # ours: the database's, Python's own


def most_connections() -> int:
    """How many connections can be served at once; asks the system for as many open files as it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = max(soft, 4 * MOST)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # Two files each: the connection, and the medium that is sent.
    return max(1, min(MOST, (hard - BACKLOG - _OTHER_FILES) // 2))


class BoundedProtocol(H11Protocol):
    """uvicorn's protocol, with deadlines where it has none: uvicorn's own is for silence after a response only.

    Attributes:
        most: connections at once; one more pushes out the one that has kept us waiting for longest.
        head_s, request_s: see ``HEAD_S``, ``REQUEST_S``.
    """

    most = MOST
    head_s = HEAD_S
    request_s = REQUEST_S
    _timer: asyncio.TimerHandle | None = None
    _at_work = False
    _since = 0.0

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait(self.head_s)
        if len(self.connections) > self.most:
            waiting = [other for other in self.connections if isinstance(other, BoundedProtocol) and other.waits()]
            min(waiting, key=lambda other: other._since).drop()

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that is whole has the time of a request from now on, an unfinished one none more."""
        super().data_received(data)
        if self._works() and not self._at_work:
            self._at_work = True
            self._wait(self.request_s)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._at_work = self._works()  # a browser may have sent the next one already
        self._wait(self.request_s if self._at_work else self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def waits(self) -> bool:
        """Whether it is the other side's turn: no request yet, or not all of one."""
        return not self._works() or self.cycle.more_body

    def drop(self) -> None:
        """End the connection at once, whatever is still to be sent."""
        self.transport.abort()
        self.connections.discard(self)  # now, so that the next one to come doesn't choose this one again

    def _works(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._since = time.monotonic()
        self._timer = self.loop.call_later(seconds, self.drop)
