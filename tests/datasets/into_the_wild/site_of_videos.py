"""A site of videos on this machine, whose faults the tests choose."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import numpy as np

HALF = "half"
"""The fault of a connection that breaks in the middle of what was asked for."""


@dataclass
class Site:
    """What the site has, and what it was asked for.

    Attributes:
        address: with ``{id}``.
        files: id -> content.
        faults: id -> an HTTP status, or ``HALF``.
        n_broken_rests: so many Range requests of a video with the fault ``HALF`` break, then it heals.
        asked: (id, the request's Range header) in order.
        lock: handlers run in threads.
    """

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, int | str] = field(default_factory=dict)
    n_broken_rests: int = 1_000_000
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def order(self) -> list[str]:
        """Ids in the order in which they were first asked for."""
        return list(dict.fromkeys(name for name, _ in self.asked))


class _Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.0"

    def do_HEAD(self) -> None:
        self._answer(send=False)

    def do_GET(self) -> None:
        self._answer(send=True)

    def _answer(self, send: bool) -> None:
        name = self.path.strip("/").removesuffix(".mp4")
        asked_range = self.headers.get("Range")
        with self.site.lock:
            self.site.asked.append((name, asked_range))
            fault, content = self.site.faults.get(name), self.site.files.get(name)
        if isinstance(fault, int) or content is None:
            self.send_error(fault if isinstance(fault, int) else 404)
            return
        start = int(match[1]) if (match := re.fullmatch(r"bytes=(\d+)-", asked_range or "")) else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        rest = content[start:]
        if start and fault == HALF:
            with self.site.lock:
                self.site.n_broken_rests -= 1
                fault = HALF if self.site.n_broken_rests >= 0 else None
        if send:
            with suppress(OSError):  # who only wanted to know what it is hangs up
                self.wfile.write(rest[: len(rest) // 2] if fault == HALF else rest)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve() -> Iterator[Site]:
    """A running site without videos."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {}))
    server.RequestHandlerClass.site = site = Site(f"http://127.0.0.1:{server.server_address[1]}/{{id}}.mp4")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def noise_video(path: Path) -> bytes:
    """An MP4 of noise, some hundred kB."""
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 160, 120, "yuv420p", 4_000_000
        for _ in range(10):
            frame = av.VideoFrame.from_ndarray(rng.integers(0, 256, (120, 160, 3), dtype=np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()
