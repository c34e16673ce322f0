"""The page as a file."""

import re
import shutil
from html.parser import HTMLParser

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adis_bench.errors import DataError
from adis_bench.registry import load
from reports.html import write_report
from tests.reports.conftest import METHODS, pair_rows

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
SECTIONS = ["trust", "scores", "differences", "tradeoff", "gallery", "classes", "failures", "check", "setup", "reproduce"]
"""In the order in which the page tells its story; a run without trainings and sweeps has none of these."""


class _Links(HTMLParser):
    """Collects tags, addresses and inline handlers of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.handlers, self.ids, self.policy, self.headings = [], [], [], [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "srcset")]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = dict(attrs)["content"]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag == "h2":
            self.headings.append(dict(attrs)["id"])


@pytest.fixture(scope="module")
def report(template, tmp_path_factory):
    """The report of a run of a few classes with ten pairs, written once."""
    folder = shutil.copytree(template, tmp_path_factory.mktemp("html") / "run")
    pq.write_table(pa.Table.from_pylist(pair_rows(folder)), folder / "pairs.parquet")
    results = folder / "results.json"
    # Values of classes are shown from ten pairs on.
    results.write_text(re.sub(r'("metric": "avc",\s*"label": "[a-z_]+",\s*"value": [-0-9.e]+,\s*"n": )6', r"\g<1>12", results.read_text()))
    return write_report(folder)


@pytest.fixture(scope="module")
def text(report):
    """Its page, each space as one."""
    return " ".join(report.read_text(encoding="utf-8").split())


def test_the_report_is_found_by_entry_point():
    """`adis-bench report` looks it up as the plug-in html."""
    assert load("reports", "html") is write_report


def test_every_address_is_a_file_of_the_report(report):
    """Relative links only, each to a file in the folder, a place in the page, or a pair in the gallery."""
    page = _Links(report.read_text(encoding="utf-8"))
    ids = {row["pair_id"] for row in pair_rows(report.parent.parent)}
    assert len(page.links) > 100
    for link in page.links:
        if link.startswith("#pair="):
            assert link[6:] in ids
        elif link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert re.fullmatch(r"media/[0-9a-f]{20}\.(png|webp|mp3|svg)|figures/[a-z0-9-]+\.svg|tables/[a-z0-9-]+\.(csv|tex)", link)
            assert (report.parent / link).is_file()


def test_nothing_lies_in_the_folder_that_no_page_shows(report):
    """Every file is linked, or is one of the gallery's data; a second report removes what only the first one had."""
    page = report.read_text(encoding="utf-8")
    for name in ("media/01234567890123456789.png", "figures/old-one.svg", "tables/old-one.csv", "tables/notes.txt"):
        (report.parent / name).write_text("old")
    write_report(report.parent.parent)
    left = [path.relative_to(report.parent).as_posix() for path in report.parent.rglob("*") if path.is_file()]
    assert [name for name in left if name not in page] == ["index.html", "tables/notes.txt"]
    (report.parent / "tables" / "notes.txt").unlink()


def test_the_story_goes_from_the_answer_down(report, text):
    """The answer stands in the head; then trust, scores, plots, gallery, classes, failures, self-check, methods, how to reproduce."""
    assert _Links(report.read_text(encoding="utf-8")).headings == SECTIONS
    assert text.index("Of 3 methods, ours has the highest avc on 12 pairs") < text.index("<main>")
    for section in SECTIONS:
        assert f'href="#{section}"' in text


def test_the_page_works_under_its_strict_policy(report):
    """No inline handlers or styles, which the policy would block, and no 'unsafe' word in it; a hash for each style and script."""
    page = _Links(report.read_text(encoding="utf-8"))
    assert page.handlers == []
    assert page.policy.startswith("default-src 'none'; img-src 'self' data:; media-src 'self' data:; style-src 'sha256-")
    assert "unsafe" not in page.policy
    # The gallery's data are a script that no policy concerns.
    assert page.policy.count("'sha256-") == page.tags.count("style") + page.tags.count("script") - 1


def test_values_of_data_files_cannot_become_markup(edit_results, report):
    """Whatever text a run holds is shown as text."""

    def poison(results):
        results["command"] = results["warnings"][0] = results["dataset"]["name"] = results["protocol"] = HOSTILE
        results["dataset"]["displays"]["rain"] = results["dataset"]["not_evaluated"]["stream"] = HOSTILE
        results["methods"][5]["description"] = results["methods"][5]["provenance"]["differences"][0] = HOSTILE
        results["metrics"][0]["description"] = results["metrics"][0]["unit"] = results["metrics"][1]["failure"] = HOSTILE
        results["extractors"][0]["facts"] = {HOSTILE: HOSTILE}
        results["versions"][HOSTILE] = HOSTILE
        results["scores"][2].update(value=None, reason=HOSTILE)

    clean = _Links(report.read_text(encoding="utf-8"))
    page = _Links(write_report(edit_results(poison)).read_text(encoding="utf-8"))
    assert page.tags.count("script") == clean.tags.count("script")
    assert page.handlers == []
    assert "x" not in page.links


def test_the_same_run_gives_the_same_report(report):
    """Written twice, the folder holds the same bytes."""
    before = {p: p.read_bytes() for p in report.parent.rglob("*") if p.is_file()}
    write_report(report.parent.parent)
    assert {p: p.read_bytes() for p in report.parent.rglob("*") if p.is_file()} == before


def test_the_page_states_what_the_folder_weighs(report, text):
    """Pictures, sounds, figures, tables and the page itself, in MB."""
    n_bytes = sum(p.stat().st_size for p in report.parent.rglob("*") if p.is_file())
    assert f"take {n_bytes / 1e6:.1f} MB" in text


def test_what_a_reader_must_know_is_there(text):
    """Pairing, classes left out, presets' differences, judge accuracy, protocol, command, digests and reasons."""
    for words in (
        "Sounds and images were not recorded together",
        "stream: one group only, so it went to training",
        "16 channels, not 64",
        "0.870 [0.820, 0.910]",
        "offline, version 1",
        "adis-bench run --methods ours,cut,cyclegan --out runs/demo",
        "d" * 64,
        "b" * 64,
        "no prototypes",
        "not the seed of a training",
        "identity is the floor of fd",
        "adis-bench check metrics --data data/demo",
    ):
        assert words in text


def test_tables_and_plots_can_be_taken_away(report):
    """Every table as CSV and LaTeX, every plot as SVG, under names that say what they are."""
    names = {path.relative_to(report.parent).as_posix() for path in report.parent.rglob("*")}
    tables = ("scores", "secondary", "differences-avc", "metrics", "judge", "counts", "classes-avc")
    assert {f"tables/{name}.{suffix}" for name in tables for suffix in ("csv", "tex")} <= names
    assert {"figures/scores.svg", "figures/differences.svg", "figures/pareto.svg"} <= names
    assert (report.parent / "tables" / "scores.csv").read_text().count("\n") == 1 + len(METHODS)


def test_no_path_of_this_machine_is_in_the_page(report, text):
    """The page can be sent around: media are relative, and the run's folder is not printed."""
    assert str(report.parent.parent) not in text


def test_a_run_of_controls_alone_has_a_report(edit_results):
    """Without methods the page still stands, and no failures are told."""

    def drop(results):
        results["methods"] = [m for m in results["methods"] if m["control"]]
        for rows in ("scores", "differences", "class_scores"):
            results[rows] = [r for r in results[rows] if r["method"] not in ("ours", "cut", "cyclegan")]

    text = write_report(edit_results(drop)).read_text(encoding="utf-8")
    assert "controls on demo" in text
    assert 'id="failures"' not in text


def test_another_folder_can_be_named(run_dir, tmp_path):
    """The report goes where it is asked to, twice if need be; the run keeps its own; its own folder is refused."""
    out = tmp_path / "sent" / "around"
    assert write_report(run_dir, out=out) == out / "index.html"
    assert not (run_dir / "report").exists()
    assert write_report(run_dir, out=out) == out / "index.html"
    with pytest.raises(DataError, match=r"holds results\.json and media of something else; choose another folder with --out"):
        write_report(run_dir, out=run_dir)


@pytest.mark.parametrize("taken", ["index.html", "figures/mine.svg"])
def test_what_is_not_ours_is_left_alone(run_dir, tmp_path, taken):
    """A page or a folder of figures of something else isn't written over."""
    (tmp_path / "site" / taken).parent.mkdir(parents=True)
    (tmp_path / "site" / taken).write_text("mine")
    with pytest.raises(DataError, match="of something else"):
        write_report(run_dir, out=tmp_path / "site")
    assert (tmp_path / "site" / taken).read_text() == "mine"


def test_parts_of_the_page_stay_small(report):
    """Styles and scripts are written by hand and stay so: a reader gets less than 64 kB of them."""
    page = report.read_text(encoding="utf-8")
    parts = re.findall(r"<style>(.*?)</style>|<script>(.*?)</script>", page, re.DOTALL)
    assert len(parts) > 5
    assert sum(len(style) + len(script) for style, script in parts) < 64_000
