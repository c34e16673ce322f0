"""``adis-bench study serve`` and ``export`` on the command line."""

import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from adis_bench.study.read import read_answers
from adis_bench.study.server.database import open_database
from adis_bench.study.server.serving import address, bind
from adis_bench.study.server.store import Store
from tests.study.postgres import PASSWORD, postgres
from tests.study.server.crowd import Participant, serving
from tests.study.studies import make_study


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_from_the_server_to_the_answers(invoke: Callable[..., Result], tmp_path: Path, database: str):
    """The export of a running server holds the answers so far, as `aggregate` reads them; surplus and deleted ones are counted."""
    folder, out = tmp_path / "study", tmp_path / "results.csv"
    study, key = make_study(folder, n_items=4, n_gold=1, n_repeats=1, raters=3)
    if database == "postgresql":
        with postgres() as url:
            text = _three_people(invoke, folder, out, study, ["--database", url], tmp_path / "log")
            assert PASSWORD not in text
    else:
        _three_people(invoke, folder, out, study, [], tmp_path / "log")
    answers = read_answers(out, study, key, (), ties=True)
    assert answers.rejected == ()
    assert (len(answers.rankings.item), len(answers.gold), len(answers.repeats)) == (8, 2, 2)
    assert len(answers.rankings.workers) == 2
    assert all(comment.text.startswith("by /p/") for comment in answers.comments)
    head, *rows = out.read_text().splitlines()
    assert head.startswith('"HITId","HITTypeId"')
    assert len(rows) == 12
    assert '"p-' in rows[0]


def _three_people(invoke: Callable[..., Result], folder: Path, out: Path, study, options: list[str], log: Path) -> str:
    """Two answer everything, one answers and then has it deleted; returns all that was shown."""
    with serving(folder, *options, log=log) as server:
        for _ in range(3):
            person = Participant(server.address, study)
            person.join(server.links[0])
            person.work()
        status, _, _ = person.ask("POST", f"{person.path}/withdraw", {"answers": "delete"})
        assert status == 303
        exported = invoke("study", "export", folder, "--out", out, *options)
        assert exported.exit_code == 0, exported.output
        assert "12 answers by 2 participants are in" in exported.output
        told = invoke("study", "serve", folder, "--status", *options)
    assert told.exit_code == 0
    assert "answers 12 of 18 (67 %)" in told.output
    assert "6 items with 2 of 3 answers" in told.output
    assert "participants 3, 1 withdrawn" in told.output
    assert "deleted 6" in told.output
    return exported.output + told.output + log.read_text()


def test_personal_links(tmp_path: Path):
    """One a line, each good for one person; the open link is closed, also at the next start."""
    folder = tmp_path / "study"
    study, _ = make_study(folder, n_items=2, n_gold=0, n_repeats=0)
    with serving(folder, "--links", "3") as server:
        assert len(set(server.links)) == 3
        person = Participant(server.address, study, path="/p/" + server.links[0].rpartition("/p/")[2])
        assert "Consent" in person.ask("GET", person.path)[1]
        assert person.ask("POST", f"{person.path}/consent", {"consent": "yes"})[0] == 303
        assert person.work().acknowledged
    database = open_database(folder, None)
    code = Store(database, study, 60).join_code()
    database.close()
    with serving(folder, "--links", "1", "--invited-only") as server:
        person.address, person.connection = server.address, None
        assert "Thank you" in person.ask("GET", person.path)[1]
        assert person.ask("GET", f"/join/{code}")[0] == 404


def test_stopping_the_server(tmp_path: Path):
    """Ctrl-C ends it with 130 and one line."""
    folder = tmp_path / "study"
    make_study(folder, n_items=2, n_gold=0, n_repeats=0)
    with serving(folder, log=tmp_path / "log") as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=20) == 130
    shown = (tmp_path / "log").read_text()
    assert "interrupted" in shown
    assert "Traceback" not in shown


def test_a_port_in_use(invoke: Callable[..., Result], tmp_path: Path):
    """One line with what to do; nothing is made."""
    folder = tmp_path / "study"
    make_study(folder, n_items=2, n_gold=0, n_repeats=0)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = invoke("study", "serve", folder, "--port", other.getsockname()[1])
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "Address already in use; stop what uses it, or choose another with --port" in result.stderr
    assert not (folder / "answers.sqlite").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--public-url", "lab.example.org"), "is no address like"),
        (("--root-path", "lab"), "must begin with a slash"),
        (("--host", "no.such.host.invalid"), "is no address of this machine"),
        (("--status",), "holds no answers"),
        (("--database", "mysql://u:hunter2@h/x"), "only sqlite and postgresql"),
    ],
)
def test_options_that_do_not_fit(invoke: Callable[..., Result], tmp_path: Path, options: tuple[str, ...], told: str):
    """One line on stderr, exit code 2."""
    folder = tmp_path / "study"
    make_study(folder, n_items=2, n_gold=0, n_repeats=0)
    result = invoke("study", "serve", folder, "--port", "0", *options)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert told in result.stderr
    assert "hunter2" not in result.stderr


def test_links_that_people_see():
    """The public address, or where the server listens."""
    bound = bind("127.0.0.1", 0)
    port = bound.getsockname()[1]
    assert address(bound, "", "/lab") == f"http://127.0.0.1:{port}/lab"
    assert address(bound, "https://example.org/lab", "/lab") == "https://example.org/lab"
    bound.close()
