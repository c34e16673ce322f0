"""Around every request: headers that browsers obey, posts from other sites refused, one log line without secrets."""

import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # The address of a page is the secret of its participant: no other site may see it.
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


class Guard:
    """ASGI middleware.

    Attributes:
        log: takes a line per request: method, kind of page, status, milliseconds; no addresses, no links. None for no log.
    """

    def __init__(self, app: ASGIApp, log: Callable[[str], None] | None = None) -> None:
        self._app, self.log = app, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, answered)
        finally:
            if self.log is not None:
                milliseconds = 1000 * (time.perf_counter() - began)
                self.log(f"{scope['method']} {_kind(scope)} {status} {milliseconds:.0f} ms")


def from_elsewhere(headers: Headers, public_url: str) -> bool:
    """Whether another site's page sent this post.

    Browsers since 2023 say so themselves, in a header that no page can set. For others the origin must be ours, or null: that is what
    they send with our own forms under ``Referrer-Policy: no-referrer``.

    Args:
        headers: of the request.
        public_url: address under which participants see the server; empty to take the request's own host.
    """
    said = headers.get("sec-fetch-site")
    if said is not None:
        return said not in ("same-origin", "none")
    origin = headers.get("origin", "null")
    ours = urlsplit(public_url).netloc if public_url else headers.get("host", "")
    try:
        return origin != "null" and urlsplit(origin).netloc.lower() != ours.lower()
    except ValueError:  # "http://[" is no address at all
        return True


def to_stderr(line: str) -> None:
    """One line of the log."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")


def _kind(scope: Scope) -> str:
    """The route as it was declared, ``/p/{token}``: what stands in its places is secret."""
    route = scope.get("adis_route")
    return route if isinstance(route, str) else "(unknown page)"
