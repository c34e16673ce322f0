"""Words in drawings: how wide they are, and how long names break into lines."""

import warnings
from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from adis_bench.printable import printable
from reports.drawing import Medium

LABEL_COLUMNS = 22
"""Characters of common width on one line of a label."""
MOST_LINES = 6
"""Lines that take the longest label that a run allows (64 characters), however wide they are."""
LEAST_PT = 6.0
"""Ours: smaller letters can't be read in print."""
_POINTS_PER_INCH = 72.0
_LINE_IN = 0.155
_ROW_IN = 0.3


def small_pt(medium: Medium) -> float:
    """Size of what stands beside the main text: numbers of an axis, values in cells."""
    return max(LEAST_PT, 0.88 * medium.font_pt)


def width_in(texts: Iterable[str], size_pt: float) -> float:
    """Inches of the widest line of some texts, in the font of print; a page's own font is about as wide or narrower."""
    font = FontProperties(family="DejaVu Sans", size=size_pt)
    lines = [line for text in texts for line in text.split("\n") if line]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        widths = [text_to_path.get_text_width_height_descent(line, font, False)[0] for line in lines]
    return max(widths, default=0.0) / _POINTS_PER_INCH


def wrapped(label: str, columns: float = LABEL_COLUMNS, most_lines: int = MOST_LINES) -> str:
    """A label in lines that fit beside a plot, without characters that would break a drawing.

    Args:
        label: any text.
        columns: characters of common width on a line.
        most_lines: what is left behind them becomes an ellipsis.
    """
    rest = printable(label).strip()
    lines: list[str] = []
    while rest and len(lines) < most_lines:
        n = _fitting(rest, columns)
        if n < len(rest):
            # Behind the last joint, if one is far enough from the beginning.
            n = max(rest.rfind(joint, n // 3, n) for joint in " -_:/.") + 1 or n
        lines.append(rest[:n].strip())
        rest = rest[n:]
    return "\n".join(lines) + (" …" if rest else "") or " "


def columns_in(text: str) -> float:
    """How many characters of common width are as wide as a text on one line."""
    return sum(map(_columns, text))


def _columns(character: str) -> float:
    return 2.0 if east_asian_width(character) in "WF" else 1.7 if character in "mwMW@%" else 1.0


def _fitting(text: str, columns: float) -> int:
    """How many characters fit on a line, one at least."""
    used = 0.0
    for place, character in enumerate(text):
        used += _columns(character)
        if used > columns:
            return max(place, 1)
    return len(text)


def row_height(rows: Sequence[str], least: float = _ROW_IN) -> float:
    """Inches that a row whose label has the most lines takes on a page; ``Medium.scale`` makes it that of another medium."""
    return max(least, 0.1 + _LINE_IN * max((row.count("\n") + 1 for row in rows), default=1))


def row_edges(rows: Sequence[str], least: float) -> list[float]:
    """Where rows begin and the last one ends, in rows of one line; one long name doesn't make all rows tall.

    Args:
        rows: the labels, in lines already.
        least: inches of a row of one line on a page.
    """
    edges = [0.0]
    for row in rows:
        edges.append(edges[-1] + row_height([row], least) / least)
    return edges
