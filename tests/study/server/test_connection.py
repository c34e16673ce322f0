"""People who say nothing, or speak too slowly, keep nobody else out: a server in a thread, over loopback."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import uvicorn

from adis_bench.study.server import app as pages
from adis_bench.study.server.app import Site, make_app
from adis_bench.study.server.connection import MOST, BoundedProtocol, most_connections
from adis_bench.study.server.serving import bind
from tests.study.server.test_store import lab

HEAD_S = 1.0
"""Short enough to wait for, long enough for a slow machine to read what was sent before."""
NEVER_S = 60.0
"""What nobody waits for: whatever would take so long has no end."""


class Impatient(BoundedProtocol):
    """With limits that a test can wait for."""

    most = 5
    head_s = HEAD_S
    request_s = NEVER_S


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int, str]]:
    """Host, port and the path of the open link."""
    monkeypatch.setattr(pages, "BODY_S", HEAD_S)
    here = lab(tmp_path)
    bound = bind("127.0.0.1", 0)
    app = make_app(here.study, tmp_path / "study", here.store, Site())
    config = uvicorn.Config(app, http=Impatient, ws="none", log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    yield *bound.getsockname()[:2], f"/join/{here.store.join_code()}"
    server.should_exit = True
    thread.join(timeout=10)
    bound.close()
    here.database.close()


@pytest.fixture
def opened(address: tuple[str, int, str]) -> Iterator[Callable[[bytes], socket.socket]]:
    """Open a connection and send some bytes."""
    sockets = []

    def open_one(sent: bytes = b"") -> socket.socket:
        sockets.append(socket.create_connection(address[:2], timeout=NEVER_S))
        sockets[-1].sendall(sent)
        return sockets[-1]

    yield open_one
    for one in sockets:
        one.close()


def closed(one: socket.socket) -> bytes:
    """What came until the server closed the connection."""
    came = b""
    with suppress(ConnectionResetError):
        while part := one.recv(65536):
            came += part
    return came


def trickle(one: socket.socket) -> None:
    """Send a line now and then, until nobody takes it."""
    with suppress(OSError):
        while True:
            one.sendall(b"X: y\r\n")
            time.sleep(HEAD_S / 8)


def test_idle_connections_keep_nobody_out(
    address: tuple[str, int, str], opened: Callable[..., socket.socket], monkeypatch: pytest.MonkeyPatch
):
    """Many times as many as are allowed: the oldest go, long before their time, and who asks for a page gets it."""
    monkeypatch.setattr(Impatient, "head_s", NEVER_S * 10)
    idle = [opened() for _ in range(40)]
    asks = http.client.HTTPConnection(*address[:2], timeout=NEVER_S)
    asks.request("GET", "/health")
    assert asks.getresponse().read() == b'{"status":"ok"}'
    assert [closed(one) for one in idle[:36]] == [b""] * 36


def test_who_says_nothing_goes(opened: Callable[..., socket.socket]):
    """Also where there is room for more."""
    assert closed(opened()) == b""


def test_heads_that_never_end(opened: Callable[..., socket.socket]):
    """A line now and then gives no more time, neither at first nor after an answer."""
    for before in (b"", b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"):
        one = opened(before + b"GET /health HTTP/1.1\r\n")
        threading.Thread(target=trickle, args=[one], daemon=True).start()
        assert closed(one).count(b"HTTP/1.1 ") == bool(before)


def test_bodies_that_never_end(address: tuple[str, int, str], opened: Callable[..., socket.socket]):
    """408, and the connection is closed."""
    head = f"POST {address[2]} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\na"
    came = closed(opened(head.encode()))
    assert came.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive in time" in came


def test_pages_of_two_requests_in_one_go(opened: Callable[..., socket.socket]):
    """Deadlines leave quick people alone: both are answered."""
    one = opened(2 * b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
    assert closed(one).count(b"HTTP/1.1 200 OK") == 2


def test_as_many_files_as_the_system_allows():
    """The soft limit is raised, and leaves room for a medium a connection."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, before[1]), before[1]))
        most = most_connections()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft == hard
        assert 1 <= most <= min(MOST, soft // 2)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
