"""For the Python reference: one line of a docstring about several names, ``low, high: finite floats``, is a line about each."""

import re
from typing import Any

import griffe

_ENTRY = re.compile(
    r"^(?P<indent> +)(?P<names>\w+(?:, \w+)+): (?P<text>.*(?:\n(?P=indent) +\S.*)*)$",
    re.MULTILINE,
)


class SeveralNames(griffe.Extension):
    """Griffe reads the second name as the first one's type."""

    def on_object(self, *, obj: griffe.Object, **others: Any) -> None:
        """Rewrite an object's docstring before anything parses it."""
        if obj.docstring is not None:
            obj.docstring.value = _ENTRY.sub(_one_by_one, obj.docstring.value)


def _one_by_one(entry: re.Match[str]) -> str:
    return "\n".join(f"{entry['indent']}{name}: {entry['text']}" for name in entry["names"].split(", "))
