"""Running the server: a socket, uvicorn, and a line now and then about how far the study is."""

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp

from adis_bench.errors import ConfigError
from adis_bench.progress import say
from adis_bench.study.server.address import reason
from adis_bench.study.server.connection import BACKLOG, BoundedProtocol, most_connections
from adis_bench.study.server.database import Database
from adis_bench.study.server.guard import to_stderr
from adis_bench.study.server.status import read_status
from adis_bench.study.server.stopping import Stop
from adis_bench.study.server.telling import listen

STATUS_EVERY_S = 60.0
"""Seconds between lines about the study, where something changed: ours."""
EVERYWHERE = ("0.0.0.0", "::")
"""Hosts that mean all addresses of this machine."""
_GRACE_S = 5  # ours: at Ctrl-C, answers on their way are finished


def bind(host: str, port: int) -> socket.socket:
    """A listening address; port 0 takes a free one.

    Raises:
        ConfigError: it is in use, or not this machine's.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise ConfigError(f"--host {host!r} is no address of this machine ({error.strerror})") from error
    # A server that was just stopped leaves its port for a minute otherwise.
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        # Now and not when uvicorn is ready: else two servers could take one port.
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        mend = "; stop what uses it, or choose another with --port" if error.errno == errno.EADDRINUSE else "; choose others"
        raise ConfigError(f"cannot listen on {host}, port {port}: {error.strerror}{mend}") from error
    return bound


def address(bound: socket.socket, public_url: str, root_path: str) -> str:
    """What links begin with, without a slash at the end; where all of the machine's addresses are listened on, one that others reach."""
    if public_url:
        return public_url
    host, port = bound.getsockname()[:2]
    if host in EVERYWHERE:
        host = _outward(bound.family) or {"0.0.0.0": "127.0.0.1", "::": "::1"}[host]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{root_path}"


def _outward(family: int) -> str:
    """The address with which this machine would speak to others, or nothing; nothing is sent."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1", 9))  # addresses of documentation, RFC 5737, 3849
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def serve(app: ASGIApp, bound: socket.socket, database: Database, stop: Stop) -> NoReturn:
    """Serve until a signal comes; Ctrl-C ends in KeyboardInterrupt, after the answers that are on their way.

    Args:
        app: what is served.
        bound: from ``bind``; closed at the end.
        database: of the study; closed at the end.
        stop: the handler of SIGINT.
    """
    listen(to_stderr)
    BoundedProtocol.most = most_connections()
    # access_log: its lines would hold links. ws: no page of ours uses it.
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        backlog=BACKLOG,
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=_GRACE_S,
        server_header=False,
    )
    server = uvicorn.Server(config)
    try:
        # asyncio and uvicorn have handlers of their own: asyncio's stays out where it finds another than Python's, and uvicorn's says what
        # ours says, and gives way to ours at its end.
        stop.hand_over(server)
        with _status_lines(database):
            server.run(sockets=[bound])
        raise KeyboardInterrupt  # only a signal ends it
    finally:
        bound.close()
        database.close()


@contextmanager
def _status_lines(database: Database) -> Iterator[None]:
    stop = threading.Event()

    def watch() -> None:
        before = ""
        while True:
            try:
                line = read_status(database).line()
            except SQLAlchemyError as error:
                line = f"the database doesn't answer: {reason(error)}"
            if line != before:
                say(line)
            before = line
            if stop.wait(STATUS_EVERY_S):
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join(timeout=1)
