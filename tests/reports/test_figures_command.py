"""``adis-bench figures`` from end to end on a synthetic run."""

import html
import json
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner
from matplotlib.figure import Figure

from adis_bench.cli.main import main
from reports.data import RunData
from reports.drawing import ECCV, Drawn, drawing_on
from reports.figure_folder import FigureFolder, latex
from reports.figure_record import read_record
from reports.paper_figures.catalogue import CATALOGUE


def _call(*arguments):
    return CliRunner().invoke(main, ["figures", *map(str, arguments)])


def _record(folder):
    return json.loads((folder / "figures.json").read_text())


def test_it_writes_what_was_asked_for(run_dir):
    """SVG and PDF, the record with digests, a page under a strict policy, and LaTeX; the same bytes the second time."""
    result = _call(run_dir, "--figure", "scores,differences")
    assert result.exit_code == 0, result.stderr
    out = run_dir / "figures"
    files = {f"{name}.{suffix}" for name in ("scores", "differences") for suffix in ("svg", "pdf")}
    assert {path.name for path in out.iterdir()} == {*files, "figures.json", "figures.tex", "index.html"}
    assert result.stdout.splitlines()[0] == "Headline scores: scores.svg, scores.pdf"
    assert result.stdout.splitlines()[-1] == f"2 figures, 4.80 in wide: {out / 'index.html'}"
    record = _record(out)
    assert (record["medium"], record["run"]["pairs_digest"], record["not_drawn"]) == ("eccv", "e" * 64, [])
    assert record["figures"][0]["alt"].startswith("Headline scores of 8 methods and controls")
    page = (out / "index.html").read_text()
    assert "default-src 'none'; img-src 'self' data:; style-src 'sha256-" in html.unescape(page)
    assert "style=" not in page.split("</style>")[1]
    assert html.escape(record["figures"][0]["caption"]) in html.unescape(page).replace("&", "&amp;")
    assert r"\includegraphics[width=4.803in]{scores.pdf}" in (out / "figures.tex").read_text()
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert _call(run_dir, "--figure", "scores,differences").exit_code == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_what_is_missing_is_said_and_the_rest_is_written(run_dir):
    """Asked for by name: exit 2 with one line, after the others are written."""
    result = _call(run_dir, "--figure", "scores", "--figure", "sweeps,classes", "--format", "svg")
    assert result.exit_code == 2
    last = result.stderr.splitlines()[-1]
    assert "2 of 3 kinds of figures could not be drawn: classes (no class has 10 pairs or more that were scored); sweeps (" in last
    assert sorted(path.name for path in (run_dir / "figures").glob("*.*")) == ["figures.json", "figures.tex", "index.html", "scores.svg"]
    assert [one["kind"] for one in _record(run_dir / "figures")["not_drawn"]] == ["classes", "sweeps"]
    assert "<b>classes</b>: no class has 10 pairs" in (run_dir / "figures" / "index.html").read_text()


def test_all_that_can_be_drawn_is_drawn(run_dir, monkeypatch):
    """Without --figure reasons are told and are no failure, unless nothing at all could be drawn."""
    plain = tuple(kind for kind in CATALOGUE if kind.name in ("scores", "classes", "curves"))
    monkeypatch.setattr("reports.paper_figures.catalogue.CATALOGUE", plain)
    result = _call(run_dir, "--format", "svg", "--column", "cvpr", "--json")
    assert result.exit_code == 0, result.stderr
    assert "not drawn: classes: no class has 10 pairs" in result.stderr
    assert "not drawn: curves: ours, cut and cyclegan: trains nothing that is logged" in result.stderr
    told = json.loads(result.stdout)
    assert (told["medium"], [figure["name"] for figure in told["figures"]]) == ("cvpr", ["scores"])
    monkeypatch.setattr("reports.paper_figures.catalogue.CATALOGUE", plain[1:])
    nothing = _call(run_dir, "--format", "svg", "--out", run_dir / "none")
    assert nothing.exit_code == 2
    assert "2 of 2 kinds of figures could not be drawn" in nothing.stderr


def test_a_later_call_keeps_the_other_figures(run_dir):
    """The page shows those of earlier calls too; what the run or the column has changed for goes."""
    out = run_dir / "figures"
    assert _call(run_dir, "--figure", "differences", "--format", "svg").exit_code == 0
    assert _call(run_dir, "--figure", "scores", "--format", "svg").exit_code == 0
    assert [figure["name"] for figure in _record(out)["figures"]] == ["scores", "differences"]
    assert _call(run_dir, "--figure", "scores", "--format", "svg", "--column", "cvpr").exit_code == 0
    assert [figure["name"] for figure in _record(out)["figures"]] == ["scores"]
    assert sorted(path.name for path in out.glob("*.svg")) == ["scores.svg"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--figure", "score"], "unknown figure 'score'; did you mean scores"),
        (["--column", "cvpr-wid"], "unknown column 'cvpr-wid'; did you mean cvpr-wide"),
        (["--format", "png"], "unknown format 'png'"),
        (["--figure", "scores", "--rows", "3"], "--rows is for qualitative, which --figure leaves out"),
        (["--figure", "scores", "--out", "{run}/results.json"], "is a file; choose another folder"),
        (["--figure", "scores", "--out", "{run}/other"], "holds index.html of something else; choose another folder with --out"),
    ],
)
def test_what_cannot_be_done_is_one_line(run_dir, arguments, said):
    """Exit 2, and nothing of others is overwritten."""
    (run_dir / "other").mkdir()
    (run_dir / "other" / "index.html").write_text("mine")
    result = _call(run_dir, *(text.format(run=run_dir) for text in arguments))
    assert (result.exit_code, said in result.stderr, len(result.stderr.splitlines())) == (2, True, 1), result.stderr
    assert (run_dir / "other" / "index.html").read_text() == "mine"


@pytest.mark.parametrize("files", [["../../outside.svg"], ["/etc/passwd"], ["results.json"], "scores.svg"])
def test_a_forged_record_removes_nothing(run_dir, files):
    """A record that names other files than figures is not believed."""
    assert _call(run_dir, "--figure", "scores", "--format", "svg").exit_code == 0
    record = _record(run_dir / "figures")
    record["figures"][0]["files"] = files
    record["run"]["seed"] = 77
    (run_dir / "figures" / "figures.json").write_text(json.dumps(record))
    result = _call(run_dir, "--figure", "differences", "--format", "svg")
    assert result.exit_code == 2
    assert "of something else" in result.stderr


def test_it_names_the_figures(run_dir):
    """And draws nothing."""
    result = _call(run_dir, "--list")
    assert [line.split()[0] for line in result.stdout.splitlines()] == [kind.name for kind in CATALOGUE]
    assert not (run_dir / "figures").exists()


def _folder(run_dir, out):
    return FigureFolder(RunData.open(run_dir), ECCV, ["svg"], out)


def _drawn(text, caption):
    with drawing_on(ECCV):
        figure = Figure(figsize=(ECCV.width_in, 1))
        figure.text(0.5, 0.5, text)
    return Drawn("scores", "Scores", figure, caption, caption)


def test_captions_are_text(run_dir, tmp_path):
    """Markup of labels is shown, not run, in the page; in LaTeX nothing of it is a command; lines and colours can't be broken."""
    folder = _folder(run_dir, tmp_path / "out")
    folder.add("scores", _drawn("x", '</script><img src=x onerror="a">\\input{/etc/passwd} 50 % $x_1$ \x1b[31m'))
    folder.finish(["scores"], ["scores"], [("wins", "<b>no</b>")])
    page = (tmp_path / "out" / "index.html").read_text()
    assert "<img src=x" not in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert "\x1b" not in page
    record = read_record(tmp_path / "out" / "figures.json")
    assert record is not None
    tex = latex(replace(record, figures=(replace(record.figures[0], files=("scores.pdf",)),)))
    assert r"\textbackslash{}input\{/etc/passwd\} 50 \% \$x\_1\$" in tex
    assert re.findall(r"\\input\{", tex) == []


def test_letters_without_a_font_are_told(run_dir, tmp_path):
    """They are boxes in print; the command says which, rather than leaving it to the reader."""
    folder = _folder(run_dir, tmp_path / "out")
    folder.add("scores", _drawn("雨 and rain", "rain"))
    assert folder.finish(["scores"], ["scores"], []).missing == "雨"
