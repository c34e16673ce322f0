"""The folder of a dataset's page, which may be somebody's, and a dataset that may be anybody's."""

import json
import re
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from adis_bench.datasets.describe import describe
from adis_bench.datasets.leakage import leakage
from adis_bench.datasets.records import Dataset
from adis_bench.errors import DataError
from reports import dataset_figures
from reports.dataset_page import write_page
from tests.datasets.described import video_dataset
from tests.datasets.grids import grid
from tests.reports.browsing import IN_BROWSER


@pytest.fixture
def videos(tmp_path: Path) -> Dataset:
    """The hand-made dataset from videos."""
    return video_dataset(tmp_path / "videos")


@pytest.mark.parametrize("record", ["{}", "[]", "no json", '{"schema_version": 1, "digest": "5", "kind": "x"}', None])
@pytest.mark.parametrize("name", ["media/holiday.jpg", "index.html", "figure-1a.svg", "figure-1b.svg"])
def test_another_record_does_not_make_a_folder_ours(videos: Dataset, tmp_path: Path, record: str | None, name: str):
    """Others call their files description.json, too: nothing in such a folder is changed."""
    out = tmp_path / "mine"
    (out / name).parent.mkdir(parents=True)
    (out / name).write_text("mine")
    if record is not None:
        (out / "description.json").write_text(record)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(DataError, match="of something else; choose another folder"):
        write_page(videos, describe(videos), out)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_foreign_record_alone_is_not_overwritten(videos: Dataset, tmp_path: Path):
    """It may be all that somebody has."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "description.json").write_text('{"mine": true}')
    with pytest.raises(DataError, match=r"holds description.json of something else"):
        write_page(videos, describe(videos), tmp_path / "mine")


def test_pictures_of_others_stay(videos: Dataset, tmp_path: Path):
    """In a page's own folder, too, only what pages write goes."""
    out = tmp_path / "page"
    write_page(videos, describe(videos), out)
    (out / "media" / "holiday.jpg").touch()
    write_page(videos, describe(videos), out)
    assert (out / "media" / "holiday.jpg").exists()


def test_a_figure_of_an_earlier_page_goes(videos: Dataset, tmp_path: Path):
    """A page without durations has no figure of them, and none beside it."""
    out = tmp_path / "page"
    write_page(videos, describe(videos), out)
    empty = replace(videos.with_segments(()), notes={})
    page = write_page(empty, describe(empty), out).read_text()
    assert {path.name for path in out.iterdir()} == {"index.html", "description.json", "media"}
    assert "figure-1" not in page


def test_links_out_of_the_dataset_are_not_followed(videos: Dataset, tmp_path: Path):
    """A page that is passed on holds no file of whoever wrote it: links leave gaps, in samples and among near-duplicates."""
    outside = tmp_path / "private"
    outside.mkdir()
    for segment in videos.segments:
        for path in (segment.audio_path, *segment.frame_paths):
            path.rename(outside / path.name)
            path.symlink_to(outside / path.name)
    page = write_page(videos, describe(videos), tmp_path / "page", leakage(videos)).read_text()
    assert (page.count('<div class="gap">image missing'), page.count("sound missing")) == (5, 5)
    assert {path.suffix for path in (tmp_path / "page" / "media").iterdir()} == {".svg"}


def test_a_dataset_behind_a_link_has_its_pictures(videos: Dataset, tmp_path: Path):
    """The folder itself may be a link: its files are inside."""
    (tmp_path / "link").symlink_to(videos.root)
    root = tmp_path / "link"
    segments = tuple(
        replace(
            s,
            audio_path=root / s.audio_path.relative_to(videos.root),
            frame_paths=tuple(root / path.relative_to(videos.root) for path in s.frame_paths),
        )
        for s in videos.segments
    )
    linked = replace(videos, root=root, segments=segments)
    assert "missing</div>" not in write_page(linked, describe(linked), tmp_path / "page").read_text()


def test_signs_that_the_measuring_font_lacks_are_drawn_in_silence(videos: Dataset):
    """Text stays text in the drawing, so that the reader's font decides."""
    odd = replace(videos, displays={**videos.displays, "rain": "\N{CJK UNIFIED IDEOGRAPH-65E5}\N{CJK UNIFIED IDEOGRAPH-672C}"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawing = dataset_figures.categories(describe(odd))
    assert drawing is not None
    assert "\N{CJK UNIFIED IDEOGRAPH-65E5}\N{CJK UNIFIED IDEOGRAPH-672C}" in drawing.svg


def test_figure_1b_of_a_grid_draws_sounds():
    """Not images among them: the paper's is one of audios."""
    drawing = dataset_figures.categories(describe(grid({"beach": 6, "rain": 1}, {"rain": 3, "ocean": 1}), loudness=False))
    assert drawing is not None
    assert drawing.alt == "Bar chart of the shares of 4 sounds by category. rain 3 (75.0 %); ocean 1 (25.0 %)."


def test_the_page_of_a_grid_says_so(videos: Dataset, tmp_path: Path):
    """Caption and sentence name what is counted; one recording is one."""
    _, _, _, sound, picture = videos.segments
    sound = replace(sound, frame_paths=(), frame_sha256=(), frame_groups=())
    picture = replace(picture, audio_path=Path(), audio_sha256="", audio_group="")
    mixed = replace(videos, pairing="grid", recipe={"kind": "out_of_domain"}, notes={}, segments=(sound, picture))
    page = write_page(mixed, describe(mixed), tmp_path / "page").read_text()
    assert "b. Share of sounds by category" in page
    assert "how the sounds fall into categories" in page
    assert "a. Durations of 1 recording<" in page
    assert '<span class="small">1 segment</span>' in page
    assert json.loads((tmp_path / "page" / "description.json").read_text())["categories"][0]["n_sounds"] == 1
    assert re.search(r"b\. Share of segments", write_page(videos, describe(videos), tmp_path / "other").read_text())


class TestInABrowser:
    """The page in headless Chromium."""

    pytestmark = IN_BROWSER

    @pytest.mark.parametrize("name", [40 * "very long ", 200 * "x"])
    def test_a_long_name_leaves_room_for_numbers(self, browser, videos, tmp_path, name):
        """The numbers of the table of categories are in view on a usual window."""
        odd = replace(videos, displays={**videos.displays, "rain": name})
        path = write_page(odd, describe(odd), tmp_path / "page")
        for width in (1280, 360):
            browser.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
            )
            browser.get(path.as_uri())
            assert browser.execute_script("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
            heads = "document.querySelectorAll('.categories tbody th')"
            assert browser.execute_script(f"return Math.max(...[...{heads}].map((th) => th.offsetWidth))") <= 0.4 * width
            if width == 1280:
                box = "document.querySelector('.categories').parentElement"
                assert browser.execute_script(f"return {box}.scrollWidth <= {box}.clientWidth")
