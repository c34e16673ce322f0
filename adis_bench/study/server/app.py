"""The pages of a study's server: join, rank, withdraw, and the media that the study names. Knows no key and no methods."""

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp

from adis_bench.study.records import Study
from adis_bench.study.server import pages
from adis_bench.study.server.address import reason
from adis_bench.study.server.guard import Guard, from_elsewhere, to_stderr
from adis_bench.study.server.posted import MAX_BODY, Refused, check_answer, read_form
from adis_bench.study.server.store import Store, Turn

WAIT_S = 20
"""Seconds after which a waiting page looks again: ours; short beside a lease, long beside a request."""
FULL_S = 3600
"""Seconds after which programs may ask again for a place: ours; people are told to come tomorrow."""
BODY_S = 20.0
"""Seconds in which what a page sends must have come: ours; an answer is some hundred bytes, on any line a second."""
_ASKERS = 4
"""Threads that talk to the database: ours. Writers come one after another anyway; 40 threads of which 39 wait only took the
interpreter from the one at work (200 participants on PostgreSQL: minutes instead of seconds)."""
_FORM = "application/x-www-form-urlencoded"
Known = TypeVar("Known")
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Site:
    """How the server is reached.

    Attributes:
        root_path: prefix of all addresses behind a proxy, like ``/study``, or empty.
        public_url: address that participants see, without a slash at the end; empty where there is no proxy.
        log: see ``Guard``.
        tell: takes what the operator must know: that answers could not be saved.
    """

    root_path: str = ""
    public_url: str = ""
    log: Callable[[str], None] | None = None
    tell: Callable[[str], None] = to_stderr


class Pages:
    """The endpoints. Every change is in the database before its response begins."""

    def __init__(self, study: Study, folder: Path, store: Store, site: Site) -> None:
        self._study, self._store, self._site = study, store, site
        self._askers = ThreadPoolExecutor(_ASKERS, "database")
        self._policy = pages.csp()
        self._items = {item.item_id: item for item in study.items}
        # Looked up, never put together: no address can lead out of the study.
        named = (path for item in study.items for path in (item.source, item.sound, item.spectrogram, *item.images))
        self._media = {path: folder / path for path in named}

    def routes(self) -> list[BaseRoute]:
        """All of them; what stands in braces is secret."""
        table: list[tuple[str, list[str], Endpoint]] = [
            ("/health", ["GET"], self.health),
            ("/join/{code}", ["GET", "POST"], self.join),
            ("/p/{token}", ["GET", "POST"], self.turn),
            ("/p/{token}/consent", ["POST"], self.consent),
            ("/p/{token}/late", ["GET"], self.late),
            ("/p/{token}/withdraw", ["GET", "POST"], self.withdraw),
            ("/files/{path:path}", ["GET"], self.media),
        ]
        return [Route(path, self._noted(path, endpoint), methods=methods) for path, methods, endpoint in table]

    async def health(self, request: Request) -> Response:
        """Whether the database answers."""
        await self._ask(self._store.alive)
        return JSONResponse({"status": "ok"})

    async def media(self, request: Request) -> Response:
        """A file that the study names."""
        path = self._media.get(request.path_params["path"])
        if path is None or not path.is_file():
            raise HTTPException(404)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        # Names are random and never used twice, so that a browser needn't ask again.
        return FileResponse(path, media_type=kind, headers={"Cache-Control": "private, max-age=86400, immutable"})

    async def join(self, request: Request) -> Response:
        """The open link: consent, then a personal link."""
        code = request.path_params["code"]
        door, token = await self._ask(self._store.door, code), ""
        if request.method == "POST" and door == "open":
            await self._consent(request)
            door, token = await self._ask(self._store.enter, code)
        if door == "closed":
            raise HTTPException(404)
        if door == "full":
            return self._html(pages.full(self._study), 503, {"Retry-After": str(FULL_S)})
        return self._see(token) if token else self._html(pages.render_consent(self._study, self._to("join", code)))

    async def turn(self, request: Request) -> Response:
        """A participant's page: what is next, or an answer to it."""
        token = request.path_params["token"]
        if request.method == "POST":
            fields = await self._form(request)
            if "withdraw" in fields:
                return RedirectResponse(self._to("p", token, "withdraw"), 303)
            return await self._answer(token, fields)
        turn = await self._ask(self._store.turn, token)
        if turn is None:
            raise HTTPException(404)
        return self._shown(token, turn)

    async def consent(self, request: Request) -> Response:
        """Somebody who was invited agrees."""
        token = request.path_params["token"]
        await self._consent(request)
        if not await self._ask(self._store.consent, token):
            raise HTTPException(404)
        return self._see(token)

    async def late(self, request: Request) -> Response:
        """Tell that an answer came when the item had enough; a page of its own, so that a script that follows redirects ends on it."""
        token = request.path_params["token"]
        if not await self._ask(self._store.knows, token):
            raise HTTPException(404)
        return self._html(pages.late(self._study, self._to("p", token)))

    async def withdraw(self, request: Request) -> Response:
        """Ask whether to stop, and what to do with the answers; then do it."""
        token = request.path_params["token"]
        if request.method != "POST":
            turn = await self._ask(self._store.turn, token)
            if turn is None:
                raise HTTPException(404)
            return self._html(pages.withdraw(self._study, turn, self._to("p", token), self._to("p", token, "withdraw")))
        choice = (await self._form(request)).get("answers")
        if choice not in ("keep", "delete"):
            raise HTTPException(400, "Say whether your answers are kept or deleted.")
        deleted = await self._ask(self._store.withdraw, token, erase=choice == "delete")
        if deleted is None:
            raise HTTPException(404)
        return self._see(token)

    async def _answer(self, token: str, fields: dict[str, str]) -> Response:
        try:
            posted = check_answer(self._study, fields)
        except Refused as error:
            raise HTTPException(422, f"Your answer was not taken: {error}. Please go back and send it again.") from error
        outcome = await self._ask(self._store.answer, token, posted.item_id, posted.answers)
        if outcome == "not_given":
            raise HTTPException(409, "Your answer was not taken: this page was not given to you.")
        if outcome == "surplus":
            return RedirectResponse(self._to("p", token, "late"), 303)
        return self._see(token)

    def _shown(self, token: str, turn: Turn) -> Response:
        here, leave = self._to("p", token), self._to("p", token, "withdraw")
        if turn.state == "item":
            site = f"{self._site.root_path}/files/", here
            return self._html(pages.question(self._study, self._items[turn.item_id], site, turn))
        if turn.state == "consent":
            return self._html(pages.render_consent(self._study, self._to("p", token, "consent")))
        if turn.state == "wait":
            return self._html(pages.wait(self._study, turn, here, leave), headers={"Refresh": str(WAIT_S)})
        return self._html(pages.end(self._study, turn, leave))

    async def _ask(self, question: Callable[..., Known], *arguments: Any, **named: Any) -> Known:
        """Ask the store something in a thread of its own, in the order of the requests."""
        return await asyncio.get_running_loop().run_in_executor(self._askers, partial(question, *arguments, **named))

    async def _form(self, request: Request) -> dict[str, str]:
        """The fields of a post from one of our pages, of bounded size."""
        if from_elsewhere(request.headers, self._site.public_url):
            raise HTTPException(403, "This was sent from another site.")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise HTTPException(415, "What was sent is not a form.")
        try:
            async with asyncio.timeout(BODY_S):
                return read_form(await _body(request))
        except TimeoutError as error:
            # Closed: the rest of what was to come would be taken for the next request.
            raise HTTPException(408, headers={"Connection": "close"}) from error
        except Refused as error:
            raise HTTPException(400, f"Nothing was saved: {error}.") from error

    async def _consent(self, request: Request) -> None:
        """See to it that a post says that somebody agrees."""
        if (await self._form(request)).get("consent") != "yes":
            raise HTTPException(400, "Nothing was saved: the study can begin only when you agree.")

    def _to(self, *parts: str) -> str:
        return "/".join((self._site.root_path, *parts))

    def _see(self, token: str) -> Response:
        # 303: reload and back show a page, and send nothing twice.
        return RedirectResponse(self._to("p", token), 303)

    def _html(self, page: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        return HTMLResponse(page, status, {"Content-Security-Policy": self._policy, **(headers or {})})

    def _noted(self, path: str, endpoint: Endpoint) -> Endpoint:
        async def noted(request: Request) -> Response:
            request.scope["adis_route"] = path
            return await endpoint(request)

        return noted

    async def refused(self, request: Request, error: Exception) -> Response:
        """A plain page for what can't be done."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        told = (
            error.detail if isinstance(error, HTTPException) and status in (400, 403, 409, 413, 415, 422) else _TOLD.get(status, _TOLD[500])
        )
        page = self._html(pages.render_message(self._study, "This did not work", told), status)
        if isinstance(error, HTTPException) and error.headers:
            page.headers.update(error.headers)
        return page

    async def unsaved(self, request: Request, error: Exception) -> Response:
        """The database failed: nothing was saved, and the participant is told so."""
        if isinstance(error, SQLAlchemyError):
            self._site.tell(f"participants could not save or read: {reason(error)}")
        return self._html(pages.render_message(self._study, "Please try again", _TOLD[503]), 503, {"Retry-After": "10"})


_TOLD = {
    404: "There is no such page. Please check the link that you were given.",
    408: "What you sent did not arrive in time. Please go back and send it again.",
    405: "This page cannot be used in this way.",
    500: "The server made a mistake. Please try again in a minute.",
    503: "The server could not save or read just now. Please go back, wait a minute and try again.",
}


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, "What was sent is too long.")
    return body


async def _gone(request: Request, error: Exception) -> Response:
    """The browser left while it was sending; nobody reads this."""
    return Response(status_code=400)


def make_app(study: Study, folder: Path, store: Store, site: Site) -> ASGIApp:
    """The server's application.

    Args:
        study: that is served.
        folder: of its media.
        store: of its participants.
        site: how it is reached.
    """
    endpoints = Pages(study, folder, store, site)
    routes = endpoints.routes()
    # A proxy may take the prefix off or leave it on.
    # No redirects to addresses with or without a slash: they would lead where the request's Host header says.
    inner = Router(routes, redirect_slashes=False)
    both = [Mount(site.root_path, inner), *routes] if site.root_path else routes
    handlers = {
        HTTPException: endpoints.refused,
        SQLAlchemyError: endpoints.unsaved,
        ClientDisconnect: _gone,
        Exception: endpoints.refused,
    }
    application = Starlette(routes=both, exception_handlers=handlers)
    application.router.redirect_slashes = False
    return Guard(application, site.log)
