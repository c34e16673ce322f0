"""What a browser posts, checked: nothing of it is believed."""

import math
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from adis_bench.study.records import Study

MAX_COMMENT = 500
"""Characters of a comment, as the page allows them."""
MAX_BODY = 16 << 10
"""Bytes of a post: ours; a comment of 500 characters takes at most 6,000 percent-encoded, the ranks of 26 places some hundred."""
_MAX_FIELDS = 64  # ours: 26 ranks and a handful of others, twice over
_MAX_SECONDS = 1e6  # ours: eleven days on an item; more is a broken clock
_MAX_PLAYS = 100_000  # ours: likewise
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,20})?", re.ASCII)

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters but for tab and line end, line ends that few programs know, and what turns the direction of other people's text."""


class Refused(Exception):
    """A post that no page of ours makes; the text is for people."""


@dataclass(frozen=True, slots=True)
class Posted:
    """An answer that fits the study: its item, and its fields as text by name."""

    item_id: str
    answers: dict[str, str]


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form.

    Raises:
        Refused: the body is no form in UTF-8, has too many fields, or one of them twice.
    """
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise Refused("what was sent is not a form") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Refused("a field was sent twice")
    return fields


def check_answer(study: Study, fields: dict[str, str]) -> Posted:
    """The answer in a form; fields that the study doesn't know are left out.

    Raises:
        Refused: the item is unknown, or a rank, the time, the plays or the comment is not as the page sends it.
    """
    item_id = fields.get("item_id", "")
    if item_id not in {item.item_id for item in study.items}:
        raise Refused("the page is not part of this study")
    ranks = [_whole(fields, f"rank_{slot}", 1, study.n_methods, "every image needs a rank") for slot in study.slots]
    if not study.ties_allowed and len(set(ranks)) < len(ranks):
        raise Refused("two images have the same rank")
    seconds, plays = fields.get("seconds", ""), _whole(fields, "plays", 0, _MAX_PLAYS, "the number of plays is not a number")
    if not _DECIMAL.fullmatch(seconds) or not math.isfinite(float(seconds)) or float(seconds) > _MAX_SECONDS:
        raise Refused("the time on the page is not a number of seconds")
    answers = {"item_id": item_id, **{f"rank_{slot}": str(rank) for slot, rank in zip(study.slots, ranks, strict=True)}}
    return Posted(item_id, {**answers, "seconds": seconds, "plays": str(plays), "comment": _comment(fields.get("comment", ""))})


def _whole(fields: dict[str, str], name: str, least: int, most: int, otherwise: str) -> int:
    text = fields.get(name, "")
    if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
        raise Refused(otherwise)
    return int(text)


def _comment(text: str) -> str:
    # Forms send line ends as two characters, pages count them as one.
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(lines) > MAX_COMMENT:
        raise Refused(f"the comment is longer than {MAX_COMMENT} characters")
    # PostgreSQL keeps no NUL, and no reader wants the others.
    return _CONTROL.sub(" ", lines)
