"""The fields that a page posted, in the three forms in which they come back: plain, dotted and JSON."""

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from adis_bench.study.csv_table import rank_fault
from adis_bench.study.records import SLOTS
from adis_bench.study.rejection import Reason

Fields: TypeAlias = list[tuple[str, str]]
"""(name without ``Answer.``, text) of every field; a name may come twice."""

JSON_FIELD = "taskAnswers"
"""Field in which ``crowd-form`` sends all others as one JSON text."""
KNOWN = ("item_id", "seconds", "comment", JSON_FIELD, *(f"rank_{slot}" for slot in SLOTS))
"""The names that are used; all others that a page or a worker may send are ignored."""
_RANK = re.compile(r"rank_([A-Z])")
_LONGEST_NAME = 256
"""Characters of a dotted name; ours: real ones have some 30, and names that contain one another multiply the room of an answer."""
_MARKED = frozenset({"true", "on"})
_UNMARKED = frozenset({"false", "off", ""})


def unpack(fields: Iterable[tuple[str, str]]) -> Fields | None:
    """The fields with those that are JSON replaced by what they hold, as dotted names; None where JSON is broken.

    >>> unpack([("taskAnswers", '[{"rank_A": {"1": true, "2": false}, "item_id": "it-1"}]')])
    [('rank_A.1', 'true'), ('rank_A.2', 'false'), ('item_id', 'it-1')]
    """
    found: Fields = []
    for name, text in fields:
        if last(name) != JSON_FIELD or not text.strip():
            found.append((name, text))
            continue
        try:
            found += _flat(json.loads(text))
        except (ValueError, RecursionError):
            return None
    return found


def value(fields: Fields, name: str) -> str:
    """The first text that isn't empty of the fields with this name, at whatever depth; empty where there is none."""
    return next((text.strip() for field, text in fields if last(field) == name and text.strip()), "")


def ranks_of(fields: Fields, slots: Sequence[str], ties: bool) -> tuple[float, ...] | Reason:
    """The ranks by place on the page, as they were given; or why there are none.

    A rank is the text of a field ``rank_A``, or the label of the one mark among ``rank_A.1``, ``rank_A.2`` ... that is true.

    Args:
        fields: unpacked.
        slots: names of the places.
        ties: whether two places may have the same rank.
    """
    given = _given(fields)
    if isinstance(given, str):
        return given
    fault = _fault(given, slots)
    if fault is not None:
        return fault
    ranks = tuple(float(next(iter(given[slot]))) for slot in slots)
    return "tie" if not ties and len(set(ranks)) < len(ranks) else ranks


def _given(fields: Fields) -> dict[str, set[str]] | Reason:
    """The texts of the ranks of each place."""
    given: dict[str, set[str]] = {}
    for name, raw in fields:
        place = _place(name)
        text = raw.strip()
        if place is None or not text:
            continue
        slot, label = place
        if not label:
            given.setdefault(slot, set()).add(text)
        elif text.lower() in _MARKED:
            given.setdefault(slot, set()).add(label)
        elif text.lower() not in _UNMARKED:
            return "unreadable_answer"
    return given


def _fault(given: dict[str, set[str]], slots: Sequence[str]) -> Reason | None:
    if not given:
        return "missing_answer"
    if not given.keys() <= set(slots):
        return "unknown_method"
    if any(len(texts) > 1 for texts in given.values()):
        return "several_ranks"
    faults = {rank_fault(next(iter(texts)), len(slots)) for texts in given.values()} - {None}
    ordered: tuple[Reason, ...] = ("not_a_number", "not_a_rank", "rank_out_of_range")
    if faults:
        return next(reason for reason in ordered if reason in faults)
    return "incomplete" if len(given) < len(slots) else None


@lru_cache(maxsize=1024)
def _place(name: str) -> tuple[str, str] | None:
    """Place and label of a field for a rank, like ``ranks.rank_A`` (no label) or ``rank_A.2``; None for other fields."""
    parts = name.split(".")
    at = next((i for i in range(len(parts) - 1, -1, -1) if _RANK.fullmatch(parts[i])), None)
    return None if at is None else (parts[at].removeprefix("rank_"), ".".join(parts[at + 1 :]))


def last(name: str) -> str:
    """The innermost part of a dotted name."""
    return name.rpartition(".")[2]


def _flat(content: Any) -> Fields:
    """Dotted names of nested objects; a list outside is several objects, a list inside is its JSON text."""
    found: Fields = []
    waiting: list[tuple[str, Any]] = [("", entry) for entry in (content if isinstance(content, list) else [content])][::-1]
    if any(not isinstance(entry, dict) for _, entry in waiting):
        raise ValueError("an answer is an object")
    while waiting:
        name, entry = waiting.pop()
        if len(name) > _LONGEST_NAME:
            raise ValueError("no name of a field is that long")
        if isinstance(entry, dict):
            waiting += [(f"{name}.{key}" if name else key, inner) for key, inner in entry.items()][::-1]
        elif entry is not None:
            found.append((name, entry if isinstance(entry, str) else json.dumps(entry)))
    return found
