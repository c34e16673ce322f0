"""The gallery in a real browser, opened from disk: the list, its form, and the page's address."""

import json

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from adis_bench.results import PairScore
from reports.data import RunData
from tests.reports.accessibility import serious
from tests.reports.browsing import IN_BROWSER, fits, nameless, open_page, set_scheme, set_width
from tests.reports.conftest import CONTROLS
from tests.reports.gallery_pages import only_some_scores, write_gallery_page, write_many

pytestmark = IN_BROWSER
METHODS = ("ours", "cut", "cyclegan", "fastcut", "wavegan")
N_PAIRS = 60


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A report of 60 pairs: the first has no output of ours, the first three no avc of it, and so no difference."""
    run_dir = tmp_path_factory.mktemp("many") / "run"
    rows = write_many(run_dir, N_PAIRS, METHODS, n_sounds=6)
    ids = [row["pair_id"] for row in rows]
    only_some_scores(run_dir, [PairScore(i, "ours", "avc", None, "silent sound") for i in ids[:3]])
    RunData.open(run_dir).output_path("ours", ids[0]).unlink()
    path, _ = write_gallery_page(run_dir)
    return path, ids


@pytest.fixture
def page(browser, report):
    """The page, freshly opened, with its list there."""
    return opened(browser, report[0])


def opened(browser, path, fragment=""):
    """Open a page with a fragment and wait for its list."""
    browser.get("about:blank")
    browser.get_log("performance")
    open_page(browser, path)
    if fragment:
        browser.get("about:blank")
        browser.get(path.as_uri() + fragment)
    until(browser, "return Boolean(document.querySelector('.g-row') || document.getElementById('gallery-status')?.textContent)")
    return browser


def until(page, script, *arguments):
    """Wait until a script gives something that is true."""
    return WebDriverWait(page, 10, poll_frequency=0.02).until(lambda p: p.execute_script(script, *arguments))


def choose(page, name, text):
    """Choose an entry of a field, as a reader does."""
    Select(page.find_element("css selector", f"#gallery-form [name={name}]")).select_by_visible_text(text)


def rows(page):
    """Ids of the pairs whose rows exist, from the top down."""
    return page.execute_script("return [...document.querySelectorAll('.g-row .g-id')].map((id) => id.textContent)")


def status(page):
    """What the list says of itself."""
    return page.execute_script("return document.getElementById('gallery-status').textContent")


def fragment(page):
    """The page's address after ``#``."""
    return page.execute_script("return location.hash.slice(1)")


def data_of(page):
    """The data that stand in the page."""
    return json.loads(page.execute_script("return document.getElementById('gallery-data').textContent"))


def scores_of(page, method, metric="avc"):
    """A method's scores by pair."""
    data = data_of(page)
    column = [m["name"] for m in data["metrics"]].index(metric), [m["label"] for m in data["methods"]].index(method)
    return dict(zip(data["ids"], data["scores"][column[0]][column[1]], strict=True))


def test_only_rows_in_view_exist(page, report):
    """A few rows of 60, the first ones; the list is as tall as all of them; further down others exist, still a few."""
    first = rows(page)
    assert first == report[1][: len(first)]
    assert 2 <= len(first) <= 12
    tall, row = page.execute_script(
        "return [document.getElementById('gallery-items').offsetHeight, document.querySelector('.g-row').offsetHeight]"
    )
    assert tall == N_PAIRS * row
    page.execute_script("document.getElementById('gallery-scroller').scrollTop = 1e9")
    until(page, "return document.querySelector('.g-row:last-child .g-id').textContent === arguments[0]", report[1][-1])
    assert len(rows(page)) <= 12
    place = page.execute_script("const row = document.querySelector('.g-row:last-child'); return [row.ariaPosInSet, row.ariaSetSize]")
    assert place == [str(N_PAIRS), str(N_PAIRS)]


def test_nothing_is_asked_for_before_it_is_seen(page):
    """Strips and spectrograms of a few rows only, no sound at all, and no network."""
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    urls = {m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"}
    assert all(url.startswith(("file:", "data:")) for url in urls if not url.startswith("about:"))
    assert 4 <= len([url for url in urls if url.endswith(".webp")]) <= 30
    assert not any(url.endswith(".mp3") for url in urls)
    assert page.get_log("browser") == []


def test_sorting_by_a_score_puts_unscored_pairs_last(page, report):
    """Highest first, then lowest first; three pairs without a score come last both times, and are counted with their reason."""
    scores = scores_of(page, "ours")
    choose(page, "by", "ours")
    scored = [i for i in report[1] if scores[i] is not None]
    expected = sorted(scored, key=lambda i: -scores[i])
    assert rows(page) == expected[: len(rows(page))]
    assert status(page) == "Showing 60 of 60 pairs, highest avc of ours first. 3 pairs without that score come last."
    choose(page, "order", "lowest first")
    assert rows(page)[0] == expected[-1]
    page.execute_script("document.getElementById('gallery-scroller').scrollTop = 1e9")
    until(page, "return document.querySelector('.g-row:last-child').ariaPosInSet === '60'")
    assert rows(page)[-3:] == report[1][:3]
    captions = page.execute_script("return [...document.querySelectorAll('.g-row [data-method=ours] .g-none')].map((s) => s.textContent)")
    assert captions == ["silent sound"] * 3
    gap = page.find_elements("css selector", ".g-row .g-gap")
    assert [g.text for g in gap] == ["no output"]


def test_sorting_by_a_difference(page, report):
    """The difference of two methods sorts, and stands in every row with its sign."""
    ours, cut = scores_of(page, "ours"), scores_of(page, "cut")
    choose(page, "by", "ours")
    choose(page, "minus", "cut")
    best = max((i for i in report[1] if ours[i] is not None), key=lambda i: ours[i] - cut[i])
    assert rows(page)[0] == best
    places = data_of(page)["metrics"][0]["digits"]
    assert page.find_element("css selector", ".g-key").text == f"+{ours[best] - cut[best]:.{places}f} ours − cut"
    choose(page, "metric", "label_similarity")
    assert "highest label_similarity of the difference ours − cut first" in status(page)


def test_filters_by_class_and_text(page, report):
    """Only pairs that fit all filters stay; nothing that fits is said so; one button shows all again."""
    choose(page, "source", "rain")
    expected = [i for i in report[1] if i.startswith("rain-")]
    assert status(page) == f"Showing {len(expected)} of 60 pairs."
    choose(page, "target", "ocean")
    expected = [i for i in expected if "-to-ocean" in i]
    assert rows(page) == expected[: len(rows(page))]
    field = page.find_element("css selector", "#gallery-form [name=text]")
    field.send_keys(expected[3][-3:])
    until(page, "return document.querySelectorAll('.g-row').length === 1")
    assert rows(page) == [expected[3]]
    field.send_keys("zzz")
    until(page, "return document.getElementById('gallery-status').textContent === 'No pair fits this choice.'")
    assert rows(page) == []
    page.find_element("id", "gallery-reset").click()
    assert status(page) == "Showing 60 of 60 pairs."
    assert fragment(page) == ""


def test_methods_are_chosen(page):
    """Methods show at first and controls on demand; the reader stays where the list was."""
    shown = "return [...document.querySelector('.g-row').querySelectorAll('.g-tile[data-method]')].map((t) => t.dataset.method)"
    assert page.execute_script(shown) == ["", *METHODS]
    page.find_element("css selector", "#gallery-form input[value=cut]").click()
    page.find_element("css selector", "#gallery-form input[value=target]").click()
    assert page.execute_script(shown) == ["", "target", *(m for m in METHODS if m != "cut")]
    assert "method=target" in fragment(page)


def test_the_cell_shows_the_method_that_it_names(page, report):
    """Every tile's part of the strip lies where its method's output is."""
    page.find_element("css selector", "#gallery-form input[value=target]").click()
    offsets = page.execute_script(
        "return [...document.querySelector('.g-row').querySelectorAll('.g-tile[data-method] .g-pic')].map((box) => {"
        " const image = box.querySelector('img'); if (!image) return null;"
        " const side = box.getBoundingClientRect();"
        " const all = image.getBoundingClientRect();"
        " return (side.left + side.width / 2 - all.left) / all.width; })"
    )
    every = ["", *CONTROLS, *METHODS]
    shown = ["", "target", *METHODS]
    expected = [(every.index(m) + 0.5) / len(every) if m != "ours" else None for m in shown]  # ours made nothing for the first pair
    assert offsets == [None if e is None else pytest.approx(e, abs=0.002) for e in expected]


def test_the_address_holds_the_view(page, report):
    """Sorting and filters stand in the fragment; opened anew it gives the same view, and back undoes step by step."""
    choose(page, "by", "cut")
    choose(page, "source", "rain")
    seen, link = rows(page), fragment(page)
    assert link == "by=cut&source=rain"
    page.back()
    until(page, "return location.hash === '#by=cut'")
    assert status(page).startswith("Showing 60 of 60 pairs, highest avc of cut")
    page.back()
    until(page, "return location.hash === ''")
    assert rows(page)[0] == report[1][0]
    page.forward()
    page.forward()
    until(page, "return location.hash.includes('source=rain')")
    assert rows(page) == seen
    again = opened(page, report[0], f"#{link}")
    assert rows(again) == seen
    assert Select(again.find_element("css selector", "#gallery-form [name=by]")).first_selected_option.text == "cut"


def test_anchors_of_the_page_leave_the_view_alone(page):
    """A link to another section is none of the gallery's business."""
    choose(page, "by", "cut")
    before = rows(page)
    page.execute_script("document.querySelector('a[href=\"#below\"]').click()")
    until(page, "return location.hash === '#below'")
    assert rows(page) == before
    assert "cut" in status(page)


@pytest.mark.parametrize("link", ["pair=nowhere", "pair=%3C%2Fscript%3E%3Cscript%3E&by=no+such", "source=Mars&method=none"])
def test_unknown_names_in_a_link_are_told(browser, report, link):
    """A link to what this report doesn't have gives a message, and the list as usual."""
    page = opened(browser, report[0], f"#{link}")
    assert page.find_element("id", "gallery-message").text.startswith("The link names what this report does not have: ")
    assert rows(page)[0] == report[1][0]
    assert not page.execute_script("return document.getElementById('gallery-dialog').open")


def test_keys_walk_the_list(page, report):
    """Tab goes from the list to its rows' buttons, row by row; rows below exist before they are in view."""
    page.execute_script("document.getElementById('gallery-scroller').focus()")
    seen = []
    for _ in range(16):
        ActionChains(page).send_keys(Keys.TAB).perform()
        row = page.execute_script("return document.activeElement.closest('.g-row')?.querySelector('.g-id').textContent")
        if row not in seen:
            seen.append(row)
    assert seen == report[1][:8]


@pytest.mark.parametrize("width", [360, 768, 1600])
def test_no_width_needs_sideways_scrolling(page, width):
    """The page fits from 360 pixels up, and every tile lies inside of its row."""
    set_width(page, width)
    page.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(arguments[0], 50)))")
    assert fits(page)
    assert page.execute_script(
        "return [...document.querySelectorAll('.g-row')].every((row) => {"
        " const box = row.getBoundingClientRect(), next = row.nextElementSibling?.getBoundingClientRect();"
        " return [...row.querySelectorAll('figcaption')].every((c) => c.getBoundingClientRect().bottom <= box.bottom + 0.5"
        " && c.getBoundingClientRect().right <= box.right + 0.5) && (!next || Math.abs(next.top - box.bottom) < 1); })"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page, scheme):
    """List and form, in both modes; and every picture, player and region has a name."""
    set_scheme(page, scheme)
    assert serious(page) == []
    assert [found.get_attribute("outerHTML") for found in nameless(page) if not found.find_elements("xpath", "ancestor::button")] == [
        found.get_attribute("outerHTML") for found in page.find_elements("id", "gallery-player")
    ]
