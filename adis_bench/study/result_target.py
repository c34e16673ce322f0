"""Where a result CSV may be written: not over a study's own files, and not over anything else that isn't one."""

from fnmatch import fnmatch
from pathlib import Path

from adis_bench.errors import DataError
from adis_bench.study.csv_table import name, read_header, read_table
from adis_bench.study.records import STUDY_NAME
from adis_bench.study.result_csv import COLUMNS

_MEDIA = "media"
_STUDY_FILES = (
    STUDY_NAME,
    "key.json",
    "batch.csv",
    "template.html",
    "preview.html",
    "estimate.json",
    "answers.sqlite*",  # with SQLite's own files beside it
    "published-*.json",
    ".secret",
)
"""Of a study's folder, as patterns; also those that aren't there yet. Written out, since their modules load images and databases."""


def check_target(path: Path) -> None:
    """Refuse a path at which a result CSV would destroy something; an earlier result CSV may be replaced.

    Args:
        path: to be written.

    Raises:
        DataError: it is the place of a file of a study, or holds something that isn't a result CSV.
    """
    real = path.resolve()  # also through links and ".."
    if _is_of_a_study(real):
        raise DataError(f"{name(path)} is the place of one of the study's own files, and answers would replace it; choose another name")
    if real.exists() and not _is_ours(real):
        raise DataError(
            f"{name(path)} is there and no result CSV of adis-bench, so that it isn't replaced; choose another name, or move it"
        )


def holds_hits(path: Path, hit_ids: set[str]) -> bool:
    """Whether a result CSV (``check_target``) has answers of any of these HITs; errors as those of ``read_table``."""
    table = read_table(path)
    return any(row.cells[0] in hit_ids for row in table.rows)


def _is_of_a_study(path: Path) -> bool:
    at = (path, *path.parents)
    if any(folder.name == _MEDIA and (folder.parent / STUDY_NAME).is_file() for folder in at):
        return True
    # Without regard to case: some file systems have none, and Key.json is then key.json.
    return (path.parent / STUDY_NAME).is_file() and any(fnmatch(path.name.lower(), pattern) for pattern in _STUDY_FILES)


def _is_ours(path: Path) -> bool:
    """By the header: the site's columns, the pages', and the answers' in the order in which only we write them."""
    try:
        header = read_header(path)
    except DataError:
        return False
    rest = [column for column in header[len(COLUMNS) :] if not column.startswith("Input.")]
    return header[: len(COLUMNS)] == COLUMNS and rest[:2] == ["Answer.item_id", "Answer.rank_A"] and rest[-2:] == ["Approve", "Reject"]
