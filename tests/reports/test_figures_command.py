"""``adis-bench figures`` from end to end on a synthetic run."""

import html
import json
import re
import subprocess
from dataclasses import replace
from shutil import which

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
    out = run_dir / "figures" / "eccv"
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
    assert sorted(path.name for path in (run_dir / "figures" / "eccv").glob("*.*")) == [
        "figures.json",
        "figures.tex",
        "index.html",
        "scores.svg",
    ]
    assert [one["kind"] for one in _record(run_dir / "figures" / "eccv")["not_drawn"]] == ["classes", "sweeps"]
    assert "<b>classes</b>: no class has 10 pairs" in (run_dir / "figures" / "eccv" / "index.html").read_text()


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
    """The page shows those of earlier calls too, and each column has a folder of its own."""
    out = run_dir / "figures" / "eccv"
    assert _call(run_dir, "--figure", "differences", "--format", "svg").exit_code == 0
    later = _call(run_dir, "--figure", "scores", "--format", "svg")
    assert (later.exit_code, "removed" in later.stderr) == (0, False)
    assert [figure["name"] for figure in _record(out)["figures"]] == ["scores", "differences"]
    assert _call(run_dir, "--figure", "scores", "--format", "svg", "--column", "cvpr").exit_code == 0
    assert [figure["name"] for figure in _record(out)["figures"]] == ["scores", "differences"]
    assert [figure["name"] for figure in _record(run_dir / "figures" / "cvpr")["figures"]] == ["scores"]


def test_what_goes_is_said(run_dir):
    """Figures of another column or of another state of the run, and files that are drawn no more."""
    out = run_dir / "mine"
    assert _call(run_dir, "--figure", "differences,scores", "--out", out).exit_code == 0
    again = _call(run_dir, "--figure", "scores", "--format", "svg", "--out", out)
    assert "removed scores.pdf, which this call drew no more" in again.stderr
    other = _call(run_dir, "--figure", "scores", "--format", "svg", "--column", "cvpr", "--out", out)
    assert "removed 2 figures of column eccv; a folder holds one column's, and --out chooses another" in other.stderr
    assert sorted(path.name for path in out.glob("*.svg")) == ["scores.svg"]
    results = json.loads((run_dir / "results.json").read_text())
    (run_dir / "results.json").write_text(json.dumps(results, indent=1))
    changed = _call(run_dir, "--figure", "differences", "--format", "svg", "--column", "cvpr", "--out", out)
    assert "removed 1 figure of other results than the run's now; draw them anew" in changed.stderr
    assert [figure["name"] for figure in _record(out)["figures"]] == ["differences"]


@pytest.mark.parametrize("earlier", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("link", [False, True], ids=["file", "link"])
def test_files_of_others_stay(run_dir, tmp_path_factory, earlier, link):
    """A file that no record names is refused, a link too, wherever it leads; what was there stays as it was."""
    out, outside = run_dir / "figures" / "eccv", tmp_path_factory.mktemp("outside") / "kept.svg"
    if earlier:
        assert _call(run_dir, "--figure", "differences", "--format", "svg").exit_code == 0
    out.mkdir(parents=True, exist_ok=True)
    mine = out / "scores.svg"
    if link:
        mine.symlink_to(outside)
    else:
        mine.write_text("mine")
    before = {path.name for path in out.iterdir()}
    result = _call(run_dir, "--figure", "scores")
    assert result.exit_code == 2
    assert "holds scores.svg, which no earlier call of this command made; move what is yours, or choose" in result.stderr.splitlines()[-1]
    assert {path.name for path in out.iterdir()} == before
    assert (mine.is_symlink(), outside.exists()) == (link, False)
    assert link or mine.read_text() == "mine"


def test_a_record_that_is_a_link_is_of_something_else(run_dir, tmp_path_factory):
    """Another folder's record names no files of this one."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert _call(run_dir, "--figure", "scores", "--format", "svg", "--out", elsewhere).exit_code == 0
    out = run_dir / "figures" / "eccv"
    out.mkdir(parents=True)
    (out / "figures.json").symlink_to(elsewhere / "figures.json")
    (out / "scores.svg").write_text("mine")
    result = _call(run_dir, "--figure", "scores", "--format", "svg")
    assert (result.exit_code, "holds figures.json of something else" in result.stderr) == (2, True)
    assert (out / "scores.svg").read_text() == "mine"


def test_a_stopped_call_leaves_nothing_behind(run_dir, tmp_path):
    """Until the end no file is written: one that no record names would be taken for the user's the next time."""
    out = tmp_path / "out"
    _folder(run_dir, out).add("scores", _drawn("x", "x"))
    assert list(out.iterdir()) == []
    folder = _folder(run_dir, out)
    folder.add("scores", _drawn("x", "x"))
    folder.finish(["scores"], ["scores"], [])
    assert (out / "scores.svg").is_file()


def test_the_grid_has_the_size_that_is_asked_for(run_dir, monkeypatch):
    """``--images`` and ``--sounds`` reach the drawing of the generalization figure, with the seed."""
    told = {}

    def draw(run, medium, **options):
        told.update(options)
        return [replace(_drawn("x", "x"), name="generalization-ours")]

    monkeypatch.setattr("reports.paper_figures.generalization.draw_generalization", draw)
    arguments = ("--figure", "generalization", "--images", "3", "--sounds", "2", "--seed", "7", "--format", "svg")
    assert _call(run_dir, *arguments).exit_code == 0
    assert told == {"images": 3, "sounds": 2, "seed": 7}


@pytest.mark.skipif(which("pdflatex") is None, reason="LaTeX is not installed")
def test_pdflatex_takes_what_captions_hold(run_dir, tmp_path):
    """Greek letters and signs of sweeps' captions; the figures themselves are there to be included."""
    folder = FigureFolder(RunData.open(run_dir), ECCV, ["pdf"], tmp_path)
    folder.add("scores", _drawn("x", "ρ −0.76 [−0.65, 0.87] × 3 ± 1 … ≤ 5 %, 2–3 _a_"))
    folder.finish(["scores"], ["scores"], [])
    tex = (tmp_path / "figures.tex").read_text()
    assert r"\caption{$\rho$ $-$0.76" in tex
    packages = r"\usepackage{graphicx}\usepackage[T1]{fontenc}"
    (tmp_path / "paper.tex").write_text(rf"\documentclass{{article}}{packages}\begin{{document}}\input{{figures}}\end{{document}}")
    made = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"], cwd=tmp_path, capture_output=True, check=False
    )
    assert made.returncode == 0, made.stdout[-2000:]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--figure", "score"], "unknown figure 'score'; did you mean scores"),
        (["--column", "cvpr-wid"], "unknown column 'cvpr-wid'; did you mean cvpr-wide"),
        (["--format", "png"], "unknown format 'png'"),
        (["--figure", "scores", "--rows", "3"], "--rows is for qualitative, which --figure leaves out"),
        (["--figure", "qualitative", "--sounds", "3"], "--sounds is for generalization, which --figure leaves out"),
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
    record = _record(run_dir / "figures" / "eccv")
    record["figures"][0]["files"] = files
    record["run"]["seed"] = 77
    (run_dir / "figures" / "eccv" / "figures.json").write_text(json.dumps(record))
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


def test_captions_that_pdflatex_stops_at_are_told(run_dir, tmp_path):
    """In the first line of figures.tex, as in the files of tables."""
    folder = _folder(run_dir, tmp_path / "out")
    folder.add("scores", _drawn("x", "rain → \U0001f3a8"))
    record = folder.finish(["scores"], ["scores"], []).record
    tex = latex(replace(record, figures=(replace(record.figures[0], files=("scores.pdf",)),)))
    assert tex.startswith("% has characters that pdflatex lacks (U+1F3A8)")
    assert r"\caption{rain $\rightarrow$ 🎨}" in tex


def test_letters_without_a_font_are_told(run_dir, tmp_path):
    """They are boxes in print; the command says which, rather than leaving it to the reader."""
    folder = _folder(run_dir, tmp_path / "out")
    folder.add("scores", _drawn("雨 and rain", "rain"))
    assert folder.finish(["scores"], ["scores"], []).missing == "雨"
