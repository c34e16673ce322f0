"""A table in no format yet: columns with their direction, rows between rules, cells as raw numbers and as parts of text."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal

from adis_bench.results.score_text import FAILS as FAILS

Kind = Literal["control", "method", "variant", "published", "plain"]
NOTHING = "–"
Verdict = Literal["", "better", "worse", "unclear", "unknown"]
"""The values of ``reports.findings.Verdict``, and nothing where a cell compares nothing."""


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
        note: what else the head says, in a few words (the pairs of a class, say).
        key: its name in CSV and JSON; empty where that is ``name``.
        file_only: whether CSV and JSON alone have it: what nobody reads in a table, but programs need.
    """

    name: str
    higher_is_better: bool | None = None
    unit: str = ""
    description: str = ""
    failure: str = ""
    text: bool = False
    note: str = ""
    key: str = ""
    file_only: bool = False

    @property
    def head(self) -> str:
        """Name, direction, and a mark where it fails."""
        arrow = {True: " ↑", False: " ↓", None: ""}[self.higher_is_better]
        return f"{self.name}{arrow}{f' {FAILS}' if self.failure else ''}"

    @property
    def in_files(self) -> str:
        """Its name in CSV and JSON."""
        return self.key or self.name


@dataclass(frozen=True, slots=True)
class Raw:
    """The numbers of a cell as they were measured, unrounded.

    Attributes:
        value: shares are 0 to 1, counts whole; None where there is none, or the cell holds words.
        low, high: ends of the 95 % interval; None where there is none.
        spread: standard deviation over trainings; None where there is none.
        singles: the values of single trainings, where they stand in place of a spread.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    singles: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as text, with its raw numbers; the parts are joined by each format in its own way.

    ``reports.table_cells.rounded`` makes text and raw numbers of one value.

    Attributes:
        value: rounded; empty where there is none.
        spread: standard deviation over trainings; empty where there is none.
        low, high: 95 % interval; empty where there is none.
        singles: the values of single trainings, where they stand in place of a spread.
        note: what else must be known of this value, in a few words; why there is none where ``value`` is empty.
        best: shown to be better than all others of its column.
        raw: the same numbers unrounded; CSV and JSON have these.
        verdict: of a difference: who is better; empty where the cell is none.
        says: the same numbers in words (the verdict, a share of the rankings, what a matrix has on its diagonal); shown, but not in CSV.
        step: depth of its colour, 0 (worst of the table) to 8 (best); None where it has none.
    """

    value: str = ""
    spread: str = ""
    low: str = ""
    high: str = ""
    singles: tuple[str, ...] = ()
    note: str = ""
    best: bool = False
    raw: Raw = field(default=Raw())
    verdict: Verdict = ""
    says: str = ""
    step: int | None = None

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
        """What stands with the value: interval, single trainings, note, verdict."""
        return " ".join(filter(None, (self.interval, *(f"({text})" for text in (self.listed, self.note, self.says) if text))))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        label: first column.
        kind: rows of one kind stand together between two rules; ``plain`` where a table has no kinds.
        cells: one per column.
        tone: name of its colour (``reports.style.tones``); empty where the label is no method's.
        description: what it is, for those who ask.
        against: what is subtracted from ``label`` where the row is a difference; empty elsewhere.
        against_tone: its colour.
        key: what CSV and JSON call it; empty where that is ``label``.
    """

    label: str
    kind: Kind
    cells: tuple[Cell, ...]
    tone: str = "control"
    description: str = ""
    against: str = ""
    against_tone: str = ""
    key: str = ""

    @property
    def in_files(self) -> str:
        """Its name in CSV and JSON."""
        return self.key or self.label


@dataclass(frozen=True, slots=True)
class Table:
    """A table in no format yet.

    Attributes:
        name: of its files and of its LaTeX label: lower-case letters, digits, dashes and underscores.
        title: its caption.
        columns: all but the first.
        rows: in display order.
        notes: what must be known to read it, a sentence or two each.
        first: head of the first column.
        family: what tables of one kind share: ``differences`` is that of ``differences-avc`` and ``differences-fd``; empty where
            a table stands for itself.
        subject: the metric that all its numbers are of, which then heads it; None where each column has its own.
        heat: whether its cells are coloured by their ``step``.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    first: str = ""
    family: str = ""
    subject: Column | None = None
    heat: bool = False

    @property
    def plain(self) -> bool:
        """Whether its rows have no kinds."""
        return all(row.kind == "plain" for row in self.rows)

    @property
    def groups(self) -> tuple[tuple[Kind, tuple[Row, ...]], ...]:
        """The rows between the rules."""
        return tuple((kind, tuple(rows)) for kind, rows in groupby(self.rows, key=lambda row: row.kind))

    @property
    def shown(self) -> "Table":
        """The table without the columns that only files have."""
        kept = [place for place, column in enumerate(self.columns) if not column.file_only]
        if len(kept) == len(self.columns):
            return self
        rows = tuple(replace(row, cells=tuple(row.cells[place] for place in kept)) for row in self.rows)
        return replace(self, columns=tuple(self.columns[place] for place in kept), rows=rows)

    @property
    def caption(self) -> str:
        """The title, marked where the metric fails that all its numbers are of."""
        return f"{self.title} {FAILS}" if self.subject is not None and self.subject.failure else self.title


def row_name(row: Row) -> str:
    """A row's label in plain text: controls in parentheses, what others published named so, differences with ``minus``."""
    named = {"control": f"({row.label})", "published": f"{row.label}, published"}.get(row.kind, row.label)
    return f"{named} minus {row.against}" if row.against else named


def family(tables: Sequence[Table], name: str) -> tuple[Table, ...]:
    """The tables of a family, or the one of this name."""
    return tuple(table for table in tables if name in (table.family, table.name))
