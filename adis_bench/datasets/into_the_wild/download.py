"""The listed videos from their site: one at a time, with pauses, and any call goes on where the last one stopped."""

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from adis_bench.datasets.into_the_wild.download_record import Availability, read_record, write_record
from adis_bench.datasets.into_the_wild.download_refusals import Refusal
from adis_bench.datasets.into_the_wild.download_ytdlp import Limits, Order, Progress, fetch, require_ytdlp
from adis_bench.datasets.into_the_wild.listed import is_named
from adis_bench.datasets.video import VIDEO_SUFFIXES
from adis_bench.errors import ConfigError
from adis_bench.files import make_folder
from adis_bench.progress import Bar, bar, say
from adis_bench.seeding import generator

ADDRESS = "https://www.youtube.com/watch?v={id}"
MAX_HEIGHT = 480
"""Lines of the picture. Ours: the release's frames are 512 x 512, whatever the videos had."""
PAUSE_S = (10.0, 20.0)
"""Between two videos, in seconds. Source: yt-dlp 2026.10.26, options.py, the preset ``sleep``, made for YouTube's limits."""
PARTIAL_NAME = ".partial"
"""Folder for files in the making; what lies beside it is whole."""

_LOST_IN_A_ROW = 5
"""Ours: so many videos in a row that fail by the network mean that the network fails, not they."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def download(
    ids: Sequence[str],
    folder: Path,
    *,
    address: str = ADDRESS,
    max_height: int = MAX_HEIGHT,
    pause_s: tuple[float, float] = PAUSE_S,
    ask_again: bool = False,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
) -> tuple[Availability, ...]:
    """Download videos as ``<id>.<suffix>``, and write what became of each to ``availability.csv`` after every one.

    What is in the folder (by its name, see ``is_named``) isn't asked for; what has vanished is remembered
    and isn't either, unless ``ask_again``: then it is, after all others. A video that was begun is
    continued. "Too many requests" ends the call (see ``asked_to_stop``), and so does a network
    that fails five times in a row; both are said on stderr.

    Args:
        ids: ids in the order of the rows; they become file names.
        folder: where the videos go; made where it isn't there.
        address: a video's address, with ``{id}``.
        max_height: lines of the picture; see ``format_choice``.
        pause_s: shortest and longest pause between two videos in seconds.
        ask_again: ask for what has vanished too.
        limits: retries, their pauses, and the rate.

    Returns:
        A row for every id that is here or was ever asked for, in the order of ``ids``.

    Raises:
        ConfigError: yt-dlp isn't installed, or an argument can't be.
        DataError: ``availability.csv`` isn't one, or the folder can't be made.
        OSError: the disk is full, or the folder can't be written.
    """
    ids = list(dict.fromkeys(ids))
    _check(ids, address, max_height, pause_s)
    require_ytdlp()
    folder = _made(folder)
    partial = folder / PARTIAL_NAME
    rows = _known(ids, folder, address)
    write_record(folder, _ordered(rows, ids))
    # What has vanished from one place may be at another.
    elsewhere = {i for i in ids if i in rows and rows[i].state == "vanished" and rows[i].address != address.replace("{id}", i)}
    todo = [i for i in ids if i not in rows or rows[i].state == "failed" or i in elsewhere]
    todo += [i for i in ids if ask_again and i in rows and rows[i].state == "vanished" and i not in elsewhere]
    rng = generator("download", "pauses")
    n_lost = 0
    with bar("download", len(todo)) as running:
        for number, youtube_id in enumerate(todo):
            if number:
                time.sleep(rng.uniform(*pause_s))
            order = Order(youtube_id, address.replace("{id}", youtube_id), partial, max_height, pause_s[0], limits)
            rows[youtube_id] = row = _obtained(order, folder, _noting(running, youtube_id))
            write_record(folder, _ordered(rows, ids))
            running.advance()
            n_lost = n_lost + 1 if row.reason == "network" else 0
            if row.reason == "too many requests" or n_lost == _LOST_IN_A_ROW:
                say(_stopped(row, len(todo) - number - 1))
                break
    return tuple(rows[i] for i in ids if i in rows)


def _check(ids: Sequence[str], address: str, max_height: int, pause_s: tuple[float, float]) -> None:
    wrong = [i for i in ids if not _ID.fullmatch(i)]
    if wrong:
        raise ConfigError(f"{len(wrong)} of {len(ids)} ids can't be ids of videos, first: {wrong[0]!r}; an id has letters, digits, - and _")
    if "{id}" not in address:
        raise ConfigError(f"the address {address!r} has no place for the id; write it as {ADDRESS}")
    if max_height < 1:
        raise ConfigError(f"the height of the picture must be at least 1 line, not {max_height}")
    if not 0 <= pause_s[0] <= pause_s[1]:
        raise ConfigError(f"the pause must be two numbers of seconds, the shorter first, not {pause_s[0]} and {pause_s[1]}")


def _made(folder: Path) -> Path:
    make_folder(folder)
    folder = folder.resolve()
    if os.path.expandvars(folder) != str(folder):
        raise ConfigError(f"yt-dlp would take a part of {folder} for a variable; choose a folder without a dollar or percent sign")
    return folder


def _known(ids: Sequence[str], folder: Path, address: str) -> dict[str, Availability]:
    """The record, with what the folder really holds."""
    rows = read_record(folder)
    videos = sorted(_videos(folder))
    for youtube_id in ids:
        found = next((path for path in videos if is_named(path, youtube_id) and path.stat().st_size), None)
        before = rows.get(youtube_id)
        if found is not None:
            rows[youtube_id] = _present(youtube_id, address.replace("{id}", youtube_id), found, folder, before)
        elif before is not None and before.state == "present":
            del rows[youtube_id]
    return rows


def _videos(folder: Path) -> Iterator[Path]:
    """As the importer finds them: sub-folders too, hidden ones not."""
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in VIDEO_SUFFIXES and not hidden and path.is_file():
            yield path


def _present(youtube_id: str, address: str, path: Path, folder: Path, before: Availability | None = None) -> Availability:
    # A name that isn't UTF-8 can't be in the record as it is; there it is only told.
    name = path.relative_to(folder).as_posix().encode(errors="surrogateescape").decode(errors="replace")
    row = Availability(youtube_id, address, "present", "", path.stat().st_size, name, _today(), "")
    # The same file as last time was found then, not today.
    return before if before is not None and replace(before, address=address, checked=row.checked) == row else row


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _ordered(rows: Mapping[str, Availability], ids: Sequence[str]) -> list[Availability]:
    """Rows in the order of the ids, then those of other calls."""
    return [rows[i] for i in dict.fromkeys([*ids, *rows]) if i in rows]


def _obtained(order: Order, folder: Path, progress: Progress) -> Availability:
    """Fetch one video, again and again where the network breaks, and move it to its place."""
    order.partial.mkdir(exist_ok=True)
    outcome = fetch(order, progress)
    for attempt in range(order.limits.retries):
        if not isinstance(outcome, Refusal) or outcome.reason != "network":
            break
        time.sleep(order.limits.backoff_s * 2**attempt)
        outcome = fetch(order, progress)
    if isinstance(outcome, Refusal):
        return Availability(order.youtube_id, order.address, outcome.state, outcome.reason, 0, "", _today(), outcome.detail)
    path = folder / f"{order.youtube_id}{outcome.suffix.lower()}"
    outcome.replace(path)
    for rest in list(order.partial.iterdir()):
        if rest.name.startswith(f"{order.youtube_id}."):
            rest.unlink()  # parts of a format that an earlier call had chosen
    if not any(order.partial.iterdir()):
        order.partial.rmdir()
    return _present(order.youtube_id, order.address, path, folder)


def _noting(running: Bar, youtube_id: str) -> Progress:
    def progress(n_bytes: int, total: int | None) -> None:
        running.note(f"{youtube_id} {n_bytes / 1e6:.1f}{f' of {total / 1e6:.1f}' if total else ''} MB")

    return progress


def _stopped(row: Availability, n_left: int) -> str:
    asked = row.reason == "too many requests"
    cause, remedy = ("the site asks to wait", "wait some hours") if asked else ("the network fails", "look at the network")
    return (
        f"download stopped at {row.youtube_id}, {n_left} videos before the end: {cause} ({row.detail}); "
        f"what came is kept: {remedy}, then run the same command"
    )
