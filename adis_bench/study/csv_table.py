"""A CSV of answers as rows of text, with what single rows lack; the checks that every format shares."""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from adis_bench.csv_cells import plain
from adis_bench.errors import DataError
from adis_bench.printable import printable
from adis_bench.study.rankings import Rankings
from adis_bench.study.rejection import Reason

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")  # not float(): it takes "nan", "1_0" and digits of other scripts


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file.

    Attributes:
        line: its last one, from 1.
        cells: as many as the header has, freed from the apostrophes of ``csv_cells``; missing ones are empty.
        fault: of the number of cells.
    """

    line: int
    cells: tuple[str, ...]
    fault: Reason | None


@dataclass(frozen=True, slots=True)
class Table:
    """A whole file; ``header`` without spaces around the names."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path, may_lack: Sequence[str] = ()) -> Table:
    """Read a CSV: UTF-8, with or without a byte order mark, commas between cells, any line ends; empty lines are skipped.

    Args:
        path: of the file.
        may_lack: names of columns at the end of the header whose cells rows may leave out.

    Raises:
        DataError: not readable as a CSV in UTF-8; or its first line is empty.
    """
    with _reader(path) as reader:
        header = _header(reader)
        least = len(header)
        while least and header[least - 1] in may_lack:
            least -= 1
        rows = tuple(_row(reader.line_num, cells, len(header), least) for cells in reader if cells)
    return Table(header, rows)


def read_header(path: Path) -> tuple[str, ...]:
    """Its first line only; errors as those of ``read_table``."""
    with _reader(path) as reader:
        return _header(reader)


@contextmanager
def _reader(path: Path) -> Iterator[Any]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield csv.reader(stream, strict=True)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{name(path)} cannot be read as a CSV in UTF-8 ({error}); it may be cut or of another kind: save it anew"
        ) from error


def _header(reader: Iterator[list[str]]) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in next(reader, []))


def name(path: Path) -> str:
    """The path as it can be shown."""
    return printable(str(path))


def refuse_twice(path: Path, header: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse a file that has a wanted column twice: which one counts would be a guess.

    Raises:
        DataError: it has.
    """
    twice = [column for column in dict.fromkeys(wanted) if header.count(column) > 1]
    if twice:
        shown = ", ".join(map(printable, twice[:6]))
        raise DataError(f"{name(path)} has {len(twice)} columns twice: {shown}; leave one of each")


def rank_fault(rank: str, k: int) -> Reason | None:
    """What is wrong with the text of a rank, which may be a whole or half number from 1 to ``k``."""
    if not _NUMBER.fullmatch(rank):
        return "not_a_number"
    value = float(rank)
    if not 1 <= value <= k:
        return "rank_out_of_range"
    return None if (2 * value).is_integer() else "not_a_rank"


def make_rankings(keys: Sequence[tuple[str, str]], given: Sequence[Sequence[float]], methods: tuple[str, ...]) -> Rankings:
    """Put rankings into arrays; only the order of the given ranks is used, and equal ones share their mid-rank.

    Args:
        keys: (item, worker) of each, none twice.
        given: ranks of each, in the order of ``methods``; at least one ranking.
        methods: k labels.
    """
    from scipy.stats import rankdata

    items, item = np.unique([key[0] for key in keys], return_inverse=True)
    workers, worker = np.unique([key[1] for key in keys], return_inverse=True)
    ranks = np.asarray(rankdata(np.array(given, np.float64), axis=1), np.float64)
    return Rankings(methods, tuple(items.tolist()), tuple(workers.tolist()), item.astype(np.int64), worker.astype(np.int64), ranks)


def _row(line: int, cells: list[str], width: int, least: int) -> Row:
    fault: Reason | None = None
    if len(cells) < least:
        # Where a row is cut, its last cell may be cut too: "w1" may have been "w12", and must not spoil the ranking of w1.
        fault, cells = "missing_cell", cells[:-1]
    elif len(cells) > width:
        fault = "extra_cell"
    filled = [plain(cell) for cell in cells[:width]] + [""] * (width - len(cells))
    return Row(line, tuple(filled), fault)
