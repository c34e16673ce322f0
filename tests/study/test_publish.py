"""HITs are made once each, whatever happens between, and nothing is sent that can't be taken."""

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

import boto3
import pytest

from adis_bench.errors import ConfigError, DataError
from adis_bench.study.mturk import market as markets
from adis_bench.study.mturk import question
from adis_bench.study.mturk.ledger import Ledger, ledger_path, read_ledger, save_ledger, wanted_hits
from adis_bench.study.mturk.market import PRODUCTION, SANDBOX, Market, open_client, told
from adis_bench.study.mturk.publish import check_study, find, publish, request_token
from adis_bench.study.mturk.terms import Terms
from adis_bench.study.records import Study
from adis_bench.study.texts import CONTACT_MISSING
from tests.study.studies import make_study
from tests.study.turk import NOW, SECRET, TYPE_ID, expect_hit, expect_start, expect_there, expect_type, hit, hit_id, ledger_of, stubbed
from tests.study.turk import open_client as open_made_up


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Four pages."""
    return make_study(tmp_path / "s", n_items=2, asset_url="https://example.org/s/")[0]


def _publish(tmp_path: Path, study: Study, client: object, terms: Terms | None = None) -> Ledger:
    folder = tmp_path / "s"
    terms = terms or Terms()
    before = find(folder, study, SANDBOX, client, terms, read_ledger(folder, SANDBOX, study))
    return list(publish(folder, study, SANDBOX, client, terms, before))[-1]


def test_one_hit_per_item(tmp_path: Path, study: Study):
    """The type with all its terms, then a HIT for each item; the ledger holds them, and no credentials."""
    terms = Terms(min_percent_approved=95, min_approved=100, countries=("US", "CA"), assignment_s=600)
    with stubbed() as (client, stub):
        expect_there(stub)
        stub.add_response(
            "create_hit_type",
            {"HITTypeId": TYPE_ID},
            {
                "Title": study.texts.title,
                "Description": terms.description,
                "Keywords": terms.keywords,
                "Reward": "0.05",
                "AssignmentDurationInSeconds": 600,
                "AutoApprovalDelayInSeconds": 259_200,
                "QualificationRequirements": [
                    {"QualificationTypeId": "000000000000000000L0", "Comparator": "GreaterThanOrEqualTo", "IntegerValues": [95]},
                    {"QualificationTypeId": "00000000000000000040", "Comparator": "GreaterThanOrEqualTo", "IntegerValues": [100]},
                    {
                        "QualificationTypeId": "00000000000000000071",
                        "Comparator": "In",
                        "LocaleValues": [{"Country": "US"}, {"Country": "CA"}],
                    },
                ],
            },
        )
        for number, item in enumerate(study.items):
            expect_hit(stub, number, item.item_id)
        ledger = _publish(tmp_path, study, client, terms)
    assert [(made.item_id, made.hit_id, made.size) for made in ledger.hits] == [
        (item.item_id, hit_id(number), 2) for number, item in enumerate(study.items)
    ]
    text = ledger_path(tmp_path / "s", SANDBOX).read_text()
    assert read_ledger(tmp_path / "s", SANDBOX, study) == ledger
    assert SECRET not in text
    assert "AKIA" not in text


def test_it_goes_on_after_a_failure(tmp_path: Path, study: Study):
    """What was made stays written down; what a killed call made but didn't write down is found; nothing is made twice."""
    first, second, third, fourth = (item.item_id for item in study.items)
    with stubbed() as (client, stub):
        expect_start(stub)
        expect_hit(stub, 0, first)
        stub.add_client_error("create_hit_with_hit_type", "ThrottlingException", "Rate exceeded", http_status_code=400)
        with pytest.raises(DataError, match=r"busy .*Rate exceeded.*it goes on from here"):
            _publish(tmp_path, study, client)
    before = read_ledger(tmp_path / "s", SANDBOX, study)
    assert before is not None
    assert [made.item_id for made in before.hits] == [first]
    with stubbed() as (client, stub):
        expect_start(stub, hit(0, first), hit(1, second), hit(7, "another study's"))
        expect_hit(stub, 2, third)
        expect_hit(stub, 3, fourth)
        ledger = _publish(tmp_path, study, client)
    assert [made.hit_id for made in ledger.hits] == [hit_id(number) for number in range(4)]


@pytest.mark.parametrize("named", [True, False])
def test_a_hit_that_is_there_already(tmp_path: Path, study: Study, named: bool):
    """The token's error is understood: its message names the HIT, or the HIT is found by its annotation."""
    first, *others = (item.item_id for item in study.items)
    with stubbed() as (client, stub):
        expect_start(stub)
        message = f'The HIT with ID "{hit_id(9)}" already exists.' if named else 'The idempotency token "ab" has already been processed.'
        stub.add_client_error(
            "create_hit_with_hit_type", "RequestError", message, modeled_fields={"TurkErrorCode": "AWS.MechanicalTurk.HitAlreadyExists"}
        )
        if named:
            stub.add_response("get_hit", {"HIT": hit(9, first)}, {"HITId": hit_id(9)})
        else:
            stub.add_response("list_hits", {"HITs": [hit(8, others[0]), hit(9, first)]})
        for number, name in enumerate(others):
            expect_hit(stub, number, name)
        ledger = _publish(tmp_path, study, client)
    assert [made.hit_id for made in ledger.hits][0] == hit_id(9)


def test_a_lost_ledger_is_made_again(tmp_path: Path, study: Study):
    """Whatever of the study is there is written down with its own facts, before and without anything being made."""
    first, second, *_ = (item.item_id for item in study.items)
    later = NOW.replace(year=2025)
    with stubbed() as (client, stub):
        expect_there(stub, hit(0, first, Expiration=later), hit(5, "else"), hit(1, second))
        expect_type(stub)
        ledger = find(tmp_path / "s", study, SANDBOX, client, Terms(), None)
    assert ledger is not None
    assert [(made.item_id, made.hit_id, made.size) for made in ledger.hits] == [(first, hit_id(0), 2), (second, hit_id(1), 2)]
    assert ledger.hits[0].expires == later
    assert read_ledger(tmp_path / "s", SANDBOX, study) == ledger


@pytest.mark.parametrize(
    ("more", "part", "told_what"),
    [
        ({"MaxAssignments": 20}, "", "20 assignments, not 2"),
        ({"HITTypeId": "3OTHER"}, "", "qualifications or pay are others"),
        ({}, " part 2", "isn't among those that are wanted"),
    ],
)
def test_a_lost_ledger_with_other_terms(tmp_path: Path, study: Study, more: dict[str, object], part: str, told_what: str):
    """Other terms than those of the HITs that are there would make more than was wanted: refused, nothing is made or written."""
    name = study.items[1].item_id
    with stubbed() as (client, stub):
        expect_start(stub, hit(0, study.items[0].item_id), hit(7, name + part, **more))
        with pytest.raises(DataError, match=f"1 HITs of this study are in the sandbox, published before with other terms.*{told_what}"):
            find(tmp_path / "s", study, SANDBOX, client, Terms(), None)
    assert not ledger_path(tmp_path / "s", SANDBOX).exists()


def test_requests_are_known_again(study: Study):
    """The same token for the same HIT each time, another for another study, item, part, place or HIT type."""
    ledger, wanted = ledger_of(study), wanted_hits(study, Terms(), None)[0]
    others = [
        (ledger_of(study, "production"), wanted),
        (ledger_of(replace(study, reward=1.0)), wanted),
        (replace(ledger, hit_type_id="3OTHER"), wanted),
        (ledger, replace(wanted, part=1)),
        (ledger, wanted_hits(study, Terms(), None)[1]),
    ]
    assert request_token(ledger, wanted) == request_token(ledger_of(study), wanted_hits(study, Terms(), None)[0])
    assert len({request_token(ledger, wanted), *(request_token(*other) for other in others)}) == 6


def test_what_is_wrong_on_our_side_is_told_as_such(tmp_path: Path):
    """A request that the service's model forbids, and a broken configuration, are no lost connection."""
    client = open_made_up()  # nothing is sent
    with pytest.raises(DataError, match=r"takes no such request.*Invalid type for parameter HITId") as error, told(SANDBOX):
        client.get_hit(HITId=3)
    assert "reached" not in str(error.value)
    assert "\n" not in str(error.value)
    with pytest.raises(ConfigError, match="boto3 cannot ask.*not-there"), told(SANDBOX):
        boto3.Session(profile_name="not-there")


def test_other_refusals_are_told(tmp_path: Path, study: Study):
    """Credentials and requests that the service refuses: one line each, no HIT in the ledger."""
    with stubbed() as (client, stub):
        expect_there(stub)
        stub.add_client_error("create_hit_type", "AccessDeniedException", "not authorized to perform\x1b[31m")
        with pytest.raises(ConfigError, match="doesn't accept these credentials for CreateHITType") as error:
            _publish(tmp_path, study, client)
        assert "\x1b" not in str(error.value)
    with stubbed() as (client, stub):
        expect_start(stub)
        stub.add_client_error("create_hit_with_hit_type", "RequestError", "Invalid XML")
        with pytest.raises(DataError, match="refused CreateHITWithHITType: Invalid XML"):
            _publish(tmp_path, study, client)
    with stubbed() as (client, stub):
        expect_there(stub)
        stub.add_response("create_hit_type", {"HITTypeId": "3ELSE"})
        with pytest.raises(DataError, match="another account"):
            _publish(tmp_path, study, client)


def test_without_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """One line that says how to give them."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    client = open_client(SANDBOX)
    with pytest.raises(ConfigError, match="no AWS credentials found"), told(SANDBOX):
        client.get_account_balance()


def test_without_boto3(monkeypatch: pytest.MonkeyPatch):
    """One line that names the extra."""
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ConfigError, match=r"pip install 'adis-bench\[mturk\]'"):
        open_client(SANDBOX)


def test_hits_of_at_most_nine(tmp_path: Path):
    """20 raters are 7 + 7 + 6: three HITs an item, told apart by their annotations and tokens."""
    study, _ = make_study(tmp_path / "s", n_items=2, n_gold=0, n_repeats=0, raters=20, asset_url="https://example.org/s/")
    wanted = wanted_hits(study, Terms(at_most_nine=True), None)
    names = [item.item_id for item in study.items]
    assert [(hit.annotation, hit.size) for hit in wanted] == [
        (f"{name}{part}", size) for part, size in (("", 7), (" part 2", 7), (" part 3", 6)) for name in names
    ]
    tokens = {request_token(ledger_of(study, market), hit) for hit in wanted for market in ("sandbox", "production")}
    assert len(tokens) == 12
    assert {len(token) for token in tokens} == {64}
    assert [hit.size for hit in wanted_hits(study, Terms(), None)] == [20, 20]


@pytest.mark.parametrize(
    ("change", "told_what"),
    [
        ({"asset_url": ""}, "no https address"),
        ({"asset_url": "http://example.org/"}, "no https address"),
        ({"reward": 0.0}, "--reward"),
        ({"reward": 0.055}, "whole cents"),
    ],
)
def test_studies_that_cannot_be_published(study: Study, change: dict[str, object], told_what: str):
    """Workers must be able to load the media, and must be paid."""
    with pytest.raises(ConfigError, match=told_what):
        check_study(replace(study, **change), SANDBOX, Terms(), None)


def test_a_contact_is_needed_in_production(study: Study):
    """Whoever works must know whom to ask."""
    without = replace(study, texts=replace(study.texts, consent=f"Ask {CONTACT_MISSING}."))
    check_study(without, SANDBOX, Terms(), None)
    with pytest.raises(ConfigError, match="--contact"):
        check_study(without, PRODUCTION, Terms(), None)


def test_terms_stay_as_they_were(study: Study, tmp_path: Path):
    """All workers of a study get the same; and the study stays what it was."""
    with pytest.raises(ConfigError, match=r"on other terms \(assignment_s\)"):
        check_study(study, SANDBOX, Terms(assignment_s=60), ledger_of(study))
    with pytest.raises(ConfigError, match="two-letter codes"):
        Terms(countries=("USA",))
    folder = tmp_path / "s"
    save_ledger(folder, SANDBOX, ledger_of(study))
    with pytest.raises(ConfigError, match="no longer what it was when the 4 HITs"):
        read_ledger(folder, SANDBOX, replace(study, reward=1.0))
    ledger_path(folder, SANDBOX).write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        read_ledger(folder, SANDBOX, study)


def test_questions_are_xml_and_small_enough(study: Study, monkeypatch: pytest.MonkeyPatch):
    """The page comes out of its XML as it went in, also with the end of a CDATA section in it; too large ones are refused."""
    for item in study.items:
        assert len(question.question_xml(study, item, sandbox=True).encode()) <= 65_535
    page = "<!DOCTYPE html><html><script>if (a[b[0]]>1) {}</script>é</html>"
    monkeypatch.setattr(question, "render_question", lambda *_: page)
    root = ElementTree.fromstring(question.question_xml(study, study.items[0], sandbox=True))
    assert root[0].text == page
    assert root[1].text == "0"
    monkeypatch.setattr(question, "render_question", lambda *_: "é" * 32_700)
    with pytest.raises(DataError, match=r"has 65,\d\d\d bytes"):
        question.question_xml(study, study.items[0], sandbox=True)
    monkeypatch.setattr(question, "render_question", lambda *_: "\x0b")
    with pytest.raises(DataError, match="is no XML"):
        question.question_xml(study, study.items[0], sandbox=True)


@pytest.fixture
def busy_service() -> Iterator[tuple[Market, list[str]]]:
    """An endpoint on loopback that is busy at first, and what was asked of it."""
    asked: list[str] = []

    class Busy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.headers["X-Amz-Target"].rpartition(".")[2])
            self.rfile.read(int(self.headers["Content-Length"]))
            busy = len(asked) == 1
            content = {"__type": "ThrottlingException", "message": "Rate exceeded"} if busy else {"AvailableBalance": "10000.00"}
            body = json.dumps(content).encode()
            self.send_response(400 if busy else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Market("sandbox", f"http://127.0.0.1:{server.server_port}", ""), asked
    server.shutdown()
    server.server_close()


def test_throttled_calls_are_repeated(busy_service: tuple[Market, list[str]], monkeypatch: pytest.MonkeyPatch):
    """The real client over a real socket: it waits and asks again."""
    market, asked = busy_service
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMADEUP")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    client = markets.open_client(market)
    assert client.get_account_balance()["AvailableBalance"] == "10000.00"
    assert asked == ["GetAccountBalance"] * 2
