"""``adis-bench study publish``: nothing is spent without the total being confirmed, and all of a study's way through the command line."""

import csv
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber
from click.testing import CliRunner, Result

from adis_bench.cli.main import main
from adis_bench.cli.study import publish as command
from adis_bench.errors import DataError
from adis_bench.study.mturk import market, media_check
from adis_bench.study.mturk.ledger import ledger_path, save_ledger
from adis_bench.study.mturk.market import PRODUCTION, SANDBOX
from adis_bench.study.records import Study
from tests.study.studies import make_study
from tests.study.turk import assignment, expect_hit, expect_there, expect_type, hit, hit_id, ledger_of, stubbed

GOOD = {"rank_A": "1", "rank_B": "2", "rank_C": "3", "rank_D": "4"}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Two pages for 20 raters at 5 cents: 40 assignments, 2 dollars, fee 0.80."""
    return make_study(tmp_path / "s", n_items=2, n_gold=0, n_repeats=0, raters=20, asset_url="https://example.org/s/")[0]


@pytest.fixture
def turk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[Stubber]]:
    """Make a stub the client of the commands, for a ``with`` block."""

    @contextmanager
    def open_stub():
        with stubbed() as (client, stub):
            monkeypatch.setattr(market, "open_client", lambda _: client)
            yield stub

    return open_stub


@pytest.fixture(autouse=True)
def asked_media(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No medium is asked for on the network; the studies for which one would be."""
    asked: list[str] = []
    monkeypatch.setattr(media_check, "check_media", lambda study: asked.append(study.asset_url))
    return asked


def _expect_all(stub: Stubber, study: Study) -> None:
    expect_type(stub)
    for number, item in enumerate(study.items):
        expect_hit(stub, number, item.item_id, size=20)


def _balance(stub: Stubber, dollars: str) -> None:
    stub.add_response("get_account_balance", {"AvailableBalance": dollars})


def test_the_sandbox(invoke: Callable[..., Result], tmp_path: Path, study: Study, turk: Callable[..., Any]):
    """No confirmation; the second call finds everything there and asks for nothing."""
    with turk() as stub:
        expect_there(stub)
        _expect_all(stub, study)
        result = invoke("study", "publish", tmp_path / "s", "--sandbox")
    assert result.exit_code == 0, result.output
    assert "with --at-most-nine 0.40 in fees" in result.output
    assert "2 HITs with 40 assignments: 2.00 dollars to workers, 0.80 in fees, 2.80 in total (in production" in result.output
    assert "https://workersandbox.mturk.com/mturk/preview?groupId=3GROUP" in result.output
    with turk():
        again = invoke("study", "publish", tmp_path / "s", "--sandbox")
    assert again.exit_code == 0
    assert "2 HITs are in the sandbox, 0 of them new." in again.output


def test_production_wants_the_total(
    invoke: Callable[..., Result], tmp_path: Path, study: Study, turk: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
):
    """Without a terminal, with a wrong total or without the money nothing is made; with the total typed or given it is."""
    folder = tmp_path / "s"
    for arguments, told in (((), "give --confirm-total 2.80"), (("--confirm-total", "2.8"), "the total is 2.80 dollars, not 2.8")):
        with turk() as stub:
            expect_there(stub)
            _balance(stub, "10.00")
            result = invoke("study", "publish", folder, "--production", *arguments)
        assert result.exit_code == 2
        assert told in result.stderr
        assert result.stderr.count("\n") == 1
    with turk() as stub:
        expect_there(stub)
        _balance(stub, "2.79")
        result = invoke("study", "publish", folder, "--production", "--confirm-total", "2.80")
    assert (result.exit_code, "has 2.79 dollars, and these HITs cost 2.80" in result.stderr) == (2, True)
    monkeypatch.setattr(command, "_interactive", lambda: True)
    for typed in ("yes\n", "\n"):
        with turk() as stub:
            expect_there(stub)
            _balance(stub, "10.00")
            result = CliRunner().invoke(main, ["study", "publish", str(folder), "--production"], input=typed)
        assert result.exit_code == 2
        assert "type 2.80 to go on" in result.output
    assert not ledger_path(folder, PRODUCTION).exists()
    with turk() as stub:
        expect_there(stub)
        _balance(stub, "2.80")
        _expect_all(stub, study)
        result = CliRunner().invoke(main, ["study", "publish", str(folder), "--production"], input="2.80\n")
    assert result.exit_code == 0, result.output
    assert "2 HITs are in production, 2 of them new." in result.output
    assert ledger_path(folder, PRODUCTION).exists()
    assert not ledger_path(folder, SANDBOX).exists()


def test_at_most_nine(invoke: Callable[..., Result], tmp_path: Path, study: Study, turk: Callable[..., Any]):
    """The lower fee, and what it costs otherwise."""
    with turk() as stub:
        expect_there(stub)
        _balance(stub, "10.00")
        expect_type(stub)
        for part, size in enumerate((7, 7, 6)):
            for number, item in enumerate(study.items):
                name = item.item_id + (f" part {part + 1}" if part else "")
                expect_hit(stub, 2 * part + number, name, size=size)
        result = invoke("study", "publish", tmp_path / "s", "--production", "--at-most-nine", "--confirm-total", "2.40")
    assert result.exit_code == 0, result.output
    assert "6 HITs with 40 assignments: 2.00 dollars to workers, 0.40 in fees" in result.output
    assert "of several answers the first counts, the others aren't counted" in result.output


def test_a_lost_ledger(invoke: Callable[..., Result], tmp_path: Path, study: Study, turk: Callable[..., Any], asked_media: list[str]):
    """What is there is found before anything is priced: nothing to pay where all is there, else for what is missing only."""
    first, second = (hit(number, item.item_id, MaxAssignments=20) for number, item in enumerate(study.items))
    with turk():
        status = invoke("study", "publish", tmp_path / "s", "--production", "--status")
    assert (status.exit_code, "HITs that are there are found, and none is made twice" in status.stderr) == (2, True)
    with turk() as stub:
        expect_there(stub, first)
        expect_type(stub)
        _balance(stub, "10.00")
        result = invoke("study", "publish", tmp_path / "s", "--production")
    assert "1 HITs that were not written down were found in production" in result.output
    assert "1 HITs with 20 assignments: 1.00 dollars to workers, 0.40 in fees" in result.output
    assert (result.exit_code, "give --confirm-total 1.40" in result.stderr) == (2, True)
    ledger_path(tmp_path / "s", PRODUCTION).unlink()
    asked_media.clear()
    with turk() as stub:
        expect_there(stub, first, second)
        expect_type(stub)
        result = invoke("study", "publish", tmp_path / "s", "--production")
    assert result.exit_code == 0, result.output
    assert "2 HITs are in production, 0 of them new." in result.output
    assert asked_media == []


def test_the_media_are_looked_for_first(
    invoke: Callable[..., Result], tmp_path: Path, study: Study, turk: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
):
    """Where they can't be reached nothing is made, unless that isn't to be asked."""

    def lost(_: Study) -> None:
        raise DataError("no media")

    monkeypatch.setattr(media_check, "check_media", lost)
    with turk() as stub:
        expect_there(stub)
        result = invoke("study", "publish", tmp_path / "s", "--sandbox")
    assert (result.exit_code, "no media" in result.stderr) == (2, True)
    with turk() as stub:
        expect_there(stub)
        _expect_all(stub, study)
        result = invoke("study", "publish", tmp_path / "s", "--sandbox", "--no-media-check")
    assert result.exit_code == 0, result.output


def test_a_hit_that_is_gone(invoke: Callable[..., Result], tmp_path: Path, study: Study, turk: Callable[..., Any]):
    """Everything else is done, it is named, and the exit code is 1; an earlier file with its answers stays."""
    folder, path = tmp_path / "s", tmp_path / "results.csv"
    save_ledger(folder, SANDBOX, ledger_of(study))

    def gone(stub: Stubber, operation: str) -> None:
        stub.add_client_error(operation, "RequestError", "Hit 3 does not exist.")

    with turk() as stub:
        gone(stub, "update_expiration_for_hit")
        stub.add_response("update_expiration_for_hit", {})
        stopped = invoke("study", "publish", folder, "--sandbox", "--stop")
    assert "1 HITs are offered to nobody any more" in stopped.output
    with turk() as stub:
        gone(stub, "get_hit")
        stub.add_response("get_hit", {"HIT": hit(1, study.items[1].item_id, HITStatus="Assignable")})
        status = invoke("study", "publish", folder, "--sandbox", "--status")
    assert "1 HITs (1 Assignable)" in status.output
    with turk() as stub:
        gone(stub, "list_assignments_for_hit")
        stub.add_response("list_assignments_for_hit", {"Assignments": [assignment(1, 1, "AW", GOOD)]})
        stub.add_response("approve_assignment", {}, {"AssignmentId": "3ASSIGN1"})
        approved = invoke("study", "publish", folder, "--sandbox", "--approve")
    assert "1 answers were approved" in approved.output
    for _ in range(2):  # the second time over a file that has no answers of the lost HIT
        with turk() as stub:
            gone(stub, "list_assignments_for_hit")
            stub.add_response("list_assignments_for_hit", {"Assignments": [assignment(1, 1, "AW", GOOD)]})
            fetched = invoke("study", "publish", folder, "--sandbox", "--fetch", path)
        assert "1 answers to 1 items" in fetched.output
    for result in (stopped, status, approved, fetched):
        assert result.exit_code == 1, result.output
        assert f"refused 1, and nothing was done with them:\n  HIT {hit_id(0)} of {study.items[0].item_id}: Hit 3 does not" in result.stderr
    with turk() as stub:
        stub.add_response("list_assignments_for_hit", {"Assignments": []})
        gone(stub, "list_assignments_for_hit")
        again = invoke("study", "publish", folder, "--sandbox", "--fetch", path)
    assert (again.exit_code, "may be the only place with the answers to 1 HITs" in again.stderr) == (2, True)
    assert "3ASSIGN1" in path.read_text()


@pytest.mark.parametrize("name", ["key.json", "published-sandbox.json", "media/new.csv"])
def test_fetched_answers_replace_no_file_of_the_study(
    invoke: Callable[..., Result], tmp_path: Path, study: Study, turk: Callable[..., Any], name: str
):
    """Refused before anything is asked."""
    folder = tmp_path / "s"
    save_ledger(folder, SANDBOX, ledger_of(study))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with turk():
        result = invoke("study", "publish", folder, "--sandbox", "--fetch", folder / name)
    assert (result.exit_code, "one of the study's own files" in result.stderr) == (2, True)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_status_fetch_approve_stop(invoke: Callable[..., Result], tmp_path: Path, study: Study, turk: Callable[..., Any]):
    """What follows after publishing; worker ids are shown by none of it."""
    folder, path = tmp_path / "s", tmp_path / "results.csv"
    save_ledger(folder, SANDBOX, ledger_of(study))
    with turk() as stub:
        for number, item in enumerate(study.items):
            counts = {"NumberOfAssignmentsAvailable": 1, "NumberOfAssignmentsPending": 0, "NumberOfAssignmentsCompleted": 1}
            stub.add_response("get_hit", {"HIT": hit(number, item.item_id, HITStatus="Assignable", **counts)})
        status = invoke("study", "publish", folder, "--sandbox", "--status")
    assert "2 HITs (2 Assignable): 4 assignments wanted, 2 open, 0 being worked on, 2 approved" in status.output
    answers = [[assignment(1, 0, "AWORKER1", GOOD), assignment(2, 0, "AWORKER2", {**GOOD, "rank_A": "x"})], []]

    def expect_answers(stub: Stubber) -> None:
        for number, page in enumerate(answers):
            expected = {"HITId": hit_id(number), "MaxResults": 100, "AssignmentStatuses": ["Submitted", "Approved", "Rejected"]}
            stub.add_response("list_assignments_for_hit", {"Assignments": page}, expected)

    with turk() as stub:
        expect_answers(stub)
        fetched = invoke("study", "publish", folder, "--sandbox", "--fetch", path)
    assert "2 answers to 1 items" in fetched.output
    with path.open(newline="", encoding="utf-8") as stream:
        assert [row["Answer.rank_A"] for row in csv.DictReader(stream)] == ["1", "x"]
    with turk() as stub:
        expect_answers(stub)
        listed = invoke("study", "publish", folder, "--sandbox", "--approve", "--dry-run")
    assert "1 answers would be approved, 1 are left to you" in listed.output
    assert "3ASSIGN2" in listed.output
    with turk() as stub:
        expect_answers(stub)
        stub.add_response("approve_assignment", {}, {"AssignmentId": "3ASSIGN1"})
        approved = invoke("study", "publish", folder, "--sandbox", "--approve")
    assert "1 answers were approved" in approved.output
    with turk() as stub:
        for _ in study.items:
            stub.add_response("update_expiration_for_hit", {})
        stopped = invoke("study", "publish", folder, "--sandbox", "--stop")
    assert "2 HITs are offered to nobody any more" in stopped.output
    for result in (status, fetched, listed, approved, stopped):
        assert result.exit_code == 0, result.output
        assert "AWORKER" not in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "say where: --sandbox"),
        (("--sandbox", "--status"), "nothing of this study was published in the sandbox"),
        (("--sandbox", "--status", "--minutes", "5"), "--minutes say how HITs are published, and --status changes none"),
        (("--sandbox", "--stop", "--fetch", "x.csv"), "are two calls"),
        (("--sandbox", "--dry-run"), "--dry-run goes with --approve"),
        (("--sandbox", "--country", "usa"), "two-letter codes"),
    ],
)
def test_calls_that_make_no_sense(
    invoke: Callable[..., Result], tmp_path: Path, study: Study, turk: Callable[..., Any], arguments: tuple[str, ...], told: str
):
    """One line, exit code 2, and nothing is asked of Mechanical Turk."""
    with turk():
        result = invoke("study", "publish", tmp_path / study.name, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
