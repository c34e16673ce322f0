"""A table in no format yet: columns with their direction, rows between rules, cells as parts of text."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import floor, log10
from typing import Literal

Kind = Literal["control", "variant", "published", "plain"]
NOTHING = "–"
FAILS = "⚠"
_MAX_PLACES = 6


@dataclass(frozen=True, slots=True)
class Column:
    """A column; the template's macros for metrics take it as well.

    Attributes:
        name: what the head says.
        higher_is_better: the direction; None where values have none.
        unit: of its values; empty where they have none.
        description: what it measures.
        failure: why its numbers mean little on this data; empty where it tells right from wrong.
        text: whether it holds words, which stand at the left.
    """

    name: str
    higher_is_better: bool | None = None
    unit: str = ""
    description: str = ""
    failure: str = ""
    text: bool = False

    @property
    def head(self) -> str:
        """Name, direction, and a mark where it fails."""
        arrow = {True: " ↑", False: " ↓", None: ""}[self.higher_is_better]
        return f"{self.name}{arrow}{f' {FAILS}' if self.failure else ''}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as text; the parts are joined by each format in its own way.

    Attributes:
        value: rounded; empty where there is none.
        spread: standard deviation over trainings; empty where there is none.
        low, high: 95 % interval; empty where there is none.
        singles: the values of single trainings, where they stand in place of a spread.
        note: what else must be known of this value, in a few words.
        best: shown to be better than all others of its column.
    """

    value: str = ""
    spread: str = ""
    low: str = ""
    high: str = ""
    singles: tuple[str, ...] = ()
    note: str = ""
    best: bool = False

    @property
    def interval(self) -> str:
        """``[low, high]``, or nothing."""
        return f"[{self.low}, {self.high}]" if self.low and self.high else ""

    @property
    def listed(self) -> str:
        """The single trainings, ``0.1 and 0.2``, or nothing."""
        return " and ".join(self.singles)

    @property
    def beside(self) -> str:
        """What stands with the value: interval, single trainings, note."""
        return " ".join(filter(None, (self.interval, self.listed and f"({self.listed})", self.note and f"({self.note})")))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        label: first column.
        kind: rows of one kind stand together between two rules; ``plain`` where a table has no kinds.
        cells: one per column.
        tone: name of its colour (``reports.style.tones``); empty where the label is no method's.
        description: what it is, for those who ask.
    """

    label: str
    kind: Kind
    cells: tuple[Cell, ...]
    tone: str = "control"
    description: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table in no format yet.

    Attributes:
        name: of its files and of its LaTeX label: lower-case letters, digits and dashes.
        title: its caption.
        columns: all but the first.
        rows: in display order.
        notes: what must be known to read it, a sentence or two each.
        first: head of the first column.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    first: str = ""

    @property
    def plain(self) -> bool:
        """Whether its rows have no kinds."""
        return all(row.kind == "plain" for row in self.rows)

    @property
    def groups(self) -> tuple[tuple[Kind, tuple[Row, ...]], ...]:
        """The rows between the rules."""
        return tuple((kind, tuple(rows)) for kind, rows in groupby(self.rows, key=lambda row: row.kind))


def row_name(row: Row) -> str:
    """A row's label in plain text: controls in parentheses, what others published named so."""
    return {"control": f"({row.label})", "published": f"{row.label}, published"}.get(row.kind, row.label)


def places_for(half_widths: Sequence[float]) -> int | None:
    """Digits behind the point of a column: two figures of its smallest uncertainty (half of an interval); None without any.

    Source: JCGM 100:2008 (GUM), 7.2.6 (two figures of an uncertainty suffice).
    """
    known = [half for half in half_widths if half > 0]
    return max(0, min(_MAX_PLACES, 1 - floor(log10(min(known))))) if known else None
