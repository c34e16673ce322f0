"""People rank on the page in a real browser: clicks, keys, drags and fingers give the fields that are posted."""

import numpy as np
import pytest

from adis_bench.datasets.media import write_wav
from adis_bench.study import page as pages
from tests.study.page_browser import SKIP, Ranking, open_browser
from tests.study.page_server import serving
from tests.study.studies import make_study

pytestmark = [pytest.mark.browser, SKIP]


PLAY = (
    "const [from, leap, done] = arguments, a = document.querySelector('audio'); a.currentTime = from; a.play();"
    "const leaps = () => {"
    "  if (a.currentTime < from + 0.3) return;"
    "  a.removeEventListener('timeupdate', leaps); a.currentTime = leap;"
    "  a.dispatchEvent(new Event('timeupdate'));"  # a report before the jump's own event
    "};"
    "if (leap) a.addEventListener('timeupdate', leaps);"
    "a.addEventListener('ended', () => done(), { once: true })"
)
"""Plays the sound from a second to its end; with a third argument it leaps there once it has played 0.3 s or, on a busy machine, more."""
LONG_S = 20.0


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A server with the pages of two studies: without ties at /item, with ties at /ties."""
    folder = tmp_path_factory.mktemp("browser") / "study"
    study, _ = make_study(folder)
    tied, _ = make_study(folder, ties=True)
    with serving(folder) as server:
        server.study = study
        server.pages["/item"] = pages.render_server(study, study.items[0], "/files/", "/answer", 2, 50, {"token": "t1"})
        for path, item, seconds in (("/middle", study.items[1], 1.5), ("/long", study.items[2], LONG_S)):
            write_wav(folder / item.sound, np.full(round(8000 * seconds), 0.1, np.float32), 8000)
            server.pages[path] = pages.render_server(study, item, "/files/", "/answer", 2, 50, {})
        server.pages["/ties"] = pages.render_server(tied, tied.items[0], "/files/", "/answer", 2, 50, {})
        yield server


@pytest.fixture(scope="module")
def chromium():
    """One headless Chromium for all tests of this file."""
    driver = open_browser()
    yield driver
    driver.quit()


@pytest.fixture
def item(chromium, site):
    """An item of four images without ties, freshly opened."""
    site.posted.clear()
    site.failures.clear()
    ranking = Ranking(chromium, site)
    ranking.open("/item")
    yield ranking
    assert [entry for entry in ranking.messages() if "/answer" not in entry] == []


def _ranks(fields):
    return "".join(fields[f"rank_{slot}"] for slot in "ABCD")


def test_clicks_on_the_numbers(item, site):
    """Numbers below the images are ranks; the post has all fields of the contract, and the next page comes."""
    item.listen()
    for slot, rank in zip("ABCD", (3, 1, 4, 2), strict=True):
        item.number(slot, rank).click()
    item.send()
    (fields,) = site.posted
    assert {name: fields[name] for name in ("item_id", "plays", "comment", "token")} == {
        "item_id": site.study.items[0].item_id,
        "plays": "1",
        "comment": "",
        "token": "t1",
    }
    assert _ranks(fields) == "3142"
    assert set(fields) == {"item_id", "rank_A", "rank_B", "rank_C", "rank_D", "seconds", "plays", "comment", "token"}
    assert 0.2 < float(fields["seconds"]) < 60


def test_clicks_on_the_images_rank_from_best_to_worst(item, site):
    """The first image clicked is the best; another click on it changes nothing."""
    item.listen()
    for slot in "CAACDB":
        item.image(slot).click()
    item.send()
    assert _ranks(site.posted[0]) == "2413"


def test_the_mouse_drags_images_to_places(item, site):
    """Dropped images have the rank of their place; a drop on a taken place takes it or swaps; a drop outside takes the rank away."""
    item.listen()
    item.drag("C", 1)
    item.drag("A", 2)
    item.drag("B", 1)
    assert item.ranks() == {"A": 2, "B": 1}
    assert item.status() == "Image B has rank 1. Image C has lost its rank."
    item.drag_thumb("B", 2)
    assert item.ranks() == {"A": 1, "B": 2}
    item.drag_thumb("A", None)
    assert item.ranks() == {"B": 2}
    for slot, rank in (("A", 4), ("C", 3), ("D", 1)):
        item.drag(slot, rank)
    item.send()
    assert _ranks(site.posted[0]) == "4231"


def test_keys_alone_are_enough(item, site):
    """Tab to the sound, Enter plays it; Tab to the images, numbers and arrows rank, Delete takes back; Tab to the button, Enter sends."""
    item.tab_to(".play")
    item.press("ENTER")
    item.wait_heard()
    for slot, keys in (("A", "2"), ("B", "1"), ("C", "4"), ("D", "3")):
        item.tab_to(f".card[data-slot={slot}] [role=radio]")
        item.press(keys)
    item.press("ARROW_LEFT")  # D to 2, A to 3
    item.press("ARROW_UP")  # D to 1, B to 2
    assert item.ranks() == {"A": 3, "B": 2, "C": 4, "D": 1}
    item.press("ARROW_UP")
    assert item.status() == "Image D is the best already."
    item.press("DELETE")
    assert item.ranks() == {"A": 3, "B": 2, "C": 4}
    item.press("ARROW_DOWN")
    assert item.ranks()["D"] == 1
    assert item.status() == "Image D has rank 1. All images are ranked."
    item.tab_to("textarea", open_details=True)
    item.press("a", "ENTER", "b")
    assert site.posted == []
    item.tab_to(".submit")
    item.press("ENTER")
    item.wait_sent()
    assert _ranks(site.posted[0]) == "3241"
    assert site.posted[0]["comment"].split() == ["a", "b"]


def test_each_image_is_one_stop_of_the_tab_key(item):
    """Between the player and the comment there are as many stops as images; focus is on the rank that is given."""
    item.number("B", 3).click()
    item.focus(".play")
    stops = item.stops(until="summary")
    assert [stop for stop in stops if stop.startswith("Rank of")] == [f"Rank of image {slot}" for slot in "ABCD"]
    item.tab_to(".card[data-slot=B] [role=radio]")
    assert item.script("return document.activeElement.dataset.rank") == "3"


def test_a_finger_drags_after_a_rest_and_scrolls_without(item, site):
    """On a phone a finger that rests takes the image to a place in the bar; one that moves at once scrolls the page."""
    item.phone(360)
    item.open("/item")
    item.script("document.querySelector('.cards').scrollIntoView()")
    item.swipe("A", 1)
    assert item.ranks() == {"A": 1}
    item.swipe("B", 2, rest=0)
    assert item.ranks() == {"A": 1}
    item.swipe_thumb("A", 3)
    assert item.ranks() == {"A": 3}


def test_a_finger_that_rests_on_a_busy_page_drags(item):
    """Where the page is too busy to see the rest in time, the finger's own times tell of it."""
    item.phone(360)
    item.open("/item")
    item.script("document.querySelector('.cards').scrollIntoView()")
    item.swipe("A", 1, rest=0.3)
    assert item.ranks() == {"A": 1}


def test_a_finger_that_rests_and_goes_is_a_click(item):
    """It has dragged nothing, so that its click ranks the image like any other (by made events: browsers take a long rest for a menu)."""
    item.script(
        "window.touch = (kind) => {"
        "  const picture = document.querySelector('.card[data-slot=A] .picture'), box = picture.getBoundingClientRect();"
        "  const more = { pointerId: 7, isPrimary: true, pointerType: 'touch', clientX: box.x + 9, clientY: box.y + 9, bubbles: true };"
        "  picture.dispatchEvent(new PointerEvent(kind, more)); return picture; }; window.touch('pointerdown')"
    )
    item.until("return Boolean(document.querySelector('.ghost'))")
    item.script("window.touch('pointerup').click()")
    assert item.ranks() == {"A": 1}


def test_taps_rank_on_a_phone(item, site):
    """A tap on the button plays; taps on numbers and images rank; a tap on the button sends."""
    item.phone(360)
    item.open("/item")
    item.tap(".play")
    item.wait_heard()
    item.tap(".card[data-slot=D] [data-rank='1']")
    for slot in "ACB":
        item.tap(f".card[data-slot={slot}] .picture")
    item.tap(".submit")
    item.wait_sent()
    assert _ranks(site.posted[0]) == "2431"


def test_nothing_is_sent_before_the_sound_was_heard(item, site):
    """With all ranks given the button names the sound, and leads to it; jumping to the end does not count; playing does."""
    for slot, rank in zip("ABCD", (1, 2, 3, 4), strict=True):
        item.number(slot, rank).click()
    assert item.button() == ("Missing: the sound", "true")
    item.find(".submit").click()
    assert site.posted == []
    assert item.script("return document.activeElement.className") == "play"
    item.script(PLAY, item.until("return document.querySelector('audio').duration") - 0.02, None, wait=True)
    assert item.button()[0] == "Missing: the sound"
    item.listen()
    assert item.button() == ("Save and go on", "false")


def test_one_part_again_and_again_is_not_the_whole(item):
    """The last 0.6 s of 1.5 s, three times, are 40 % of it and not heard; with the rest they are."""
    item.open("/middle")
    item.until("return document.querySelector('audio').duration > 1.4")
    for _ in range(3):
        item.script(PLAY, 0.9, None, wait=True)
        assert item.button()[0] == "Missing: the sound, 4 ranks"
    item.script("const a = document.querySelector('audio'); a.currentTime = 0; a.play()")
    item.wait_heard()
    assert item.button()[0] == "Missing: 4 ranks"


def test_a_busy_page_still_hears_the_whole_sound(item):
    """Where the browser tells of the start only after 0.2 s of 0.25 s were played, they count."""
    item.script(
        "document.querySelector('audio').play();"
        "const start = performance.now(); while (performance.now() < start + 200);"
        "return document.querySelector('audio').currentTime"
    )
    item.wait_heard()


def test_what_is_jumped_over_is_not_heard(item):
    """Also while it plays: 0.3 s, a jump, and the last 0.1 s leave nearly all of 20 s unheard."""
    item.open("/long")
    item.until(f"return document.querySelector('audio').duration > {LONG_S - 0.1}")
    item.script(PLAY, 0, LONG_S - 0.1, wait=True)
    assert item.button()[0] == "Missing: the sound, 4 ranks"


def test_a_muted_sound_is_not_heard(item):
    """Playing with the player's own mute on counts for nothing, and the page says so."""
    item.script("document.querySelector('audio').muted = true")
    item.find(".play").click()
    item.until("return document.querySelector('audio').ended")
    assert item.button()[0] == "Missing: the sound, 4 ranks"
    assert "muted" in item.find(".hint").text


def test_nothing_is_sent_before_all_ranks_are_given(item, site):
    """The button counts what is missing, then names it; pressing it goes to the first image without a rank."""
    assert item.button() == ("Missing: the sound, 4 ranks", "true")
    item.listen()
    assert item.button() == ("Missing: 4 ranks", "true")
    item.number("A", 2).click()
    assert item.button()[0] == "Missing: ranks of B, C, D"
    item.find(".submit").click()
    assert item.script("return document.activeElement.closest('.card').dataset.slot") == "B"
    item.script("document.querySelector('form.send').requestSubmit()")
    assert site.posted == []
    assert item.status() == "Missing: ranks of B, C, D."


def test_ties_where_they_are_allowed(item, site):
    """Equal numbers stay, both images are in the place, and both are posted."""
    item.open("/ties")
    item.listen()
    for slot, rank in zip("ABCD", (1, 2, 2, 2), strict=True):
        item.number(slot, rank).click()
    held = item.script("return [...document.querySelectorAll('.place')].map((p) => p.querySelectorAll('.thumb').length)")
    assert held == [1, 3, 0, 0]
    item.send()
    assert _ranks(site.posted[0]) == "1222"


def test_without_ties_a_used_number_swaps(item):
    """The image that had the number gets the other's old one, or none, and this is said and shown."""
    item.number("A", 1).click()
    item.number("B", 2).click()
    item.number("B", 1).click()
    assert item.ranks() == {"A": 2, "B": 1}
    assert item.status() == "Image B has rank 1. Image A changes to rank 2."
    item.number("C", 2).click()
    assert item.ranks() == {"B": 1, "C": 2}
    assert item.status() == "Image C has rank 2. Image A has lost its rank."
    assert item.script("return document.querySelector('.lost').dataset.slot") == "A"
