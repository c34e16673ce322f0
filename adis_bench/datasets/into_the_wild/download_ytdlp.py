"""One video from its site, by yt-dlp: which options it gets, and what came of it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adis_bench.datasets.into_the_wild.download_refusals import Refusal, Stage, refusal
from adis_bench.datasets.video import VIDEO_SUFFIXES
from adis_bench.errors import ConfigError, DataError

_REQUEST_PAUSE_S = 0.75
"""Between the requests that ask for one video. Source: yt-dlp 2026.10.26, options.py, the preset ``sleep``."""
_TIMEOUT_S = 30.0  # ours: a host that is silent for so long is taken as lost

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here and those in all, where the site tells."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is asked of the network.

    Attributes:
        retries: further tries after a broken connection or a server's error. Ours: yt-dlp's command line takes 10.
        backoff_s: pause before the first of them in seconds; each further one is twice as long.
        max_bytes_per_s: rate that is not passed; None for no limit.
    """

    retries: int = 3
    backoff_s: float = 5.0
    max_bytes_per_s: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A video to fetch.

    Attributes:
        youtube_id: becomes the file's name; letters, digits, ``-`` and ``_`` only.
        address: of the video.
        partial: folder for files in the making; yt-dlp writes nowhere else.
        max_height: lines of the picture.
        request_pause_s: the shortest pause that was asked for between videos; bounds the one between requests.
        limits: how much is asked of the network.
    """

    youtube_id: str
    address: str
    partial: Path
    max_height: int
    request_pause_s: float
    limits: Limits


def require_ytdlp() -> None:
    """Check that yt-dlp is installed.

    Raises:
        ConfigError: it isn't.
    """
    try:
        import yt_dlp  # noqa: F401
    except ImportError as error:
        raise ConfigError(f"downloading needs yt-dlp ({error}): pip install 'adis-bench[video]'") from error


def fetch(order: Order, progress: Progress) -> Path | Refusal:
    """Fetch one video into ``order.partial``; where a part of it lies there, only the rest is fetched.

    Nothing but yt-dlp's own code runs: no plug-ins, no configuration files (its Python interface reads none),
    no commands after the download, no cookies, no netrc. The file's name is made of our id and the
    format's name, so that parts of two formats never end up in one file.

    Returns:
        The whole file, or why there is none.

    Raises:
        OSError: the disk is full, or the folder can't be written.
    """
    import yt_dlp

    stage: Stage = "ask"
    try:
        with _without_plugins(), yt_dlp.YoutubeDL(options(order, progress)) as client:
            found = client.extract_info(order.address, download=False, process=False)
            if not found or found.get("_type", "video") != "video":
                return Refusal("failed", "other", "the address leads to something else than one video")
            stage = "fetch"
            done = client.process_ie_result(found, download=True)
    except Exception as error:  # a site that changed can make yt-dlp fail in any way; the other videos go on
        return refusal(error, stage)
    return _checked(done, order.partial)


def _checked(done: Any, partial: Path) -> Path | Refusal:
    """The file that yt-dlp names, if it lies where it should and is a video."""
    named = [item.get("filepath") for item in (done or {}).get("requested_downloads", ())]
    if len(named) != 1 or not named[0] or not Path(named[0]).is_file():
        return Refusal("failed", "other", "yt-dlp ended without a file")
    path = Path(named[0])
    if path.resolve().parent != partial.resolve():
        raise DataError(f"yt-dlp wrote {path}, which is not in {partial}; nothing more is downloaded: look at that file")
    if path.suffix.lower() not in VIDEO_SUFFIXES or not _is_video(path):
        # Kept, it would be taken for finished by the next call.
        path.unlink()
        return Refusal("failed", "other", f"what came is not a video ({path.suffix or 'no suffix'})")
    return path


def _is_video(path: Path) -> bool:
    import av

    try:
        with av.open(str(path)) as container:
            return len(container.streams.video) > 0
    except (av.error.FFmpegError, ValueError, UnicodeError):
        return False


def options(order: Order, progress: Progress) -> dict[str, Any]:
    """yt-dlp's options for one video. Trying again at a broken connection is ``download``'s, so that it is done once."""
    limits = order.limits

    def hook(event: dict[str, Any]) -> None:
        progress(int(event.get("downloaded_bytes") or 0), event.get("total_bytes"))

    def backoff(n: int) -> float:
        return float(limits.backoff_s * 2**n)

    return {
        "format": format_choice(order.max_height, shutil.which("ffmpeg") is not None),
        # H.264 with AAC goes into one MP4, whatever else the site has at that size.
        "format_sort": ["res", "vcodec:h264", "acodec:aac"],
        "paths": {"home": str(order.partial)},
        "outtmpl": {"default": f"{order.youtube_id}.%(format_id)s.%(ext)s"},
        "restrictfilenames": True,
        "allowed_extractors": ["youtube", "generic"],
        "noplaylist": True,
        "continuedl": True,
        "updatetime": False,
        "retries": 0,
        "extractor_retries": limits.retries,
        "fragment_retries": limits.retries,
        "retry_sleep_functions": {"fragment": backoff, "extractor": backoff},
        # By default a piece that doesn't come is left out, and the video has a hole that nobody sees.
        "skip_unavailable_fragments": False,
        "ratelimit": limits.max_bytes_per_s,
        "sleep_interval_requests": min(_REQUEST_PAUSE_S, order.request_pause_s),
        "socket_timeout": _TIMEOUT_S,
        # By default yt-dlp pretends to be elsewhere.
        "geo_bypass": False,
        "cachedir": False,
        "quiet": True,
        "noprogress": True,
        "logger": _Silence(),
        "progress_hooks": [hook],
    }


def format_choice(max_height: int, has_ffmpeg: bool) -> str:
    """The best format of at most ``max_height`` lines (or of unknown ones), else the smallest there is.

    Picture and sound as two files can only be joined by ffmpeg; without it, one file must hold both.
    """
    whole = f"b[height<=?{max_height}]"
    return f"bv*[height<=?{max_height}]+ba/{whole}/wv*+ba/w" if has_ffmpeg else f"{whole}/w"


class _Silence:
    """Takes what yt-dlp says; errors come as exceptions too."""

    def debug(self, _: str) -> None: ...

    def info(self, _: str) -> None: ...

    def warning(self, _: str) -> None: ...

    def error(self, _: str) -> None: ...


@contextmanager
def _without_plugins() -> Iterator[None]:
    """yt-dlp runs any ``yt_dlp_plugins`` package that it finds on the path, unless this variable is set when it starts."""
    name = "YTDLP_NO_PLUGINS"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
