"""The pages of the server, in this process."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from adis_bench.study.records import Study
from adis_bench.study.server.app import Site, make_app
from adis_bench.study.server.database import Database, open_database
from adis_bench.study.server.places import places_of
from adis_bench.study.server.posted import MAX_BODY
from adis_bench.study.server.status import read_status
from adis_bench.study.server.store import Store
from tests.study.studies import METHODS, make_study


class Browser(TestClient):
    """A browser at a study's server; ``log`` is what the server logged, ``later`` moves its clock."""

    study: Study
    store: Store
    database: Database
    log: list[str]
    later: list[float]

    def join(self) -> str:
        """The path of a new participant's page."""
        return self.post(f"/join/{self.store.join_code()}", data={"consent": "yes"}).headers["location"]

    def item(self, path: str) -> str:
        """The item on the page."""
        found = re.search(r'name="item_id" value="([^"]+)"', self.get(path).text)
        return found.group(1) if found else ""

    def answer(self, path: str, **changed: str):
        """Answer the item on the page."""
        return self.post(path, data={**self.fields(path), **changed})

    def fields(self, path: str) -> dict[str, str]:
        """A good answer to the item on the page."""
        ranks = {f"rank_{slot}": str(i + 1) for i, slot in enumerate(self.study.slots)}
        return {"item_id": self.item(path), **ranks, "seconds": "5", "plays": "1", "comment": ""}

    def answered(self) -> int:
        """Answers in the database."""
        return read_status(self.database).answered


@pytest.fixture
def open_browser(tmp_path: Path):
    """Make a browser: ``open_browser(closed=True)``."""
    opened = []

    def make(closed: bool = False, participants: int = 0, **site: object) -> Browser:
        study, _ = make_study(tmp_path / "study", n_items=3, n_gold=0, n_repeats=0, raters=2)
        database = open_database(tmp_path, None)
        database.prepare(study, None)
        log: list[str] = []
        later = [0.0]
        store = Store(database, study, 60, lambda: time.time() + later[0], places_of(study, participants))
        store.close(closed=closed)
        app = make_app(study, tmp_path / "study", store, Site(**site, log=log.append, tell=log.append))  # type: ignore[arg-type]
        browser = Browser(app, follow_redirects=False, raise_server_exceptions=False)
        browser.study, browser.store, browser.database, browser.log, browser.later = study, store, database, log, later
        opened.append(browser)
        return browser

    yield make
    for browser in opened:
        browser.database.close()


@pytest.fixture
def browser(open_browser) -> Iterator[Browser]:
    """At an open study."""
    return open_browser()


def test_from_the_link_to_the_end(browser: Browser):
    """Consent, a page for each item, thanks; every answer is there at once."""
    consent = browser.get(f"/join/{browser.store.join_code()}")
    assert browser.study.texts.consent.split("\n\n")[0] in consent.text
    path = browser.join()
    assert re.fullmatch(r"/p/[\w-]{32}", path)
    for n in range(3):
        sent = browser.answer(path, comment="<b>fine</b>")
        assert (sent.status_code, sent.headers["location"]) == (303, path)
        assert browser.answered() == n + 1
    assert "Thank you" in browser.get(path).text
    assert "all of them are saved" in browser.get(path).text


def test_headers(browser: Browser):
    """On every answer: nothing is cached, framed, guessed or told to others."""
    path = browser.join()
    for response in (browser.get(path), browser.get("/nothing"), browser.get("/health"), browser.post(path, data={"x": "1"})):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in browser.get(path).headers["content-security-policy"]
    assert browser.get("/health").json() == {"status": "ok"}


def test_only_the_media_of_the_study(browser: Browser):
    """Exactly the named files, by exact name; neither key nor study nor anything around them."""
    item = browser.study.items[0]
    for path, kind in ((item.sound, "audio/"), (item.images[0], "image/png"), (item.spectrogram, "image/png")):
        response = browser.get(f"/files/{path}")
        assert (response.status_code, response.headers["content-type"].startswith(kind)) == (200, True)
    for path in ("key.json", "study.json", "media", "media/", "", "media/../key.json", "..%2fstudy%2fkey.json", "media/%2e%2e/key.json",
                 "answers.sqlite", f"/{item.sound}", f"{item.sound}%00", f"{item.sound}/", "/etc/passwd", "../answers.sqlite"):  # fmt: skip
        response = browser.get(f"/files/{path}")
        assert response.status_code == 404, path
        assert "sqlite" not in response.text
        assert "secret" not in response.text
    assert browser.get(f"/files/{item.sound}", headers={"Range": "bytes=0-9"}).status_code == 206  # browsers seek in sounds


def test_pages_tell_no_methods(browser: Browser):
    """Neither methods nor kinds of items stand anywhere on a page."""
    page = browser.get(browser.join()).text
    assert not [word for word in (*METHODS, "gold", "repeat_of", "shuffled") if re.search(rf"\b{word}\b", page)]


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"rank_A": "2"}, 422), ({"rank_A": ""}, 422), ({"seconds": "nan"}, 422), ({"comment": "x" * 501}, 422), ({"item_id": "it-0"}, 422)],
)
def test_bad_answers(browser: Browser, changed: dict[str, str], status: int):
    """A plain page says what is wrong, and nothing is counted."""
    response = browser.answer(browser.join(), **changed)
    assert (response.status_code, browser.answered()) == (status, 0)
    assert "Your answer was not taken" in response.text


def test_bad_requests(browser: Browser):
    """Other methods, types, sizes, sites and links: 4xx with a plain page."""
    path = browser.join()
    good = browser.fields(path)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    tries = [
        (405, browser.put(path)),
        (405, browser.post("/health")),
        (415, browser.post(path, json=good)),
        (415, browser.post(path, files={"item_id": b"x"})),
        (415, browser.post(path)),
        (413, browser.post(path, content=b"a=" + b"x" * MAX_BODY, headers=form)),
        (413, browser.post(path, content=iter([b"a=", b"x" * MAX_BODY]), headers=form)),
        (400, browser.post(path, content=b"a=%ff", headers=form)),
        (403, browser.post(path, data=good, headers={"Origin": "https://evil.example"})),
        (403, browser.post(path, data=good, headers={"Origin": "null", "Sec-Fetch-Site": "cross-site"})),
        (404, browser.post("/p/nobody/consent", data={"consent": "yes"})),
        (404, browser.get("/p/nobody")),
        (404, browser.get("/p/nobody/withdraw")),
        (404, browser.get("/join/nothing")),
        (404, browser.post("/join/nothing", data={"consent": "yes"})),
        (400, browser.post(f"{path}/withdraw", data={"answers": "burn"})),
        (409, browser.post("/p/nobody", data=good)),
    ]
    assert [(status, response.status_code) for status, response in tries if status != response.status_code] == []
    assert all("<h1>" in response.text for _, response in tries)
    assert browser.answered() == 0
    # Under no-referrer browsers send null with our own forms.
    assert browser.post(path, data=good, headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert browser.answered() == 1


def test_sent_twice(browser: Browser):
    """A second click, or going back and sending again, shows the next page and counts nothing."""
    path = browser.join()
    fields = browser.fields(path)
    for _ in range(3):
        assert browser.post(path, data=fields).headers["location"] == path
    assert browser.answered() == 1
    assert browser.item(path) != fields["item_id"]


def test_late(open_browser):
    """Who comes too late is told so on a page with a way on, and the answer is kept."""
    browser = open_browser()
    late, *others = [browser.join() for _ in range(3)]
    fields = browser.fields(late)
    browser.later[0] += 61
    for path in others:
        while browser.item(path):
            browser.answer(path)
    assert browser.answered() == 6
    assert browser.post(late, data=fields).headers["location"] == f"{late}/late"
    page = browser.get(f"{late}/late").text
    assert "kept in reserve" in page
    assert f'action="{late}"' in page
    assert (browser.answered(), read_status(browser.database).surplus) == (6, 1)


def test_withdrawing(browser: Browser):
    """The page's button asks first; then the answers are kept, and can still be deleted."""
    path = browser.join()
    browser.answer(path)
    asked = browser.post(path, data={"withdraw": "yes"})
    assert asked.headers["location"] == f"{path}/withdraw"
    assert 'value="delete"' in browser.get(f"{path}/withdraw").text
    assert browser.item(path)  # nothing happened yet
    browser.post(f"{path}/withdraw", data={"answers": "keep"})
    assert "You have withdrawn" in browser.get(path).text
    assert browser.answered() == 1
    browser.post(f"{path}/withdraw", data={"answers": "delete"})
    assert "None of your answers is kept" in browser.get(path).text
    assert browser.answered() == 0


def test_waiting_pages_look_again(open_browser):
    """Where all pages are with others, the page says so and loads itself anew."""
    browser = open_browser()
    people = [browser.join() for _ in range(3)]
    for path in people[:2]:
        browser.answer(path)
        browser.answer(path)
    for path in people[:2]:
        assert browser.item(path)
    while browser.item(people[2]):
        browser.answer(people[2])
    page = browser.get(people[2])
    assert "with other participants" in page.text
    assert int(page.headers["refresh"]) > 0


def test_invited_only(open_browser):
    """The open link is closed; who was invited agrees first."""
    browser = open_browser(closed=True)
    assert browser.get(f"/join/{browser.store.join_code()}").status_code == 404
    assert browser.post(f"/join/{browser.store.join_code()}", data={"consent": "yes"}).status_code == 404
    path = f"/p/{browser.store.join(consented=False)}"
    assert browser.item(path) == ""
    assert f'action="{path}/consent"' in browser.get(path).text
    assert browser.post(f"{path}/consent", data={"consent": "yes"}).headers["location"] == path
    assert browser.item(path)


def test_behind_a_proxy(open_browser):
    """All addresses carry the prefix, whether the proxy takes it off or not; the origin is the public one."""
    browser = open_browser(root_path="/lab", public_url="https://example.org/lab")
    path = browser.join()
    assert path.startswith("/lab/p/")
    page = browser.get(path.removeprefix("/lab")).text
    assert f'action="{path}"' in page
    assert set(re.findall(r'src="([^"]*?)media/', page)) == {"/lab/files/"}
    assert browser.get(path).status_code == 200
    fields = browser.fields(path)
    assert browser.post(path, data=fields, headers={"Origin": "http://testserver"}).status_code == 403
    assert browser.post(path, data=fields, headers={"Origin": "https://example.org"}).status_code == 303


def test_the_log_holds_no_secrets(browser: Browser):
    """Routes, statuses and times; no links, items or people."""
    path = browser.join()
    browser.answer(path)
    browser.get(f"/nothing{path}")
    text = "\n".join(browser.log)
    assert "POST /join/{code} 303" in text
    assert "POST /p/{token} 303" in text
    assert "GET (unknown page) 404" in text
    assert path.rpartition("/")[2] not in text
    assert browser.store.join_code() not in text


def test_a_database_that_fails(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    """Nothing is acknowledged, and the page says what to do."""
    path = browser.join()
    fields = browser.fields(path)
    with browser.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE adis_assignments")
    response = browser.post(path, data=fields)
    assert (response.status_code, response.headers["retry-after"]) == (503, "10")
    assert "could not save" in response.text
    monkeypatch.setattr(browser.store, "turn", lambda token: 1 / 0)
    response = browser.get(path)
    assert (response.status_code, response.headers["cache-control"]) == (500, "no-store")
    assert "ZeroDivision" not in response.text


def test_only_who_agrees_takes_part(open_browser):
    """A post without ``consent=yes`` makes no participant, nor lets one begin who was invited."""
    browser = open_browser()
    invited = f"/p/{browser.store.join(consented=False)}"
    for path in (f"/join/{browser.store.join_code()}", f"{invited}/consent"):
        for sent in ({"other": "yes"}, {"consent": "no"}):
            response = browser.post(path, data=sent)
            assert (response.status_code, "when you agree" in response.text) == (400, True)
    assert read_status(browser.database).participants == 0
    assert browser.item(invited) == ""


def test_all_places_taken(open_browser):
    """Whoever comes then is asked to come back, and may come in when somebody withdrew."""
    browser = open_browser(participants=1)
    path, link = browser.join(), f"/join/{browser.store.join_code()}"
    for response in (browser.get(link), browser.post(link, data={"consent": "yes"})):
        assert (response.status_code, "full just now" in response.text) == (503, True)
        assert int(response.headers["retry-after"]) > 0
    browser.post(f"{path}/withdraw", data={"answers": "delete"})
    assert browser.post(link, data={"consent": "yes"}).status_code == 303


@pytest.mark.parametrize("prefix", ["", "/lab"])
def test_no_redirects_to_where_the_host_header_says(open_browser, prefix: str):
    """A slash too many is a page that isn't there."""
    browser = open_browser(root_path=prefix)
    path = browser.join()
    for address in (f"{path}/", f"{prefix}/health/", "/health/"):
        response = browser.get(address, headers={"Host": "evil.example"})
        assert (response.status_code, "location" in response.headers) == (404, False)


def test_origins_that_are_no_address(browser: Browser):
    """Refused as any other site's."""
    path = browser.join()
    assert browser.post(path, data=browser.fields(path), headers={"Origin": "http://["}).status_code == 403


def test_words_for_who_has_ranked_nothing(open_browser):
    """No thanks for answers that aren't there, no offer to delete them."""
    browser = open_browser()
    first, second = browser.join(), browser.join()
    assert "my answers" not in browser.get(f"{first}/withdraw").text
    for path in (first, second):
        while browser.item(path):
            browser.answer(path)
    page = browser.get(browser.join()).text
    assert "Others have ranked all pages already" in page
    assert "0 pages" not in page


def test_late_pages_of_nobody(browser: Browser):
    """There are none."""
    assert browser.get("/p/nobody/late").status_code == 404


def test_the_operator_learns_why_nothing_is_saved(browser: Browser):
    """The database's reason, without what was to be written."""
    path = browser.join()
    fields = browser.fields(path)
    with browser.database.writing() as connection:
        connection.exec_driver_sql("CREATE TRIGGER full BEFORE UPDATE ON adis_assignments BEGIN SELECT RAISE(FAIL, 'disk is full'); END")
    assert browser.post(path, data={**fields, "comment": "my secret"}).status_code == 503
    told = [line for line in browser.log if "could not save" in line]
    assert told == ["participants could not save or read: disk is full"]
