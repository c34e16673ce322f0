"""The page of a dataset: its numbers are those of the record, names of anybody stay text, and it opens in a browser from disk."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from adis_bench.cli.main import main
from adis_bench.datasets.describe import describe
from adis_bench.datasets.leakage import leakage
from adis_bench.errors import DataError
from reports import dataset_figures
from reports.dataset_page import write_page
from reports.style import CONTROL_COLOR, METHOD_COLORS
from tests.datasets.described import source, video_dataset
from tests.reports.browsing import IN_BROWSER, fits, load_everything, nameless, open_page, set_scheme, set_width

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def videos(tmp_path):
    """The hand-made dataset from videos."""
    return video_dataset(tmp_path / "videos")


@pytest.fixture
def page(videos, tmp_path):
    """Its page's text."""
    return write_page(videos, describe(videos), tmp_path / "page", leakage(videos)).read_text()


def _cells(page, region):
    """The rows of the table in a region, as the texts of their cells."""
    table = re.search(rf'aria-label="{region}".*?</table>', page, re.DOTALL)
    assert table is not None
    rows = re.findall(r"<tr>(.*?)</tr>", table[0], re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def test_the_folder_holds_what_was_promised(videos, tmp_path):
    """Page, record and both figures; a second call gives the same bytes, and no leftovers."""
    out = tmp_path / "page"
    assert write_page(videos, describe(videos), out) == out / "index.html"
    assert {"index.html", "description.json", "figure-1a.svg", "figure-1b.svg", "media"} == {path.name for path in out.iterdir()}
    record = json.loads((out / "description.json").read_text())
    assert record["digest"] == videos.digest
    assert len(record["skipped"]) == 4
    first = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    (out / "media" / "0123456789abcdef0123.png").touch()
    write_page(videos, describe(videos), out)
    assert {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()} == first


def test_numbers_are_those_of_the_record(page, videos):
    """Every count of the tables is the description's."""
    found = describe(videos)
    head, *rows, total = _cells(page, "Segments by category")
    assert head == ["Category", "segments", "share", "train", "test", "images", "recordings", "median leveldBFS"]
    assert [row[:2] + row[3:7] for row in rows] == [
        ["rain &amp; wind", "3", "2", "1", "6", "2"],
        ["ocean", "1", "0", "1", "2", "1"],
        ["unknown (not evaluated)", "1", "0", "1", "2", "1"],
    ]
    assert [row[2] for row in rows] == [f"{100 * category.share:.1f} %" for category in found.categories]
    assert [row[7] for row in rows] == ["−30.0", "−40.0", "−25.0"]
    assert total[:7] == ["all", "5", "", "2", "3", "10", ""]
    assert _cells(page, "Left out by reason")[1:] == [
        ["no audio", "no audio stream", "1"],
        ["unreadable", "damaged, empty or of no known format", "1"],
        ["music", "dominated by music", "2"],
    ]
    assert found.appendix is not None
    assert _cells(page, "Counts of the appendix and of this dataset")[1:] == [
        [row.what, row.published, row.ours] for row in found.appendix.counts
    ]
    assert [row[:3] for row in _cells(page, "Videos")[1:]] == [
        ["one", "20.0", "2"],
        ["two", "1.5", "1"],
        ["three", "44.0", "2"],
        ["four", "23.0", "0"],
    ]
    assert "4 of 94" in page


def test_leakage_stands_there_where_it_is_known(page, videos, tmp_path):
    """Both rules side by side, with the sentence; without it the page does without."""
    found = leakage(videos)
    assert found.sentence in page
    own, other = _cells(page, "What training and test have in common")[1:]
    assert own[:2] == ["by video (this dataset)", str(found.own.n_test)]
    assert found.other is not None
    assert other[0] == "by segment, at random"
    assert other[2].startswith(str(found.other.n_trained_video))
    assert "What the split gives away" not in write_page(videos, describe(videos), tmp_path / "without").read_text()


def test_names_stay_text(page):
    """Markup in names is text, what moves a cursor or turns the direction is written out, and the page's policy allows no script."""
    assert r"a\nb\x1b[31m&lt;script&gt;alert(1)&lt;/script&gt;\u202e\udcff.mp4" in page
    assert "Evil &lt;i&gt;name&lt;/i&gt;" in page
    assert "<script" not in page
    assert "<i>" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'")
    assert "script-src" not in policy[1]


def test_a_folder_of_something_else_is_refused(videos, tmp_path):
    """Media of a folder that is not a page's are never removed."""
    out = tmp_path / "mine"
    (out / "media").mkdir(parents=True)
    (out / "media" / "holiday.jpg").touch()
    with pytest.raises(DataError, match="choose another folder"):
        write_page(videos, describe(videos), out)
    assert [path.name for path in out.rglob("*")] == ["media", "holiday.jpg"]


def test_gone_media_leave_a_gap(videos, tmp_path):
    """A frame and a sound that are gone are named, and the rest of the page is there."""
    videos.segments[2].frame_paths[0].unlink()
    videos.segments[2].audio_path.unlink()
    page = write_page(videos, describe(videos), tmp_path / "page").read_text()
    assert (page.count("image missing"), page.count("sound missing")) == (1, 1)


def test_images_and_sounds_of_different_sources(videos, tmp_path):
    """A class's images and sounds stand side by side, drawn each for itself; what has no partner says so."""
    _, _, _, sound, picture = videos.segments
    sound = replace(sound, frame_paths=(), frame_sha256=(), frame_groups=())
    pictures = [replace(picture, label="rain", segment_id=f"p{k}", audio_path=Path(), audio_sha256="", audio_group="") for k in range(2)]
    grid = replace(videos, pairing="grid", recipe={"kind": "out_of_domain"}, segments=(sound, *pictures))
    page = write_page(grid, describe(grid), tmp_path / "page").read_text()
    assert "1 sound of 3 s (0.00 h) and 2 different images" in page
    assert "drawn each for itself" in page
    assert (page.count("<audio"), page.count("no more sounds"), page.count("missing</div>")) == (1, 1, 0)
    assert re.search(r"p[01] \| three_clip1</figcaption>", page)


def test_figure_1a_draws_every_bin(videos):
    """One bar for every bin that holds videos, and the numbers in words."""
    found = describe(videos).durations
    assert found is not None
    drawing = dataset_figures.durations(found)
    assert drawing.alt.startswith(
        "Histogram of the durations of 4 videos, from 1.5 to 44 minutes, median 21.5. 0 to 10: 1; 20 to 30: 2; 40 to 50: 1."
    )
    texts = [text.text for text in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text")]
    assert {"Duration in minutes", "Videos", "median 21.5 min"} <= set(texts)
    assert _bars(drawing.svg, METHOD_COLORS[0].light) == len(found.histogram.counts)


def _bars(svg, shade):
    return len(re.findall(rf"<path [^>]*style=\"fill: {shade}", svg))


def test_figure_1b_is_ordered(videos):
    """Categories from the most frequent down, with their shares; what is no category is grey and last."""
    drawing = dataset_figures.categories(describe(videos))
    assert drawing is not None
    texts = [text.text for text in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text")]
    assert texts == ["rain & wind", "ocean", "unknown", "60.0 %", "20.0 %", "20.0 %"]
    assert (_bars(drawing.svg, METHOD_COLORS[0].light), _bars(drawing.svg, CONTROL_COLOR.light)) == (2, 1)
    assert "rain & wind 3 (60.0 %); ocean 1 (20.0 %)" in drawing.alt


def test_figures_of_odd_datasets(videos):
    """Names of any length and content are drawn; nothing is drawn of nothing."""
    name = "\x1b[31m" + 20 * "very long "
    odd = replace(videos, displays={**videos.displays, "rain": name}, notes={"sources": [source("one", 3, 5)]})
    drawing = dataset_figures.categories(describe(odd))
    assert drawing is not None
    first = next(ElementTree.fromstring(drawing.svg).iter(f"{SVG}text")).text
    assert first is not None
    assert first.startswith(r"\x1b[31mvery")
    assert len(first) == 26
    durations = describe(odd).durations
    assert durations is not None
    assert _bars(dataset_figures.durations(durations).svg, METHOD_COLORS[0].light) == 1
    assert dataset_figures.categories(describe(odd.with_segments(()))) is None


def test_the_command_writes_the_page(videos, tmp_path, capsys):
    """With --out and --json stdout still holds the one object only; the page's place is told on stderr."""
    with pytest.raises(SystemExit) as ended:
        main(["data", "describe", str(videos.root), "--json", "--out", str(tmp_path / "page")])
    printed = capsys.readouterr()
    assert ended.value.code == 0
    assert json.loads(printed.out)["n_segments"] == 5
    assert "index.html" in printed.err
    assert "What the split gives away" in (tmp_path / "page" / "index.html").read_text()


def test_the_command_describes_what_can_be_read(videos, tmp_path, capsys):
    """Where a frame is gone, leakage is not known: a warning, and the page without it."""
    videos.segments[0].frame_paths[0].unlink()
    with pytest.raises(SystemExit) as ended:
        main(["data", "describe", str(videos.root), "--out", str(tmp_path / "page")])
    assert ended.value.code == 0
    assert "warning: leakage between the splits is not known" in capsys.readouterr().err
    assert "What the split gives away" not in (tmp_path / "page" / "index.html").read_text()


@pytest.fixture
def opened(browser, videos, tmp_path):
    """The page in the browser, with its log emptied before."""
    path = write_page(videos, describe(videos), tmp_path / "page", leakage(videos))
    open_page(browser, path)
    return browser


class TestInABrowser:
    """The page in headless Chromium."""

    pytestmark = IN_BROWSER

    def test_it_opens_without_errors(self, opened):
        """No message on the console, every picture decodes, and sounds of 3 s can be played."""
        load_everything(opened)
        assert opened.get_log("browser") == []
        assert min(opened.execute_script("return [...document.images].map((image) => image.naturalWidth)")) > 0
        seconds = opened.execute_async_script(
            "const done = arguments[0], audio = document.querySelector('audio');"
            "audio.onloadedmetadata = () => done(audio.duration); audio.onerror = () => done(-1); audio.load();"
        )
        assert seconds == pytest.approx(3.0, abs=0.01)

    @pytest.mark.parametrize("width", [360, 768, 1600])
    def test_no_width_needs_sideways_scrolling(self, opened, width):
        """The page fits windows from 360 pixels up, details opened."""
        set_width(opened, width)
        opened.execute_script("for (const details of document.querySelectorAll('details')) details.open = true")
        assert fits(opened)

    def test_dark_mode_changes_page_and_plots(self, opened):
        """The reader's system decides; every plot has its dark twin."""
        look = (
            "return [getComputedStyle(document.body).backgroundColor,"
            " ...[...document.querySelectorAll('.panel img')].map((image) => image.currentSrc)]"
        )
        light = opened.execute_script(look)
        set_scheme(opened, "dark")
        opened.refresh()  # on an open page pictures are exchanged some time later
        load_everything(opened)
        dark = opened.execute_script(look)
        assert (light[0], dark[0]) == ("rgb(255, 255, 255)", "rgb(20, 24, 29)")
        assert len(light) == 4
        assert not set(light) & set(dark)

    def test_everything_has_a_name(self, opened):
        """Images have alt texts, players and scrolling regions labels, header cells a scope."""
        assert nameless(opened) == []
