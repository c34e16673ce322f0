"""The list of the paper's videos, and whose file is whose."""

from pathlib import Path

import pytest

from adis_bench.datasets.into_the_wild.listed import identify, listed


def test_the_list_is_the_published_one():
    """94 videos of 3,028 minutes by the flags that protocol.md counts: forest 72 (1,785), rain 11 (591), snow 10 (608), none 1 (44)."""
    videos = listed()
    assert len(videos) == len({video.youtube_id for video in videos}) == 94
    assert all(len(video.youtube_id) == 11 for video in videos)
    minutes: dict[tuple[bool, bool, bool], list[float]] = {}
    for video in videos:
        minutes.setdefault((video.snow, video.forest, video.rain), []).append(video.minutes)
    assert {flags: (len(times), sum(times)) for flags, times in minutes.items()} == {
        (False, True, False): (72, 1785.0),
        (False, False, True): (11, 591.0),
        (True, False, False): (10, 608.0),
        (False, False, False): (1, 44.0),
    }
    assert [video.youtube_id for video in videos if not (video.snow or video.forest or video.rain)] == ["k8a2dWpLirk"]


@pytest.mark.parametrize(
    "name",
    [
        "-dUhzZayxiQ.mp4",
        "A walk – in the [snow] [-dUhzZayxiQ].webm",
        "A walk--dUhzZayxiQ.mkv",
        "folder.with.dots/x [-dUhzZayxiQ].MP4",
    ],
)
def test_a_file_is_known_by_the_names_that_downloaders_give(name: str):
    """By the id alone, by yt-dlp's brackets, by youtube-dl's dash; ids may begin with a dash."""
    video = identify(Path(name))
    assert video is not None
    assert video.youtube_id == "-dUhzZayxiQ"


@pytest.mark.parametrize(
    "name", ["-DUHZZAYXIQ.mp4", "x-dUhzZayxiQ2.mp4", "dUhzZayxiQ.mp4", "-dUhzZayxiQ.f135.mp4", "-dUhzZayxiQ.mp4.part", "walk.mp4", "[].mp4"]
)
def test_other_files_are_nobodys(name: str):
    """Ids are case-sensitive and whole; a downloader's parts are no videos."""
    assert identify(Path(name)) is None


def test_every_listed_id_is_found_by_each_name():
    """No id is taken for another one."""
    for video in listed():
        for name in (f"{video.youtube_id}.mp4", f"x [{video.youtube_id}].mp4", f"x-{video.youtube_id}.mp4"):
            assert identify(Path(name)) == video
