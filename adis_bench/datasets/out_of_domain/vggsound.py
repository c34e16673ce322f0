"""VGG-Sound: a CSV that lists segments of YouTube videos, and the files that somebody has of them."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adis_bench.datasets.out_of_domain.choices import Choices
from adis_bench.datasets.out_of_domain.offers import Candidate, Listing, Offer, listed, where_of
from adis_bench.datasets.video import VIDEO_SUFFIXES
from adis_bench.errors import DataError
from adis_bench.files import digest_json
from adis_bench.printable import printable

VggSoundSplit = Literal["test", "train", "all"]
CSV_NAMES = ("vggsound.csv", "test.csv")
"""The lists of hche11/VGGSound at 1e75f4d, data/: ``id,start,label,split`` without a header, and ``<id>_<start>.mp4,label``."""


@dataclass(frozen=True, slots=True)
class Row:
    """A listed segment of 10 s.

    Attributes:
        name: ``<YouTube id>_<start in six digits>``, what its file is called.
        video: the YouTube id.
        label: class of VGG-Sound.
        split: ``train`` or ``test``.
    """

    name: str
    video: str
    label: str
    split: str


def vggsound_offer(place: Path, media: Path | None, split: VggSoundSplit, choices: Choices) -> Offer:
    """The sounds of the wanted classes whose files are there.

    Args:
        place: the CSV, or a folder that holds it (and the files).
        media: folder of the files; by default the one of the CSV.
        split: of VGG-Sound.
        choices: which classes, and their labels here.

    Raises:
        DataError: no CSV, one of another form, or no file of any wanted segment.
    """
    table = _table(place)
    rows = read_rows(table)
    wanted = [row for row in rows if row.label in choices.label_of and split in ("all", row.split)]
    if not wanted:
        raise DataError(
            f"{table} lists {len(rows)} segments, but none of the {len(choices.label_of)} wanted classes in split {split!r}; "
            "other classes come with --categories FILE, another split with --vggsound-split"
        )
    found = listed(media or table.parent, "sounds")
    files = _by_name(found.paths)
    candidates = [_candidate(row, files[row.name], found, choices) for row in wanted if row.name in files]
    if not candidates:
        raise DataError(
            f"none of the {len(wanted)} listed segments has a file under {printable(str(found.root))} ({len(found.paths)} other sounds); "
            f"expected such as {wanted[0].name}.mp4, .wav or .flac; name their folder with --media"
        )
    return Offer(
        side="sounds",
        title="VGG-Sound",
        candidates=tuple(candidates),
        displays={label: text for label, text in choices.displays.items() if any(c.label == label for c in candidates)},
        labels_from="the classes of VGG-Sound by the suite's map",
        facts={"kind": "vggsound", "source": table.name, "split": split, "classes": dict(sorted(choices.label_of.items()))},
        notes={
            "n_listed": len(wanted),
            "n_present": len(candidates),
            "n_absent": len(wanted) - len(candidates),
            "classes": _availability(wanted, files),
            "n_of_other_classes": len(rows) - len(wanted),
            "list": digest_json([[row.name, row.label, row.split] for row in rows]),
        },
        skipped=tuple(found.skipped),
    )


def _table(place: Path) -> Path:
    if place.is_dir():
        found = next((place / name for name in CSV_NAMES if (place / name).is_file()), None)
        if found is None:
            raise DataError(f"no {' or '.join(CSV_NAMES)} in {printable(str(place))}; name the CSV file itself, and its media with --media")
        return found.resolve()
    if not place.is_file():
        raise DataError(f"no file or folder {printable(str(place))}; name VGG-Sound's CSV, or the folder that holds it")
    return place.resolve()


def read_rows(table: Path) -> list[Row]:
    """The segments of a list of VGG-Sound, each once.

    Raises:
        DataError: unreadable, or rows of another form.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            lines = [(number, cells) for number, cells in enumerate(csv.reader(stream, strict=True), 1) if cells]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{table} cannot be read as CSV ({error}); get the list of VGG-Sound again") from error
    rows = {number: _row(cells) for number, cells in lines}
    wrong = [number for number, row in rows.items() if row is None]
    if wrong or not rows:
        raise DataError(
            f"{len(wrong)} of {len(rows)} rows of {table} are not like `id,start,label,split` (or `<id>_<start>.mp4,label`), "
            f"first: row {wrong[0] if wrong else 1}; labels with commas stand in quotes"
        )
    return list({row.name: row for row in rows.values() if row is not None}.values())


def _row(cells: list[str]) -> Row | None:
    if len(cells) == 4 and cells[0] and cells[1].strip().isdecimal() and cells[3].strip() in ("train", "test"):
        return Row(f"{cells[0]}_{int(cells[1]):06d}", cells[0], cells[2].strip(), cells[3].strip())
    if len(cells) == 2:
        name = Path(cells[0]).stem
        video, _, start = name.rpartition("_")
        if video and len(start) == 6 and start.isdecimal():
            return Row(name, video, cells[1].strip(), "test")
    return None


def _by_name(paths: Iterable[Path]) -> dict[str, Path]:
    """The file of every name; of several the video, which has a frame as well."""
    ranked = sorted(paths, key=lambda path: (path.suffix.lower() in VIDEO_SUFFIXES, path.as_posix()))
    return {path.stem: path for path in ranked}


def _candidate(row: Row, path: Path, found: Listing, choices: Choices) -> Candidate:
    details = {"vggsound": row.label, "vggsound_split": row.split}
    return Candidate(path, where_of(path, found.root), choices.label_of[row.label], f"youtube/{row.video}", details)


def _availability(wanted: Iterable[Row], files: Mapping[str, Path]) -> dict[str, dict[str, int]]:
    rows = list(wanted)
    listed_, present = Counter(row.label for row in rows), Counter(row.label for row in rows if row.name in files)
    return {name: {"listed": n, "present": present[name]} for name, n in sorted(listed_.items())}
