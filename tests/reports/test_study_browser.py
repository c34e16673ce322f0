"""The report of a study in a real browser, opened from disk."""

import json

import pytest
from selenium.webdriver.common.keys import Keys

from reports.study_page import write_study_report
from tests.reports.browsing import IN_BROWSER, fits, load_everything, nameless, open_page, set_scheme, set_width
from tests.reports.study_samples import METHODS, bare, rich, tiny

pytestmark = IN_BROWSER
LONG = tuple(f"{n}{'_long_label' * 6}"[:64] for n in range(8)) + ("W" * 64,)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Reports of several studies."""
    made = tmp_path_factory.mktemp("reports")
    studies = {"rich": rich(), "bare": bare(), "tiny": tiny(), "long": rich(LONG, ("c" * 100, "a class name of many words " * 4))}
    for name, results in studies.items():
        write_study_report(results, made / name)
    return made


@pytest.fixture
def report(browser, folder):
    """The rich one, freshly opened."""
    browser.get_log("performance")
    open_page(browser, folder / "rich" / "index.html")
    return browser


def _open_details(page):
    page.execute_script("for (const details of document.querySelectorAll('details')) details.open = true")


def test_it_opens_without_errors_and_without_a_network(report):
    """No message on the console, only files are asked for, and every picture has pixels."""
    load_everything(report)
    assert report.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in report.get_log("performance")]
    urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert len(urls) >= 10
    assert all(url.startswith(("file:", "data:")) for url in urls)
    sizes = report.execute_script("return [...document.images].map((image) => image.naturalWidth)")
    assert len(sizes) == 9
    assert min(sizes) > 0


@pytest.mark.parametrize("width", [360, 768, 1600])
@pytest.mark.parametrize("name", ["rich", "bare", "tiny", "long"])
def test_no_width_needs_sideways_scrolling(browser, folder, name, width):
    """The page fits, details opened, also with nine methods of 64 characters; labels leave room for a number."""
    open_page(browser, folder / name / "index.html")
    set_width(browser, width)
    _open_details(browser)
    assert fits(browser)
    rows = "return [...document.querySelectorAll(':not(.stacked) > .scroll tbody th[scope=row]')].map((th) => th.offsetWidth)"
    labels = browser.execute_script(rows)
    assert max(labels) < 0.5 * width


def test_short_names_are_not_broken(report):
    """On a phone, too, a method's name stands on one line."""
    set_width(report, 360)
    heights = report.execute_script("return [...document.querySelectorAll('#points ~ div tbody .method')].map((e) => e.offsetHeight)")
    assert len(heights) == len(METHODS)
    assert max(heights) < 30


def test_what_a_row_says_is_not_cut_on_a_phone(report):
    """Tables with a column of words put them under their row, so that nothing must be scrolled to."""
    set_width(report, 400)
    sizes = report.execute_script("return [...document.querySelectorAll('.stacked .scroll')].map((e) => [e.scrollWidth, e.clientWidth])")
    assert len(sizes) == 3
    assert all(inner <= outer for inner, outer in sizes)


def test_rows_have_lines_under_their_labels(report):
    """Collapsed borders are lost under cells that stay in view; separate ones are the cell's own."""
    look = "const found = getComputedStyle(document.querySelector('.scores')); return found.borderCollapse"
    assert report.execute_script(look) == "separate"
    assert report.execute_script("return getComputedStyle(document.querySelector('.scores tbody th')).borderBottomWidth") == "1px"


def test_dark_mode_changes_page_and_plots(report):
    """Every plot has its dark twin; the linked SVG stays the light one."""
    look = "return [getComputedStyle(document.body).backgroundColor, ...[...document.images].map((image) => image.currentSrc)]"
    light = report.execute_script(look)
    set_scheme(report, "dark")
    report.refresh()
    load_everything(report)
    dark = report.execute_script(look)
    assert (light[0], dark[0]) == ("rgb(255, 255, 255)", "rgb(20, 24, 29)")
    assert not set(light) & set(dark)


def test_paper_is_white_and_shows_what_is_folded(report):
    """Printing uses the light palette whatever the screen does."""
    report.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    ground = report.execute_script("return getComputedStyle(document.body).backgroundColor")
    report.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    report.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert ground == "rgb(255, 255, 255)"
    assert report.execute_script("return document.querySelectorAll('details:not([open])').length") == 0


def test_everything_has_a_name(browser, folder):
    """Images have alt texts, scrolling regions labels, header cells a scope, links different names for those who hear them."""
    for name in ("rich", "tiny"):
        open_page(browser, folder / name / "index.html")
        assert nameless(browser) == []
        names = browser.execute_script("return [...document.querySelectorAll('.files a')].map((a) => a.textContent)")
        assert len(names) == len(set(names)) > 10


def test_the_keyboard_reaches_everything(report):
    """The first stop skips to the points, tables can be scrolled, and folded parts open with Enter."""
    report.find_element("css selector", "body").send_keys(Keys.TAB)
    assert report.switch_to.active_element.get_attribute("class") == "skip"
    report.switch_to.active_element.send_keys(Keys.ENTER)
    assert report.execute_script("return location.hash") == "#points"
    assert report.execute_script("return [...document.querySelectorAll('.scroll')].every((box) => box.tabIndex === 0)")
    summary = report.find_element("css selector", "summary")
    summary.send_keys(Keys.ENTER)
    assert report.execute_script("return document.querySelector('details').open")


def test_a_plot_opens_as_svg(report):
    """The file beside the page is a drawing of its own."""
    report.find_element("css selector", "header .files a").click()
    assert report.current_url.endswith("figures/mean_points.svg")
    assert report.execute_script("return document.documentElement.tagName") == "svg"
