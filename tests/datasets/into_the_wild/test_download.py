"""Downloading from a site on this machine: what comes, what has vanished, and that every call goes on."""

import csv
import errno
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adis_bench.datasets.into_the_wild import download as module
from adis_bench.datasets.into_the_wild.download import download
from adis_bench.datasets.into_the_wild.download_record import Availability, asked_to_stop, availability_table, read_record, write_record
from adis_bench.datasets.into_the_wild.download_refusals import refusal
from adis_bench.datasets.into_the_wild.download_ytdlp import Limits, Order, format_choice, options
from adis_bench.errors import ConfigError, DataError
from adis_bench.progress import Bar
from tests.datasets.into_the_wild.site_of_videos import HALF, Site, noise_video, serve

NOW = Limits(retries=0, backoff_s=0.0)
Get = Callable[..., tuple[Availability, ...]]


@pytest.fixture
def site() -> Iterator[Site]:
    """A running site without videos."""
    with serve() as running:
        yield running


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An MP4 of noise, some hundred kB."""
    return noise_video(tmp_path_factory.mktemp("video") / "noise.mp4")


@pytest.fixture
def get(site: Site, tmp_path: Path) -> Get:
    """Call ``download`` on the site without pauses; keywords are its own."""

    def call(*ids: str, limits: Limits = NOW, **options: object) -> tuple[Availability, ...]:
        return download(ids, tmp_path / "videos", address=site.address, pause_s=(0.0, 0.0), limits=limits, **options)

    return call


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """Where ``get`` puts them."""
    return tmp_path / "videos"


def _states(rows: tuple[Availability, ...]) -> dict[str, tuple[str, str]]:
    return {row.youtube_id: (row.state, row.reason) for row in rows}


def test_videos_come_under_their_ids(site: Site, video: bytes, get: Get, videos: Path):
    """Byte by byte, whatever an id begins with; nothing else is left in the folder; the record says so."""
    site.files = {"-first_-0001": video, "_second-0002": video}
    rows = get("-first_-0001", "_second-0002")
    assert _states(rows) == {"-first_-0001": ("present", ""), "_second-0002": ("present", "")}
    assert sorted(path.name for path in videos.iterdir()) == ["-first_-0001.mp4", "_second-0002.mp4", "availability.csv"]
    assert all((videos / row.file).read_bytes() == video and row.n_bytes == len(video) for row in rows)
    assert tuple(read_record(videos).values()) == rows


def test_what_is_here_is_not_asked_for(site: Site, video: bytes, get: Get, videos: Path):
    """A second call asks for nothing, nor for a file that another downloader named by its title and somebody sorted."""
    site.files = {"aaa": video}
    first = get("aaa")
    (videos / "forest").mkdir()
    (videos / "forest" / "A walk [bbb].mp4").write_bytes(video)
    site.asked.clear()
    second = get("aaa", "bbb")
    assert site.asked == []
    assert second[0] == first[0]
    assert (second[1].state, second[1].file) == ("present", "forest/A walk [bbb].mp4")


def test_any_name_of_a_file_can_be_told(site: Site, video: bytes, get: Get, videos: Path):
    """A newline and bytes that are no UTF-8 in a title."""
    videos.mkdir()
    (videos / os.fsdecode(b"two\nlines \xff [aaa].mp4")).write_bytes(video)
    for _ in range(2):
        assert [row.file for row in get("aaa")] == ["two\nlines \ufffd [aaa].mp4"]
    assert site.asked == []


def test_a_file_that_was_removed_comes_again(site: Site, video: bytes, get: Get, videos: Path):
    """The folder is what counts, not the record."""
    site.files = {"aaa": video}
    get("aaa")
    (videos / "aaa.mp4").unlink()
    assert _states(get("aaa")) == {"aaa": ("present", "")}
    assert (videos / "aaa.mp4").read_bytes() == video


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        (404, "vanished", "removed"),
        (410, "vanished", "removed"),
        (451, "vanished", "blocked here"),
        (403, "failed", "other"),
        (500, "failed", "network"),
    ],
)
def test_what_a_status_means(site: Site, video: bytes, get: Get, status: int, state: str, reason: str):
    """A video that has vanished and one that failed are two things; the next one comes all the same."""
    site.files, site.faults = {"aaa": video, "bbb": video}, {"aaa": status}
    rows = get("aaa", "bbb")
    assert _states(rows) == {"aaa": (state, reason), "bbb": ("present", "")}
    assert str(status) in rows[0].detail


def test_what_failed_is_asked_again_and_what_has_vanished_is_not(site: Site, video: bytes, get: Get):
    """With ``ask_again`` it is, after all others."""
    site.files, site.faults = {"aaa": video, "bbb": video, "ccc": video}, {"aaa": 404, "bbb": 500}
    get("aaa", "bbb")
    site.faults.clear()
    site.asked.clear()
    assert _states(get("aaa", "bbb")) == {"aaa": ("vanished", "removed"), "bbb": ("present", "")}
    assert site.order == ["bbb"]
    site.asked.clear()
    assert _states(get("aaa", "bbb", "ccc", ask_again=True))["aaa"] == ("present", "")
    assert site.order == ["ccc", "aaa"]


def test_what_has_vanished_at_one_place_is_asked_for_at_another(site: Site, video: bytes, get: Get, videos: Path):
    """A copy at another address is no less the video."""
    assert _states(get("aaaaaaaaaaa")) == {"aaaaaaaaaaa": ("vanished", "removed")}
    with serve() as other:
        other.files["aaaaaaaaaaa"] = video
        (row,) = download(["aaaaaaaaaaa"], videos, address=other.address, pause_s=(0.0, 0.0), limits=NOW)
    assert row.state == "present"


def test_a_server_error_is_tried_again_after_growing_pauses(site: Site, video: bytes, get: Get, monkeypatch: pytest.MonkeyPatch):
    """Two retries after 5 and 10 s; a vanished video is no reason for one."""
    slept: list[float] = []
    monkeypatch.setattr(module.time, "sleep", slept.append)
    site.faults = {"aaa": 503}
    get("aaa", "gone", limits=Limits(retries=2, backoff_s=5.0))
    assert slept == [5.0, 10.0, 0.0]  # the last one is the pause between two videos


def test_a_broken_download_goes_on_where_it_was(site: Site, video: bytes, get: Get, videos: Path):
    """The next call asks for the rest by a Range request, and the bytes are those of the site."""
    site.files, site.faults = {"aaa": video}, {"aaa": HALF}
    rows = get("aaa")
    assert _states(rows) == {"aaa": ("failed", "network")}
    assert not (videos / "aaa.mp4").exists()
    (part,) = (videos / ".partial").iterdir()
    n_here = part.stat().st_size
    assert 0 < n_here <= len(video) // 2  # yt-dlp drops the block in which the connection broke
    site.faults.clear()
    site.asked.clear()
    assert _states(get("aaa")) == {"aaa": ("present", "")}
    assert ("aaa", f"bytes={n_here}-") in site.asked
    assert (videos / "aaa.mp4").read_bytes() == video
    assert not (videos / ".partial").exists()


def test_retries_of_one_call_go_on_too(site: Site, video: bytes, get: Get, videos: Path):
    """Each asks for what lacks after the one before, until the video is whole."""
    site.files, site.faults, site.n_broken_rests = {"aaa": video}, {"aaa": HALF}, 2
    assert _states(get("aaa", limits=Limits(retries=3, backoff_s=0.0))) == {"aaa": ("present", "")}
    starts = [int(asked.removeprefix("bytes=").removesuffix("-")) for _, asked in site.asked if asked]
    assert len(starts) == 3
    assert starts == sorted(set(starts))
    assert (videos / "aaa.mp4").read_bytes() == video


def test_ctrl_c_leaves_a_state_that_goes_on(site: Site, video: bytes, get: Get, videos: Path, monkeypatch: pytest.MonkeyPatch):
    """What came before is here and in the record, the part stays, and the next call ends it."""
    site.files = {"aaa": video, "bbb": video}

    def interrupt(_: Bar, text: str) -> None:
        if text.startswith("bbb"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Bar, "note", interrupt)
        with pytest.raises(KeyboardInterrupt):
            get("aaa", "bbb")
    assert list(read_record(videos)) == ["aaa"]
    (part,) = (videos / ".partial").iterdir()
    assert part.name.startswith("bbb.")
    assert _states(get("aaa", "bbb")) == {"aaa": ("present", ""), "bbb": ("present", "")}
    assert (videos / "bbb.mp4").read_bytes() == video


def test_too_many_requests_ends_the_call(site: Site, video: bytes, get: Get, capsys: pytest.CaptureFixture[str]):
    """HTTP 429: no retry, no further video, what came is kept and the line says what to do; the next call goes on."""
    site.files, site.faults = {"aaa": video, "bbb": video, "ccc": video}, {"bbb": 429}
    rows = get("aaa", "bbb", "ccc", limits=Limits(retries=3, backoff_s=0.0))
    assert _states(rows) == {"aaa": ("present", ""), "bbb": ("failed", "too many requests")}
    assert asked_to_stop(rows)
    assert "ccc" not in site.order
    assert len([name for name, _ in site.asked if name == "bbb"]) == 1
    assert "download stopped at bbb, 1 videos before the end: the site asks to wait" in capsys.readouterr().err
    site.faults.clear()
    rows = get("aaa", "bbb", "ccc")
    assert {row.state for row in rows} == {"present"}
    assert not asked_to_stop(rows)


def test_a_dead_network_ends_the_call(get: Get, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """After five videos in a row; they have not vanished."""
    rows = download("abcdefg", tmp_path / "v", address="http://127.0.0.1:9/{id}.mp4", pause_s=(0.0, 0.0), limits=NOW)
    assert _states(rows) == {name: ("failed", "network") for name in "abcde"}
    assert "2 videos before the end: the network fails" in capsys.readouterr().err


def test_what_is_no_video_is_not_kept(site: Site, get: Get, videos: Path):
    """A page or any other bytes under a video's address."""
    site.files = {"aaa": b"<html>Please sign in</html>" * 100}
    assert _states(get("aaa")) == {"aaa": ("failed", "other")}
    assert [path.name for path in videos.rglob("*") if path.is_file()] == ["availability.csv"]


def test_a_full_disk_is_told_as_one(site: Site, video: bytes, get: Get, videos: Path, monkeypatch: pytest.MonkeyPatch):
    """It is no video's fault: nothing is marked as failed, and the next call goes on."""
    import yt_dlp.downloader.http as http

    site.files = {"aaa": video}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(http.HttpFD, "slow_down", full)
        with pytest.raises(OSError, match="No space left"):
            get("aaa")
    assert read_record(videos) == {}
    assert _states(get("aaa")) == {"aaa": ("present", "")}


@pytest.mark.parametrize("wrong", ["../aaa", "a/b", "", "a%(title)s", "a b", "x" * 65])
def test_ids_stay_in_the_folder(site: Site, get: Get, wrong: str):
    """What could be a path or a template is refused before anything is asked."""
    with pytest.raises(ConfigError, match="1 of 2 ids can't be ids"):
        get("aaa", wrong)
    assert site.asked == []


def test_other_arguments_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An address without a place for the id, pauses the wrong way round, no lines, a folder that yt-dlp would read as a variable."""
    with pytest.raises(ConfigError, match="no place for the id"):
        download(["aaa"], tmp_path, address="http://127.0.0.1/")
    with pytest.raises(ConfigError, match="the shorter first"):
        download(["aaa"], tmp_path, pause_s=(2.0, 1.0))
    with pytest.raises(ConfigError, match="at least 1 line"):
        download(["aaa"], tmp_path, max_height=0)
    monkeypatch.setenv("ADIS_X", "elsewhere")
    with pytest.raises(ConfigError, match="for a variable"):
        download(["aaa"], tmp_path / "$ADIS_X")


def test_without_ytdlp_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A line that says what to install."""
    monkeypatch.setitem(sys.modules, "yt_dlp", None)
    with pytest.raises(ConfigError, match=r"pip install 'adis-bench\[video\]'"):
        download(["aaa"], tmp_path)


def test_no_plug_in_runs(site: Site, video: bytes, get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A ``yt_dlp_plugins`` package on the path is left alone, and the environment is as it was."""
    import yt_dlp.globals

    plugin = tmp_path / "path" / "yt_dlp_plugins" / "extractor" / "evil.py"
    plugin.parent.mkdir(parents=True)
    plugin.write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.syspath_prepend(str(tmp_path / "path"))
    monkeypatch.setattr(yt_dlp.globals.all_plugins_loaded, "value", False)
    site.files = {"aaa": video}
    assert _states(get("aaa")) == {"aaa": ("present", "")}
    assert not (tmp_path / "ran").exists()
    assert "YTDLP_NO_PLUGINS" not in os.environ


def _chosen(has_ffmpeg: bool, monkeypatch: pytest.MonkeyPatch, heights: tuple[int, ...]) -> str:
    """The format that yt-dlp takes of a site with two-file formats at each height (and one whole file of 360 lines)."""
    import yt_dlp

    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    order = Order("aaa", "", Path("nowhere"), 480, 0.0, NOW)
    formats = [
        {"format_id": "whole", "url": "http://x/w", "ext": "mp4", "height": 360, "vcodec": "avc1", "acodec": "mp4a"},
        {"format_id": "sound", "url": "http://x/s", "ext": "m4a", "vcodec": "none", "acodec": "mp4a"},
        *(
            {"format_id": f"v{height}-{codec}", "url": "http://x/v", "ext": "mp4", "height": height, "vcodec": codec, "acodec": "none"}
            for height in heights
            for codec in ("avc1", "av01")
        ),
    ]
    chosen = {**options(order, lambda *_: None), "format": format_choice(480, has_ffmpeg)}
    with yt_dlp.YoutubeDL(chosen) as client:
        info = {"id": "x", "title": "x", "formats": formats, "extractor": "x", "extractor_key": "X", "webpage_url": "http://x"}
        return str(client.process_ie_result(info, download=False)["format_id"])


def test_the_best_format_within_the_height_is_taken(monkeypatch: pytest.MonkeyPatch):
    """Two files where ffmpeg can join them, H.264 before AV1; one file without it, though another is larger."""
    assert _chosen(True, monkeypatch, (240, 480, 1080)) == "v480-avc1+sound"
    assert _chosen(False, monkeypatch, (240, 480, 1080)) == "whole"


@pytest.mark.parametrize(
    ("said", "state", "reason"),
    [
        ("Private video. Sign in if you've been granted access to this video", "vanished", "private"),
        ("Video unavailable. This video has been removed by the uploader", "vanished", "removed"),
        ("Video unavailable. This video is no longer available because the YouTube account has been terminated", "vanished", "removed"),
        ("Video unavailable. The uploader has not made this video available in your country", "vanished", "blocked here"),
        ("Sign in to confirm your age. This video may be inappropriate for some users.", "vanished", "age-gated"),
        ("Join this channel to get access to members-only content", "vanished", "private"),
        ("Sign in to confirm you\u2019re not a bot.", "failed", "too many requests"),
        ("Video unavailable. This content isn't available, try again later. rate-limited by YouTube", "failed", "too many requests"),
        ("Requested format is not available", "failed", "other"),
        ("Unable to extract player response", "failed", "other"),
    ],
)
def test_what_the_site_says_is_understood(said: str, state: str, reason: str):
    """YouTube's own messages as yt-dlp passes them on, colours and line breaks taken out."""
    from yt_dlp.utils import DownloadError

    found = refusal(DownloadError(f"\x1b[0;31mERROR:\x1b[0m [youtube] aaa: {said}\n"), "ask")
    assert (found.state, found.reason) == (state, reason)
    assert found.detail == f"[youtube] aaa: {said}"


def test_a_piece_that_lacks_is_no_vanished_video():
    """Words count only while the site is asked for the video."""
    from yt_dlp.utils import DownloadError

    assert refusal(DownloadError("ERROR: fragment 3: video unavailable"), "fetch").state == "failed"


def test_the_record_holds_no_formulas_and_loses_nothing(tmp_path: Path):
    """Every cell comes back as it was, and none is computed by a spreadsheet."""
    rows = [
        Availability("-abc", "http://x/-abc", "vanished", "removed", 0, "", "2026-01-31", "=cmd|' /C calc'!A0"),
        Availability("_abc", "http://x/_abc", "present", "", 7, "-x, [_abc].mp4", "2026-01-31", "'quoted'"),
    ]
    write_record(tmp_path, rows)
    with (tmp_path / "availability.csv").open(newline="") as stream:
        cells = [cell for line in csv.reader(stream) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert list(read_record(tmp_path).values()) == rows


@pytest.mark.parametrize(
    "content", [b"id\n\xff\n", b"id,address\naaa,b\n", b"id,address,state,reason,n_bytes,file,checked,detail\na,b,here,,1,,,\n"]
)
def test_a_damaged_record_is_refused(tmp_path: Path, content: bytes):
    """One line that says what to do."""
    (tmp_path / "availability.csv").write_bytes(content)
    with pytest.raises(DataError, match="remove it"):
        download(["aaa"], tmp_path)


def test_the_table_names_what_is_not_here():
    """Counts, then the vanished before the failed."""
    rows = [
        Availability("aaa", "", "present", "", 2_000_000_000, "aaa.mp4", "2026-01-31", ""),
        Availability("-bb", "", "failed", "network", 0, "", "2026-01-31", "HTTP Error 500"),
        Availability("ccc", "", "vanished", "removed", 0, "", "2026-01-30", "HTTP Error 404"),
    ]
    assert availability_table(rows) == (
        "3 videos asked for: 1 present (2.00 GB), 1 vanished (1 removed), 1 failed (1 network)\n"
        "  ccc  vanished  removed  2026-01-30  HTTP Error 404\n"
        "  -bb  failed    network  2026-01-31  HTTP Error 500"
    )
