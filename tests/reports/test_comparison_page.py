"""A comparison of runs as a page and its files."""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adis_bench.comparing.comparison import Comparison, compare
from adis_bench.comparing.conditions import Condition
from adis_bench.comparing.runs import open_runs
from adis_bench.comparing.standings import leader
from adis_bench.errors import DataError
from reports.comparison_figures import draw_differences
from reports.comparison_page import write_comparison
from reports.comparison_tables import comparison_tables
from reports.drawing import CVPR, PAGE, NotDrawn, drawing_on
from tests.comparing.runs import make_run
from tests.reports.accessibility import serious
from tests.reports.browsing import IN_BROWSER, fits, load_everything, nameless, open_page, set_scheme, set_width
from tests.reports.conftest import CONTROLS


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., Comparison]:
    """Compare runs ``a``, ``b`` ...: ``found({}, {"moved": {"ours": 0.1}})`` with the arguments of each."""

    def make(*arguments: dict) -> Comparison:
        names = "abcdef"[: len(arguments)]
        for name, extra in zip(names, arguments, strict=True):
            make_run(tmp_path / name, **extra)
        return compare(open_runs([tmp_path / name for name in names]))

    return make


def test_the_files(found: Callable[..., Comparison], tmp_path: Path):
    """A page, Markdown, JSON with the gate, and every table as CSV and LaTeX, with one and the same difference in all."""
    made = found({}, {"moved": {"ours": -0.05}})
    judged = [Condition.read("avc:ours < -0.01").check(made.runs)]
    page = write_comparison(made, judged, tmp_path / "out", "adis-bench compare a b")
    text = page.read_text()
    assert page == tmp_path / "out" / "index.html"
    assert "b:ours is worse than a:ours on avc: −0.050" in text
    assert "<strong>regression</strong> <code>avc:ours &lt; -0.01</code>" in text
    markdown = (tmp_path / "out" / "comparison.md").read_text()
    assert "| b:ours minus a:ours | −0.050 [−0.050, −0.050] (worse)" in markdown
    assert "- regression: avc:ours &lt; -0.01; the last run minus the first is -0.050" in markdown
    record = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert record["regression"] is True
    rows = list(csv.DictReader((tmp_path / "out" / "comparison_tables" / "differences-avc.csv").open()))
    assert (rows[0]["method"], rows[0]["against"], rows[0]["difference_verdict"], rows[0]["n"]) == ("b:ours", "a:ours", "worse", "12")
    assert float(rows[0]["difference"]) == pytest.approx(-0.05)
    assert r"b:ours minus a:ours & $-$0.050" in (tmp_path / "out" / "comparison_tables" / "differences-avc.tex").read_text()
    for address in re.findall(r'(?:href|src|srcset)="([^"#]+)"', text):
        assert (tmp_path / "out" / address).is_file(), address


def test_nothing_of_a_run_is_markup(found: Callable[..., Comparison], tmp_path: Path):
    """Warnings, commands and names stand as text, and the page may load nothing from elsewhere."""
    evil = "</code><script>alert(1)</script>"
    text = write_comparison(found({"warnings": (evil,), "command": evil}, {}), [], tmp_path / "out").read_text()
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "default-src 'none'" in text
    assert not re.search(r'\son\w+="|style="|https?://', text)


def test_folders_of_others_are_left_alone(found: Callable[..., Comparison], tmp_path: Path):
    """A page of something else is not replaced; an older comparison is, with what only that wrote."""
    made = found({}, {"moved": {"ours": 0.1}})
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("mine")
    with pytest.raises(DataError, match=r"holds index\.html of something else"):
        write_comparison(made, [], tmp_path / "site")
    assert (tmp_path / "site" / "index.html").read_text() == "mine"
    write_comparison(made, [], tmp_path / "out")
    theirs = tmp_path / "out" / "comparison_tables" / "differences-old.csv"
    theirs.write_text("mine")
    only = replace(made, metrics=made.metrics[:1], differences=made.differences_in("avc"))
    write_comparison(only, [], tmp_path / "out")
    assert theirs.read_text() == "mine"
    assert (tmp_path / "out" / "comparison_tables" / "differences-avc.csv").exists()
    assert not (tmp_path / "out" / "comparison_tables" / "differences-fd.csv").exists()


def test_nothing_outside_is_touched(found: Callable[..., Comparison], tmp_path: Path):
    """A run's folder is refused, and so is a folder of tables that is a link to somebody else's."""
    made = found({}, {"moved": {"ours": 0.1}})
    with pytest.raises(DataError, match="is the folder of a run"):
        write_comparison(made, [], tmp_path / "a")
    assert not (tmp_path / "a" / "index.html").exists()
    page = write_comparison(made, [], tmp_path / "out")
    victim = (tmp_path / "out" / "comparison_tables").rename(tmp_path / "victim")
    (tmp_path / "out" / "comparison_tables").symlink_to(victim)
    before = {path: path.read_bytes() for path in (*victim.iterdir(), page)}
    other = found({}, {"moved": {"ours": 0.2}})
    with pytest.raises(DataError, match="comparison_tables is a link to another folder"):
        write_comparison(other, [], tmp_path / "out")
    assert {path: path.read_bytes() for path in (*victim.iterdir(), page)} == before


def test_bold_is_only_what_is_shown_to_be_better_than_all(found: Callable[..., Comparison]):
    """A clear leader of all runs is bold, one within chance is not, and none where the metric fails in a run."""
    avc = found({}, {}).metrics[0]
    assert leader(found({}, {}), avc) is None
    clear = found({}, {"moved": {"ours": 0.3}})
    assert leader(clear, avc) == "b:ours"
    cells = {row.label: row.cells[0] for row in comparison_tables(clear)[0].rows}
    assert [label for label, cell in cells.items() if cell.best] == ["b:ours"]
    failing = found({}, {"moved": {"ours": 0.3}, "metrics": (replace(avc, failure="It fails."), *clear.metrics[1:])})
    assert leader(failing, avc) is None
    assert comparison_tables(failing)[0].columns[0].failure == "b: It fails."


def test_what_is_missing_is_said(found: Callable[..., Comparison], tmp_path: Path):
    """Lost outputs, distances of other sets and those without a test: each cell says why, and none has a 0."""
    made = found({"lost": {"ours": [3]}}, {"lost": {"ours": [4]}, "moved": {"cut": 0.1}})
    tables = {table.name: table for table in comparison_tables(made)}
    first = {(row.label, row.against): row.cells for row in tables["differences-fd-by-class"].rows}
    assert (first["b:ours", "a:ours"][0].value, first["b:ours", "a:ours"][0].note) == ("", "each lacks 1 output that the other has")
    assert first["b:cut", "a:cut"][0].says == "no test between runs"
    assert first["b:cut", "a:cut"][1].note == "no test"
    row = next(row for row in tables["scores"].rows if row.label == "b:ours")
    assert row.cells[0].note == "1 missing, n = 11"
    assert row.cells[2].note == "1 missing, n = 11, not comparable"
    assert any("compared at equal n only" in note for note in tables["scores"].notes)
    assert "each lacks 1 output that the other has" in write_comparison(made, [], tmp_path / "out").read_text()


def test_the_plot(found: Callable[..., Comparison]):
    """A row for every two methods, or for those in two runs where they are many; why there is none in a phrase."""
    made = found({}, {"moved": {"ours": -0.05}})
    for medium in (PAGE, CVPR):
        with drawing_on(medium):
            assert draw_differences(made, medium).figure.get_size_inches()[0] == pytest.approx(medium.width_in)
    drawn = draw_differences(made, PAGE)
    rows = [label.get_text().replace("\n", " ") for label in drawn.figure.axes[0].get_yticklabels()]
    assert len(rows) == 6
    assert "avc: b:ours minus a:ours −0.050 [−0.050, −0.050]; " in drawn.alt
    many = found({}, *({"moved": {"ours": 0.1 * n, "cut": 0.05 * n}} for n in (1, 2, 3)))
    assert len(draw_differences(many, PAGE).figure.axes[0].get_yticklabels()) == 12
    with pytest.raises(NotDrawn, match="no two methods"):
        draw_differences(found({"kept": CONTROLS}, {"kept": CONTROLS}), PAGE)


def test_runs_of_controls_have_a_page(found: Callable[..., Comparison], tmp_path: Path):
    """Nothing to compare is said, not drawn."""
    text = write_comparison(found({"kept": CONTROLS}, {"kept": CONTROLS}), [], tmp_path / "out").read_text()
    assert "The runs hold controls only." in text
    assert "No plot: no two methods could be compared." in text


class TestInABrowser:
    """As readers see it."""

    pytestmark = IN_BROWSER

    def test_it_fits_and_can_be_read(self, browser, found: Callable[..., Comparison], tmp_path: Path):
        """At three widths, light and dark: no sideways scrolling, nothing logged, everything named, nothing that axe-core finds serious."""
        made = found({"warnings": ("Few pairs.",)}, {"moved": {"ours": -0.05}, "lost": {"cut": [1]}})
        judged = [Condition.read("avc:ours < -0.01").check(made.runs)]
        open_page(browser, write_comparison(made, judged, tmp_path / "out"))
        for scheme in ("light", "dark"):
            set_scheme(browser, scheme)
            for width in (400, 1000, 1600):
                set_width(browser, width)
                load_everything(browser)
                assert fits(browser), (scheme, width)
        assert serious(browser) == []
        assert nameless(browser) == []
        assert browser.get_log("browser") == []
