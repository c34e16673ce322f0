"""A table as CSV and JSON: raw numbers at full precision; what is shown is rounded elsewhere."""

import csv
import json
from collections.abc import Callable, Iterable
from io import StringIO
from math import isfinite
from typing import Any

from adis_bench.csv_cells import inert
from adis_bench.printable import printable
from reports.findings import MINUS
from reports.table_record import Cell, Column, Row, Table

SCHEMA_VERSION = 1
"""Of the JSON files."""


def to_csv(table: Table) -> str:
    """One line a row; per column its value, and columns of their own for what else its cells have.

    These are ``_sd``, ``_ci_low``, ``_ci_high``, ``_trainings``, ``_verdict`` and ``_note`` behind the column's name. Numbers are raw,
    shares 0 to 1, missing ones empty with a note that says why. A difference names its methods in ``method`` and ``against``; where rows
    have kinds, ``kind`` names them. No cell begins like a formula (``adis_bench.csv_cells``).
    """
    heads, lines = zip(*(_labels(table, row) for row in table.rows), strict=True) if table.rows else ((["row"],), ())
    kept = [
        (part, column, place)
        for place, column in enumerate(table.columns)
        for part, (_, field) in enumerate(_PARTS)
        if not part or any(field(row.cells[place], column) is not None for row in table.rows)
    ]
    head = [*heads[0], *(column.in_files + _PARTS[part][0] for part, column, _ in kept)]
    cells = ([_PARTS[part][1](row.cells[place], column) for part, column, place in kept] for row in table.rows)
    return csv_text([head, *([*labels, *rest] for labels, rest in zip(lines, cells, strict=True))])


def csv_text(lines: Iterable[Iterable[Any]]) -> str:
    """Lines of texts, numbers, truth values and None as CSV that no spreadsheet computes."""
    stream = StringIO()
    csv.writer(stream, lineterminator="\n").writerows([_cell(value) for value in line] for line in lines)
    return stream.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        # A typographer's minus at the start would still be a formula to some programs.
        return inert(printable(" ".join(value.replace(MINUS, "-").split())))
    # repr: the shortest text that reads back as the very same number.
    return "" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


def _labels(table: Table, row: Row) -> tuple[list[str], list[str]]:
    """Names and values of the columns that say what a row is."""
    names, values = [_first(table)], [row.in_files]
    if any(one.against for one in table.rows):
        names, values = ["method", "against"], [row.in_files, row.against]
    return (names, values) if table.plain else ([*names, "kind"], [*values, row.kind])


def _first(table: Table) -> str:
    return table.first.lower().replace(" ", "_") or "row"


def finite(value: float | None) -> float | None:
    """The number; None where it is none that a file could hold."""
    return value if value is not None and isfinite(value) else None


def _value(cell: Cell, column: Column) -> float | str | None:
    return cell.value if column.text or cell.raw.value is None else finite(cell.raw.value)


_PARTS: tuple[tuple[str, Callable[[Cell, Column], float | str | None]], ...] = (
    ("", _value),
    ("_sd", lambda cell, _: finite(cell.raw.spread)),
    ("_ci_low", lambda cell, _: finite(cell.raw.low)),
    ("_ci_high", lambda cell, _: finite(cell.raw.high)),
    ("_trainings", lambda cell, _: "; ".join(map(repr, cell.raw.singles)) or None),
    ("_verdict", lambda cell, _: cell.verdict or None),
    ("_note", lambda cell, _: cell.note or None),
)


def to_json(table: Table) -> str:
    """One object: columns, rows with their cells in the order of the columns, notes.

    A cell's numbers are raw; ``text`` has them as they are shown. Names are those of the CSV file.
    """
    return json.dumps(record(table), allow_nan=False, indent=1) + "\n"


def record(table: Table) -> dict[str, Any]:
    """The object of ``to_json``."""
    return {
        "schema_version": SCHEMA_VERSION,
        "name": table.name,
        "family": table.family or table.name,
        "title": table.title,
        "metric": _column(table.subject) if table.subject is not None else None,
        "columns": [_column(column) for column in table.columns],
        "rows": [_row(table, row) for row in table.rows],
        "notes": list(table.notes),
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "key": column.in_files,
        "name": column.name,
        **{name: getattr(column, name) for name in ("higher_is_better", "unit", "description", "failure", "note")},
    }


def _row(table: Table, row: Row) -> dict[str, Any]:
    cells = [_json_cell(cell, column) for cell, column in zip(row.cells, table.columns, strict=True)]
    difference = {"against": row.against} if row.against else {}
    return {"key": row.in_files, "label": row.label, **difference, "kind": row.kind, "description": row.description, "cells": cells}


def _json_cell(cell: Cell, column: Column) -> dict[str, Any]:
    raw = cell.raw
    numbers = {"value": finite(raw.value), "sd": finite(raw.spread), "ci_low": finite(raw.low), "ci_high": finite(raw.high)}
    text = {"text": cell.value, "sd_text": cell.spread, "ci_text": cell.interval}
    more = {"trainings": [finite(one) for one in raw.singles]} if raw.singles else {}
    compared = {"verdict": cell.verdict} if cell.verdict else {}
    return {"column": column.in_files, **numbers, **more, **text, "note": cell.note, **compared, "best": cell.best}
