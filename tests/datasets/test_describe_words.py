"""What a description says where its dataset is unlike others: equal frames, one of something, long names, two sources."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from adis_bench.cli.main import main
from adis_bench.datasets.describe import describe
from adis_bench.datasets.description_text import as_text
from adis_bench.datasets.folder import import_folder
from adis_bench.datasets.records import Dataset
from tests.datasets.described import RATE_HZ, video_dataset
from tests.datasets.grids import grid


@pytest.fixture
def videos(tmp_path: Path) -> Dataset:
    """The hand-made dataset from videos."""
    return video_dataset(tmp_path / "videos")


def test_files_of_equal_bytes_are_images_each(videos: Dataset):
    """A camera that stands still gives as many images as it has frames; how many differ is told beside that."""
    still = replace(videos, segments=tuple(replace(s, frame_sha256=(s.frame_sha256[0],) * 2) for s in videos.segments))
    found = describe(still)
    assert (found.n_images, found.frame_repeats.n_distinct) == (10, 5)
    assert found.summary()["n_images"] == 10
    assert found.categories[0].n_images == 6
    assert "with 10 images, 5 of them different, 3 labels" in as_text(found)


def test_a_file_that_several_segments_list_is_one_image(videos: Dataset):
    """As where images are dealt to the sounds of their class."""
    first, second, *rest = videos.segments
    second = replace(second, frame_paths=first.frame_paths, frame_sha256=first.frame_sha256)
    found = describe(videos.with_segments((first, second, *rest)))
    assert (found.n_images, found.n_frames) == (8, 10)
    assert "with 8 different images among 10 frames, 3 labels" in as_text(found)


def test_one_of_something(videos: Dataset):
    """A number of one has no plural."""
    text = as_text(describe(replace(videos.with_segments(videos.segments[:1]), notes={})))
    assert f"sample rates: 1 segment at {RATE_HZ / 1000:g} kHz" in text
    assert "durations of 1 recording, as far" in text


def test_long_names_keep_the_bars_in_line(videos: Dataset):
    """Names of any length leave the bars in one column of a usual terminal; East Asian signs count twice."""
    odd = replace(videos, displays={**videos.displays, "rain": 200 * "x", "ocean": "\N{CJK UNIFIED IDEOGRAPH-6D77}" * 3})
    rows = [line for line in as_text(describe(odd)).splitlines() if "█" in line and line.endswith("%")]
    assert max(map(len, rows)) <= 100
    wide, narrow = rows[1], rows[0]
    assert wide.index("█") + 3 == narrow.index("█")
    assert f"  {39 * 'x'}…  █" in narrow


def test_a_grid_counts_its_sounds_by_category():
    """The paper's Figure 1b is one of audios: images have a list of their own, and no share of the sounds'."""
    found = describe(grid({"beach": 6, "rain": 1}, {"rain": 3, "ocean": 1}), loudness=False)
    assert [(share.label, share.n, share.share) for share in found.audios_by_category] == [("rain", 3, 0.75), ("ocean", 1, 0.25)]
    lines = as_text(found).splitlines()
    start = lines.index("categories of the sounds (in the form of the paper's Figure 1b)")
    assert [line.split()[0] for line in lines[start + 1 : start + 6]] == ["rain", "ocean", "categories", "beach", "rain"]
    assert lines[start + 1].endswith("75.0 %")


def test_what_lies_in_a_wrong_place_is_no_damaged_file(folder, tmp_path: Path):
    """Files that cannot be read are counted by that reason; folders and loose files are remarks, so that counts compare."""
    src = folder()
    (src / "images" / "rain" / "broken.jpg").write_text("no image")
    (src / "images" / "rain" / "more").mkdir()
    (src / "audio" / "loose.wav").write_bytes((src / "audio" / "rain" / "0.wav").read_bytes())
    found = describe(import_folder(src, tmp_path / "out", skip_bad=True))
    assert [(entry.path, entry.reason) for entry in found.skipped] == [("images/rain/broken.jpg", "unreadable")]
    (noted,) = [entry for entry in found.noted if entry.text.startswith("left out")]
    assert [name.partition(":")[0] for name in noted.names] == ["images/rain/more", "audio/loose.wav"]


def test_the_page_s_place_is_on_one_line(videos: Dataset, tmp_path: Path):
    """A line break in a path is written out."""
    result = CliRunner().invoke(main, ["data", "describe", str(videos.root), "--json", "--out", str(tmp_path / "a\nb")])
    assert result.exit_code == 0, result.stderr
    assert r"a\nb/index.html" in result.stderr
