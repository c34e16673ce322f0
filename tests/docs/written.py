"""What the documentation's Markdown says: its pages, code blocks and code spans."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    *sorted(path for path in (ROOT / "docs").rglob("*.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
)

_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Language and content of every fenced block."""
    for found in _FENCE.finditer(text):
        yield found[1], found[2]


def spans(text: str) -> list[str]:
    """Content of every code span outside of fenced blocks, on one line."""
    return [" ".join(found.split()) for found in _SPAN.findall(_FENCE.sub("", text))]


def shell_lines(block: str) -> list[str]:
    """A block's commands, with continued lines joined and comments gone."""
    joined = block.replace("\\\n", " ")
    return [line for raw in joined.splitlines() if (line := re.sub(r"(^|\s)#.*$", "", raw).strip())]
