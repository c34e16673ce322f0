"""JSON of anybody, read with care: what is no JSON, numbers that aren't finite, and where in the file something stands."""

import json
import re
from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from adis_bench.printable import printable
from adis_bench.results.fields import PATTERN_WORDS

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_DIGITS = 4000  # ours: Python refuses to read more than 4,300
_LONGEST = 60  # characters of a value in a message
MOST_BYTES = 2**28
"""Ours: a file of a hundred methods and twenty metrics has a fifth of it, and one that is read whole must fit into memory several times."""


def content_of(path: Path) -> bytes:
    """What a file holds, which must be a regular one of at most ``MOST_BYTES``.

    A pipe would be waited for, and a device could have no end.

    Raises:
        OSError: it is not there, or cannot be opened.
        ValueError: it is no such file; the message is a phrase.
    """
    if not S_ISREG(path.stat().st_mode):
        raise ValueError("no regular file")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES:,} bytes, which no results.json of ours has")
    return content


def parsed(content: bytes) -> Any:
    """The value that a JSON text holds; ``NaN`` and ``Infinity`` are let through, so that ``not_finite`` can say where they stand.

    Raises:
        ValueError: no JSON text in UTF-8, a name twice in one object, or nested too deep; the message is a phrase.
    """
    try:
        return json.loads(content.decode(), object_pairs_hook=_once, parse_int=_whole)
    except UnicodeDecodeError as error:
        raise ValueError(f"no UTF-8 text: {error.reason} at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error}") from error
    except RecursionError as error:
        raise ValueError("no JSON of ours: nested too deep") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"an object has {shown(next(name for name in names if names.count(name) > 1))} twice")
    return found


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"no JSON of ours: a whole number of {len(digits):,} digits")
    return int(digits)


def not_finite(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[str]:
    """The JSON paths of all numbers that are NaN or infinite."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from not_finite(inner, (*place, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from not_finite(inner, (*place, number))
    elif isinstance(value, float) and not isfinite(value):
        yield json_path(place)


def json_path(place: Sequence[str | int]) -> str:
    """Where something stands, as RFC 9535 writes it.

    >>> json_path(("scores", 3, "value"))
    '$.scores[3].value'
    >>> json_path(("versions", "adis-bench"))
    "$.versions['adis-bench']"
    """
    return "$" + "".join(map(_step, place))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _NAME.fullmatch(step) else f"[{shown(step)}]"


def shown(value: Any) -> str:
    """A value as it stands in a message: on one line, and not too long."""
    text = printable(repr(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def error_words(error: "ErrorDetails") -> str:
    """One fault that pydantic found, as a phrase."""
    if error["type"] == "unexpected_keyword_argument":
        return "no field of this schema"
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "json_invalid":
        return error["msg"].replace("Invalid JSON", "no JSON", 1)  # its input is the whole file
    if said := next((words for pattern, words in PATTERN_WORDS.items() if f"'{pattern}'" in error["msg"]), ""):
        return f"{said}: {shown(error['input'])}"
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}, not {shown(error['input'])}"


def in_words(error: "ValidationError") -> str:
    """The first of the faults that pydantic found, and how many more there are."""
    first, *others = error.errors(include_url=False, include_context=False)
    more = f", and {len(others)} more faults" if len(others) > 1 else ", and 1 more fault" if others else ""
    return f"{json_path(first['loc'])} {error_words(first)}{more}"
