"""A small web server for tests of the page in a browser: gives pages and media, keeps what is posted, fails on demand."""

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from adis_bench.study import page

TYPES = {".png": "image/png", ".wav": "audio/wav", ".js": "text/javascript"}

CROWD = """
class CrowdForm extends HTMLElement {
  // As the real one: a form around what is in it, a handler called onsubmit, and a method that sends.
  submit() { this.send(); }
  send() {
    const event = new Event("submit", { cancelable: true });
    if (this.onsubmit) this.onsubmit(event);
    if (event.defaultPrevented) return;
    const form = document.createElement("form");
    form.method = "post"; form.action = "/answer";
    for (const field of this.querySelectorAll("input, textarea")) {
      const copy = document.createElement("input");
      copy.type = "hidden"; copy.name = field.name; copy.value = field.value; form.append(copy);
    }
    document.body.append(form); form.submit();
  }
}
class CrowdButton extends HTMLElement {
  connectedCallback() { this.addEventListener("click", () => this.closest("crowd-form").send()); }
}
customElements.define("crowd-form", CrowdForm);
customElements.define("crowd-button", CrowdButton);
"""
"""Stands in for Amazon's crowd-html-elements.js, which no test may load."""


class PageServer:
    """What is served, and what came.

    Attributes:
        pages: HTML by path.
        folder: of the study, under ``/files/``.
        posted: fields of each post, in order.
        failures: posts still to be answered by an error.
        url: where it listens.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.pages: dict[str, str] = {"/done": "<!doctype html><title>done</title><link rel=icon href=data:,><p id=done>done"}
        self.folder = folder
        self.posted: list[dict[str, str]] = []
        self.failures: list[int] = []
        self.url = url


class _Handler(BaseHTTPRequestHandler):
    site: PageServer

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in self.site.pages:
            self._send(self.site.pages[path].encode(), "text/html; charset=utf-8")
        elif path == "/crowd.js":
            self._send(CROWD.encode(), TYPES[".js"])
        elif path.startswith("/files/") and (self.site.folder / path[7:]).is_file():
            self._send((self.site.folder / path[7:]).read_bytes(), TYPES[Path(path).suffix])
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.site.failures:
            status = self.site.failures.pop(0)
            if status:
                self._send(b"<!doctype html><title>refused</title><link rel=icon href=data:,><p id=refused>refused", "text/html", status)
            else:
                self.close_connection = True  # no answer at all: the line is lost
            return
        self.site.posted.append(dict(parse_qsl(body, keep_blank_values=True)))
        self.send_response(303)
        self.send_header("Location", "/done")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, content: bytes, kind: str, status: int = 200) -> None:
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            # Without ranges a browser can't jump within a sound.
            first, last = int(wanted[1]), int(wanted[2] or len(content) - 1)
            status, whole, content = 206, len(content), content[first : last + 1]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Accept-Ranges", "bytes")
        if wanted:
            self.send_header("Content-Range", f"bytes {first}-{last}/{whole}")
        self.send_header("Content-Length", str(len(content)))
        if self.site.pages.get(self.path, "").find('data-mode="server"') >= 0:
            self.send_header("Content-Security-Policy", page.csp())
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@contextmanager
def serving(folder: Path):
    """A running server for the media of a study's folder."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        site = PageServer(folder, f"http://127.0.0.1:{httpd.server_address[1]}")
        handler.site = site
        thread = threading.Thread(target=httpd.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield site
        httpd.shutdown()
        thread.join()
