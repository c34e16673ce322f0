"""One record in four formats: what stands where, and that no text becomes markup, a command or a formula."""

import csv
import shutil
import subprocess
from io import StringIO

import pytest
from rich.console import Console

from reports.findings import MINUS
from reports.html import environment
from reports.table_formats import markdown_list, markdown_text, to_csv, to_latex, to_latex_text, to_markdown, to_terminal
from reports.table_record import Cell, Column, Row, Table, places_for

HOSTILE = r'=cmd|"/c calc"!A1 <script>alert(1)</script> \input{x} $x$ a_b #1 50 % & ^ ~ *b* [l](javascript:x) `c`'


def _table(label="+ SeLaVi", note="a note"):
    columns = (Column("avc", True), Column("fd_by_class", False, failure="blind"))
    return Table(
        "some-table",
        "A title",
        columns,
        (
            Row("target", "control", (Cell("0.61", low="0.56", high="0.66"), Cell())),
            Row(
                label,
                "variant",
                (Cell("0.42", "0.01", "0.39", "0.45", best=True), Cell(f"{MINUS}1.5", singles=(f"{MINUS}2.0", f"{MINUS}1.0"))),
            ),
            Row("other", "variant", (Cell("0.3", note="1 of 3 seeds"), Cell(note="not scored"))),
        ),
        (note,),
    )


def test_markdown():
    """Controls in parentheses and first; spread, interval, single trainings, notes and bold each in their way."""
    assert to_markdown(_table()).splitlines() == [
        "**A title**",
        "",
        "|  | avc ↑ | fd_by_class ↓ ⚠ |",
        "| --- | ---: | ---: |",
        "| (target) | 0.61 [0.56, 0.66] | – |",
        "| + SeLaVi | **0.42** ± 0.01 [0.39, 0.45] | −1.5 (−2.0 and −1.0) |",
        "| other | 0.3 (1 of 3 seeds) | – (not scored) |",
        "",
        "- a note",
    ]


def test_latex():
    """Rules of booktabs around controls and variants, intervals in a line of their own, direction and dagger in the head."""
    assert to_latex(_table()).splitlines() == [
        r"% needs \usepackage{booktabs}, \usepackage[T1]{fontenc}",
        r"\begin{table}",
        r"\centering",
        r"\caption{A title}",
        r"\label{tab:some-table}",
        r"\begin{tabular}{lrr}",
        r"\toprule",
        r"& avc $\uparrow$ & fd\_by\_class $\downarrow$ $^{\dagger}$ \\",
        r"\midrule",
        r"(target) & 0.61 & -- \\",
        r" & \scriptsize {[}0.56, 0.66] &  \\",
        r"\midrule",
        r"+ SeLaVi & \textbf{0.42} {\scriptsize $\pm$ 0.01} & $-$1.5 \\",
        r" & \scriptsize {[}0.39, 0.45] & \scriptsize ($-$2.0 and $-$1.0) \\",
        r"other & 0.3 & -- \\",
        r" & \scriptsize (1 of 3 seeds) & \scriptsize (not scored) \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\par\smallskip\raggedright\footnotesize",
        r"a note\par",
        r"\end{table}",
    ]


def test_csv():
    """Numbers with the keyboard's minus, ends of intervals in columns of their own, the label kept from being a formula."""
    rows = list(csv.DictReader(StringIO(to_csv(_table()))))
    assert [row["row"] for row in rows] == ["target", "'+ SeLaVi", "other"]
    assert [row["kind"] for row in rows] == ["control", "variant", "variant"]
    assert [rows[1][f"avc{part}"] for part in ("", " sd", " ci_low", " ci_high", " note")] == ["0.42", "0.01", "0.39", "0.45", ""]
    assert (rows[1]["fd_by_class"], rows[1]["fd_by_class note"]) == ("-1.5", "'-2.0 and -1.0")
    assert (rows[2]["fd_by_class"], rows[2]["fd_by_class note"]) == ("", "not scored")


def test_terminal():
    """The same words on a terminal; brackets of intervals are no markup there."""
    console = Console(width=200, file=StringIO())
    console.print(to_terminal(_table()))
    text = console.file.getvalue()
    for words in ("(target)", "0.61 [0.56, 0.66]", "0.42 ± 0.01 [0.39, 0.45]", "−1.5 (−2.0 and −1.0)", "fd_by_class ↓ ⚠"):
        assert words in text


def test_html():
    """Groups have heads, the best value a class, missing ones a reason."""
    text = environment().get_template("_table.html.j2").module.record_table(_table())
    assert [text.count(f">{name}<") for name in ("Controls", "Trained here", "Published")] == [1, 1, 0]
    assert text.count('class="best"') == 1
    assert '<span class="interval">[0.39, 0.45]</span>' in text
    assert '<span class="note">not scored</span>' in text
    assert "−2.0 and −1.0" in text


@pytest.mark.parametrize("place", ["label", "note"])
def test_hostile_text_stays_text_in_html(place):
    """Whatever a label holds is escaped."""
    text = environment().get_template("_table.html.j2").module.record_table(_table(**{place: HOSTILE}))
    assert "<script" not in text


def test_hostile_text_stays_text_in_markdown():
    """No HTML, no code, no emphasis, no link, no further column."""
    text = markdown_text(HOSTILE)
    assert "<" not in text
    assert r"cmd\|" in text
    assert r"\*b\*" in text
    assert r"\`c\`" in text
    assert r"[l\](javascript:x)" in text
    assert "a_b" in text
    row = to_markdown(_table(label=HOSTILE)).splitlines()[5]
    assert row.replace(r"\|", "").count("|") == 4


def test_a_note_that_begins_like_a_list_stays_a_sentence():
    """``+ SeLaVi: ...`` is no list in the list, ``1. ...`` no number; a line break is a blank."""
    assert markdown_list(["+ SeLaVi: x", "- y", "1. z", "0.5 is a number\nof two lines", "a\n- b"]) == [
        r"- \+ SeLaVi: x",
        r"- \- y",
        r"- 1\. z",
        r"- 0\.5 is a number of two lines",
        "- a - b",
    ]


def test_special_characters_of_latex_are_escaped():
    """Every one of the ten, and what T1 lacks or a row break would take for its argument."""
    assert to_latex_text(r"\ { } $ & # _ % ^ ~") == (r"\textbackslash{} \{ \} \$ \& \# \_ \% \textasciicircum{} \textasciitilde{}")
    assert to_latex_text('<a|b> "c" [d] *') == r"\textless{}a\textbar{}b\textgreater{} \textquotedbl{}c\textquotedbl{} {[}d] {*}"
    assert to_latex_text(f"{MINUS}1 ± 2 – a\nb") == r"$-$1 $\pm$ 2 -- a b"


@pytest.mark.parametrize("text", ["=1+1", "+ SeLaVi", "-x", "@a", "\t=b", "\r=c", "\n =d", f"{MINUS}e", "-1-2"])
def test_no_cell_is_a_formula(text):
    """What spreadsheets would compute gets an apostrophe, also behind blanks, and stays one line."""
    rows = list(csv.reader(StringIO(to_csv(_table(label=text)))))
    assert rows[2][0].startswith("'")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_latex_takes_it(tmp_path):
    """A document with hostile labels and notes compiles, without an error or a missing character."""
    head = r"\documentclass{article}\usepackage{booktabs}\usepackage[T1]{fontenc}\begin{document}"
    (tmp_path / "a.tex").write_text(head + to_latex(_table(HOSTILE, HOSTILE)) + r"\end{document}", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout
    assert "Missing character" not in (tmp_path / "a.log").read_text(errors="replace")


@pytest.mark.parametrize(
    ("halves", "places"),
    [([0.034, 0.2], 3), ([4.2], 1), ([42.0, 99.0], 0), ([420.0], 0), ([0.1], 2), ([0.0, 0.034], 3), ([1e-9], 6), ([], None), ([0.0], None)],
)
def test_the_smallest_uncertainty_gives_the_digits(halves, places):
    """Two figures of the smallest half width; none from intervals of no width."""
    assert places_for(halves) == places
