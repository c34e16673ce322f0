"""Answers come back from Mechanical Turk whole, are approved by rule, and nobody is rejected by itself."""

from pathlib import Path

import pytest
from botocore.stub import ANY

from adis_bench.errors import ConfigError, DataError
from adis_bench.study.mturk.assignments import approve, fetch, judge
from adis_bench.study.mturk.faults import Fault
from adis_bench.study.mturk.hits import hit_states, stop
from adis_bench.study.mturk.ledger import Ledger
from adis_bench.study.mturk.market import SANDBOX
from adis_bench.study.mturk.question import read_answer
from adis_bench.study.read import read_answers
from adis_bench.study.records import Key, Study
from adis_bench.study.result_csv import Assignment, write_result_csv
from tests.study.studies import make_study
from tests.study.turk import answer_xml, assignment, hit, hit_id, ledger_of, stubbed

GOOD = {"rank_A": "1", "rank_B": "2", "rank_C": "3", "rank_D": "4", "seconds": "8.25", "plays": "2", "comment": "=1+1 <b>&\n'x"}


@pytest.fixture
def made(tmp_path: Path) -> tuple[Study, Key, Ledger]:
    """Two items to be ranked, published in the sandbox."""
    study, key = make_study(tmp_path / "s", n_items=2, n_gold=0, n_repeats=0, asset_url="https://example.org/s/")
    return study, key, ledger_of(study)


def _fetch(study: Study, ledger: Ledger, *pages: list[list[dict]]) -> list[Assignment]:
    """``pages``: for each HIT its pages of assignments."""
    with stubbed() as (client, stub):
        for number, of_hit in enumerate(pages):
            for place, page in enumerate(of_hit):
                more = {"NextToken": f"t{place + 1}"} if place + 1 < len(of_hit) else {}
                token = {"NextToken": f"t{place}"} if place else {}
                expected = {
                    "HITId": hit_id(number),
                    "MaxResults": 100,
                    "AssignmentStatuses": ["Submitted", "Approved", "Rejected"],
                    **token,
                }
                stub.add_response("list_assignments_for_hit", {"Assignments": page, **more}, expected)
        return list(fetch(SANDBOX, client, study, ledger, []))


def test_fetched_answers_are_read_back(made: tuple[Study, Key, Ledger], tmp_path: Path):
    """Every page of every HIT; through the result CSV the answers arrive as they were posted, and may be fetched again."""
    study, key, ledger = made
    pages = (
        [
            [assignment(2, 0, "AW2", GOOD), assignment(1, 0, "AW1", {**GOOD, "item_id": study.items[0].item_id})],
            [assignment(3, 0, "AW3", GOOD)],
        ],
        [
            [
                assignment(4, 1, "AW1", {"taskAnswers": '[{"rank_A":{"4":true},"rank_B":"3","rank_C":2,"rank_D":1}]'}),
                assignment(5, 1, "AW2", "<x/>"),
            ]
        ],
    )
    path = tmp_path / "results.csv"
    for _ in range(2):
        given = _fetch(study, ledger, *pages)
        assert write_result_csv(path, study, given) == 5
        answers = read_answers(path, study, key)
        assert len(answers.rankings.item) == 4
        assert [(rejection.reason, rejection.count) for rejection in answers.rejected] == [("missing_answer", 1)]
    assert [one.assignment_id for one in given[:3]] == ["3ASSIGN1", "3ASSIGN2", "3ASSIGN3"]
    assert {comment.text for comment in answers.comments} == {GOOD["comment"]}
    assert answers.rankings.seconds is not None
    # The JSON answer has no measured time: it was sent four seconds after it was accepted.
    assert sorted(answers.rankings.seconds.tolist()) == [4, 8.25, 8.25, 8.25]


def test_approval_by_rule(made: tuple[Study, Key, Ledger]):
    """Complete and valid answers are approved once for each worker and item; the rest is left with a reason."""
    study, _, ledger = made
    given = _fetch(
        study,
        ledger,
        [
            [
                assignment(1, 0, "AW1", GOOD),
                assignment(2, 0, "AW1", GOOD),
                assignment(3, 0, "AW2", {**GOOD, "rank_A": ""}),
                assignment(4, 0, "AW3", {**GOOD, "rank_A": "2"}),
                assignment(5, 0, "AW4", {**GOOD, "item_id": "it-else"}),
                assignment(6, 0, "AW5", GOOD, "Approved"),
                assignment(7, 0, "AW5", GOOD),
                assignment(8, 0, "AW6", GOOD, "Rejected"),
                assignment(9, 0, "AW6", GOOD),
                assignment(10, 0, "AW7", {"taskAnswers": "{"}),
            ]
        ],
        [[assignment(11, 1, "AW1", GOOD)]],
    )
    judged = judge(study, given)
    assert [(one.assignment.assignment_id[7:], one.reason) for one in judged] == [
        ("1", None),
        ("2", "duplicate"),
        ("3", "incomplete"),
        ("4", "tie"),
        ("5", "item_mismatch"),
        ("7", "duplicate"),
        ("9", None),
        ("10", "unreadable_answer"),
        ("11", None),
    ]
    with stubbed() as (client, stub):
        for number in (1, 9, 11):
            stub.add_response("approve_assignment", {}, {"AssignmentId": f"3ASSIGN{number}"})
        assert approve(SANDBOX, client, judged, []) == 3


def test_states_and_stop(made: tuple[Study, Key, Ledger]):
    """How far each HIT is; all are ended by an expiration in the past."""
    study, _, ledger = made
    counts = {"NumberOfAssignmentsAvailable": 0, "NumberOfAssignmentsPending": 1, "NumberOfAssignmentsCompleted": 0}
    with stubbed() as (client, stub):
        for number, item in enumerate(study.items):
            stub.add_response("get_hit", {"HIT": hit(number, item.item_id, HITStatus="Unassignable", **counts)}, {"HITId": hit_id(number)})
        states = hit_states(SANDBOX, client, ledger, [])
    assert [(state.status, state.available, state.pending, state.waiting) for state in states] == [("Unassignable", 0, 1, 1)] * 2
    with stubbed() as (client, stub):
        for number in range(2):
            stub.add_response("update_expiration_for_hit", {}, {"HITId": hit_id(number), "ExpireAt": ANY})
        assert stop(SANDBOX, client, ledger, []) == 2
    with stubbed() as (client, stub):
        stub.add_client_error("get_hit", "RequestError", "Invalid request")
        with pytest.raises(DataError, match="refused GetHIT: Invalid request"):
            hit_states(SANDBOX, client, ledger, [])


GONE = "Hit 3 does not exist. (1714564800000)"
OF_ITS_OWN = {
    "gone": (GONE, "AWS.MechanicalTurk.HITDoesNotExist"),
    "state": ("This HIT is currently in the state 'Disposed'", "AWS.MechanicalTurk.InvalidHITState"),
}


@pytest.mark.parametrize("kind", OF_ITS_OWN)
def test_one_hit_that_is_gone_stands_in_no_others_way(made: tuple[Study, Key, Ledger], kind: str):
    """The first of two HITs was deleted: the second is asked, fetched and stopped, and the first is named."""
    study, _, ledger = made
    (message, code), second = OF_ITS_OWN[kind], hit(1, study.items[1].item_id, HITStatus="Assignable")
    fields = {"TurkErrorCode": code}
    faults: list[Fault] = []
    with stubbed() as (client, stub):
        stub.add_client_error("get_hit", "RequestError", message, modeled_fields=fields)
        stub.add_response("get_hit", {"HIT": second})
        assert [state.hit_id for state in hit_states(SANDBOX, client, ledger, faults)] == [hit_id(1)]
        stub.add_client_error("list_assignments_for_hit", "RequestError", message, modeled_fields=fields)
        stub.add_response("list_assignments_for_hit", {"Assignments": [assignment(1, 1, "AW1", GOOD)]})
        assert [one.hit_id for one in fetch(SANDBOX, client, study, ledger, faults)] == [hit_id(1)]
        stub.add_client_error("update_expiration_for_hit", "RequestError", message, modeled_fields=fields)
        stub.add_response("update_expiration_for_hit", {})
        assert stop(SANDBOX, client, ledger, faults) == 1
    assert [str(fault) for fault in faults] == [f"HIT {hit_id(0)} of {study.items[0].item_id}: {message}"] * 3


def test_stop_tries_every_hit(made: tuple[Study, Key, Ledger]):
    """Also where Mechanical Turk is busy or has a fault of its own; only without credentials it ends."""
    _, _, ledger = made
    for code in ("ThrottlingException", "ServiceFault"):
        faults: list[Fault] = []
        with stubbed() as (client, stub):
            stub.add_client_error("update_expiration_for_hit", code, "later")
            stub.add_response("update_expiration_for_hit", {}, {"HITId": hit_id(1), "ExpireAt": ANY})
            assert stop(SANDBOX, client, ledger, faults) == 1
        assert [fault.why for fault in faults] == ["later"]
    with stubbed() as (client, stub):
        stub.add_client_error("update_expiration_for_hit", "AccessDeniedException", "no")
        with pytest.raises(ConfigError, match="doesn't accept these credentials"):
            stop(SANDBOX, client, ledger, [])


def test_an_answer_that_was_approved_meanwhile(made: tuple[Study, Key, Ledger]):
    """It is named, and the others are approved."""
    study, _, ledger = made
    given = _fetch(study, ledger, [[assignment(1, 0, "AW1", GOOD), assignment(2, 0, "AW2", GOOD)]], [[]])
    faults: list[Fault] = []
    with stubbed() as (client, stub):
        message = "This operation can be called with a status of: Submitted,Rejected"
        stub.add_client_error("approve_assignment", "RequestError", message)
        stub.add_response("approve_assignment", {}, {"AssignmentId": "3ASSIGN2"})
        assert approve(SANDBOX, client, judge(study, given), faults) == 1
    assert [str(fault) for fault in faults] == [f"answer 3ASSIGN1 to {study.items[0].item_id}: {message}"]


BOMB = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]>'


@pytest.mark.parametrize(
    ("xml", "fields"),
    [
        (answer_xml({"rank_A": "1", "comment": "a<b&c"}), {"rank_A": "1", "comment": "a<b&c"}),
        (answer_xml({}), {}),
        (BOMB + answer_xml({"a": "1"}).partition("?>")[2].replace(">1<", ">&y;<"), None),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><QuestionFormAnswers/>', None),
        ("<QuestionFormAnswers><Answer>", None),
        ("<Other/>", None),
        ("", None),
        ("<a>" * 100_000, None),
        (
            "<QuestionFormAnswers><Answer><QuestionIdentifier>a</QuestionIdentifier><SelectionIdentifier>1</SelectionIdentifier>"
            "<SelectionIdentifier>2</SelectionIdentifier></Answer></QuestionFormAnswers>",
            {"a": "1|2"},
        ),
    ],
)
def test_answers_are_parsed_safely(xml: str, fields: dict[str, str] | None):
    """Fields by name; document types, which can grow or name files, and broken documents are refused."""
    assert read_answer(xml) == fields
