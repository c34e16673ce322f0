"""A table as Markdown, LaTeX, CSV and on a terminal; as HTML it is a macro of templates/_table.html.j2."""

import csv
import re
from collections.abc import Iterable
from io import StringIO
from typing import TYPE_CHECKING

from reports.findings import MINUS
from reports.table_record import FAILS, NOTHING, Cell, Row, Table, row_name

if TYPE_CHECKING:
    from rich.table import Table as TerminalTable


def to_markdown(table: Table) -> str:
    """GitHub's Markdown; texts of anybody stay text."""
    lines = [f"**{markdown_text(table.title)}**", ""]
    lines.append(_markdown_row([markdown_text(table.first), *(markdown_text(column.head) for column in table.columns)]))
    lines.append(_markdown_row(["---", *("---" if column.text else "---:" for column in table.columns)]))
    for _, rows in table.groups:
        lines += [_markdown_row([markdown_text(row_name(row)), *map(_markdown_cell, row.cells)]) for row in rows]
    if table.notes:
        lines += ["", *markdown_list(table.notes)]
    return "\n".join(lines) + "\n"


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_cell(cell: Cell) -> str:
    value = markdown_text(cell.value) or NOTHING
    main = f"**{value}**" if cell.best else value
    return " ".join(filter(None, (main, cell.spread and f"± {markdown_text(cell.spread)}", markdown_text(cell.beside))))


def markdown_text(text: str) -> str:
    """Text without meaning to Markdown or HTML; an underscore inside a word has none anyway."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*|#]|\](?=[(:])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))", r"\\\1", text)
    return " ".join(text.split())


def markdown_list(texts: Iterable[str]) -> list[str]:
    """A bullet per text; one that begins like a list of its own (``+ SeLaVi``, ``1. ...``) stays text."""
    return [f"- {re.sub(r'^([+-]|[0-9]+(?=[.)]))', _escaped_start, markdown_text(text))}" for text in texts]


def _escaped_start(found: re.Match[str]) -> str:
    return f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}"


_LATEX = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "{}$&#_%"},
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    MINUS: "$-$",
    "±": r"$\pm$",
    "–": "--",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    # After a \\ they would be taken for a length and a star.
    "[": "{[}",
    "*": "{*}",
    FAILS: r"$^{\dagger}$",
}


def to_latex(table: Table) -> str:
    """A table for the packages booktabs and (for quotation marks) fontenc with T1; intervals stand under their values."""
    heads = " & ".join([to_latex_text(table.first), *(to_latex_text(column.head) for column in table.columns)])
    lines = [
        r"% needs \usepackage{booktabs}, \usepackage[T1]{fontenc}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{to_latex_text(table.title)}}}",
        rf"\label{{tab:{table.name}}}",
        rf"\begin{{tabular}}{{l{''.join('l' if column.text else 'r' for column in table.columns)}}}",
        r"\toprule",
        rf"{heads.strip()} \\",
    ]
    for _, rows in table.groups:
        lines.append(r"\midrule")
        for row in rows:
            lines += _latex_row(row)
    lines += [r"\bottomrule", r"\end{tabular}"]
    if table.notes:
        lines += [r"\par\smallskip\raggedright\footnotesize", *(f"{to_latex_text(note)}\\par" for note in table.notes)]
    return "\n".join([*lines, r"\end{table}", ""])


def _latex_row(row: Row) -> list[str]:
    lines = [rf"{' & '.join([to_latex_text(row_name(row)), *map(_latex_cell, row.cells)])} \\"]
    if any(cell.beside for cell in row.cells):
        under = " & ".join(rf"\scriptsize {to_latex_text(cell.beside)}" if cell.beside else "" for cell in row.cells)
        lines.append(rf" & {under} \\")
    return lines


def _latex_cell(cell: Cell) -> str:
    value = to_latex_text(cell.value or NOTHING)
    main = rf"\textbf{{{value}}}" if cell.best else value
    return rf"{main} {{\scriptsize $\pm$ {to_latex_text(cell.spread)}}}" if cell.spread else main


def to_latex_text(text: str) -> str:
    """Text without meaning to LaTeX, on one line."""
    return " ".join("".join(_LATEX.get(character, character) for character in text).split())


_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_FORMULA = ("=", "+", "-", "@")
_CSV_PARTS = ("", " sd", " ci_low", " ci_high", " note")


def to_csv(table: Table) -> str:
    """One line a row; per column its value, deviation, ends of the interval, and what stands beside it.

    Where rows have no kinds there is no column for them, nor for parts that no cell of a column has.
    """
    fields = [[_csv_parts(cell) for cell in row.cells] for row in table.rows]
    kept = [
        [part for part in range(len(_CSV_PARTS)) if not part or not table.plain or any(row[place][part] for row in fields)]
        for place in range(len(table.columns))
    ]
    names = [column.name + _CSV_PARTS[part] for column, parts in zip(table.columns, kept, strict=True) for part in parts]
    lines = [[table.first or "row", *([] if table.plain else ["kind"]), *names]]
    for row, cells in zip(table.rows, fields, strict=True):
        head = [row.label, *([] if table.plain else [row.kind])]
        lines.append([*head, *(cell[part] for cell, parts in zip(cells, kept, strict=True) for part in parts)])
    stream = StringIO()
    csv.writer(stream, lineterminator="\n").writerows([[_inert(text) for text in line] for line in lines])
    return stream.getvalue()


def _csv_parts(cell: Cell) -> tuple[str, ...]:
    return cell.value, cell.spread, cell.low, cell.high, "; ".join(filter(None, (cell.listed, cell.note)))


def _inert(text: str) -> str:
    """Numbers with the keyboard's minus; other text that spreadsheets would compute gets an apostrophe (OWASP, CSV injection)."""
    plain = " ".join(text.replace(MINUS, "-").split())
    return f"'{plain}" if plain.startswith(_FORMULA) and not _NUMBER.fullmatch(plain) else plain


def to_terminal(table: Table) -> "TerminalTable":
    """A table of rich; notes are left to the files."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table as TerminalTable

    drawn = TerminalTable(title=escape(table.title), box=box.SIMPLE_HEAD)
    drawn.add_column("")
    for column in table.columns:
        drawn.add_column(escape(column.head), justify="right")
    for _, rows in table.groups:
        for row in rows:
            drawn.add_row(escape(row_name(row)), *map(_terminal_cell, row.cells), end_section=row is rows[-1])
    return drawn


def _terminal_cell(cell: Cell) -> str:
    from rich.markup import escape

    value = escape(cell.value or NOTHING)
    main = f"[bold]{value}[/bold]" if cell.best else value
    return " ".join(filter(None, (main, cell.spread and f"± {escape(cell.spread)}", escape(cell.beside))))
