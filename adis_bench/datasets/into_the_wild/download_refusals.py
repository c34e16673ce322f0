"""What an error of yt-dlp means: has the video vanished, or may it work another time?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from adis_bench.datasets.into_the_wild.download_record import Reason, State
from adis_bench.errors import is_storage_error

Stage = Literal["ask", "fetch"]
"""``ask``: the site is asked for the video; ``fetch``: its bytes are."""

_DETAIL_CHARACTERS = 200

_SAYINGS: tuple[tuple[Reason, str], ...] = (
    # First, because they hold words of the others ("Sign in to ...", "This content isn't available, try again later").
    ("too many requests", r"too many requests|rate-limited|try again later|not a bot|captcha"),
    ("age-gated", r"confirm your age|age-restricted|age restricted|inappropriate for some users"),
    ("private", r"private video|video is private|members-only|members only|join this channel|granted access to this video"),
    ("blocked here", r"in your country|from your location|geo.?restrict"),
    ("removed", r"video unavailable|video is unavailable|video is not available|video is no longer available|been removed"
                r"|been terminated|been closed|does not exist|been deleted"),
)  # fmt: skip
"""Words by which YouTube's own messages are known, as yt-dlp passes them on.

Source: yt-dlp 2026.10.26, extractor/youtube/_video.py, and YouTube's messages quoted there.
"""

_BY_STATUS: dict[int, Reason] = {404: "removed", 410: "removed", 451: "blocked here"}
_GAVE_UP = "[download] Got error:"
"""How yt-dlp tells that a download broke off; it keeps no cause then. Source: yt-dlp 2026.10.26, downloader/common.py, report_retry."""
_VANISHED: frozenset[Reason] = frozenset({"removed", "private", "blocked here", "age-gated"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a video did not come.

    Attributes:
        state: ``vanished`` or ``failed``.
        reason: of the closed list.
        detail: the site's or the network's own words, one printable line.
    """

    state: State
    reason: Reason
    detail: str


def refusal(error: BaseException, stage: Stage) -> Refusal:
    """Sort an error of yt-dlp.

    Only while a site is asked does 404 mean that the video is gone: later it is a piece of it that lacks, which may pass.

    Raises:
        OSError: the disk is full or the folder can't be written: no video's fault.
    """
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, OSError) and is_storage_error(cause):
            raise cause
    text = one_line(str(error))
    reason = _reason(causes, text, stage)
    return Refusal("vanished" if reason in _VANISHED else "failed", reason, text)


def _reason(causes: list[BaseException], text: str, stage: Stage) -> Reason:
    from yt_dlp.networking.exceptions import HTTPError
    from yt_dlp.utils import GeoRestrictedError

    statuses = [int(cause.status) for cause in causes if isinstance(cause, HTTPError)]
    if 429 in statuses:
        return "too many requests"
    if stage == "ask":
        if any(isinstance(cause, GeoRestrictedError) for cause in causes):
            return "blocked here"
        for status in statuses:
            if status in _BY_STATUS:
                return _BY_STATUS[status]
        for reason, words in _SAYINGS:
            if re.search(words, text, re.IGNORECASE):
                return reason
    broken = _GAVE_UP in text or any(isinstance(cause, _network_errors()) for cause in causes)
    return "network" if broken or any(status >= 500 for status in statuses) else "other"


def _network_errors() -> tuple[type[BaseException], ...]:
    from yt_dlp.networking.exceptions import TransportError
    from yt_dlp.utils import ContentTooShortError

    return TransportError, ContentTooShortError, ConnectionError, TimeoutError


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that it came from: yt-dlp keeps causes in ``cause`` and ``exc_info`` too."""
    seen: set[int] = set()
    queue: list[BaseException] = [error]
    while queue:
        cause = queue.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        kept = getattr(cause, "exc_info", None)
        others = (kept[1] if isinstance(kept, tuple) else None, getattr(cause, "cause", None), cause.__cause__, cause.__context__)
        queue += [other for other in others if isinstance(other, BaseException)]


def one_line(text: str) -> str:
    """Anybody's words as one printable line of at most 200 characters, without colours."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).removeprefix("ERROR: ")
    printable = "".join(character if character.isprintable() else " " for character in plain)
    line = " ".join(printable.split())
    return line if len(line) <= _DETAIL_CHARACTERS else f"{line[: _DETAIL_CHARACTERS - 1]}…"
