"""Answers: fetched into the result CSV's form, and approved by rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adis_bench.progress import track
from adis_bench.study.answer_fields import ranks_of, unpack, value
from adis_bench.study.mturk.faults import Fault, aside
from adis_bench.study.mturk.ledger import Ledger, PublishedHit
from adis_bench.study.mturk.market import Market, told
from adis_bench.study.mturk.question import read_answer
from adis_bench.study.records import Study
from adis_bench.study.rejection import Reason
from adis_bench.study.result_csv import Assignment
from adis_bench.study.times import time_text

_PAGE = 100  # the most that the API gives at once (protocol.md F)


@dataclass(frozen=True, slots=True)
class Judged:
    """A submitted assignment under the rule: ``reason`` why it isn't approved, None where it is."""

    assignment: Assignment
    reason: Reason | None


def fetch(market: Market, client: Any, study: Study, ledger: Ledger, faults: list[Fault]) -> Iterator[Assignment]:
    """All assignments that were sent, HIT by HIT, approved and rejected ones too.

    An answer that can't be read has no fields, so that it is counted and not dropped. HITs that no longer exist are appended to
    ``faults``. Errors as those of ``told``.
    """
    for published in track(ledger.hits, "fetching answers", len(ledger.hits)):
        given: list[Any] = []
        with told(market), aside(published.name, faults):
            pages = client.get_paginator("list_assignments_for_hit").paginate(
                HITId=published.hit_id, PaginationConfig={"PageSize": _PAGE}, AssignmentStatuses=["Submitted", "Approved", "Rejected"]
            )
            given = [assignment for page in pages for assignment in page["Assignments"]]
        for assignment in sorted(given, key=lambda assignment: assignment["SubmitTime"]):
            yield _assignment(study, ledger, published, assignment)


def judge(study: Study, assignments: list[Assignment]) -> list[Judged]:
    """Put the rule to the assignments that wait for approval.

    Approved are complete and valid rankings of the item that was asked for, and of several by one worker of one item the first. Whether
    a worker is careful isn't asked: gold items and times decide what is analysed, not who is paid.
    """
    judged = []
    counted: set[tuple[str, str]] = set()
    for assignment in sorted(assignments, key=lambda assignment: (assignment.submitted or assignment.accepted, assignment.assignment_id)):
        if assignment.status == "Rejected":
            continue
        reason = _fault(study, assignment)
        pair = (assignment.item_id, assignment.worker_id)
        if reason is None and pair in counted:
            reason = "duplicate"
        if reason is None:
            counted.add(pair)
        if assignment.status == "Submitted":
            judged.append(Judged(assignment, reason))
    return judged


def approve(market: Market, client: Any, judged: list[Judged], faults: list[Fault]) -> int:
    """Approve those without a reason against it; nothing is rejected.

    Answers that can't be approved any more are appended to ``faults``. Returns how many were approved; errors as those of ``told``.
    """
    good = [one.assignment for one in judged if one.reason is None]
    before = len(faults)
    for assignment in track(good, "approving", len(good)):
        with told(market), aside(f"answer {assignment.assignment_id} to {assignment.item_id}", faults):
            client.approve_assignment(AssignmentId=assignment.assignment_id)
    return len(good) - (len(faults) - before)


def _fault(study: Study, assignment: Assignment) -> Reason | None:
    fields = unpack(assignment.answers.items())
    if fields is None:
        return "unreadable_answer"
    if value(fields, "item_id") not in ("", assignment.item_id):
        return "item_mismatch"
    ranks = ranks_of(fields, study.slots, study.ties_allowed)
    return ranks if isinstance(ranks, str) else None


def _assignment(study: Study, ledger: Ledger, published: PublishedHit, given: Any) -> Assignment:
    terms = ledger.terms
    return Assignment(
        assignment_id=given["AssignmentId"],
        hit_id=published.hit_id,
        worker_id=given["WorkerId"],
        item_id=published.item_id,
        accepted=given["AcceptTime"],
        submitted=given["SubmitTime"],
        answers=read_answer(given["Answer"]) or {},
        status=given["AssignmentStatus"],
        hit_type_id=ledger.hit_type_id,
        auto_approval=given.get("AutoApprovalTime"),
        approved=given.get("ApprovalTime"),
        rejected=given.get("RejectionTime"),
        feedback=given.get("RequesterFeedback", ""),
        more={
            "Description": terms.description,
            "Keywords": terms.keywords,
            "CreationTime": time_text(published.created),
            "MaxAssignments": str(published.size),
            "AssignmentDurationInSeconds": str(terms.assignment_s),
            "AutoApprovalDelayInSeconds": str(terms.approval_s),
            "Expiration": time_text(published.expires),
            "LifetimeInSeconds": str(terms.lifetime_s),
        },
    )
