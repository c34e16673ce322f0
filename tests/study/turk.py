"""Mechanical Turk without a network: a real boto3 client whose requests and replies botocore checks against the service's model."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import boto3
from botocore.stub import ANY, Stubber

from adis_bench.study.mturk.ledger import Ledger, PublishedHit, study_digest
from adis_bench.study.mturk.market import REGION
from adis_bench.study.mturk.terms import Terms
from adis_bench.study.records import Study

TYPE_ID = "3TYPE"
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
SECRET = "not-a-real-secret-9f8e7d"


def open_client() -> Any:
    """With made-up credentials; none of them may be found anywhere afterwards."""
    return boto3.client("mturk", region_name=REGION, aws_access_key_id="AKIAMADEUP", aws_secret_access_key=SECRET)


@contextmanager
def stubbed() -> Iterator[tuple[Any, Stubber]]:
    """A client and its stub; at the end all replies must have been asked for."""
    client = open_client()
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def hit_id(number: int) -> str:
    """30 characters, as real ones."""
    return f"3{number:029d}".replace("0", "A")


def hit(number: int, annotation: str, **more: Any) -> dict[str, Any]:
    """A HIT as the API describes it."""
    return {
        "HITId": hit_id(number),
        "HITTypeId": TYPE_ID,
        "HITGroupId": "3GROUP",
        "CreationTime": NOW,
        "Expiration": NOW,
        "RequesterAnnotation": annotation,
        "MaxAssignments": 2,
        **more,
    }


def expect_there(stub: Stubber, *hits: dict[str, Any]) -> None:
    """The HITs that are there already are asked for."""
    stub.add_response("list_hits", {"HITs": list(hits)}, {"MaxResults": 100})


def expect_type(stub: Stubber) -> None:
    """The HIT type is made."""
    stub.add_response("create_hit_type", {"HITTypeId": TYPE_ID})


def expect_start(stub: Stubber, *hits: dict[str, Any]) -> None:
    """What comes before the first new HIT."""
    expect_there(stub, *hits)
    expect_type(stub)


def expect_hit(stub: Stubber, number: int, annotation: str, size: int = 2) -> None:
    """One HIT made."""
    expected = {
        "HITTypeId": TYPE_ID,
        "MaxAssignments": size,
        "LifetimeInSeconds": ANY,
        "Question": ANY,
        "RequesterAnnotation": annotation,
        "UniqueRequestToken": ANY,
    }
    stub.add_response("create_hit_with_hit_type", {"HIT": hit(number, annotation, MaxAssignments=size)}, expected)


def ledger_of(study: Study, market: str = "sandbox") -> Ledger:
    """All items published, one HIT each."""
    hits = tuple(PublishedHit(item.item_id, 0, 2, hit_id(n), "3GROUP", NOW, NOW) for n, item in enumerate(study.items))
    return Ledger(market, study_digest(study), Terms(), TYPE_ID, hits)


def answer_xml(fields: dict[str, str]) -> str:
    """A QuestionFormAnswers document as the API gives it."""
    schema = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd"
    answers = "".join(
        f"<Answer>\n<QuestionIdentifier>{name}</QuestionIdentifier>\n<FreeText>{escape(text)}</FreeText>\n</Answer>"
        for name, text in fields.items()
    )
    return f'<?xml version="1.0" encoding="ASCII"?><QuestionFormAnswers xmlns="{schema}">{answers}</QuestionFormAnswers>'


def assignment(number: int, hit_number: int, worker: str, fields: dict[str, str] | str, status: str = "Submitted") -> dict[str, Any]:
    """An assignment as the API gives it, submitted ``number`` seconds after noon."""
    return {
        "AssignmentId": f"3ASSIGN{number}",
        "WorkerId": worker,
        "HITId": hit_id(hit_number),
        "AssignmentStatus": status,
        "AcceptTime": NOW,
        "SubmitTime": NOW.replace(second=number),
        "AutoApprovalTime": NOW,
        "Answer": fields if isinstance(fields, str) else answer_xml(fields),
    }
