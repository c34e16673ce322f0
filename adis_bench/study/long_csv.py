"""The plain long CSV: one row for each method that a worker ranked on an item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adis_bench.errors import ConfigError, DataError
from adis_bench.printable import printable
from adis_bench.study.csv_table import Row, make_rankings, name, rank_fault, read_table, refuse_twice
from adis_bench.study.rankings import Rankings
from adis_bench.study.rejection import REASONS, Reason, Rejection, tally

COLUMNS = ("item_id", "worker_id", "method", "rank")
_SHOWN = 6  # names in one error line


@dataclass(slots=True)
class _Answer:
    """The rows of one worker on one item, and the first fault of each kind with its line."""

    line: int
    ranks: dict[str, float] = field(default_factory=dict)
    faults: dict[Reason, int] = field(default_factory=dict)

    def fault(self, reason: Reason, line: int) -> None:
        self.faults.setdefault(reason, line)


def read_long_csv(
    path: Path, methods: Sequence[str] = (), ties: bool = True, items: Mapping[str, str] | None = None
) -> tuple[Rankings, tuple[Rejection, ...]]:
    """Read rankings from a CSV with the columns item_id, worker_id, method and rank; other columns are ignored.

    A ranking is all rows of one (item, worker). It counts if it ranks every method once, by numbers from 1 (best) to k; only
    their order is used, and equal ones share their mid-rank (1, 1, 3, 4 and 1, 1, 2, 3 are both 1.5, 1.5, 3, 4).
    Everything else is rejected whole, under one reason; accepted and rejected ones add up to what the file has.

    Args:
        path: UTF-8, with or without a byte order mark, commas between cells, any line ends.
        methods: those that were compared; rankings that have others are rejected. By default all of the file, sorted.
        ties: whether equal ranks are allowed.
        items: names that items may have in the file -> their ids in the outcome; others are rejected. None leaves all as they are.

    Raises:
        ConfigError: ``methods`` names one, or one twice.
        DataError: not readable as such a CSV, one method only, or no ranking is left.
    """
    if methods and (len(set(methods)) != len(methods) or len(methods) < 2 or not all(methods)):
        raise ConfigError(f"--methods needs two or more different names; it has {', '.join(map(printable, methods))}")
    rows = _rows(path)
    if not rows:
        raise DataError(f"{name(path)} has a header, but no rows: it needs one for each method that a worker ranked")
    named = tuple(methods) or tuple(sorted({row.cells[2] for row in rows if row.fault is None and row.cells[2]}))
    if len(named) < 2:
        raise DataError(f"{name(path)} has {len(named)} method{'s' * (not named)} in {len(rows)} rows; a ranking needs two or more")
    answers, homeless = _collect(rows, named, items)
    good: dict[tuple[str, str], _Answer] = {}
    found: list[tuple[Reason, int]] = [("missing_cell", line) for line in homeless]
    for key, answer in answers.items():
        reason = _first_fault(answer, named, ties)
        if reason is None:
            good[key] = answer
        else:
            found.append((reason, answer.faults[reason]))
    rejected = tally(found)
    if not good:
        raise DataError(_nothing_left(path, len(found), rejected, answers, named))
    keys = sorted(good)  # so that the order of the rows changes nothing
    return make_rankings(keys, [[good[key].ranks[method] for method in named] for key in keys], named), rejected


def _rows(path: Path) -> list[Row]:
    table = read_table(path)
    places = _places(path, table.header)
    return [Row(row.line, tuple(row.cells[place].strip() for place in places), row.fault) for row in table.rows]


def _places(path: Path, header: tuple[str, ...]) -> list[int]:
    if not any(header):
        raise DataError(f"{name(path)} is empty, or its first line is; the first line must name {', '.join(COLUMNS)}")
    absent = [column for column in COLUMNS if column not in header]
    if absent:
        hint = "; cells must be separated by commas" if len(header) == 1 else ""
        raise DataError(
            f"{name(path)} lacks {len(absent)} of {len(COLUMNS)} columns: {', '.join(absent)}; "
            f"the first line must name {', '.join(COLUMNS)}{hint}"
        )
    refuse_twice(path, header, COLUMNS)
    return [header.index(column) for column in COLUMNS]


def _collect(
    rows: list[Row], methods: tuple[str, ...], items: Mapping[str, str] | None
) -> tuple[dict[tuple[str, str], _Answer], list[int]]:
    """The answers by (item, worker), with the faults that single rows show; and the lines that belong to no answer."""
    answers: dict[tuple[str, str], _Answer] = {}
    homeless = []
    known = set(methods)
    for row in rows:
        item, worker, method, rank = row.cells
        if not item or not worker:
            homeless.append(row.line)
            continue
        answer = answers.setdefault((item if items is None else items.get(item, item), worker), _Answer(row.line))
        if items is not None and item not in items:
            answer.fault("unknown_item", row.line)
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
    return rank_fault(rank, len(known))


def _first_fault(answer: _Answer, methods: tuple[str, ...], ties: bool) -> Reason | None:
    if len(answer.ranks) < len(methods):
        answer.fault("incomplete", answer.line)
    if not ties and len(set(answer.ranks.values())) < len(answer.ranks):
        answer.fault("tie", answer.line)
    return next((reason for reason in REASONS if reason in answer.faults), None)


def _nothing_left(
    path: Path, n: int, rejected: tuple[Rejection, ...], answers: dict[tuple[str, str], _Answer], methods: tuple[str, ...]
) -> str:
    text = f"{name(path)}: none of {n} rankings can be used: {', '.join(map(str, rejected))}"
    if "incomplete" in {rejection.reason for rejection in rejected}:
        # A misspelt method is missing everywhere else, so that no ranking is complete.
        seen = {method: sum(method in answer.ranks for answer in answers.values()) for method in methods}
        rare = sorted(methods, key=lambda method: seen[method])[:_SHOWN]
        named = ", ".join(f"{printable(method)} in {seen[method]}" for method in rare)
        text += f"; the rarest of {len(methods)} methods: {named}; if one is misspelt, name the right ones with --methods"
    return text
