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
    assert {path.name for path in (run_dir / "tables").iterdir()} == set(files)
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
