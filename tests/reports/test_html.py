"""The page as a file."""

import json
import re
import shutil
from html.parser import HTMLParser

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adis_bench.errors import DataError
from adis_bench.registry import load
from adis_bench.results import PER_PAIR_NAME
from reports import html
from reports.gallery import GalleryOptions
from reports.html import write_report
from reports.media import MediaFolder
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
    """Every file is linked, or is one of the gallery's data; a second report removes what only the first one wrote, and nobody else's."""
    page = report.read_text(encoding="utf-8")
    before = MediaFolder(report.parent)
    for name in ("figures/old-one.svg", "tables/old-one.csv"):
        before.add_named(name, b"old")
    for name in ("media/01234567890123456789.png", "tables/notes.txt", "tables/theirs.csv"):
        (report.parent / name).write_text("old")
    write_report(report.parent.parent)
    left = [path.relative_to(report.parent).as_posix() for path in report.parent.rglob("*") if path.is_file()]
    theirs = ["tables/notes.txt", "tables/theirs.csv"]
    assert sorted(name for name in left if name not in page) == ["index.html", "media/named.json", *theirs]
    for name in theirs:
        (report.parent / name).unlink()


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


def test_a_first_report_that_was_stopped_is_written_again(run_dir, tmp_path, monkeypatch):
    """What it left behind is its own; a page or a run's results in such a folder are still somebody's."""
    out = tmp_path / "site"
    monkeypatch.setattr(html, "_render", stop)
    with pytest.raises(KeyboardInterrupt):
        write_report(run_dir, out=out)
    monkeypatch.undo()
    assert {path.name for path in out.iterdir()} == {"media", "figures", "tables"}
    (out / "results.json").write_text("{}")
    with pytest.raises(DataError, match=r"holds results\.json of something else"):
        write_report(run_dir, out=out)
    (out / "results.json").unlink()
    assert write_report(run_dir, out=out).is_file()
    assert not (out / "media" / "begun").exists()


def stop(_, media, *__):
    """A user presses Ctrl+C between the first files and the page."""
    media.add(b"a picture", ".png")
    for name in ("figures/scores.svg", "tables/scores.csv"):
        media.add_named(name, b"older")
    raise KeyboardInterrupt


def test_damaged_scores_are_told_before_anything_is_written(run_dir, tmp_path):
    """The folder isn't even made."""
    (run_dir / PER_PAIR_NAME).write_bytes(b"no table")
    with pytest.raises(DataError, match="cannot be read"):
        write_report(run_dir, out=tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("name", ["figures", "tables"])
def test_folders_that_are_links_are_refused(run_dir, tmp_path, name):
    """A report writes and removes nothing outside of its folder, and has changed nothing by then."""
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "scores.svg").write_text("theirs")
    (run_dir / "report").mkdir()
    (run_dir / "report" / name).symlink_to(tmp_path / "vault")
    with pytest.raises(DataError, match=f"{name} is a link to another folder"):
        write_report(run_dir)
    assert [path.name for path in (run_dir / "report").iterdir()] == [name]
    assert [path.read_text() for path in (tmp_path / "vault").iterdir()] == ["theirs"]


def test_failures_link_to_the_pairs_that_the_gallery_has(run_dir, monkeypatch):
    """Where the bound leaves pairs out, the failures among the others keep their links."""
    monkeypatch.setattr(html.gallery, "GalleryOptions", lambda full_size: GalleryOptions(full_size, max_bytes=140_000))
    page = write_report(run_dir).read_text(encoding="utf-8")
    shown = json.loads(re.search(r'id="gallery-data">(.*?)</script>', page, re.DOTALL)[1])["ids"]
    linked = {link[6:] for link in _Links(page).links if link.startswith("#pair=")}
    assert linked
    assert linked <= set(shown) < {row["pair_id"] for row in pair_rows(run_dir)}


def test_parts_of_the_page_stay_small(report):
    """Styles and scripts are written by hand and stay so: a reader gets less than 64 kB of them."""
    page = report.read_text(encoding="utf-8")
    parts = re.findall(r"<style>(.*?)</style>|<script>(.*?)</script>", page, re.DOTALL)
    assert len(parts) > 5
    assert sum(len(style) + len(script) for style, script in parts) < 64_000


def test_other_metrics_come_before_the_evidence(text):
    """What other headline metrics say belongs to the answer's sentences."""
    assert text.index("By other headline metrics") < text.index('<ul class="evidence">')


def test_no_text_turns_the_reading_direction(edit_results):
    """Names with control characters are escaped in title, heading and everywhere else."""

    def turn(results):
        results["dataset"]["name"] = "de\u202emo"

    page = write_report(edit_results(turn)).read_text(encoding="utf-8")
    assert "\u202e" not in page
    assert re.search(r"<h1>[^<]*on de\\u202emo</h1>", page)


def test_a_print_has_its_marks_and_no_bulk(report, text):
    """Dots and coloured tables keep their colours without background graphics; long tables stay folded."""
    assert re.search(r"\.dot,\.heat td\{[^}]*print-color-adjust:exact\}", text)
    assert ":not(.bulk)" in text
    for summary in ("Secondary scores", "How many outputs each number rests on", "The differences from the controls as tables"):
        assert f'<details class="bulk"> <summary>{summary}' in text
