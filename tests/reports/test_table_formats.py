"""One record in every format: what stands where, and that no text becomes markup, a command or a formula."""

import csv
import json
import shutil
import subprocess
from io import StringIO

import pytest
from rich.console import Console

from adis_bench.results.rounding import places_for, places_of
from reports.findings import MINUS
from reports.latex_text import LATEX, PDFLATEX, to_latex_text, with_engine
from reports.table_cells import rounded
from reports.table_formats import markdown_list, markdown_text, to_csv, to_html, to_json, to_latex, to_markdown, to_terminal
from reports.table_record import Cell, Column, Row, Table

OWN = {*LATEX, *PDFLATEX} - {"\n"}
HOSTILE = r'=cmd|"/c calc"!A1 <script>alert(1)</script> \input{x} $x$ a_b #1 50 % & ^ ~ *b* [l](javascript:x) `c`'


def _table(label="+ SeLaVi", note="a note"):
    columns = (Column("avc", True), Column("fd_by_class", False, failure="blind"))
    return Table(
        "some-table",
        "A title",
        columns,
        (
            Row("target", "control", (rounded(0.6123, 2, 0.5612, 0.6634), Cell())),
            Row(
                label,
                "variant",
                (rounded(0.4234, 2, 0.3912, 0.4523, spread=0.0123, best=True), rounded(-1.5, 1, singles=(-2.04, -1.0))),
            ),
            Row("other", "variant", (rounded(0.3, 1, note="1 of 3 seeds"), Cell(note="not scored"))),
            Row("other", "variant", (rounded(0.05, 2, 0.01, 0.09, signed=True, verdict="better", says="better"), Cell()), against="cut"),
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
        "| other minus cut | +0.05 [+0.01, +0.09] (better) | – |",
        "",
        "- a note",
    ]


def test_latex():
    """Rules of booktabs around controls and variants, intervals in a line of their own, direction and dagger in the head."""
    assert to_latex(_table()).splitlines() == [
        r"% needs \usepackage{booktabs,graphicx}, \usepackage[T1]{fontenc}",
        r"\begin{table}",
        r"\centering",
        r"\caption{A title}",
        r"\label{tab:some-table}",
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        r"\begin{tabular}{lrr}",
        r"\toprule",
        r" & avc $\uparrow$ & fd\_by\_class $\downarrow$ $^{\dagger}$ \\",
        r"\midrule",
        r"(target) & 0.61 & -- \\[-0.4ex]",
        r" & \scriptsize {[}0.56, 0.66] &  \\[0.4ex]",
        r"\midrule",
        r"+ SeLaVi & \textbf{0.42} {\scriptsize $\pm$ 0.01} & $-$1.5 \\[-0.4ex]",
        r" & \scriptsize {[}0.39, 0.45] & \scriptsize ($-$2.0 and $-$1.0) \\[0.4ex]",
        r"other & 0.3 & -- \\[-0.4ex]",
        r" & \scriptsize (1 of 3 seeds) & \scriptsize (not scored) \\[0.4ex]",
        r"other minus cut & +0.05 & -- \\[-0.4ex]",
        r" & \scriptsize {[}+0.01, +0.09] (better) &  \\[0.4ex]",
        r"\bottomrule",
        r"\end{tabular}}",
        r"\par\smallskip\raggedright\footnotesize",
        r"a note\par",
        r"\end{table}",
    ]


def test_csv():
    """Raw numbers; ends of intervals in columns of their own, where a column has any; the label kept from being a formula."""
    assert to_csv(_table()).splitlines() == [
        "method,against,kind,avc,avc_sd,avc_ci_low,avc_ci_high,avc_verdict,avc_note,fd_by_class,fd_by_class_trainings,fd_by_class_note",
        "target,,control,0.6123,,0.5612,0.6634,,,,,",
        "'+ SeLaVi,,variant,0.4234,0.0123,0.3912,0.4523,,,-1.5,'-2.04; -1.0,",
        "other,,variant,0.3,,,,,1 of 3 seeds,,,not scored",
        "other,cut,variant,0.05,,0.01,0.09,better,,,,",
    ]


def test_json():
    """Raw numbers with the rounded text beside them; what isn't there is null."""
    made = json.loads(to_json(_table()))
    assert [(row["label"], row.get("against"), row["kind"]) for row in made["rows"][2:]] == [
        ("other", None, "variant"),
        ("other", "cut", "variant"),
    ]
    assert made["rows"][1]["cells"] == [
        {
            "column": "avc",
            "value": 0.4234,
            "sd": 0.0123,
            "ci_low": 0.3912,
            "ci_high": 0.4523,
            "text": "0.42",
            "sd_text": "0.01",
            "ci_text": "[0.39, 0.45]",
            "note": "",
            "best": True,
        },
        {
            "column": "fd_by_class",
            "value": -1.5,
            "sd": None,
            "ci_low": None,
            "ci_high": None,
            "trainings": [-2.04, -1.0],
            "text": "−1.5",
            "sd_text": "",
            "ci_text": "",
            "note": "",
            "best": False,
        },
    ]
    assert made["columns"][1]["failure"] == "blind"
    assert (made["schema_version"], made["name"], made["notes"]) == (1, "some-table", ["a note"])


def test_terminal():
    """The same words on a terminal; brackets of intervals are no markup there."""
    console = Console(width=200, file=StringIO())
    console.print(to_terminal(_table()))
    text = console.file.getvalue()
    for words in ("(target)", "0.61 [0.56, 0.66]", "0.42 ± 0.01 [0.39, 0.45]", "−1.5 (−2.0 and −1.0)", "fd_by_class ↓ ⚠"):
        assert words in text


def test_html():
    """Groups have heads, the best value a class, missing ones a reason, differences both methods and a verdict; notes follow."""
    text = to_html(_table())
    assert [text.count(f">{name}<") for name in ("Controls", "Trained here", "Published")] == [1, 1, 0]
    assert text.count('class="best"') == 1
    assert '<span class="interval">[0.39, 0.45]</span>' in text
    assert '<span class="note">not scored</span>' in text
    assert "−2.0 and −1.0" in text
    assert '<span class="verdict better"><span aria-hidden="true">▲ </span>better</span>' in text
    assert '<span class="small">minus</span>' in text
    assert "<li>a note</li>" in text


def test_a_coloured_table_of_one_metric():
    """The metric heads it with its mark, cells have their depth, a column its remark; in text formats the title has the mark."""
    subject = Column("avc", True, description="what it is", failure="blind")
    cells = (rounded(0.1, 2, step=0), rounded(0.9, 2, step=8), Cell(note="too few pairs"))
    columns = (Column("rain", True, note="12 pairs"), Column("snow", True, note="10 pairs"), Column("sea", True))
    table = Table("heat", "avc by class", columns, (Row("ours", "method", cells, "m0"),), first="Method", subject=subject, heat=True)
    text = to_html(table)
    assert '<table class="heat">' in text
    assert [f'<td class="h{step}">' in text for step in (0, 1, 8)] == [True, False, True]
    assert 'title="blind"' in text
    assert '<span class="unit">12 pairs</span>' in text
    assert to_markdown(table).splitlines()[:3:2] == ["**avc by class ⚠**", "| Method | rain ↑ (12 pairs) | snow ↑ (10 pairs) | sea ↑ |"]
    assert r" & \scriptsize 12 pairs & \scriptsize 10 pairs &  \\" in to_latex(table)


def test_columns_that_only_files_have():
    """They stand in CSV and JSON, and nowhere else."""
    columns = (Column("avc"), Column("secret", file_only=True))
    table = Table("t", "T", columns, (Row("a", "plain", (rounded(0.5, 1), rounded(17.25, 1))),))
    assert "17.25" in to_csv(table)
    assert "17.25" in to_json(table)
    shown = Console(width=99, file=StringIO())
    shown.print(to_terminal(table))
    for text in (to_markdown(table), to_latex(table), to_html(table), shown.file.getvalue()):
        assert "0.5" in text
        assert "17.2" not in text
        assert "secret" not in text


def test_long_notes_stand_under_the_table_in_latex():
    """Each once, under a letter; short ones stay under their value."""
    reason = "fewer than two outputs have a target of this kind"
    rows = tuple(Row(label, "plain", (Cell(note=note),)) for label, note in (("a", reason), ("b", reason), ("c", "itself")))
    text = to_latex(Table("t", "T", (Column("avc"),), rows))
    assert text.count(reason) == 1
    assert f"$^{{a}}$ {reason}\\par" in text
    assert text.count("--$^{a}$") == 2
    assert r"\scriptsize (itself)" in text


@pytest.mark.parametrize("place", ["label", "note"])
def test_hostile_text_stays_text_in_html(place):
    """Whatever a label holds is escaped."""
    text = to_html(_table(**{place: HOSTILE}))
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
    assert to_latex_text("rain → ≥ 5 × … ’ μ e\N{COMBINING ACUTE ACCENT}") == r"rain $\rightarrow$ $\geq$ 5 $\times$ \dots{} ’ $\mu$ é"


@pytest.mark.parametrize("text", ["=1+1", "+ SeLaVi", "-x", "@a", "\t=b", "\r=c", "\n =d", f"{MINUS}e", "-1-2"])
def test_no_cell_is_a_formula(text):
    """What spreadsheets would compute gets an apostrophe, also behind blanks, and stays one line."""
    rows = list(csv.reader(StringIO(to_csv(_table(label=text)))))
    assert rows[2][0].startswith("'")


def _compiled(folder, text):
    """What pdflatex says of a document with this content; empty where it takes it."""
    head = r"\documentclass{article}\usepackage{booktabs,graphicx}\usepackage[T1]{fontenc}\begin{document}"
    (folder / "a.tex").write_text(f"{head}\n{text}\n\\end{{document}}", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    missing = "Missing character" in (folder / "a.log").read_text(errors="replace")
    return done.stdout if done.returncode or missing else ""


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("text", [HOSTILE, "".join(sorted(OWN)), "rain \u2192 \u2265 5 \u2026 e\u0301"])
def test_latex_takes_it(tmp_path, text):
    """Tables of hostile labels, and of every character that we write for pdflatex, compile without an error or a missing character."""
    assert _compiled(tmp_path, to_latex(_table(text, text))) == ""


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("text", ["\U0001f3a8 rain", "x\u0301", "\u96e8", "\u2713", "\ufe0f", "\u0416"])
def test_what_pdflatex_stops_at_is_told_in_the_file(tmp_path, text):
    """The character stays, and a comment in front names it."""
    source = to_latex(_table(text))
    assert text in source
    assert source.startswith("% has characters that pdflatex lacks (U+")
    assert "Unicode character" in _compiled(tmp_path, source)


def test_the_comment_names_few_characters():
    """Eight, and how many more; none where pdflatex has all."""
    first, *rest = with_engine("".join(map(chr, range(0x4E00, 0x4E0A))) + "\n").splitlines()
    assert "U+4E00" in first
    assert "U+4E07 and 2 more" in first
    assert "U+4E08" not in first
    assert len(rest) == 1
    assert with_engine("Žižek’s € 5\n") == "Žižek’s € 5\n"


@pytest.mark.parametrize(
    ("halves", "places"),
    [([0.034, 0.2], 3), ([4.2], 1), ([42.0, 99.0], 0), ([420.0], 0), ([0.1], 2), ([0.0, 0.034], 3), ([1e-9], 6), ([], None), ([0.0], None)],
)
def test_the_smallest_uncertainty_gives_the_digits(halves, places):
    """Two figures of the smallest half width; none from intervals of no width."""
    assert places_for(halves) == places


def test_where_there_is_no_uncertainty_the_scale_gives_the_digits():
    """Three behind the point below 10, two below 100, else one; intervals that are rounding errors are none."""
    nothing = [(None, None)]
    assert [places_of([value, None], nothing) for value in (9.9, -99.0, 100.0)] == [3, 2, 1]
    assert places_of([], []) == 3
    assert places_of([0.5], [(0.466, 0.534)]) == 3
    assert places_of([1.0, 0.5], [(0.9999999, 1.0000001), (0.3, 0.7)]) == 2
