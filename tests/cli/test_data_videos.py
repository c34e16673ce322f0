"""The commands of the video datasets, as a user types them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.datasets.into_the_wild.site_of_videos import serve
from tests.datasets.videos import clicks, write_video

Invoke = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """Two short videos, one that is none, and one without sound."""
    folder = tmp_path / "videos"
    folder.mkdir()
    for k, name in enumerate(("walk.mkv", "beach.mkv")):
        write_video(folder / name, 120, wave=clicks(4, 48_000, [1.0], seed=k), first=500 * k)
    (folder / "text.mp4").write_text("no video")
    write_video(folder / "mute.mp4", 30)
    return folder


def test_videos_are_cut_described_and_checked(invoke: Invoke, videos: Path, tmp_path: Path):
    """From a folder of videos to a dataset that is described and in order; what was left out is told each time."""
    out = tmp_path / "out"
    made = invoke("data", "into-the-wild", "--videos", videos, "--out", out, "--size", 64, "--split", "segment", "--processes", 1)
    assert made.exit_code == 0, made.output
    assert "left out, unreadable: 1, first: text.mp4" in made.stdout
    assert "left out, no_audio: 1, first: mute.mp4" in made.stdout
    described = invoke("data", "describe", out, "--json")
    record = json.loads(described.stdout)
    assert list(record) == ["name", "digest", "n_segments", "n_images", "hours", "by_label", "splits", "skipped"]
    assert (record["n_segments"], record["n_images"], record["by_label"]) == (4, 32, {"unknown": 4})
    assert record["splits"] == {"train": 3, "test": 1}
    assert sorted(record["skipped"], key=lambda skip: skip["path"]) == [
        {"path": "mute.mp4", "reason": "no_audio"},
        {"path": "text.mp4", "reason": "unreadable"},
    ]
    checked = invoke("data", "check", out)
    assert checked.exit_code == 0, checked.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--size", "big"], "neither a number of pixels"),
        (["--size", "5"], "neither a number of pixels"),
        (["--test-split", "1.5"], "above 0 and below 1"),
        (["--frames", "all"], "'all' is not one of"),
        (["--download", "--address", "http://127.0.0.1:9/x.mp4"], "no place for the id"),
    ],
)
def test_options_that_cannot_be(invoke: Invoke, videos: Path, tmp_path: Path, options: list[str], words: str):
    """One line and exit code 2."""
    result = invoke("data", "into-the-wild", "--videos", videos, "--out", tmp_path / "out", *options)
    assert result.exit_code == 2
    assert words in result.output
    assert not (tmp_path / "out").exists()


def test_downloaded_videos_become_the_dataset(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """``--download`` asks for all listed videos; what is there is cut, what has vanished is told and counted in the dataset."""
    from adis_bench.datasets.into_the_wild import listed

    three = listed.listed()[:3]
    monkeypatch.setattr("adis_bench.datasets.into_the_wild.listed.listed", lambda: three)
    monkeypatch.setattr("adis_bench.datasets.into_the_wild.importer.listed", lambda: three)
    source = write_video(tmp_path / "source.mp4", 120, wave=clicks(4, 48_000, [1.0]), audio_codec="aac").read_bytes()
    with serve() as site:
        site.files = {three[0].youtube_id: source}
        options = ("--download", "--address", site.address, "--pause", 0, 0, "--size", 64, "--processes", 1)
        result = invoke("data", "into-the-wild", "--videos", tmp_path / "videos", "--out", tmp_path / "out", *options)
    assert result.exit_code == 0, result.output
    assert three[1].youtube_id in result.stderr
    assert "1 of 3 listed videos are here" in result.stdout
    assert (tmp_path / "videos" / "availability.csv").is_file()
