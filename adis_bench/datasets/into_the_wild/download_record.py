"""What became of every video that was asked for: ``availability.csv`` beside the videos, and the table of what has vanished."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from adis_bench.errors import DataError
from adis_bench.files import write_text

RECORD_NAME = "availability.csv"

State = Literal["present", "vanished", "failed"]
Reason = Literal["", "removed", "private", "blocked here", "age-gated", "network", "too many requests", "other"]
"""Why a video isn't here. The first four are the site's last word; the others may pass, they make a video ``failed``."""

_COLUMNS = ("id", "address", "state", "reason", "n_bytes", "file", "checked", "detail")


@dataclass(frozen=True, slots=True)
class Availability:
    """What became of one video.

    Attributes:
        youtube_id: its id.
        address: where it was asked for.
        state: ``present`` in the folder; ``vanished``, the site doesn't give it; ``failed``, it may work another time.
        reason: why it isn't here; empty where it is.
        n_bytes: size of the file, 0 where there is none.
        file: path of the file in the folder, empty where there is none.
        checked: the day (UTC, ``2026-01-31``) on which it was found so.
        detail: what the site or the network said, one line.
    """

    youtube_id: str
    address: str
    state: State
    reason: Reason
    n_bytes: int
    file: str
    checked: str
    detail: str


def asked_to_stop(rows: Iterable[Availability]) -> bool:
    """Whether the site said "too many requests": then the download stopped there, and later videos were not asked for."""
    return any(row.reason == "too many requests" for row in rows)


def write_record(folder: Path, rows: Iterable[Availability]) -> None:
    """Write ``availability.csv``, atomically."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for row in rows:
        cells = (row.youtube_id, row.address, row.state, row.reason, str(row.n_bytes), row.file, row.checked, row.detail)
        table.writerow([_safe(cell) for cell in cells])
    write_text(folder / RECORD_NAME, text.getvalue())


def read_record(folder: Path) -> dict[str, Availability]:
    """Read ``availability.csv`` by id; empty where there is none.

    Raises:
        DataError: it isn't such a table.
    """
    path = folder / RECORD_NAME
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [_row(cells) for cells in csv.DictReader(stream, strict=True)]
    except (OSError, UnicodeDecodeError, csv.Error, ValueError, KeyError, AttributeError) as error:
        raise DataError(
            f"{path} cannot be read ({error}); remove it: it is written again, only what has vanished is then asked for once more"
        ) from error
    return {row.youtube_id: row for row in rows}


def _row(cells: dict[str, str]) -> Availability:
    youtube_id, address, state, reason, n_bytes, file, checked, detail = (_plain(cells[name]) for name in _COLUMNS)
    if state not in get_args(State) or reason not in get_args(Reason):
        raise ValueError(f"state {state!r} or reason {reason!r} is unknown")
    return Availability(youtube_id, address, state, reason, int(n_bytes), file, checked, detail)  # type: ignore[arg-type]


def _safe(text: str) -> str:
    """A cell that spreadsheets don't compute (OWASP, CSV injection): ids may begin with ``-``. ``_plain`` undoes it, always."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "'")) else text


def _plain(text: str) -> str:
    return text.removeprefix("'")


def availability_table(rows: Sequence[Availability]) -> str:
    """Counts in one line, then one line a video that isn't here: id, state, reason, day, what was said."""
    present = [row for row in rows if row.state == "present"]
    n_bytes = sum(row.n_bytes for row in present)
    lines = [f"{len(rows)} videos asked for: {len(present)} present ({n_bytes / 1e9:.2f} GB){_counted(rows)}"]
    missing = sorted((row for row in rows if row.state != "present"), key=lambda row: (row.state != "vanished", row.reason))
    if missing:
        id_width = max(len(row.youtube_id) for row in missing)
        reason_width = max(len(row.reason) for row in missing)
        lines += [
            f"  {row.youtube_id:<{id_width}}  {row.state:<8}  {row.reason:<{reason_width}}  {row.checked}  {row.detail}".rstrip()
            for row in missing
        ]
    return "\n".join(lines)


def _counted(rows: Sequence[Availability]) -> str:
    parts = []
    for state in ("vanished", "failed"):
        reasons = Counter(row.reason for row in rows if row.state == state)
        if reasons:
            parts.append(f", {reasons.total()} {state} ({', '.join(f'{n} {reason}' for reason, n in reasons.most_common())})")
    return "".join(parts)
