"""Style sheet and script of the page, and the policy under which nothing else runs on it."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

SCRIPTS = ("sound.js", "ranking.js", "drag.js", "item.js", "page.js")
"""In this order they make one script."""


@cache
def style() -> str:
    """The style sheet."""
    return _read("page.css")


@cache
def script() -> str:
    """The script; a function around it keeps its names off the pages of others into which Mechanical Turk may put it."""
    return '(function () {\n"use strict";\n' + "\n".join(_read(name) for name in SCRIPTS) + "})();\n"


def csp() -> str:
    """Value of the header ``Content-Security-Policy`` for the pages of our own server.

    Only our own style and script run (by their hashes), media and posts stay with the server, and no other site may frame a page,
    so that nobody can be tricked into pressing its buttons.
    """
    own = "img-src 'self' data:; media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'"
    return f"{_common()}; {own}"


def preview_csp() -> str:
    """The same for a file: its media are in it, and nothing can be sent; ``frame-ancestors`` has no effect in a meta element."""
    return f"{_common()}; img-src data:; media-src data:; form-action 'none'"


def _common() -> str:
    return f"default-src 'none'; style-src {_hash(style())}; script-src {_hash(script())}; base-uri 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _read(name: str) -> str:
    return (files(__package__) / "static" / name).read_text(encoding="utf-8")
