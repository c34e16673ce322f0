"""The result CSV: the columns in which Mechanical Turk's requester site gives answers, written by our server and by ``publish``."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from adis_bench.csv_cells import inert
from adis_bench.files import write_bytes
from adis_bench.study.batch_csv import batch_columns, batch_row
from adis_bench.study.records import Study
from adis_bench.study.times import time_text

COLUMNS = (
    "HITId",
    "HITTypeId",
    "Title",
    "Description",
    "Keywords",
    "Reward",
    "CreationTime",
    "MaxAssignments",
    "RequesterAnnotation",
    "AssignmentDurationInSeconds",
    "AutoApprovalDelayInSeconds",
    "Expiration",
    "NumberOfSimilarHITs",
    "LifetimeInSeconds",
    "AssignmentId",
    "WorkerId",
    "AssignmentStatus",
    "AcceptTime",
    "SubmitTime",
    "AutoApprovalTime",
    "ApprovalTime",
    "RejectionTime",
    "RequesterFeedback",
    "WorkTimeInSeconds",
    "LifetimeApprovalRate",
    "Last30DaysApprovalRate",
    "Last7DaysApprovalRate",
)
"""In the order of the requester site (protocol.md F); ``Input.*``, ``Answer.*``, ``Approve`` and ``Reject`` follow."""

_MOST_FIELDS = 1000
"""Columns of fields other than the pages' own; ours: 26 places with 26 marks each are 676. Every column is a cell in every row."""
_LONGEST_FIELD = 256
"""Characters of a field's name; ours: real ones have some 30."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One answer of one worker to one item.

    Attributes:
        assignment_id, hit_id, worker_id: opaque; a HIT is an item's page, asked of several workers.
        item_id: of the study.
        accepted, submitted: aware times; None of ``submitted`` where the answer was not sent.
        answers: fields of the page without ``Answer.``, as they were posted: item_id, rank_A ..., seconds, plays, comment.
        status: ``Submitted``, ``Approved`` or ``Rejected``.
        hit_type_id: of the HIT.
        auto_approval, approved, rejected: aware times, None where there are none.
        feedback: to the worker.
        more: further cells by the names of ``COLUMNS``; they win over what is written otherwise.
    """

    assignment_id: str
    hit_id: str
    worker_id: str
    item_id: str
    accepted: datetime
    submitted: datetime | None
    answers: Mapping[str, str]
    status: str = "Submitted"
    hit_type_id: str = ""
    auto_approval: datetime | None = None
    approved: datetime | None = None
    rejected: datetime | None = None
    feedback: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


def write_result_csv(path: Path, study: Study, assignments: Iterable[Assignment]) -> int:
    """Write answers as one row each, in their order, atomically; cells can't become formulas, and ``read_answers`` gives them back.

    The file is its owner's alone: it holds ids and words of people.

    Args:
        path: of the CSV: UTF-8, every cell in quotes, as the requester site has it.
        study: that they belong to; items that it lacks have nothing under ``Input.*`` but their id.
        assignments: answers; the order of the rows is theirs. Fields that no page has are left out if they are thousands, or have names
            without end.

    Returns:
        Number of rows.
    """
    kept = list(assignments)
    fields = _answer_fields(study, kept)
    text = io.StringIO()
    # Every cell in quotes: else a lone carriage return inside a comment would end the row.
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    asked = (f"Input.{name}" for name in batch_columns(study))
    writer.writerow([*COLUMNS, *asked, *(f"Answer.{name}" for name in fields), "Approve", "Reject"])
    writer.writerows([inert(cell) for cell in row] for row in _rows(study, kept, fields))
    # Half a surrogate pair, which a JSON answer can hold, isn't UTF-8: better shown as its number than no file at all.
    write_bytes(path, text.getvalue().encode("utf-8", "backslashreplace"), private=True)
    return len(kept)


def _answer_fields(study: Study, assignments: list[Assignment]) -> list[str]:
    known = ["item_id", *(f"rank_{slot}" for slot in study.slots), "seconds", "plays", "comment"]
    found = Counter(name for assignment in assignments for name in assignment.answers if len(name) <= _LONGEST_FIELD)
    # What a page sends is in most answers; names that a single worker made up are left out first.
    others = sorted(found.keys() - set(known), key=lambda name: (-found[name], name))
    return [*known, *sorted(others[:_MOST_FIELDS])]


def _rows(study: Study, assignments: list[Assignment], fields: list[str]) -> Iterator[list[str]]:
    asked = {item.item_id: tuple(batch_row(study, item).values()) for item in study.items}
    for answer in assignments:
        cells = {**_cells(study, answer), **answer.more}
        page = asked.get(answer.item_id, (answer.item_id, *[""] * (len(batch_columns(study)) - 1)))
        answered = [answer.answers.get(name, "") for name in fields]
        yield [*(cells.get(column, "") for column in COLUMNS), *page, *answered, "", ""]


def _cells(study: Study, answer: Assignment) -> dict[str, str]:
    worked = "" if answer.submitted is None else str(max(0, round((answer.submitted - answer.accepted).total_seconds())))
    return {
        "HITId": answer.hit_id,
        "HITTypeId": answer.hit_type_id,
        "Title": study.texts.title,
        "Reward": f"${study.reward:.2f}",
        "MaxAssignments": str(study.plan.raters),
        "RequesterAnnotation": answer.item_id,
        "AssignmentId": answer.assignment_id,
        "WorkerId": answer.worker_id,
        "AssignmentStatus": answer.status,
        "AcceptTime": time_text(answer.accepted),
        "SubmitTime": time_text(answer.submitted),
        "AutoApprovalTime": time_text(answer.auto_approval),
        "ApprovalTime": time_text(answer.approved),
        "RejectionTime": time_text(answer.rejected),
        "RequesterFeedback": answer.feedback,
        "WorkTimeInSeconds": worked,
    }
