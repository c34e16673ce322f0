"""The page on which people rank, for Mechanical Turk, for our own server, and as a preview that opens from disk."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jinja2
from markupsafe import Markup, escape

from adis_bench.errors import DataError
from adis_bench.study.page.assets import preview_csp, script, style
from adis_bench.study.records import Study, StudyItem

SUBMIT_URL = "https://www.mturk.com/mturk/externalSubmit"
SANDBOX_SUBMIT_URL = "https://workersandbox.mturk.com/mturk/externalSubmit"
"""Where an HTMLQuestion posts its answer (protocol.md F)."""

Mode = Literal["mturk", "question", "preview", "server", "text"]

_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
}
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class _View:
    """An item as the template wants it: addresses instead of paths, and further fields of its form."""

    item_id: str
    source: str
    sound: str
    spectrogram: str
    images: tuple[str, ...]
    hidden: Mapping[str, str] = field(default_factory=dict)


def render_mturk(study: Study) -> str:
    """The template that Mechanical Turk's requester site takes beside ``batch.csv``.

    Its placeholders are the columns of the batch: ``${item_id}``, ``${source_url}``, ``${image_A_url}`` ...
    """
    view = _View(
        "${item_id}", "${source_url}", "${sound_url}", "${spectrogram_url}", tuple(f"${{image_{slot}_url}}" for slot in study.slots)
    )
    return _items(study, "mturk", [view])


def render_question(study: Study, item: StudyItem, sandbox: bool) -> str:
    """The page of one item as HTML for an HTMLQuestion, which posts to Mechanical Turk by itself.

    Args:
        study: with an ``asset_url``.
        item: of the study.
        sandbox: whether it posts to the sandbox.
    """
    view = _view(item, lambda path: study.asset_url + path)
    return _items(study, "question", [view], action=SANDBOX_SUBMIT_URL if sandbox else SUBMIT_URL)


def render_preview(study: Study, folder: Path, n_items: int) -> str:
    """One file with the first ``n_items`` items and all of their media; it sends nothing, and shows what would be sent.

    Raises:
        DataError: a medium is missing in ``folder``, the study's.
    """
    views = [_view(item, lambda path: _data_uri(folder / path)) for item in study.items[:n_items]]
    return _items(study, "preview", views, policy=preview_csp())


def render_server(study: Study, item: StudyItem, media_prefix: str, action: str, done: int, total: int, hidden: Mapping[str, str]) -> str:
    """The page of one item on our own server, to be sent with the header that ``csp`` gives.

    The page posts its fields to ``action``; so does its button to withdraw, with ``withdraw=yes`` instead of an answer.
    Where the answer to a post is a redirection, the page goes there; after an error of the server (5xx) or of the line it keeps
    the ranking and lets the participant send again: the same answer may come twice.

    Args:
        study: that the item is of.
        item: to be ranked.
        media_prefix: what comes before the paths of media, with its slash at the end.
        action: address that both forms post to.
        done: items that the participant has ranked.
        total: items that the participant is to rank.
        hidden: further fields of both forms.
    """
    view = _view(item, lambda path: media_prefix + path, hidden)
    return _items(study, "server", [view], action=action, done=done, total=total)


def render_consent(study: Study, action: str) -> str:
    """The first page on our own server: instructions, sound check and consent; its button posts ``consent=yes`` to ``action``."""
    return render_page("consent.html.j2", study, "text", action=action)


def render_message(study: Study, title: str, text: str) -> str:
    """A page of words: thanks, withdrawn, nothing left; a blank line in ``text`` parts paragraphs."""
    return render_page("message.html.j2", study, "text", title=title, text=text)


def _items(study: Study, mode: Mode, views: Sequence[_View], action: str = "", done: int = 0, total: int = 0, policy: str = "") -> str:
    # On Mechanical Turk each page may be somebody's first; the script closes the instructions for those who have sent a page.
    opened = mode != "server" or done == 0
    return render_page("item.html.j2", study, mode, views=views, action=action, done=done, total=total, policy=policy, intro_open=opened)


def render_page(name: str, study: Study, mode: Mode, policy: str = "", **more: Any) -> str:
    """A template of the package with what all of them need: study, style and script, and ``more``."""
    # Markup: style and script are the package's own; nothing of the study goes into them.
    shared = {"study": study, "slots": study.slots, "mode": mode, "policy": policy, "style": Markup(style()), "script": Markup(script())}
    return _environment().get_template(name).render(shared, **more)


@cache
def _environment() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("adis_bench.study.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["plain"] = _plain
    return templates


def _plain(text: str) -> Markup:
    """Text of the study, escaped; neither a placeholder of Mechanical Turk's nor a character that XML can't hold is left in it."""
    return Markup(str(escape(_NOT_XML.sub("", text))).replace("${", "&#36;{"))


def _view(item: StudyItem, address: Callable[[str], str], hidden: Mapping[str, str] | None = None) -> _View:
    return _View(
        item.item_id,
        address(item.source),
        address(item.sound),
        address(item.spectrogram),
        tuple(address(path) for path in item.images),
        hidden or {},
    )


def _data_uri(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); prepare the study anew, or take it from a copy") from error
    return f"data:{_TYPES[path.suffix]};base64,{base64.b64encode(content).decode()}"
