"""The plain long CSV: one row for each method that a worker ranked on an item."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adis_bench.errors import ConfigError, DataError
from adis_bench.printable import printable
from adis_bench.progress import say
from adis_bench.study.csv_table import Row, Table, folded, id_fault, is_too_long, make_rankings, name, rank_fault, refuse_twice
from adis_bench.study.rankings import Rankings
from adis_bench.study.rejection import REASONS, Reason, Rejection, tally

COLUMNS = ("item_id", "worker_id", "method", "rank")
_SHOWN = 6  # names in one error line


@dataclass(slots=True)
class _Answer:
    """The rows of one worker on one item, and the first fault of each kind with its line; ``again`` counts the same rows again."""

    line: int
    ranks: dict[str, float] = field(default_factory=dict)
    faults: dict[Reason, int] = field(default_factory=dict)
    again: Counter[str] = field(default_factory=Counter)
    again_line: int = 0

    def fault(self, reason: Reason, line: int) -> None:
        self.faults.setdefault(reason, line)

    def add(self, method: str, rank: float, line: int) -> None:
        """A rank; the same one again may be part of a copy, another one contradicts it."""
        if self.ranks.setdefault(method, rank) != rank:
            self.fault("duplicate", line)
        self.again[method] += 1
        if self.again[method] == 2 and not self.again_line:
            self.again_line = line

    def n_copies(self) -> int:
        """How often the whole is there again; a fault where only a part of it is."""
        counts = set(self.again.values())
        if len(counts) > 1:
            self.fault("duplicate", self.again_line)
        return min(counts, default=1) - 1


def is_long_csv(header: Sequence[str]) -> bool:
    """Whether a header names the columns of a long CSV."""
    return set(COLUMNS) <= set(folded(header))


def read_long_csv(
    table: Table, methods: Sequence[str] = (), ties: bool = True, items: Mapping[str, str] | None = None
) -> tuple[Rankings, tuple[Rejection, ...]]:
    """Read rankings from a CSV with the columns item_id, worker_id, method and rank (in any case); others are ignored.

    A ranking is all rows of one (item, worker). It counts if it ranks every method once, by numbers from 1 (best) to k; only
    their order is used, and equal ones share their mid-rank (1, 1, 3, 4 and 1, 1, 2, 3 are both 1.5, 1.5, 3, 4).
    Everything else is rejected whole, under one reason. Exact copies of a good ranking, as of a file that was put behind itself, are
    rejected as ``duplicate``, each counted; the ranking itself counts. So accepted and rejected ones add up to the different (item,
    worker), the copies, and the rows that lack one of the two.

    Args:
        table: of the CSV.
        methods: those that were compared; rankings that have others are rejected. By default all of the file, sorted.
        ties: whether equal ranks are allowed.
        items: names that items may have in the file -> their ids in the outcome; others are rejected. None leaves all as they are.

    Raises:
        ConfigError: ``methods`` names one, or one twice.
        DataError: not such a CSV, one method only, or no ranking is left.
    """
    if methods and (len(set(methods)) != len(methods) or len(methods) < 2 or not all(methods)):
        raise ConfigError(f"--methods needs two or more different names; it has {', '.join(map(printable, methods))}")
    rows = _rows(table)
    if not rows:
        raise DataError(f"{name(table.path)} has a header, but no rows: it needs one for each method that a worker ranked")
    named = tuple(methods) or tuple(
        sorted({row.cells[2] for row in rows if row.fault is None and row.cells[2] and not is_too_long(row.cells[2])})
    )
    if len(named) < 2:
        raise DataError(_too_few_methods(table, rows, len(named)))
    answers, homeless = _collect(rows, named, items)
    good: dict[tuple[str, str], _Answer] = {}
    found: list[tuple[Reason, int]] = [("missing_cell", line) for line in homeless]
    for key, answer in answers.items():
        copies = answer.n_copies()
        reason = _first_fault(answer, named, ties)
        if reason is None:
            good[key] = answer
            found += [("duplicate", answer.again_line)] * copies
        else:
            found.append((reason, answer.faults[reason]))
    rejected = tally(found)
    if not good:
        raise DataError(_nothing_left(table, len(found), rejected, answers, named))
    n_incomplete = sum(rejection.count for rejection in rejected if rejection.reason == "incomplete")
    if not methods and n_incomplete > len(good):
        say(f"note: {n_incomplete} of {len(found) + len(good)} rankings lack a method; {_rarest(answers, named)}")
    keys = sorted(good)  # so that the order of the rows changes nothing
    return make_rankings(keys, [[good[key].ranks[method] for method in named] for key in keys], named), rejected


def _rows(table: Table) -> list[Row]:
    places = _places(table)
    return [Row(row.line, tuple(row.cells[place].strip() for place in places), row.fault) for row in table.rows]


def _places(table: Table) -> list[int]:
    path, header = table.path, folded(table.header)
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
        reason = row.fault or id_fault(item) or id_fault(worker) or _row_fault(method, rank, known)
        if reason is None:
            answer.add(method, float(rank), row.line)
        else:
            answer.fault(reason, row.line)
    return answers, homeless


def _row_fault(method: str, rank: str, known: set[str]) -> Reason | None:
    if not method or not rank:
        return "missing_cell"
    if is_too_long(method):
        return "unusable_id"
    if method not in known:
        return "unknown_method"
    return rank_fault(rank, len(known))


def _first_fault(answer: _Answer, methods: tuple[str, ...], ties: bool) -> Reason | None:
    if len(answer.ranks) < len(methods):
        answer.fault("incomplete", answer.line)
    if not ties and len(set(answer.ranks.values())) < len(answer.ranks):
        answer.fault("tie", answer.line)
    return next((reason for reason in REASONS if reason in answer.faults), None)


def _too_few_methods(table: Table, rows: list[Row], n: int) -> str:
    faults = tally((row.fault or "missing_cell", row.line) for row in rows if row.fault is not None or not row.cells[2])
    told = ""
    if faults:
        bad = sum(fault.count for fault in faults)
        told = f" ({bad} rows don't count: {', '.join(map(str, faults))})"
    return f"{name(table.path)} has {n} method{'s' * (n != 1)} in {len(rows)} rows{told}; a ranking needs two or more"


def _nothing_left(
    table: Table, n: int, rejected: tuple[Rejection, ...], answers: dict[tuple[str, str], _Answer], methods: tuple[str, ...]
) -> str:
    text = f"{name(table.path)}: none of {n} rankings can be used: {', '.join(map(str, rejected))}"
    if "incomplete" in {rejection.reason for rejection in rejected}:
        text += f"; {_rarest(answers, methods)}"
    return text


def _rarest(answers: dict[tuple[str, str], _Answer], methods: tuple[str, ...]) -> str:
    """A misspelt method is missing everywhere else, so that hardly a ranking is complete."""
    seen = {method: sum(method in answer.ranks for answer in answers.values()) for method in methods}
    rare = sorted(methods, key=lambda method: seen[method])[:_SHOWN]
    named = ", ".join(f"{printable(method)} in {seen[method]}" for method in rare)
    return f"the rarest of {len(methods)} methods: {named}; if one is misspelt, name the right ones with --methods"
