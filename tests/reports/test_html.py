"""The page as a file."""

import re
from html.parser import HTMLParser
from pathlib import Path

from adis_bench.registry import load
from reports.html import write_report

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


class _Links(HTMLParser):
    """Collects tags, addresses and inline handlers of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.handlers, self.ids, self.policy = [], [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "srcset")]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = dict(attrs)["content"]
        self.ids += [value for name, value in attrs if name == "id"]


def _page(run_dir):
    return _Links(write_report(run_dir).read_text(encoding="utf-8"))


def test_the_report_is_found_by_entry_point(run_dir):
    """`adis-bench report` looks it up as the plug-in html."""
    assert load("reports", "html")(run_dir) == run_dir / "report" / "index.html"


def test_every_address_is_a_file_of_the_report(run_dir):
    """Relative links only, each to a file in the folder or a place in the page."""
    page = _page(run_dir)
    assert len(page.links) > 100
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert re.fullmatch(r"media/[0-9a-f]{20}\.(png|webp|wav|svg)", link)
            assert (run_dir / "report" / link).is_file()


def test_the_page_works_under_its_strict_policy(run_dir):
    """No inline handlers or styles, which the policy would block, and no 'unsafe' word in it."""
    page = _page(run_dir)
    assert page.handlers == []
    assert page.policy.startswith("default-src 'none'; img-src 'self' data:; media-src 'self' data:; style-src 'sha256-")
    assert "unsafe" not in page.policy


def test_values_of_data_files_cannot_become_markup(edit_results):
    """Whatever text a run holds is shown as text."""

    def poison(results):
        results["command"] = results["warnings"][0] = results["dataset"]["name"] = results["protocol"] = HOSTILE
        results["dataset"]["displays"]["rain"] = results["dataset"]["not_evaluated"]["stream"] = HOSTILE
        results["methods"][5]["description"] = results["methods"][5]["provenance"]["differences"][0] = HOSTILE
        results["metrics"][0]["description"] = results["metrics"][0]["unit"] = HOSTILE
        results["extractors"][0]["facts"] = {HOSTILE: HOSTILE}
        results["versions"][HOSTILE] = HOSTILE
        results["scores"][2].update(value=None, reason=HOSTILE)

    clean = _page(edit_results(lambda r: None))
    page = _page(edit_results(poison))
    assert page.tags.count("script") == clean.tags.count("script") == 1
    assert page.handlers == []
    assert "x" not in page.links


def test_the_same_run_gives_the_same_report(run_dir):
    """Written twice, the folder holds the same bytes."""
    path = write_report(run_dir)
    before = {p: p.read_bytes() for p in path.parent.rglob("*") if p.is_file()}
    write_report(run_dir)
    assert {p: p.read_bytes() for p in path.parent.rglob("*") if p.is_file()} == before


def test_what_a_reader_must_know_is_there(run_dir):
    """Pairing, classes left out, presets' differences, judge accuracy, command, digests and reasons."""
    text = " ".join(write_report(run_dir).read_text(encoding="utf-8").split())
    for words in (
        "Sounds and images were not recorded together",
        "stream: one group only, so it went to training",
        "16 channels, not 64",
        "0.870 [0.820, 0.910]",
        "adis-bench run --methods ours,cut,cyclegan --out runs/demo",
        "d" * 64,
        "no prototypes",
        "not of training seeds",
    ):
        assert words in text


def test_no_path_of_this_machine_is_in_the_page(run_dir):
    """The page can be sent around: media are relative, and the run's folder is not printed."""
    assert str(run_dir) not in write_report(run_dir).read_text(encoding="utf-8")


def test_a_run_of_controls_alone_has_a_report(edit_results):
    """Without methods the page still stands."""

    def drop(results):
        results["methods"] = [m for m in results["methods"] if m["control"]]
        for rows in ("scores", "differences", "class_scores"):
            results[rows] = [r for r in results[rows] if r["method"] not in ("ours", "cut", "cyclegan")]

    path = write_report(edit_results(drop))
    assert "controls on demo" in path.read_text(encoding="utf-8")


def test_parts_of_the_page_stay_small(run_dir):
    """Style and script are written by hand and stay so: together under 25 kB."""
    static = Path(load("reports", "html").__globals__["__file__"]).parent / "static"
    assert sum(p.stat().st_size for p in static.iterdir()) < 25_000
