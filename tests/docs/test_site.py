"""The documentation's site builds without a warning, stands alone, and has no dead link."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from tests.docs.written import ROOT
from tests.reports.accessibility import serious
from tests.reports.browsing import IN_BROWSER, fits, open_browser, open_page, set_scheme, set_width

_LOADS = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("audio", "src"), ("video", "src"), ("source", "src")}
_ELSEWHERE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)


class _Page(HTMLParser):
    """The addresses that a page loads or links to, and the places in it that a link may name."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        """Collect from one tag."""
        for name, value in attrs:
            if value and (tag, name) in _LOADS and ("rel", "canonical") not in attrs:
                self.loads.append(value)
            elif value and (tag, name) == ("a", "href"):
                self.links.append(value)
            elif value and name in ("id", "name"):
                self.places.add(value)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as ``make docs`` builds it but into a folder of the test."""
    out = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(out)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return out


@pytest.fixture(scope="module")
def pages(built: Path) -> dict[Path, _Page]:
    """Every page of the site; the one for addresses that don't exist is left out: it is served at any depth."""
    return {path: _Page(path) for path in sorted(built.rglob("*.html")) if path.name != "404.html"}


def test_nothing_comes_from_another_host(built: Path, pages: dict[Path, _Page]):
    """No script, style sheet, image or frame of a page, and nothing in a style sheet, lies elsewhere."""
    assert [(str(path), address) for path, page in pages.items() for address in page.loads if _ELSEWHERE.match(address)] == []
    sheets = {path: re.findall(r"url\(\s*[\"']?([^)\"']+)|@import\s+[\"']([^\"']+)", path.read_text()) for path in built.rglob("*.css")}
    assert sheets
    assert [(str(path), found) for path, all_found in sheets.items() for found in all_found if _ELSEWHERE.match("".join(found))] == []


def test_every_link_leads_somewhere(built: Path, pages: dict[Path, _Page]):
    """Whatever a page loads or links to inside the site is there, also the place in the page that it names."""
    known = {path.resolve(): page for path, page in pages.items()}
    dead = []
    for path, page in pages.items():
        for address in (*page.loads, *page.links):
            if _ELSEWHERE.match(address) or re.match(r"(https?|mailto|data|javascript):", address):
                continue
            file, place = urldefrag(address)
            aim = ((path.parent / unquote(file)) if file else path).resolve()
            there = aim.is_relative_to(built.resolve()) and aim.is_file()
            if not there or (place and aim in known and unquote(place) not in known[aim].places):
                dead.append((str(path.relative_to(built)), address))
    assert dead == []


def test_the_reference_shows_types_and_no_source(built: Path):
    """A plug-in's author finds the signature of ``Method.fit`` with its types; sources are not repeated."""
    text = re.sub(r"<[^>]+>", "", (built / "api" / "methods.html").read_text())
    assert re.search(r"fit\(\s*train:\s*Dataset,\s*workdir:\s*Path\s*\)\s*-(&gt;|>)\s*None", text)
    assert "Source code in" not in text


@pytest.fixture(scope="module")
def browser():
    """A browser for this file."""
    driver = open_browser()
    yield driver
    driver.quit()


@IN_BROWSER[0]
@IN_BROWSER[1]
def test_the_site_works_from_disk(browser, built: Path):
    """Opened from disk it asks no host for anything, logs no error, and its search finds a statistic's page."""
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get_log("performance")
    open_page(browser, built / "index.html")
    browser.find_element("css selector", "input.md-search__input").send_keys("krippendorff")
    found = WebDriverWait(browser, 20).until(lambda page: page.find_elements("css selector", "a.md-search-result__link"))
    assert any("statistics.html" in link.get_attribute("href") or "study.html" in link.get_attribute("href") for link in found)
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    asked = [entry["message"] for entry in browser.get_log("performance") if '"Network.requestWillBeSent"' in entry["message"]]
    assert asked
    assert [message for message in asked if re.search(r'"url":"https?:', message)] == []


@pytest.mark.parametrize("scheme", [pytest.param(scheme, marks=IN_BROWSER) for scheme in ("light", "dark")])
def test_axe_finds_nothing_serious(browser, built: Path, scheme: str):
    """Names, contrast and the like are as people who read by ear or with weak eyes need them."""
    open_page(browser, built / "tutorial.html")
    set_scheme(browser, scheme)
    browser.get((built / "tutorial.html").as_uri())
    assert serious(browser) == []


@pytest.mark.parametrize("width", [pytest.param(width, marks=IN_BROWSER) for width in (400, 1000, 1600)])
def test_no_page_scrolls_sideways(browser, built: Path, pages: dict[Path, _Page], width: int):
    """Long tables and code scroll by themselves, in light and dark."""
    open_page(browser, built / "index.html")
    set_width(browser, width)
    for scheme in ("light", "dark"):
        set_scheme(browser, scheme)
        for name in ("index", "tutorial", "metrics", "study", "api/methods", "changelog"):
            browser.get((built / f"{name}.html").as_uri())
            assert fits(browser), (name, scheme)
