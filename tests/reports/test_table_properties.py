"""Any label and note survives every format, and all formats show the same digits."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from adis_bench.csv_cells import plain
from reports.latex_text import LATEX
from reports.table_cells import rounded
from reports.table_formats import to_csv, to_html, to_json, to_latex, to_markdown, to_terminal
from reports.table_record import Cell, Column, Row, Table

markdown_it = pytest.importorskip("markdown_it")

SPECIAL = st.sampled_from(list("\\{}$&#_%^~<>|\"'`*[]()=+-@!:;/\n\r\t\0\x1b\u202e\u2028\u2212\ud800é中😀"))
TEXT = st.text(st.one_of(SPECIAL, st.characters()), min_size=1, max_size=24).filter(lambda text: text.strip())
NUMBER = st.floats(-1e6, 1e6, allow_nan=False)
FEW = settings(max_examples=60, deadline=None)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Two columns of numbers and one of words, of a control and one or two methods, one of them with a difference."""
    columns = (
        Column(draw(TEXT), draw(st.sampled_from([True, False, None])), unit=draw(TEXT), failure=draw(TEXT), note=draw(TEXT), key="first"),
        Column("second", description=draw(TEXT), key="second"),
        Column("words", text=True, key="words"),
    )

    def row(kind: str, against: str = "") -> Row:
        value, half = draw(NUMBER), abs(draw(NUMBER))
        measured = rounded(value, draw(st.integers(0, 6)), value - half, value + half, note=draw(TEXT), best=draw(st.booleans()))
        other = Cell(note=draw(TEXT)) if draw(st.booleans()) else rounded(draw(NUMBER), 2, verdict="worse", says=draw(TEXT))
        return Row(draw(TEXT), kind, (measured, other, Cell(draw(TEXT))), "m0", draw(TEXT), against, "m1")

    rows = (row("control"), row("method"), row("method", draw(TEXT)))
    return Table("some-table", draw(TEXT), columns, rows, (draw(TEXT), draw(TEXT)), draw(TEXT), subject=columns[0])


class Page(HTMLParser):
    """Counts tags, keeps attributes' names and the text of table cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.rows: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag, and a cell of the current row."""
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += 1


@FEW
@given(tables())
def test_html_has_no_tag_of_a_text(table):
    """Tags and attributes are ours, and every row has all of its cells."""
    page = Page(to_html(table))
    ours = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "abbr", "wbr", "ul", "li"}
    assert set(page.tags) <= ours
    assert page.attributes <= {"class", "tabindex", "role", "aria-label", "aria-hidden", "scope", "colspan", "title"}
    assert page.rows == [4, 1, 4, 1, 4, 4]


@FEW
@given(tables())
def test_markdown_has_its_rows_and_columns_and_no_markup_of_a_text(table):
    """A parser of GitHub's tables finds four cells in each line, a bullet per note, and neither code, links nor HTML."""
    tokens = markdown_it.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(to_markdown(table))
    kinds = [token.type for token in tokens]
    assert [kinds.count(kind) for kind in ("table_open", "tr_open", "th_open", "td_open", "list_item_open")] == [1, 4, 4, 12, 2]
    inline = {child.type for token in tokens for child in token.children or ()}
    assert inline <= {"text", "strong_open", "strong_close", "text_special", "entity"}
    assert not {"code_block", "fence", "html_block", "heading_open", "blockquote_open", "hr", "ordered_list_open"} & set(kinds)
    n_bold = sum(child.type == "strong_open" for token in tokens for child in token.children or ())
    assert n_bold == 1 + sum(cell.best for row in table.rows for cell in row.cells)


@FEW
@given(tables())
def test_latex_has_no_command_of_a_text(table):
    """Braces are balanced, specials of texts are escaped, and every row has its three column marks."""
    text = to_latex(table)
    unescaped = re.sub(r"\\[{}$&#_%]", "", text)
    depth = 0
    for character in unescaped:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    allowed = {"begin", "centering", "caption", "label", "resizebox", "ifdim", "width", "linewidth", "else", "fi", "toprule", "midrule"}
    allowed |= {"bottomrule", "end", "par", "smallskip", "raggedright", "footnotesize", "scriptsize", "textbf", "usepackage", "pm"}
    allowed |= {name for command in LATEX.values() for name in re.findall(r"\\([A-Za-z]+)", command)}
    assert set(re.findall(r"\\([A-Za-z]+)", unescaped)) <= allowed
    body = text.split("\\toprule\n")[1].split("\\bottomrule")[0]
    lines = [line for line in body.splitlines() if line != r"\midrule"]
    assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {3}
    assert not re.search(r"(?<!\\)[%#~^](?!\{)", re.sub(r"\^\{", "", unescaped.replace("{%\n", "").split("\n", 2)[2]))
    text.encode("utf-8")


@FEW
@given(tables())
def test_csv_reads_back_and_computes_nothing(table):
    """The very numbers; texts with an apostrophe where a spreadsheet would compute them."""
    text = to_csv(table)
    rows = list(csv.DictReader(io.StringIO(text)))
    for row, read in zip(table.rows, rows, strict=True):
        raw = row.cells[0].raw
        assert [float(read[f"first{part}"]) for part in ("", "_ci_low", "_ci_high")] == [raw.value, raw.low, raw.high]
        other = row.cells[1].raw.value
        assert (float(read["second"]) if read["second"] else None) == other
        for name in ("method", "against", "words", "first_note"):
            assert not read[name].startswith(("=", "+", "-", "@", "\t", "\r"))
            assert "\n" not in read[name]
            assert plain(read[name]).isprintable()
    columns = pa_csv.read_csv(pa.py_buffer(text.encode()), parse_options=pa_csv.ParseOptions(newlines_in_values=False))
    assert columns["first"].cast("float64").to_pylist() == [row.cells[0].raw.value for row in table.rows]


@FEW
@given(tables())
def test_json_holds_texts_and_numbers_unchanged(table):
    """Also texts that can't be shown."""
    made = json.loads(to_json(table).encode())
    assert [row["label"] for row in made["rows"]] == [row.label for row in table.rows]
    assert made["notes"] == list(table.notes)
    for row, read in zip(table.rows, made["rows"], strict=True):
        for cell, one in zip(row.cells, read["cells"], strict=True):
            assert (one["value"], one["ci_low"], one["ci_high"]) == (cell.raw.value, cell.raw.low, cell.raw.high)
            assert (one["text"], one["note"], one["best"]) == (cell.value, cell.note, cell.best)


@FEW
@given(tables())
def test_all_formats_show_the_same_digits(table):
    """Value and interval of every number stand in HTML, Markdown, LaTeX and on a terminal as the record has them."""
    console = Console(width=2000, file=io.StringIO())
    console.print(to_terminal(table))
    shown = [to_html(table), to_markdown(table), console.file.getvalue(), to_latex(table).replace("$-$", "\u2212").replace("{[}", "[")]
    for cell in (cell for row in table.rows for cell in row.cells[:2] if cell.value):
        for text in shown:
            assert cell.value in text
            assert cell.interval in text
