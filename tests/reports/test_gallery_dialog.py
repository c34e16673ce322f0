"""One pair, large, in a real browser: keys, sound, links, and whatever names a run may have."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from selenium.webdriver import ActionChains, Keys

from adis_bench.results import PairScore, read_results, write_results
from reports.data import RunData
from reports.gallery import GalleryOptions
from tests.reports.accessibility import serious
from tests.reports.browsing import IN_BROWSER, fits, set_scheme, set_width
from tests.reports.conftest import CONTROLS
from tests.reports.gallery_pages import write_gallery_page, write_many
from tests.reports.test_gallery_browser import choose, data_of, fragment, opened, rows, until

pytestmark = IN_BROWSER
METHODS = ("ours", "cut", "cyclegan")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A report of 30 pairs; the third has no output of cut."""
    run_dir = tmp_path_factory.mktemp("dialog") / "run"
    ids = [row["pair_id"] for row in write_many(run_dir, 30, METHODS, n_sounds=3)]
    RunData.open(run_dir).output_path("cut", ids[2]).unlink()
    return write_gallery_page(run_dir)[0], ids


@pytest.fixture
def page(browser, report):
    """The page, freshly opened, with its list there."""
    return opened(browser, report[0])


def press(page, *keys):
    """Press keys wherever the focus is."""
    ActionChains(page).send_keys(*keys).perform()


def is_open(page):
    """Whether a pair is shown large."""
    return page.execute_script("return document.getElementById('gallery-dialog').open")


def shown(page):
    """Id of the pair that is shown large."""
    return page.find_element("css selector", "[data-part=id]").text


def large(page):
    """What the large picture shows, by its caption, and the place in the strip that is visible, from 0."""
    place = page.execute_script(
        "const seen = [...document.querySelectorAll('.g-layers .g-pic')].filter((p) => p.checkVisibility());"
        "if (seen.length !== 1) throw new Error('layers: ' + seen.length);"
        "const image = seen[0].querySelector('img'); if (!image) return seen[0].textContent;"
        "const box = seen[0].getBoundingClientRect(), all = image.getBoundingClientRect();"
        "return Math.floor((box.left + box.width / 2 - all.left) / box.width)"
    )
    return page.find_element("css selector", ".g-stage figcaption .g-label").text, place


def click(page, selector, n=0):
    """Click the n-th of what a selector finds, brought into view at once (the page's own scrolling is smooth)."""
    found = page.find_elements("css selector", selector)[n]
    page.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", found)
    found.click()


def click_row(page, n):
    """Click the title of the n-th row."""
    click(page, ".g-open", n)


def test_a_click_opens_a_pair_and_escape_closes_it(page, report):
    """The title's button opens it, the address names it; Esc closes it, the address is as before, the focus is back at the row."""
    click_row(page, 1)
    assert is_open(page)
    assert shown(page) == report[1][1]
    assert fragment(page) == f"pair={report[1][1]}"
    press(page, Keys.ESCAPE)
    until(page, "return location.hash === ''")
    assert not is_open(page)
    assert page.execute_script("return document.activeElement.closest('.g-row')?.querySelector('.g-id').textContent") == report[1][1]


def test_a_click_on_a_picture_shows_that_method(page):
    """The clicked output is the large one."""
    click(page, ".g-row [data-method=cyclegan] .g-pic")
    assert large(page) == ("cyclegan", 1 + len(CONTROLS) + METHODS.index("cyclegan"))


def test_numbers_flip_between_methods_in_place(page, report):
    """1 to 3 show the methods, 0 the source, at the same place; other numbers do nothing; a missing output says so."""
    click_row(page, 0)
    for key, method in zip("123", METHODS, strict=True):
        press(page, key)
        assert large(page) == (method, 1 + len(CONTROLS) + METHODS.index(method))
    press(page, "0")
    assert large(page) == ("source", 0)
    press(page, "7")
    assert large(page) == ("source", 0)
    press(page, "2", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert shown(page) == report[1][2]
    assert large(page) == ("cut", "no output")


def test_arrows_follow_the_order_of_the_list(page):
    """In a sorted and filtered list the next pair is the list's next; the ends stay ends; the address follows."""
    choose(page, "by", "ours")
    choose(page, "target", "ocean")
    data = data_of(page)
    scores = dict(zip(data["ids"], data["scores"][0][[m["label"] for m in data["methods"]].index("ours")], strict=True))
    order = sorted((i for i in data["ids"] if "-to-ocean" in i), key=lambda i: -scores[i])
    click_row(page, 0)
    press(page, Keys.ARROW_LEFT)
    assert shown(page) == order[0]
    press(page, Keys.ARROW_RIGHT)
    assert shown(page) == order[1]
    assert page.find_element("css selector", "[data-part=place]").text == f"2 of {len(order)}"
    click(page, "[data-part=next]")
    assert shown(page) == order[2]
    until(page, "return location.hash.includes(arguments[0])", order[2])
    press(page, *[Keys.ARROW_RIGHT] * len(order))
    assert shown(page) == order[-1]


def test_back_closes_and_forward_opens_again(page, report):
    """The browser's buttons undo and redo; the list stays where it was."""
    page.execute_script("document.getElementById('gallery-scroller').scrollTop = 1000")
    until(page, "return document.querySelector('.g-row').ariaPosInSet !== '1'")
    page.execute_script("document.querySelectorAll('.g-open')[2].click()")
    first = shown(page)
    page.back()
    until(page, "return !document.getElementById('gallery-dialog').open")
    assert page.execute_script("return document.getElementById('gallery-scroller').scrollTop") == 1000
    page.forward()
    until(page, "return document.getElementById('gallery-dialog').open")
    assert shown(page) == first


def test_a_deep_link_opens_its_pair(browser, report):
    """On load, with sorting and methods of the link; a pair that the link's filters leave out is shown and said to be outside."""
    page = opened(browser, report[0], f"#pair={report[1][7]}&by=cut&method=ours&method=target")
    assert (is_open(page), shown(page)) == (True, report[1][7])
    labels = [e.text for e in page.find_elements("css selector", "[data-part=tiles] .g-label")]
    assert labels == ["source", "target", "ours"]
    press(page, Keys.ESCAPE)
    until(page, "return location.hash === '#by=cut&method=target&method=ours'")
    source = report[1][7].split("-to-")[0].replace("_", " ")
    other = next(label for label in ("rain", "ocean") if label != source)
    page = opened(browser, report[0], f"#pair={report[1][7]}&source={other}")
    assert page.find_element("css selector", "[data-part=place]").text == "outside of the filters"


def test_closing_a_deep_linked_pair_leads_to_its_row(browser, report):
    """In the list, in view, with the focus; also of a pair that was open when the page was loaded again."""
    page = opened(browser, report[0], f"#pair={report[1][20]}")
    for loaded_again in (False, True):
        if loaded_again:
            page.execute_script("document.activeElement.click()")
            until(page, "return document.getElementById('gallery-dialog').open")
            page.refresh()
        until(page, "return document.getElementById('gallery-dialog').open")
        press(page, Keys.ESCAPE)
        until(page, "return document.activeElement.closest('.g-row')?.querySelector('.g-id').textContent === arguments[0]", report[1][20])
        assert page.execute_script(
            "const row = document.activeElement.closest('.g-row').getBoundingClientRect();"
            "const list = document.getElementById('gallery-scroller').getBoundingClientRect();"
            "return row.top >= list.top - 1 && row.bottom <= list.bottom + 1"
        )


def test_links_of_the_page_open_a_pair_and_closing_leads_back(page, report):
    """A link in another section, as the failures have them, opens the pair; Esc returns to the link."""
    page.execute_script("document.querySelector('#links a').focus()")
    press(page, Keys.ENTER)
    until(page, "return document.getElementById('gallery-dialog').open")
    assert shown(page) == report[1][-1]
    press(page, Keys.ESCAPE)
    until(page, "return location.hash === ''")
    assert page.execute_script("return document.activeElement.closest('#links') !== null")


def test_space_plays_and_stops_the_sound(page):
    """Nothing is loaded before; space plays in the large view also after a click, and pauses; closing stops it."""
    click_row(page, 0)
    audio = "const a = document.querySelector('[data-part=sound] audio');"
    assert page.execute_script(audio + "a.loop = true; return a.readyState") == 0  # 3 s may end before a busy machine looks
    click(page, "[data-part=tiles] button", 2)
    press(page, Keys.SPACE)
    until(page, audio + "return !a.paused && a.readyState >= 2 && Math.abs(a.duration - 3) < 0.1")
    press(page, Keys.SPACE)
    assert page.execute_script(audio + "return a.paused")
    press(page, Keys.SPACE)
    until(page, audio + "return !a.paused")
    press(page, Keys.ESCAPE)
    until(page, audio + "return a.paused")


def test_one_sound_of_the_list_is_heard_at_a_time(page):
    """A click plays, the pressed button says so, also for other rows of that sound; another click stops."""
    playing = "return [...document.querySelectorAll('.g-play')].map((b) => b.ariaPressed === 'true')"
    page.execute_script("document.getElementById('gallery-player').loop = true")  # 3 s may end before a busy machine looks
    click(page, ".g-play")
    until(page, "const a = document.getElementById('gallery-player'); return !a.paused && a.readyState >= 2")
    assert page.execute_script(playing)[:4] == [True, False, False, True]  # pairs 0 and 3 share a sound
    click(page, ".g-play", 1)
    until(page, "const p = document.querySelectorAll('.g-play'); return p[1].ariaPressed === 'true' && p[0].ariaPressed === 'false'")
    page.execute_async_script("setTimeout(arguments[0], 100)")  # the pause of the first sound has been told by then
    assert page.execute_script(playing)[:2] == [False, True]
    click(page, ".g-play", 1)
    until(page, "return document.querySelectorAll('.g-play[aria-pressed=true]').length === 0")
    assert page.execute_script("return document.getElementById('gallery-player').paused")


def test_all_scores_of_the_pair_stand_in_a_table(page, report):
    """Every method and control, every metric that scores pairs."""
    click_row(page, 3)
    data = data_of(page)
    cells = page.execute_script(
        "return [...document.querySelectorAll('.g-scores tbody tr')].map((r) => [...r.cells].map((c) => c.textContent))"
    )
    assert [row[0] for row in cells] == [*CONTROLS, *METHODS]
    for method, row in enumerate(cells):
        for metric, text in enumerate(row[1:]):
            assert float(text.replace("−", "-")) == pytest.approx(data["scores"][metric][method][3], abs=0.0006)


def test_full_size_pictures_are_used(browser, tmp_path):
    """Where the report has them, the large view shows the lossless pictures, and the list the small ones."""
    write_many(tmp_path / "run", 4, ("ours",), n_sounds=1)
    path, g = write_gallery_page(tmp_path / "run", GalleryOptions(full_size=True, max_bytes=50_000))
    page = opened(browser, path)
    assert g.full_bytes
    click_row(page, 0)
    data = data_of(page)
    assert page.find_element("css selector", ".g-layers img").get_attribute("src").endswith(data["full"][0])
    assert page.find_element("css selector", ".g-row .g-tile[data-method=ours] img").get_attribute("src").endswith(data["strips"][0])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_a_pair(page, scheme):
    """The large view, in both modes."""
    set_scheme(page, scheme)
    click_row(page, 2)
    assert serious(page) == []


@pytest.mark.parametrize("width", [360, 1600])
def test_a_pair_needs_no_sideways_scrolling(page, width):
    """The large view fits; its table scrolls in its own region."""
    set_width(page, width)
    # Found and clicked at once: a list of another width makes its rows anew, and on a busy machine that comes late.
    until(page, "const row = document.querySelector('.g-open'); row?.click(); return Boolean(row)")
    assert is_open(page)
    assert fits(page)
    assert page.execute_script("const d = document.getElementById('gallery-dialog'); return d.scrollWidth <= d.clientWidth")


def test_on_a_phone_five_pictures_stand_on_a_line(page):
    """Source, sound and three methods at 400 pixels; at 320, three and two rather than four and one."""
    tops = "return [...document.querySelectorAll('.g-row:first-child .g-tile')].map((tile) => tile.offsetTop).join()"
    for width, lines in ((400, [5]), (320, [3, 2])):
        set_width(page, width)
        until(page, f"const tops = (() => {{ {tops} }})(); return new Set(tops.split(',')).size === arguments[0]", len(lines))
        found = page.execute_script(tops).split(",")
        assert [found.count(top) for top in dict.fromkeys(found)] == lines
        assert fits(page)


def test_the_page_does_not_promise_what_is_missing(report):
    """One output is missing here."""
    text = report[0].read_text()
    assert "sounds and the outputs. 1 output is missing." in text
    assert "every output" not in text


NASTY = (
    "</script><script>window.hurt = 1</script>",
    "<img src=x onerror=\"window.hurt = 1\"> 'quoted' & “🌧️”",
    "rain" * 60,
    "ocean\u2028\u202e",
)


def test_hostile_names_stay_text(browser, tmp_path):
    """Labels, methods, pair ids and reasons are shown as they are, run nothing and break no layout."""
    run_dir = tmp_path / "run"
    method = "<b>\"'&☃️" + "long" * 30
    rows_ = write_many(run_dir, 8, ("ours", method), n_sounds=2)
    results = read_results(run_dir)
    displays = dict(zip(("crunching_snow", "rain", "ocean", "human_speech"), NASTY, strict=True))
    reason = PairScore(rows_[0]["pair_id"], method, "avc", None, NASTY[0])
    write_results(run_dir, replace(results, dataset=replace(results.dataset, displays=displays)), [reason])
    odd = "a&b#c=d%2f\"<i>' 🌧"
    (run_dir / "outputs" / method / f"{rows_[1]['pair_id']}.png").rename(run_dir / "outputs" / method / f"{odd}.png")
    pq.write_table(pa.Table.from_pylist([rows_[0], {**rows_[1], "pair_id": odd}, *rows_[2:]]), run_dir / "pairs.parquet")
    path, _ = write_gallery_page(run_dir)
    page = opened(browser, path)
    assert rows(page)[1] == odd
    titles = [e.get_attribute("textContent") for e in page.find_elements("css selector", ".g-open")]
    assert titles[0] == f"{NASTY[0]} → {NASTY[1]}"
    assert reason.reason in page.execute_script("return [...document.querySelectorAll('.g-none')].map((e) => e.textContent)")
    click_row(page, 1)
    link = page.current_url
    assert shown(page) == odd
    for width in (360, 1280):
        set_width(page, width)
        assert fits(page)
        assert page.execute_script("const d = document.getElementById('gallery-dialog'); return d.scrollWidth <= d.clientWidth")
    again = opened(browser, path, link[link.index("#") :])
    assert shown(again) == odd
    assert again.execute_script("return window.hurt === undefined")
    assert again.get_log("browser") == []


def test_without_scripts_examples_stand_in_the_page(browser, report):
    """Twelve examples with strip, names, scores and player; with scripts they are there for print only."""
    counted = "return [...document.querySelectorAll('.g-example')].filter((e) => e.checkVisibility()).length"
    page = opened(browser, report[0])
    assert page.execute_script(counted) == 0
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert page.execute_script(counted) == 12
    assert not page.execute_script("return document.getElementById('gallery-app').checkVisibility()")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.get(report[0].as_uri())
        examples = [e for e in page.find_elements("css selector", ".g-example") if e.is_displayed()]
        assert len(examples) == 12
        assert [h.text for h in examples[0].find_elements("css selector", "thead th")] == ["sound", "source", *CONTROLS, *METHODS]
        assert not page.find_element("id", "gallery-app").is_displayed()
    finally:
        page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
