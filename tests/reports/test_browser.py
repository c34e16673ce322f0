"""The report in a real browser, opened from disk."""

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reports.html import write_report
from tests.reports.accessibility import serious
from tests.reports.browsing import IN_BROWSER, fits, load_everything, nameless, open_page, set_scheme, set_width
from tests.reports.conftest import pair_rows
from tests.reports.gallery_pages import write_many
from tests.reports.gallery_timing import first_table, watch

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def report(template, tmp_path_factory):
    """The report of a run, written once."""
    folder = shutil.copytree(template, tmp_path_factory.mktemp("browser") / "run")
    pq.write_table(pa.Table.from_pylist(pair_rows(folder)), folder / "pairs.parquet")
    return write_report(folder)


@pytest.fixture
def page(browser, report):
    """The report, freshly opened, with the browser's logs emptied before."""
    browser.get_log("performance")
    open_page(browser, report)
    return browser


def _open_details(page):
    page.execute_script("for (const details of document.querySelectorAll('details')) details.open = true")


def test_it_opens_without_errors_and_without_a_network(page):
    """No message on the console (a blocked style or script would be one), and only files are asked for."""
    load_everything(page)
    assert page.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert len(urls) > 30
    assert all(url.startswith(("file:", "data:")) for url in urls)


def test_every_picture_is_there(page):
    """All images decode to pixels."""
    _open_details(page)
    load_everything(page)
    sizes = page.execute_script("return [...document.images].map((image) => image.naturalWidth)")
    assert len(sizes) > 50
    assert min(sizes) > 0


def test_sounds_can_be_played(page):
    """The policy lets the players load their files: 3 s each, but for the frames that MP3 adds."""
    seconds = page.execute_async_script(
        "const done = arguments[0], audio = document.querySelector('.failure audio');"
        "if (audio.readyState > 0) done(audio.duration);"
        "audio.addEventListener('loadedmetadata', () => done(audio.duration));"
        "audio.addEventListener('error', () => done(-1)); audio.load();"
    )
    assert seconds == pytest.approx(3.0, abs=0.15)


def test_failures_lead_to_their_pair_in_the_gallery(page):
    """A click on the pair's name opens the gallery's large view of it."""
    name = page.execute_script("const link = document.querySelector('.failure a'); link.click(); return link.textContent")
    page.execute_async_script("setTimeout(arguments[0], 300)")
    shown = "const dialog = document.getElementById('gallery-dialog'); return [dialog.open, dialog.textContent.includes(arguments[0])]"
    assert page.execute_script(shown, name) == [True, True]


@pytest.mark.parametrize("width", [360, 400, 768, 1280, 1600])
def test_no_width_needs_sideways_scrolling(page, width):
    """The page fits windows from 360 pixels up, details opened; wide tables scroll inside their own container."""
    set_width(page, width)
    _open_details(page)
    assert page.execute_script("return innerWidth") == width
    assert fits(page)
    if width == 360:
        assert page.execute_script(
            "const box = document.querySelector('#scores ~ .tabled .scroll'); return box.scrollWidth > box.clientWidth"
        )
    # Digests and the names before them: one below the other where they would run into each other.
    columns = page.execute_script(
        "return getComputedStyle(document.querySelector('.digests .facts div')).gridTemplateColumns.split(' ').length"
    )
    assert columns == (1 if width <= 768 else 2)


def test_the_navigation_leaves_the_screen_to_the_page(page):
    """On a phone one line that stays at the top, and scrolls sideways by itself; headings come to stand below it."""
    set_width(page, 400)
    page.execute_script(
        "document.documentElement.style.scrollBehavior = 'auto'; document.querySelector('nav a[href=\"#failures\"]').click()"
    )
    page.execute_async_script("setTimeout(arguments[0], 200)")
    height, top, heading = page.execute_script(
        "const nav = document.querySelector('nav').getBoundingClientRect();"
        "return [nav.height, nav.top, document.getElementById('failures').getBoundingClientRect().top]"
    )
    assert height < 60
    assert top == 0
    assert heading >= height


def test_row_lines_are_drawn_under_the_first_column_too(page):
    """Borders of a sticky cell move with it only where they are not collapsed into the table's."""
    looks = page.execute_script(
        "return [...document.querySelectorAll('main table')].map((table) => getComputedStyle(table).borderCollapse)"
    )
    assert set(looks) == {"separate"}
    first = "getComputedStyle(document.querySelector('.scores tbody tr:not(.group) th')).borderBottomWidth"
    assert page.execute_script(f"return {first}") == "1px"


def test_dark_mode_changes_page_and_plots(page):
    """The reader's system decides: dark ground, light ink, and the plots' dark files."""
    look = (
        "const style = getComputedStyle(document.body);"
        "return [style.backgroundColor, style.color, document.querySelector('.panel img').currentSrc]"
    )
    load_everything(page)
    light = page.execute_script(look)
    set_scheme(page, "dark")
    load_everything(page)
    dark = page.execute_script(look)
    assert (light[0], dark[0]) == ("rgb(255, 255, 255)", "rgb(20, 24, 29)")
    assert light[1] != dark[1]
    assert light[2] != dark[2]


def test_paper_is_white_and_holds_what_is_folded(page):
    """Printing uses the light palette whatever the screen does, and opens what is folded but for settings; then all is as before."""
    folded = "return document.querySelectorAll('details:not([open]):not(.reference):not(.bulk)').length"
    before = page.execute_script(folded)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    ground, nav = page.execute_script(
        "return [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('nav')).display]"
    )
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    opened = page.execute_script(folded)
    examples = page.execute_script("return document.querySelector('.g-static').checkVisibility()")
    page.execute_script("dispatchEvent(new Event('afterprint'))")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    assert (ground, nav, opened, examples) == ("rgb(255, 255, 255)", "none", 0, True)
    assert page.execute_script(folded) == before > 3


def test_everything_has_a_name(page):
    """Images have alt texts, players and scrolling regions labels, header cells a scope; a button's picture is named by the button."""
    named = "return arguments[0].matches('button[aria-label] img, audio:not([controls])')"
    assert [element for element in nameless(page) if not page.execute_script(named, element)] == []


def test_the_outline_skips_no_level(page):
    """One h1, and no heading more than one level below the one before it."""
    levels = page.execute_script("return [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((h) => Number(h.tagName[1]))")
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page, scheme):
    """No rule of axe-core is broken with serious or critical impact, details opened."""
    set_scheme(page, scheme)
    _open_details(page)
    load_everything(page)
    assert serious(page) == []


@pytest.mark.slow
def test_the_first_table_of_2000_pairs_is_there_within_2_s(browser, tmp_path):
    """Five methods x 2,000 pairs: by the browser's own clock, from navigation to the first table on the screen."""
    write_many(tmp_path / "run", 2000, ("ours", "cut", "cyclegan", "fastcut", "munit"), n_sounds=200)
    path = write_report(tmp_path / "run")
    end = watch(browser)
    table, _, longest = first_table(browser, path)
    end()
    assert table < 2000
    assert longest < 1000
    assert sum(p.stat().st_size for p in path.parent.rglob("*") if p.is_file()) < 80_000_000
