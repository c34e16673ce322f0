"""The page in a real browser where it sends: our own server, Mechanical Turk's two ways, the preview; and how it is read and looks."""

import json
import re

import pytest

from adis_bench.study import page as pages
from adis_bench.study.batch_csv import batch_row
from tests.study.page_browser import SKIP, Ranking, open_browser
from tests.study.page_server import serving
from tests.study.studies import make_study

pytestmark = [pytest.mark.browser, SKIP]
TAKEN = "?assignmentId=3ABC&hitId=3HIT&workerId=W&turkSubmitTo=https%3A%2F%2Fwww.mturk.com"
UNTAKEN = "?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=3HIT"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A server with all forms of the page for a study of four methods, and wider ones."""
    folder = tmp_path_factory.mktemp("forms") / "study"
    with serving(folder) as server:
        study, _ = make_study(folder, asset_url=f"{server.url}/files/")
        server.study, item = study, study.items[0]
        for k in (2, 3, 6):
            other, _ = make_study(folder, k)
            server.pages[f"/item{k}"] = pages.render_server(other, other.items[0], "/files/", "/answer", 0, 9, {})
        server.pages["/item"] = pages.render_server(study, item, "/files/", "/answer", 2, 50, {"token": "t1"})
        server.pages["/consent"] = pages.render_consent(study, "/answer")
        server.pages["/message"] = pages.render_message(study, "Thank you", "All is saved.")
        question = pages.render_question(study, item, sandbox=True)
        server.pages["/question"] = question.replace(pages.SANDBOX_SUBMIT_URL, "/answer")
        template = pages.render_mturk(study).replace("https://assets.crowd.aws/crowd-html-elements.js", "/crowd.js")
        row = batch_row(study, item)
        server.pages["/mturk"] = re.sub(r"\$\{(\w+)\}", lambda found: row[found[1]], template)
        (folder / "preview.html").write_text(pages.render_preview(study, folder, 2))
        yield server


@pytest.fixture(scope="module")
def chromium():
    """One headless Chromium for all tests of this file."""
    driver = open_browser()
    yield driver
    driver.quit()


@pytest.fixture
def page(chromium, site):
    """A participant who hasn't opened anything yet."""
    site.posted.clear()
    site.failures.clear()
    return Ranking(chromium, site)


def _rank_all(page):
    page.listen()
    for slot, rank in zip("ABCD", (2, 1, 4, 3), strict=True):
        page.number(slot, rank).click()


@pytest.mark.parametrize("path", ["/mturk", "/question"])
def test_a_taken_hit_is_sent(page, site, path):
    """Both ways of Mechanical Turk post the plain fields; the question also the assignment of the address."""
    page.open(path + TAKEN)
    _rank_all(page)
    page.send()
    (fields,) = site.posted
    assert [fields[f"rank_{slot}"] for slot in "ABCD"] == ["2", "1", "4", "3"]
    assert fields["item_id"] == site.study.items[0].item_id
    assert float(fields["seconds"]) > 0
    assert fields["plays"] == "1"
    assert fields.get("assignmentId") == ("3ABC" if path == "/question" else None)
    assert page.messages() == []


@pytest.mark.parametrize("path", ["/mturk", "/question"])
def test_a_hit_that_is_not_taken_can_only_be_looked_at(page, site, path):
    """In Mechanical Turk's preview a notice says so, the sound plays, and neither numbers, drags nor the button do anything."""
    page.open(path + UNTAKEN)
    assert "Accept the HIT" in page.find(".locked").text
    page.listen()
    page.number("A", 1).click()
    page.image("B").click()
    page.drag("C", 2)
    assert page.ranks() == {}
    assert page.button() == ("Accept the HIT to rank", "true")
    page.find(".submit").click()
    assert site.posted == []


def test_the_crowd_form_itself_sends_nothing_unfinished(page, site):
    """Whatever makes the crowd form send, its handler stops it until all is there."""
    page.open("/mturk" + TAKEN)
    page.number("A", 1).click()
    page.script("document.querySelector('crowd-button').click()")
    assert site.posted == []
    assert page.status() == "Missing: the sound, ranks of B, C, D."


def test_the_instructions_close_for_those_who_have_sent_a_hit(page, site):
    """The first HIT opens with instructions and consent; after it was sent the next one doesn't."""
    page.open("/question" + TAKEN)
    page.script("localStorage.clear()")
    page.open("/question" + TAKEN)
    assert page.script("return document.querySelector('.intro').open")
    _rank_all(page)
    page.send()
    page.open("/question" + TAKEN)
    assert not page.script("return document.querySelector('.intro').open")


@pytest.mark.parametrize("status", [0, 503])
def test_a_lost_connection_loses_nothing(page, site, status):
    """Where the line or the server fails the page says so and keeps the ranking; pressing again sends it, once."""
    page.open("/item")
    _rank_all(page)
    site.failures.extend([status, status])  # Chromium itself tries once more on a line that breaks
    page.find(".submit").click()
    page.until("return document.querySelector('.status').textContent.startsWith('Not saved')")
    site.failures.clear()
    assert page.ranks() == {"A": 2, "B": 1, "C": 4, "D": 3}
    assert page.button() == ("Save and go on", "false")
    page.send()
    assert len(site.posted) == 1


def test_a_refusal_is_shown_as_the_server_words_it(page, site):
    """An answer that the server does not take leads to the server's page about it."""
    page.open("/item")
    _rank_all(page)
    site.failures.extend([422, 422])
    page.find(".submit").click()
    page.until("return Boolean(document.getElementById('refused'))")


def test_two_quick_clicks_send_once(page, site):
    """The second press of the button finds the ranking on its way."""
    page.open("/item")
    _rank_all(page)
    page.script("const b = document.querySelector('.submit'); b.click(); b.click()")
    page.wait_sent()
    assert len(site.posted) == 1


def test_reload_and_back_show_a_page_that_agrees_with_itself(page):
    """After a reload, and after going back to an item that was sent, numbers, places, fields and button say the same."""
    page.open("/item")
    page.number("A", 1).click()
    page.driver.refresh()
    page.until("return document.documentElement.classList.contains('ready')")
    assert page.ranks() == {}
    assert page.button() == ("Missing: the sound, 4 ranks", "true")
    _rank_all(page)
    page.send()
    page.driver.back()
    page.until("return Boolean(document.querySelector('.ready .submit'))")
    kept = page.ranks()
    assert page.button()[0] == ("Save and go on" if kept else "Missing: the sound, 4 ranks")


def test_only_time_in_sight_is_counted(page, site):
    """Seconds in a hidden tab are not time on the item."""
    page.open("/item")
    page.script(
        "Object.defineProperty(document, 'visibilityState', {get: () => window.seen || 'visible', configurable: true});"
        "const now = performance.now.bind(performance); window.later = 0; performance.now = () => now() + window.later;"
        "const change = (seen) => { window.seen = seen; document.dispatchEvent(new Event('visibilitychange')); };"
        "window.later += 2000; change('hidden'); window.later += 500000; change('visible'); window.later += 3000"
    )
    _rank_all(page)
    page.send()
    assert 5 < float(site.posted[0]["seconds"]) < 500


def test_the_preview_opens_from_disk_and_shows_what_would_be_sent(page, site):
    """Without a server and under its strict policy: no message on the console, items apart from each other, fields shown, nothing sent."""
    page.open((site.folder / "preview.html").as_uri())
    assert page.script("return document.querySelectorAll('.item').length") == 2
    _rank_all(page)
    assert page.script("return [...document.querySelectorAll('.submit')].map((b) => b.textContent)") == [
        "Show what would be sent",
        "Missing: the sound, 4 ranks",
    ]
    page.find(".submit").click()
    shown = page.find(".sent").text
    assert "rank_A = 2\nrank_B = 1\nrank_C = 4\nrank_D = 3" in shown
    assert page.messages() == []


@pytest.mark.parametrize("path", ["/item", "/item2", "/item3", "/item6", "/mturk", "/consent", "/message"])
@pytest.mark.parametrize("width", [320, 1000])
def test_no_width_needs_sideways_scrolling(page, path, width):
    """Down to 320 pixels all fits, with instructions open; nothing on the console."""
    page.phone(width)
    page.open(path)
    page.script("for (const d of document.querySelectorAll('details')) d.open = true")
    assert page.script("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    sizes = page.script(
        "return [...document.querySelectorAll('button')].map((b) => b.getBoundingClientRect()).map((b) => [b.width, b.height])"
    )
    assert all(min(size) >= 24 for size in sizes)
    assert page.messages() == []


def test_all_has_a_name_for_screen_readers(page):
    """The accessibility tree names images, groups, numbers, the player and places, and announces by a live region."""
    page.open("/item")
    page.number("B", 1).click()
    nodes = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    named = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n.get("ignored")]
    for expected in (
        *[("radiogroup", f"Rank of image {slot}") for slot in "ABCD"],
        *[("image", f"Image {slot}") for slot in "ABCD"],
        ("image", "The scene"),
        ("button", "Play the sound"),
        ("radio", "1, best"),
        ("radio", "4, worst"),
        ("list", "Your ranking"),
        ("progressbar", "Items done"),
    ):
        assert expected in named
    assert [role for role, name in named if role in ("button", "radio", "image", "radiogroup", "textbox") and not name] == []
    assert page.script("return document.querySelector('.place').textContent.trim()").startswith("Place 1")
    assert page.script("return document.querySelector('[role=status]').textContent") == "Image B has rank 1."


def _contrast(one, other):
    def light(color):
        parts = [int(value) / 255 for value in re.findall(r"\d+", color)[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_high_enough(page, scheme):
    """Every text has 4.5 : 1 to its ground (WCAG 2.1, 1.4.3), with ranks given and missing, in both colour schemes."""
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    page.open("/item")
    page.number("A", 2).click()
    page.find(".submit").click()
    script = (
        "for (const d of document.querySelectorAll('details')) d.open = true;"
        "const found = [];"
        "for (const e of document.querySelectorAll('body *')) {"
        "  if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;"
        "  if (!e.checkVisibility() || e.closest('svg, script')) continue;"
        "  let g = e; while (/, 0\\)$/.test(getComputedStyle(g).backgroundColor) && g.parentElement) g = g.parentElement;"
        "  found.push([e.textContent.trim().slice(0, 30), getComputedStyle(e).color, getComputedStyle(g).backgroundColor]);"
        "} return JSON.stringify(found)"
    )
    texts = json.loads(page.script(script))
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert len(texts) > 40
    assert [(text, _contrast(ink, ground)) for text, ink, ground in texts if _contrast(ink, ground) < 4.5] == []


def test_motion_is_reduced_where_asked(page):
    """Nothing moves by itself for those who asked for that."""
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})
    page.open("/item")
    page.number("A", 1).click()
    page.number("B", 1).click()
    moving = page.script("return document.getAnimations().length")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert moving == 0
