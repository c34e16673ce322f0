"""Tables in every format: HTML, Markdown and terminals here, LaTeX in ``table_latex``, CSV and JSON in ``table_data``."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from adis_bench.printable import printable
from reports.table_data import to_csv as to_csv
from reports.table_data import to_json as to_json
from reports.table_latex import to_latex as to_latex
from reports.table_record import NOTHING, Cell, Column, Table, row_name

if TYPE_CHECKING:
    from rich.table import Table as TerminalTable


def to_html(table: Table, named: bool = True) -> str:
    """The table with its notes, for a page that has our style sheet; every text is escaped.

    Args:
        table: to be shown.
        named: whether its groups of rows have heads.
    """
    forms = _macros()
    return f"{forms.record_table(table, named)}\n{forms.table_notes(table)}\n"


@cache
def _macros() -> Any:
    from reports.html import printing_environment

    return printing_environment().get_template("_table.html.j2").module


def to_markdown(table: Table) -> str:
    """GitHub's Markdown; texts of anybody stay text."""
    table = table.shown
    lines = [f"**{markdown_text(table.caption)}**", ""]
    lines.append(_markdown_row([markdown_text(table.first), *map(_markdown_head, table.columns)]))
    lines.append(_markdown_row(["---", *("---" if column.text else "---:" for column in table.columns)]))
    for _, rows in table.groups:
        lines += [_markdown_row([markdown_text(row_name(row)), *map(_markdown_cell, row.cells)]) for row in rows]
    if table.notes:
        lines += ["", *markdown_list(table.notes)]
    return "\n".join(lines) + "\n"


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_head(column: Column) -> str:
    return markdown_text(f"{column.head} ({column.note})" if column.note else column.head)


def _markdown_cell(cell: Cell) -> str:
    value = markdown_text(cell.value) or NOTHING
    main = f"**{value}**" if cell.best else value
    return " ".join(filter(None, (main, cell.spread and f"± {markdown_text(cell.spread)}", markdown_text(cell.beside))))


def markdown_text(text: str) -> str:
    """Text without meaning to Markdown or HTML; an underscore inside a word has none anyway."""
    text = printable(" ".join(text.split()))
    # The backslash first: those of the entities' and escapes' own come later.
    text = re.sub(r"([\\`*|#~$]|\](?=[(:])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))", r"\\\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def markdown_list(texts: Iterable[str]) -> list[str]:
    """A bullet per text; one that begins like a list of its own (``+ SeLaVi``, ``1. ...``) stays text."""
    return [f"- {re.sub(r'^([+-]|[0-9]+(?=[.)]))', _escaped_start, markdown_text(text))}" for text in texts]


def _escaped_start(found: re.Match[str]) -> str:
    return f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}"


def to_terminal(table: Table) -> "TerminalTable":
    """A table of rich; notes are left to the files."""
    from rich import box
    from rich.table import Table as TerminalTable

    table = table.shown
    drawn = TerminalTable(title=_terminal_text(table.caption), box=box.SIMPLE_HEAD)
    drawn.add_column(_terminal_text(table.first))
    for column in table.columns:
        drawn.add_column(_terminal_text(column.head), justify="left" if column.text else "right")
    for _, rows in table.groups:
        for row in rows:
            drawn.add_row(_terminal_text(row_name(row)), *map(_terminal_cell, row.cells), end_section=row is rows[-1])
    return drawn


def _terminal_text(text: str) -> str:
    from rich.markup import escape

    return escape(printable(" ".join(text.split())))


def _terminal_cell(cell: Cell) -> str:
    value = _terminal_text(cell.value or NOTHING)
    main = f"[bold]{value}[/bold]" if cell.best else value
    return " ".join(filter(None, (main, cell.spread and f"± {_terminal_text(cell.spread)}", _terminal_text(cell.beside))))


WRITERS: dict[str, tuple[str, Callable[[Table], str]]] = {
    "markdown": (".md", to_markdown),
    "latex": (".tex", to_latex),
    "csv": (".csv", to_csv),
    "json": (".json", to_json),
}
"""Formats that have a file for each table: suffix, and what writes its text."""
