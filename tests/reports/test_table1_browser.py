"""The page of Table 1 in a real browser, opened from disk."""

import pytest

from adis_bench.results import write_results
from reports.html import write_report
from reports.table1 import write_table1
from tests.reports.browsing import IN_BROWSER, fits, load_everything, nameless, open_page, set_scheme, set_width
from tests.reports.table1_runs import add_outputs, table1_results

pytestmark = IN_BROWSER


@pytest.fixture
def table(browser, run_dir):
    """The page of a synthetic run of three seeds, freshly opened, with the browser's log emptied before."""
    add_outputs(run_dir, 3)
    write_results(run_dir, table1_results(run_dir), [])
    write_report(run_dir)
    write_table1(run_dir.parent)
    open_page(browser, run_dir.parent / "table1.html")
    return browser


def test_it_opens_without_errors(table):
    """No message on the console (a blocked style would be one), every picture decodes, and the run's report is one click away."""
    load_everything(table)
    assert table.get_log("browser") == []
    assert min(table.execute_script("return [...document.images].map((image) => image.naturalWidth)")) > 0
    table.find_element("link text", "The run's report").click()
    assert table.title.endswith("on demo · adis-bench")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_width_needs_sideways_scrolling(table, width):
    """The page fits windows from 360 pixels up, details opened, and part of a column of numbers is seen beside the labels."""
    set_width(table, width)
    table.execute_script("for (const details of document.querySelectorAll('details')) details.open = true")
    assert fits(table)
    labels = table.execute_script("return [...document.querySelectorAll('tbody th[scope=row]')].map((th) => th.offsetWidth)")
    assert max(labels) < 0.6 * width


def test_dark_mode_changes_page_and_plots(table):
    """The reader's system decides, as in the run's report."""
    look = "return [getComputedStyle(document.body).backgroundColor, document.querySelector('.panel img').currentSrc]"
    light = table.execute_script(look)
    set_scheme(table, "dark")
    load_everything(table)
    dark = table.execute_script(look)
    assert (light[0], dark[0]) == ("rgb(255, 255, 255)", "rgb(20, 24, 29)")
    assert light[1] != dark[1]


def test_everything_has_a_name(table):
    """Images have alt texts, players and scrolling regions labels, header cells a scope."""
    assert nameless(table) == []
