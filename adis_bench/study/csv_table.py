"""A CSV of answers as rows of text, with what single rows lack; the checks that every format shares."""

import csv
import io
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from adis_bench.csv_cells import plain
from adis_bench.errors import DataError
from adis_bench.files import digest_bytes
from adis_bench.printable import printable
from adis_bench.study.rankings import Rankings
from adis_bench.study.rejection import Reason

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{0,30})?")  # not float(): it takes "nan", "1_0" and digits of other scripts
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MAY_LACK = frozenset({"approve", "reject"})  # filled in by the requester: the site's files name them, and their rows leave them out
_MOST_BYTES = 1 << 30
"""Of a file; ours: the paper's study has some 20 MB. More is no table of answers, and a pipe may never end."""
_LONGEST_CELL = 10_000_000
"""Characters; ours: far above what a page sends, so that no worker's comment makes a file unreadable; more is a lost quotation mark."""
_LONGEST_ID = 256
"""Characters; ours: Mechanical Turk's ids have 14 to 30, our server's fewer; longer text is no id."""
_LIMIT = threading.Lock()  # Python has one limit on cells for the whole process


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
    """A whole file.

    Attributes:
        path: where it was.
        header: the cells of the first line as they are; ``folded`` tells names that people write in several ways.
        rows: all others, without empty ones and repeated headers.
        digest: SHA-256 (hex) of the bytes that were read.
    """

    path: Path
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    digest: str


def read_table(path: Path) -> Table:
    """Read a CSV: UTF-8, with or without a byte order mark, commas between cells, any line ends.

    It is opened once and read to its end, so that pipes can be read too. Skipped are empty lines, and those that repeat the header, as
    files that were put one behind the other have them.

    Args:
        path: of the file.

    Raises:
        DataError: not there, or not readable as a CSV in UTF-8.
    """
    content = _content(path)
    with _reader(path, io.BytesIO(content)) as reader:
        header = _header(reader)
        least = len(header)
        while least and folded(header[least - 1 : least])[0] in _MAY_LACK:
            least -= 1
        rows = tuple(_row(reader.line_num, cells, len(header), least) for cells in reader if cells and not _repeats(cells, header))
    return Table(path, header, rows, digest_bytes(content))


def read_header(path: Path) -> tuple[str, ...]:
    """Its first line only; errors as those of ``read_table``."""
    with _opened(path) as stream, _reader(path, stream) as reader:
        return _header(reader)


def folded(header: Sequence[str]) -> tuple[str, ...]:
    """Names of columns without regard to case and spaces around them."""
    return tuple(cell.strip().casefold() for cell in header)


def _content(path: Path) -> bytes:
    parts, n = [], 0
    with _opened(path) as stream:
        while part := stream.read(1 << 20):
            parts.append(part)
            n += len(part)
            if n > _MOST_BYTES:
                raise DataError(f"{name(path)} has more than {_MOST_BYTES >> 20:,} MiB; it is no table of answers, or should be split")
    return b"".join(parts)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as stream:
            yield stream
    except FileNotFoundError as error:
        raise DataError(f"{name(path)} is not there; check the path") from error
    except IsADirectoryError as error:
        raise DataError(f"{name(path)} is a folder; name the CSV in it") from error
    except OSError as error:
        raise DataError(f"{name(path)} cannot be read ({error.strerror}); check the path and who may read it") from error


@contextmanager
def _reader(path: Path, stream: BinaryIO) -> Iterator[Any]:
    reader = csv.reader(io.TextIOWrapper(stream, "utf-8-sig", newline=""), strict=True, skipinitialspace=True)
    with _LIMIT:
        before = csv.field_size_limit(_LONGEST_CELL)
        try:
            yield reader
        except UnicodeDecodeError as error:
            raise DataError(
                f"{name(path)} cannot be read as a CSV in UTF-8: it has the byte {error.object[error.start]:#04x}, so it is in another "
                "encoding; save it anew as a CSV in UTF-8"
            ) from error
        except csv.Error as error:
            told = str(error)
            if "field limit" in told:
                told = f"a cell has more than {_LONGEST_CELL:,} characters, or a quotation mark is missing"
            raise DataError(
                f"{name(path)} cannot be read as a CSV in UTF-8 (line {reader.line_num}: {told}); it may be cut or of another kind: "
                "save it anew"
            ) from error
        finally:
            csv.field_size_limit(before)


def _header(reader: Iterator[list[str]]) -> tuple[str, ...]:
    return tuple(next(reader, []))


def _repeats(cells: list[str], header: tuple[str, ...]) -> bool:
    return len(cells) == len(header) and cells[0].removeprefix("\ufeff") == header[0] and tuple(cells[1:]) == header[1:]


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


def id_fault(text: str) -> Reason | None:
    """What is wrong with the id of a worker or an item."""
    return "unusable_id" if is_too_long(text) or _CONTROL.search(text) else None


def is_too_long(text: str) -> bool:
    """Whether text is longer than any id or name."""
    return len(text) > _LONGEST_ID


def make_rankings(keys: Sequence[tuple[str, str]], given: Sequence[Sequence[float]], methods: tuple[str, ...]) -> Rankings:
    """Put rankings into arrays; only the order of the given ranks is used, and equal ones share their mid-rank.

    Args:
        keys: (item, worker) of each, none twice.
        given: ranks of each, in the order of ``methods``; at least one ranking.
        methods: k labels.
    """
    from scipy.stats import rankdata

    items, item = _numbered([key[0] for key in keys])
    workers, worker = _numbered([key[1] for key in keys])
    ranks = np.asarray(rankdata(np.array(given, np.float64), axis=1), np.float64)
    return Rankings(methods, items, workers, item, worker, ranks)


def _numbered(names: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The different names, sorted, and the place of each among them; numpy would cut NULs off, and give all the room of the longest."""
    different = tuple(sorted(set(names)))
    place = {text: number for number, text in enumerate(different)}
    return different, np.array([place[text] for text in names], np.int64)


def _row(line: int, cells: list[str], width: int, least: int) -> Row:
    fault: Reason | None = None
    if len(cells) < least:
        # Where a row is cut, its last cell may be cut too: "w1" may have been "w12", and must not spoil the ranking of w1.
        fault, cells = "missing_cell", cells[:-1]
    elif len(cells) > width:
        fault = "extra_cell"
    filled = [plain(cell) for cell in cells[:width]] + [""] * (width - len(cells))
    return Row(line, tuple(filled), fault)
