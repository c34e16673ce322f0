"""Reading the result CSV: Mechanical Turk's, that of ``study publish`` and that of our server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from adis_bench.errors import DataError
from adis_bench.study.answer_fields import Fields, ranks_of, unpack, value
from adis_bench.study.answers import Answers, Comment, GoldAnswer, RepeatAnswer
from adis_bench.study.csv_table import Row, Table, id_fault, make_rankings, name
from adis_bench.study.rankings import Rankings
from adis_bench.study.records import SLOTS, Key, KeyItem, Study
from adis_bench.study.rejection import Reason, tally
from adis_bench.study.result_header import INPUT_ITEM, Columns, find_columns
from adis_bench.study.times import read_time

_STATUSES = frozenset({"", "submitted", "approved", "rejected"})
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{0,30})?")  # seconds; nine digits are thirty years


@dataclass(frozen=True, slots=True)
class _Given:
    """A ranking that has no fault by itself; ``ranks`` by place, ``order`` tells which of two came first."""

    line: int
    worker: str
    item: str
    ranks: tuple[float, ...]
    seconds: float
    comment: str
    order: tuple[float, int]


def read_result_csv(table: Table, study: Study, key: Key, ties: bool = True) -> Answers:
    """Read answers: one row each, counted as accepted (ranking, gold or repeat) or under one reason; together they are all rows.

    Columns may be in any order; needed are WorkerId, Input.item_id or Answer.item_id, and ranks: ``Answer.rank_A`` ..., marks like
    ``Answer.rank_A.2``, or JSON in ``Answer.taskAnswers``. Fields with other names are ignored. Of several good answers of one worker to
    one item the first by SubmitTime counts. Times on an item are those that the page measured; where it has none, WorkTimeInSeconds or
    the time from AcceptTime to SubmitTime, which over-estimate: they go on while a worker does something else.

    Args:
        table: of the CSV.
        study: that it belongs to.
        key: of the study.
        ties: False rejects equal ranks even where the study allows them.

    Raises:
        DataError: not such a CSV; the key is that of another study; or no ranking is left.
    """
    lost = [item.item_id for item in study.items if item.item_id not in key.items]
    if lost:
        raise DataError(f"key.json lacks {len(lost)} of {len(study.items)} items of study.json; the two come from different studies")
    columns = find_columns(table)
    names = {item.item_id for item in study.items}
    found: list[tuple[Reason, int]] = []
    good: list[_Given] = []
    for number, row in enumerate(table.rows):
        given = _given(columns, row, number, study, names, ties)
        if isinstance(given, str):
            found.append((given, row.line))
        else:
            good.append(given)
    first: dict[tuple[str, str], _Given] = {}
    ordered = sorted(good, key=lambda given: given.order)
    found += [("duplicate", given.line) for given in ordered if first.setdefault((given.item, given.worker), given) is not given]
    kept = [first[pair] for pair in sorted(first)]  # so that the order of the rows changes nothing
    if not any(key.items[given.item].kind == "rank" for given in kept):
        n, told = len(table.rows), ", ".join(map(str, tally(found))) or "there are no rows"
        others = f"; {len(kept)} answers to gold or repeated items" * bool(kept)
        raise DataError(f"{name(table.path)}: none of {n} answers is a ranking to be analysed: {told}{others}; is it this study's?")
    return replace(_answers(kept, key), rejected=tally(found))


def _given(columns: Columns, row: Row, number: int, study: Study, names: set[str], ties: bool) -> _Given | Reason:
    cells = {column: row.cells[place].strip() for column, place in columns.own.items()}
    worker = cells["WorkerId"]
    fault = row.fault or (id_fault(worker) if worker else "missing_cell") or _state(cells)
    if fault is not None:
        return fault
    fields = unpack((field, row.cells[place]) for place, field in columns.fields if row.cells[place])
    asked, answered = cells.get(INPUT_ITEM, ""), value(fields or [], "item_id")
    item = asked or answered
    if fields is None or item not in names or answered not in ("", item):
        return _item_fault(item, fields is not None, item in names)
    ranks = ranks_of(fields, study.slots, ties and study.ties_allowed)
    if isinstance(ranks, str):
        return ranks
    submitted = read_time(cells.get("SubmitTime", ""))
    order = (np.inf if submitted is None else submitted.timestamp(), number)
    return _Given(row.line, worker, item, ranks, _seconds(cells, fields), value(fields, "comment"), order)


def _state(cells: Mapping[str, str]) -> Reason | None:
    """Why an assignment can't count, whatever is in it."""
    status = cells.get("AssignmentStatus", "").lower()
    if status not in _STATUSES:
        return "not_submitted"
    return "rejected_by_requester" if status == "rejected" or cells.get("Reject", "") else None


def _item_fault(item: str, readable: bool, known: bool) -> Reason:
    if item and not known:
        return "unknown_item"
    if not readable:
        return "unreadable_answer"
    return "item_mismatch" if item else "missing_cell"


def _seconds(cells: Mapping[str, str], fields: Fields) -> float:
    for text in (value(fields, "seconds"), cells.get("WorkTimeInSeconds", "")):
        if _DECIMAL.fullmatch(text):
            return float(text)
    accepted, submitted = (read_time(cells.get(column, "")) for column in ("AcceptTime", "SubmitTime"))
    if accepted is None or submitted is None or submitted < accepted:
        return np.nan
    return (submitted - accepted).total_seconds()


def _answers(kept: list[_Given], key: Key) -> Answers:
    facts = {given.item: key.items[given.item] for given in kept}
    ranked = [given for given in kept if facts[given.item].kind == "rank"]
    repeated = [given for given in kept if facts[given.item].kind == "repeat"]
    again = _rankings(repeated, key) if repeated else None
    rankings = _rankings(ranked, key)
    slots = np.array([[key.methods.index(method) for method in facts[given.item].methods] for given in ranked])
    return Answers(
        rankings,
        slot_ranks=np.take_along_axis(rankings.ranks, slots, axis=1),
        gold=tuple(_gold(given, facts[given.item]) for given in kept if facts[given.item].kind == "gold"),
        repeats=tuple(
            RepeatAnswer(given.worker, facts[given.item].repeats, tuple(ranks.tolist()))
            for given, ranks in zip(repeated, again.ranks if again else (), strict=True)
        ),
        comments=tuple(Comment(given.worker, given.item, given.comment) for given in kept if given.comment),
    )


def _rankings(given: list[_Given], key: Key) -> Rankings:
    ranks = [
        [answer.ranks[place] for place in (key.items[answer.item].methods.index(method) for method in key.methods)] for answer in given
    ]
    made = make_rankings([(answer.item, answer.worker) for answer in given], ranks, key.methods)
    labels = tuple(key.items[item].label for item in made.items)
    return replace(made, labels=labels if any(labels) else (), seconds=np.array([answer.seconds for answer in given]))


def _gold(given: _Given, facts: KeyItem) -> GoldAnswer:
    better, worse = (given.ranks[SLOTS.index(slot)] for slot in (facts.better, facts.worse))
    return GoldAnswer(given.worker, given.item, better < worse)
