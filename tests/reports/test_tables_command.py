"""``adis-bench tables`` from end to end on a synthetic run."""

import html
import json
import shutil
import subprocess

import pytest
from click.testing import CliRunner

from adis_bench.cli.main import main
from reports.data import RunData
from reports.run_tables import run_tables
from tests.reports.browsing import IN_BROWSER, fits, open_page, set_scheme, set_width


def _call(*arguments):
    return CliRunner().invoke(main, ["tables", *map(str, arguments)])


def test_it_writes_all_formats_and_prints_the_files(run_dir):
    """One page, and a file per table in each other format, below the run; nothing else on stdout."""
    result = _call(run_dir)
    assert result.exit_code == 0, result.stderr
    names = [table.name for table in run_tables(RunData.open(run_dir))]
    files = ["tables.html", *(f"{name}{suffix}" for name in names for suffix in (".md", ".tex", ".csv", ".json"))]
    assert result.stdout.splitlines() == [str(run_dir / "tables" / file) for file in files]
    assert {path.name for path in (run_dir / "tables").iterdir()} == {*files, "tables.json"}
    page = (run_dir / "tables" / "tables.html").read_text()
    assert page.count("<table") == len(names)
    assert "script" not in page.split("</style>")[1]
    assert "style=" not in page
    assert "default-src 'none'; style-src 'sha256-" in html.unescape(page)


def test_tables_and_formats_can_be_chosen(run_dir, tmp_path):
    """With commas or repeated, a family or one table of it, in the run's order."""
    out = tmp_path / "some folder"
    result = _call(run_dir, "--out", out, "--format", "csv,json", "--table", "differences-avc,scores", "--table", "counts")
    assert result.exit_code == 0, result.stderr
    files = [f"{name}{suffix}" for name in ("scores", "differences-avc", "counts") for suffix in (".csv", ".json")]
    assert result.stdout.splitlines() == [str(out / file) for file in files]
    assert json.loads((out / "scores.json").read_text())["name"] == "scores"


def test_it_names_the_tables(run_dir):
    """And writes nothing."""
    result = _call(run_dir, "--list")
    assert [line.split()[0] for line in result.stdout.splitlines()] == [table.name for table in run_tables(RunData.open(run_dir))]
    assert not (run_dir / "tables").exists()


def test_a_later_call_keeps_the_other_files(run_dir):
    """Of other tables and of other formats; the record names them all, in the run's order, and the same call writes the same bytes."""
    assert _call(run_dir, "--table", "counts", "--format", "csv,html").exit_code == 0
    later = _call(run_dir, "--table", "scores,counts", "--format", "json")
    assert (later.exit_code, later.stderr) == (0, "")
    folder = run_dir / "tables"
    record = json.loads((folder / "tables.json").read_text())
    assert record["page"] == "tables.html"
    assert [(one["name"], one["files"]) for one in record["tables"]] == [
        ("scores", ["scores.json"]),
        ("counts", ["counts.csv", "counts.json"]),
    ]
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {"tables.json", "tables.html", "scores.json", "counts.csv", "counts.json"}
    assert _call(run_dir, "--table", "scores,counts", "--format", "json").exit_code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_files_of_other_results_go(run_dir):
    """Stale numbers beside fresh ones would be taken for them; that they go is said."""
    assert _call(run_dir, "--table", "scores,counts", "--format", "csv,html").exit_code == 0
    results = json.loads((run_dir / "results.json").read_text())
    (run_dir / "results.json").write_text(json.dumps(results, indent=1))
    changed = _call(run_dir, "--table", "scores", "--format", "csv")
    assert "removed counts.csv and tables.html of other results than the run's now; write them anew" in changed.stderr
    assert {path.name for path in (run_dir / "tables").iterdir()} == {"tables.json", "scores.csv"}


def test_tables_that_the_run_has_no_more_go(run_dir):
    """A record of another version may name tables that this one doesn't make."""
    assert _call(run_dir, "--table", "scores", "--format", "csv").exit_code == 0
    record = json.loads((run_dir / "tables" / "tables.json").read_text())
    record["tables"].append({"name": "old", "title": "Old", "files": ["old.csv"]})
    (run_dir / "tables" / "tables.json").write_text(json.dumps(record))
    (run_dir / "tables" / "old.csv").write_text("old")
    again = _call(run_dir, "--table", "scores", "--format", "csv")
    assert "removed old.csv of tables that the run has no more" in again.stderr
    assert {path.name for path in (run_dir / "tables").iterdir()} == {"tables.json", "scores.csv"}


@pytest.mark.parametrize("name", ["scores.tex", "tables.html", "tables.json"])
@pytest.mark.parametrize("earlier", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("link", [False, True], ids=["file", "link"])
def test_files_of_others_stay(run_dir, tmp_path_factory, name, earlier, link):
    """A file that no record names is refused, a link too, wherever it leads; what was there stays as it was, and nothing is written."""
    out, outside = run_dir / "tables", tmp_path_factory.mktemp("outside") / "kept"
    if earlier:
        assert _call(run_dir, "--table", "counts", "--format", "csv").exit_code == 0
    out.mkdir(exist_ok=True)
    mine = out / name
    mine.unlink(missing_ok=True)
    if link:
        mine.symlink_to(outside)
    else:
        mine.write_text("mine")
    before = {path.name for path in out.iterdir()}
    result = _call(run_dir)
    assert result.exit_code == 2
    assert name in result.stderr
    assert "choose another folder with --out" in result.stderr
    assert result.stderr.count("\n") == 1
    assert {path.name for path in out.iterdir()} == before
    assert (mine.is_symlink(), outside.exists()) == (link, False)
    assert link or mine.read_text() == "mine"


@pytest.mark.parametrize(
    ("command", "place"), [("tables", "tables"), ("figures", "figures"), ("figures", "figures/eccv"), ("report", "report")]
)
def test_a_run_whose_folder_leads_elsewhere_is_refused(run_dir, tmp_path_factory, command, place):
    """A run that somebody sent must not make a command write outside it; a folder that the user names is theirs to name."""
    elsewhere, link = tmp_path_factory.mktemp("elsewhere"), run_dir / place
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(elsewhere)
    result = CliRunner().invoke(main, [command, str(run_dir)])
    assert result.exit_code == 2
    assert f"{link} is a link to another folder; remove the link, or choose another folder with --out" in result.stderr
    assert list(elsewhere.iterdir()) == []


def test_a_folder_that_the_user_names_may_be_a_link(run_dir, tmp_path_factory):
    """``--out`` is followed."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (run_dir / "mine").symlink_to(elsewhere)
    assert _call(run_dir, "--out", run_dir / "mine", "--table", "counts", "--format", "csv").exit_code == 0
    assert {path.name for path in elsewhere.iterdir()} == {"tables.json", "counts.csv"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "xlsx"], "there is no format 'xlsx'; choose from html, markdown, latex, csv, json"),
        (["--table", "x\x1b[31m"], r"there is no table 'x\\x1b[31m'; choose from scores, secondary"),
        (["--table", "versus"], "this run has no methods against each other, a table for each headline metric; choose from scores,"),
        (["--out", "{run}/results.json"], "is a file; choose another folder"),
    ],
)
def test_mistakes_are_one_line(run_dir, arguments, said):
    """And exit code 2."""
    result = _call(run_dir, *(text.format(run=run_dir) for text in arguments))
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_run_without_results_says_what_to_do(tmp_path):
    """In one line."""
    result = _call(tmp_path)
    assert result.exit_code == 2
    assert "adis-bench score" in result.stderr


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_latex_takes_every_table_within_the_column(run_dir, tmp_path):
    """All of them in a narrow document: no error, no missing character, no line beyond the margin."""
    assert _call(run_dir, "--format", "latex", "--out", tmp_path).exit_code == 0
    inputs = "\n\\clearpage\n".join(f"\\input{{{path.name}}}" for path in sorted(tmp_path.glob("*.tex")))
    head = r"\documentclass[10pt]{article}\usepackage{booktabs,graphicx}\usepackage[T1]{fontenc}\textwidth=12.2cm\begin{document}"
    (tmp_path / "all.tex").write_text(f"{head}\n{inputs}\n\\end{{document}}\n")
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    log = (tmp_path / "all.log").read_text(errors="replace")
    assert "Missing character" not in log
    assert "Overfull" not in log


class TestBrowser:
    """The page in a browser."""

    pytestmark = IN_BROWSER

    @pytest.mark.parametrize("width", [360, 1280])
    def test_the_page_fits_and_is_quiet(self, browser, run_dir, width):
        """No sideways scrolling of the page, no message of the browser, and a line under every row, also under its first cell."""
        _call(run_dir, "--format", "html")
        open_page(browser, run_dir / "tables" / "tables.html")
        set_width(browser, width)
        set_scheme(browser, "dark")
        assert fits(browser)
        assert browser.get_log("browser") == []
        lines = browser.execute_script(
            "return [...document.querySelectorAll('table.scores tbody tr:not(.group)')].map(row => "
            "[...row.children].map(cell => getComputedStyle(cell).borderBottomWidth + getComputedStyle(cell).borderBottomStyle))"
        )
        assert {one for row in lines for one in row} == {"1pxsolid"}
        collapse = browser.execute_script("return getComputedStyle(document.querySelector('table.scores')).borderCollapse")
        assert collapse == "separate"
