"""A table for a paper: LaTeX with the rules of booktabs."""

from collections.abc import Sequence

from reports.latex_text import to_latex_text, with_engine
from reports.table_record import NOTHING, Cell, Row, Table, row_name

_LONG = 24
"""Ours: a longer note would make its column wider than the numbers; it stands under the table, under a letter."""
_WIDE = 40
"""Ours: a column of longer texts breaks its lines."""
_FITS = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
"""As wide as it is, but never wider than the column of the paper."""


def to_latex(table: Table) -> str:
    """A float for the packages booktabs, graphicx and (for quotation marks) fontenc with T1; intervals stand under their values."""
    table, remarks = table.shown, _Remarks()
    body = [line for _, rows in table.groups for line in (r"\midrule", *(made for row in rows for made in _rows(row, remarks)))]
    lines = [
        r"% needs \usepackage{booktabs,graphicx}, \usepackage[T1]{fontenc}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{to_latex_text(table.caption)}}}",
        rf"\label{{tab:{table.name}}}",
        _FITS,
        rf"\begin{{tabular}}{{l{''.join(_alignment(table, place) for place in range(len(table.columns)))}}}",
        r"\toprule",
        *_heads(table),
        *body,
        r"\bottomrule",
        r"\end{tabular}}",
    ]
    if notes := [*remarks.lines(), *(f"{to_latex_text(note)}\\par" for note in table.notes)]:
        lines += [r"\par\smallskip\raggedright\footnotesize", *notes]
    return with_engine("\n".join([*lines, r"\end{table}", ""]))


def _alignment(table: Table, place: int) -> str:
    if not table.columns[place].text:
        return "r"
    longest = max((len(row.cells[place].value) for row in table.rows), default=0)
    return r"p{0.3\linewidth}" if longest > _WIDE else "l"


def _heads(table: Table) -> list[str]:
    """Names, and what else heads say in a line of its own."""
    lines = [_line([to_latex_text(table.first), *(to_latex_text(column.head) for column in table.columns)])]
    if any(column.note for column in table.columns):
        lines.append(_line(["", *(_small(column.note) for column in table.columns)]))
    return lines


def _line(cells: Sequence[str]) -> str:
    return rf"{' & '.join(cells)} \\"


def _small(text: str) -> str:
    return rf"\scriptsize {to_latex_text(text)}" if text else ""


class _Remarks:
    """Long notes of cells by their letters, each once."""

    def __init__(self) -> None:
        self.letters: dict[str, str] = {}

    def short(self, cell: Cell) -> tuple[str, str]:
        """What stands under a value, and the marks that stand behind it, in LaTeX."""
        said = [cell.interval, *(f"({text})" for text in (cell.listed, cell.note, cell.says) if text and len(text) <= _LONG)]
        marks = [self._letter(text) for text in (cell.note, cell.says) if len(text) > _LONG]
        return " ".join(filter(None, said)), f"$^{{{','.join(marks)}}}$" if marks else ""

    def _letter(self, note: str) -> str:
        return self.letters.setdefault(note, _named(len(self.letters)))

    def lines(self) -> Sequence[str]:
        """A line for each letter."""
        return [rf"$^{{{letter}}}$ {to_latex_text(note)}\par" for note, letter in self.letters.items()]


def _named(place: int) -> str:
    above, at = divmod(place, 26)
    return (_named(above - 1) if above else "") + chr(ord("a") + at)


def _rows(row: Row, remarks: _Remarks) -> list[str]:
    made = [remarks.short(cell) for cell in row.cells]
    cells = [_cell(cell) + marks for cell, (_, marks) in zip(row.cells, made, strict=True)]
    line = _line([to_latex_text(row_name(row)), *cells])
    if not any(under for under, _ in made):
        return [line]
    # What belongs together stands closer together.
    return [line + "[-0.4ex]", _line(["", *(_small(under) for under, _ in made)]) + "[0.4ex]"]


def _cell(cell: Cell) -> str:
    value = to_latex_text(cell.value or NOTHING)
    main = rf"\textbf{{{value}}}" if cell.best else value
    return rf"{main} {{\scriptsize $\pm$ {to_latex_text(cell.spread)}}}" if cell.spread else main
