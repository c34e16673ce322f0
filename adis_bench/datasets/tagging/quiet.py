"""Keeps a C++ library's remarks off stderr."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2


@contextmanager
def without_info() -> Iterator[None]:
    """Drop the lines that begin with ``INFO:`` from what is written to stderr meanwhile; all others are passed on afterwards.

    LiteRT's logger writes to the file descriptor itself and has no switch in Python, so that Python's own redirections don't
    reach it. The whole process writes to a temporary file meanwhile: keep the block short.
    """
    try:
        kept = os.dup(_STDERR)
    except OSError:  # a process without stderr has nothing to keep clean
        yield
        return
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
            said.seek(0)
            rest = b"".join(line for line in said if not line.startswith(b"INFO:"))
            if rest:
                os.write(_STDERR, rest)
