"""The plain long CSV: one row for each method that a worker ranked on an item."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from adis_bench.errors import ConfigError, DataError
from adis_bench.printable import printable
from adis_bench.study.rankings import Rankings
from adis_bench.study.rejection import REASONS, Reason, Rejection

COLUMNS = ("item_id", "worker_id", "method", "rank")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")  # not float(): it takes "nan", "1_0" and digits of other scripts
_SHOWN = 6  # names in one error line


@dataclass(slots=True)
class _Answer:
    """The rows of one worker on one item, and the first fault of each kind with its line."""

    line: int
    ranks: dict[str, float] = field(default_factory=dict)
    faults: dict[Reason, int] = field(default_factory=dict)

    def fault(self, reason: Reason, line: int) -> None:
        self.faults.setdefault(reason, line)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the file; ``cells`` in the order of ``COLUMNS``, empty where missing; ``fault`` of the number of cells."""

    line: int
    cells: tuple[str, ...]
    fault: Reason | None


def read_long_csv(path: Path, methods: Sequence[str] = (), ties: bool = True) -> tuple[Rankings, tuple[Rejection, ...]]:
    """Read rankings from a CSV with the columns item_id, worker_id, method and rank; other columns are ignored.

    A ranking is all rows of one (item, worker). It counts if it ranks every method once, by numbers from 1 (best) to k; only
    their order is used, and equal ones share their mid-rank (1, 1, 3, 4 and 1, 1, 2, 3 are both 1.5, 1.5, 3, 4).
    Everything else is rejected whole, under one reason; accepted and rejected ones add up to what the file has.

    Args:
        path: UTF-8, with or without a byte order mark, commas between cells, any line ends.
        methods: those that were compared; rankings that have others are rejected. By default all of the file, sorted.
        ties: whether equal ranks are allowed.

    Raises:
        ConfigError: ``methods`` names one, or one twice.
        DataError: not readable as such a CSV, one method only, or no ranking is left.
    """
    if methods and (len(set(methods)) != len(methods) or len(methods) < 2 or not all(methods)):
        raise ConfigError(f"--methods needs two or more different names; it has {', '.join(map(printable, methods))}")
    rows = list(_rows(path))
    if not rows:
        raise DataError(f"{_name(path)} has a header, but no rows: it needs one for each method that a worker ranked")
    named = tuple(methods) or tuple(sorted({row.cells[2] for row in rows if row.fault is None and row.cells[2]}))
    if len(named) < 2:
        raise DataError(f"{_name(path)} has {len(named)} method{'s' * (not named)} in {len(rows)} rows; a ranking needs two or more")
    answers, homeless = _collect(rows, named)
    good: dict[tuple[str, str], _Answer] = {}
    found: list[tuple[Reason, int]] = [("missing_cell", line) for line in homeless]
    for key, answer in answers.items():
        reason = _first_fault(answer, named, ties)
        if reason is None:
            good[key] = answer
        else:
            found.append((reason, answer.faults[reason]))
    rejected = _tally(found)
    if not good:
        raise DataError(_nothing_left(path, len(found), rejected, answers, named))
    return _rankings(good, named), rejected


def _name(path: Path) -> str:
    return printable(str(path))


def _rows(path: Path) -> Iterator[_Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = [cell.strip() for cell in next(reader, [])]
            places = _places(path, header)
            for cells in reader:
                if cells:
                    yield _row(reader.line_num, cells, len(header), places)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{_name(path)} cannot be read as a CSV in UTF-8 ({error}); it may be cut or of another kind: save it anew"
        ) from error


def _places(path: Path, header: list[str]) -> list[int]:
    if not any(header):
        raise DataError(f"{_name(path)} is empty, or its first line is; the first line must name {', '.join(COLUMNS)}")
    absent = [name for name in COLUMNS if name not in header]
    if absent:
        hint = "; cells must be separated by commas" if len(header) == 1 else ""
        raise DataError(
            f"{_name(path)} lacks {len(absent)} of {len(COLUMNS)} columns: {', '.join(absent)}; "
            f"the first line must name {', '.join(COLUMNS)}{hint}"
        )
    twice = [name for name in COLUMNS if header.count(name) > 1]
    if twice:
        raise DataError(f"{_name(path)} has {len(twice)} columns twice: {', '.join(twice)}; leave one of each")
    return [header.index(name) for name in COLUMNS]


def _row(line: int, cells: list[str], width: int, places: list[int]) -> _Row:
    fault: Reason | None = None
    if len(cells) < width:
        # Where a row is cut, its last cell may be cut too: "w1" may have been "w12", and must not spoil the ranking of w1.
        fault, cells = "missing_cell", cells[:-1] + [""] * (width - len(cells) + 1)
    elif len(cells) > width:
        fault = "extra_cell"
    return _Row(line, tuple(cells[place].strip() for place in places), fault)


def _collect(rows: list[_Row], methods: tuple[str, ...]) -> tuple[dict[tuple[str, str], _Answer], list[int]]:
    """The answers by (item, worker), with the faults that single rows show; and the lines that belong to no answer."""
    answers: dict[tuple[str, str], _Answer] = {}
    homeless = []
    known = set(methods)
    for row in rows:
        item, worker, method, rank = row.cells
        if not item or not worker:
            homeless.append(row.line)
            continue
        answer = answers.setdefault((item, worker), _Answer(row.line))
        reason = row.fault or _row_fault(method, rank, known)
        if reason is None and method in answer.ranks:
            reason = "duplicate"
        if reason is None:
            answer.ranks[method] = float(rank)
        else:
            answer.fault(reason, row.line)
    return answers, homeless


def _row_fault(method: str, rank: str, known: set[str]) -> Reason | None:
    if not method or not rank:
        return "missing_cell"
    if method not in known:
        return "unknown_method"
    if not _NUMBER.fullmatch(rank):
        return "not_a_number"
    value = float(rank)
    if not 1 <= value <= len(known):
        return "rank_out_of_range"
    return None if (2 * value).is_integer() else "not_a_rank"


def _first_fault(answer: _Answer, methods: tuple[str, ...], ties: bool) -> Reason | None:
    if len(answer.ranks) < len(methods):
        answer.fault("incomplete", answer.line)
    if not ties and len(set(answer.ranks.values())) < len(answer.ranks):
        answer.fault("tie", answer.line)
    return next((reason for reason in REASONS if reason in answer.faults), None)


def _tally(found: list[tuple[Reason, int]]) -> tuple[Rejection, ...]:
    lines = {reason: [line for other, line in found if other == reason] for reason in REASONS}
    return tuple(Rejection(reason, len(at), min(at)) for reason, at in lines.items() if at)


def _nothing_left(
    path: Path, n: int, rejected: tuple[Rejection, ...], answers: dict[tuple[str, str], _Answer], methods: tuple[str, ...]
) -> str:
    text = f"{_name(path)}: none of {n} rankings can be used: {', '.join(map(str, rejected))}"
    if "incomplete" in {rejection.reason for rejection in rejected}:
        # A misspelt method is missing everywhere else, so that no ranking is complete.
        seen = {method: sum(method in answer.ranks for answer in answers.values()) for method in methods}
        rare = sorted(methods, key=lambda method: seen[method])[:_SHOWN]
        named = ", ".join(f"{printable(method)} in {seen[method]}" for method in rare)
        text += f"; the rarest of {len(methods)} methods: {named}; if one is misspelt, name the right ones with --methods"
    return text


def _rankings(answers: dict[tuple[str, str], _Answer], methods: tuple[str, ...]) -> Rankings:
    from scipy.stats import rankdata

    # Sorted, so that the order of the rows changes nothing.
    keys = sorted(answers)
    items, item = np.unique([key[0] for key in keys], return_inverse=True)
    workers, worker = np.unique([key[1] for key in keys], return_inverse=True)
    given = np.array([[answers[key].ranks[method] for method in methods] for key in keys], np.float64)
    ranks = np.asarray(rankdata(given, axis=1), np.float64)
    return Rankings(methods, tuple(items.tolist()), tuple(workers.tolist()), item.astype(np.int64), worker.astype(np.int64), ranks)
