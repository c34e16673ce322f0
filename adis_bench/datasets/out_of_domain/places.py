"""Places365: images of outdoor categories, in the archive's layout or as a folder of category folders."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adis_bench.datasets.out_of_domain.choices import Choices
from adis_bench.datasets.out_of_domain.offers import Candidate, Offer, listed, where_of
from adis_bench.datasets.raw import display, slug
from adis_bench.errors import DataError
from adis_bench.printable import printable

PlacesSplit = Literal["val", "train"]
ARCHIVE_NAME = "places365_standard"
"""What places365standard_easyformat.tar unpacks to."""
IO_NAME = "IO_places365.txt"
"""Lines such as ``/a/alley 2``: 1 is indoor, 2 is outdoor. Source: CSAILVision/places365 at 8a953ed."""
_OUTDOOR = "2"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Categories to take, in the form of ``category_key``, and what says so."""

    keys: frozenset[str]
    by: str


def places_offer(folder: Path, split: PlacesSplit, choices: Choices, *, own_choice: bool) -> Offer:
    """The images of the wanted categories.

    Args:
        folder: where the archive was unpacked, the archive's own folder, or any folder of category folders.
        split: which part of the archive; a folder of category folders has none.
        choices: the categories, where no file beside the images says which are outdoor.
        own_choice: take ``choices`` even if there is such a file.

    Raises:
        DataError: no such folder, no wanted category in it, or a damaged list of outdoor categories.
    """
    base = _base(folder, split)
    table = None if own_choice else _io_table(folder, base)
    wanted = Wanted(frozenset(map(category_key, choices.places)), "the suite's choice") if table is None else _outdoor(table)
    found = listed(base, "images")
    categories = {path: category_key(path.parent.relative_to(found.root).as_posix()) for path in found.paths}
    candidates = [
        Candidate(path, where_of(path, found.root), key, f"places/{where_of(path, found.root)}", {"places365": key})
        for path, key in categories.items()
        if key in wanted.keys
    ]
    if not candidates:
        raise DataError(
            f"no image of the {len(wanted.keys)} wanted categories ({wanted.by}) under {printable(str(found.root))}: "
            f"{_heard_of(set(categories.values()))}; expected {ARCHIVE_NAME}/{split}/<category>/*.jpg or <category>/*.jpg of Places365 "
            "(any folder of images goes with --images)"
        )
    missing = sorted(wanted.keys - set(categories.values()))
    return Offer(
        side="images",
        title="Places365",
        candidates=tuple(candidates),
        displays={key: display(key) for key in sorted({c.label for c in candidates})},
        labels_from="the categories of Places365",
        facts={"kind": "places", "source": found.root.name, "categories": sorted(wanted.keys)},
        notes={
            "categories_by": wanted.by,
            "n_categories": len(wanted.keys) - len(missing),
            "categories_without_images": missing,
            "n_of_other_categories": len(found.paths) - len(candidates),
            "n_ignored": found.n_ignored,
        },
        skipped=tuple(found.skipped),
    )


def category_key(name: str) -> str:
    """One form for ``/f/field/wild``, ``field/wild`` and ``field-wild``: ``field_wild``."""
    parts = [part for part in name.split("/") if part]
    return slug("_".join(parts[1:] if len(parts) > 1 and len(parts[0]) == 1 else parts))


def _base(folder: Path, split: str) -> Path:
    for base in (folder / ARCHIVE_NAME / split, folder / split):
        if base.is_dir():
            return base
    return folder


def _io_table(folder: Path, base: Path) -> Path | None:
    """The list of outdoor categories beside the images or above them, within the folder."""
    places = [folder, folder / ARCHIVE_NAME, base]
    return next((path / IO_NAME for path in places if (path / IO_NAME).is_file()), None)


def _outdoor(table: Path) -> Wanted:
    try:
        lines = [line.split() for line in table.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{table} cannot be read ({error}); restore it, or remove it to take the suite's own choice") from error
    wrong = [number for number, cells in enumerate(lines, 1) if len(cells) != 2 or cells[1] not in ("1", _OUTDOOR)]
    if wrong or not lines:
        raise DataError(
            f"{len(wrong)} of {len(lines)} lines of {table} are not like `/a/alley 2`, first: line {wrong[0] if wrong else 1}; "
            "restore the file, or remove it to take the suite's own choice"
        )
    return Wanted(frozenset(category_key(cells[0]) for cells in lines if cells[1] == _OUTDOOR), f"outdoor in {IO_NAME}")


def _heard_of(keys: Iterable[str]) -> str:
    names = sorted(keys)
    if not names:
        return "no images at all"
    return f"only {', '.join(names[:5])}{f' and {len(names) - 5} more' if len(names) > 5 else ''}"
