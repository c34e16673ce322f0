"""The report in a real browser, opened from disk."""

import json

import pytest

from reports.html import write_report
from tests.reports.browsing import IN_BROWSER, fits, load_everything, nameless, open_page, set_scheme, set_width

pytestmark = IN_BROWSER


@pytest.fixture
def page(browser, run_dir):
    """The report of a run, freshly opened, with the browser's logs emptied before."""
    path = write_report(run_dir)
    browser.get_log("performance")
    open_page(browser, path)
    return browser


def test_it_opens_without_errors_and_without_a_network(page):
    """No message on the console (a blocked style or script would be one), and only files are asked for."""
    load_everything(page)
    assert page.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert len(urls) > 50
    assert all(url.startswith(("file:", "data:")) for url in urls)


def test_every_picture_is_there(page):
    """All images decode to pixels."""
    load_everything(page)
    sizes = page.execute_script("return [...document.images].map((image) => image.naturalWidth)")
    assert len(sizes) > 100
    assert min(sizes) > 0


def test_sounds_can_be_played(page):
    """The policy lets the players load their files: 3 s each."""
    seconds = page.execute_async_script(
        "const done = arguments[0], audio = document.querySelector('audio');"
        "if (audio.readyState > 0) done(audio.duration);"
        "audio.addEventListener('loadedmetadata', () => done(audio.duration));"
        "audio.addEventListener('error', () => done(-1)); audio.load();"
    )
    assert seconds == pytest.approx(3.0, abs=0.01)


def _choose(page, name, value):
    page.execute_script(
        "const field = document.getElementById('filter').elements[arguments[0]]; field.value = arguments[1];"
        "field.dispatchEvent(new Event('input', {bubbles: true}))",
        name,
        value,
    )


def _shown(page, attribute):
    return _visible(page, ".example", attribute)


def _visible(page, selector, attribute):
    return page.execute_script(
        "return [...document.querySelectorAll(arguments[0])].filter((e) => e.checkVisibility()).map((e) => e.dataset[arguments[1]])",
        selector,
        attribute,
    )


def test_examples_are_filtered_by_class(page):
    """Only cards of the chosen classes stay, the status says how many, and all come back."""
    before = _shown(page, "target")
    _choose(page, "target", "rain")
    after = _shown(page, "target")
    assert set(after) == {"rain"}
    assert 0 < len(after) == before.count("rain") < len(before)
    assert page.execute_script("return document.getElementById('shown').textContent") == f"Showing {len(after)} of 12 examples."
    _choose(page, "source", "rain")
    assert _shown(page, "source") == []
    page.execute_script("document.querySelector('#filter button').click()")
    page.execute_async_script("setTimeout(arguments[0], 20)")
    assert _shown(page, "target") == before


def test_examples_are_filtered_by_method(page):
    """An unticked method's outputs go, the others stay."""
    page.execute_script("document.querySelector('#filter input[value=cut]').click()")
    assert set(_visible(page, ".example [data-method]", "method")) == {
        "target",
        "identity",
        "shuffled",
        "retrieval",
        "oracle",
        "ours",
        "cyclegan",
    }


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_width_needs_sideways_scrolling(page, width):
    """The page fits windows from 360 pixels up, details opened; wide tables scroll inside their own container."""
    set_width(page, width)
    page.execute_script("for (const details of document.querySelectorAll('details')) details.open = true")
    assert page.execute_script("return innerWidth") == width
    assert fits(page)
    if width == 360:
        assert page.execute_script("const box = document.querySelector('.scroll'); return box.scrollWidth > box.clientWidth")


def test_dark_mode_changes_page_and_plots(page):
    """The reader's system decides: dark ground, light ink, and the plots' dark files."""
    look = (
        "const style = getComputedStyle(document.body);"
        "return [style.backgroundColor, style.color, document.querySelector('.panel img').currentSrc]"
    )
    light = page.execute_script(look)
    set_scheme(page, "dark")
    load_everything(page)
    dark = page.execute_script(look)
    assert (light[0], dark[0]) == ("rgb(255, 255, 255)", "rgb(20, 24, 29)")
    assert light[1] != dark[1]
    assert light[2] != dark[2]


def test_paper_is_white_in_dark_mode_too(page):
    """Printing uses the light palette whatever the screen does, and opens what is folded."""
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    ground = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert ground == "rgb(255, 255, 255)"
    assert page.execute_script("return document.querySelectorAll('details:not([open])').length") == 0


def test_everything_has_a_name(page):
    """Images have alt texts, players and scrolling regions labels, header cells a scope."""
    assert nameless(page) == []
