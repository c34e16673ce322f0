"""What the operator is told on stderr: each kind of trouble at most once a minute, since anybody can make some kinds without end."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

EVERY_S = 60.0
"""Seconds between two lines of one kind: ours; a month of the worst is then a few megabytes."""
LOGGERS = ("uvicorn", "asyncio", "sqlalchemy", "py.warnings")
"""Whose lines come on stderr."""


class Seldom:
    """Passes a line on, and those of the next minute not, but for their number."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._again, self._left_out = float("-inf"), 0
        self._lock = threading.Lock()

    def __call__(self, line: str) -> None:
        """Say the line, or count it."""
        with self._lock:
            now = self._clock()
            if now < self._again:
                self._left_out += 1
                return
            more = f" ({self._left_out:,} more of the kind since the last line)" if self._left_out else ""
            self._again, self._left_out = now + EVERY_S, 0
        self._say(line + more)


class SeldomHandler(logging.Handler):
    """Lines of loggers, each kind seldom; a kind is a message before its arguments are put in."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._say, self._clock = say, clock
        self._kinds: dict[tuple[str, str], Seldom] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Say a record, unless its kind was said in the last minute or it only tells that the server was stopped."""
        cause = record.exc_info[1] if record.exc_info else None
        if isinstance(cause, asyncio.CancelledError):
            return
        kind = record.name, str(record.msg)[:80]
        self._kinds.setdefault(kind, Seldom(self._say, self._clock))(self._text(record))

    def _text(self, record: logging.LogRecord) -> str:
        # Tracebacks are for mistakes of ours; that a database or a network fails is told in words.
        if record.exc_info and record.name.startswith("uvicorn"):
            return self.format(record).rstrip()
        cause = record.exc_info[1] if record.exc_info else None
        why = f": {type(cause).__name__}" if cause is not None else ""
        return record.getMessage().strip().partition("\n")[0] + why


def listen(say: Callable[[str], None]) -> None:
    """Send warnings and errors of the libraries under the server to ``say``, seldom."""
    handler = SeldomHandler(say)
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.propagate = False
