"""``adis-bench study serve`` and ``export`` on the command line."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import Result

from adis_bench.study.read import read_answers
from adis_bench.study.server.database import open_database
from adis_bench.study.server.serving import address, bind
from adis_bench.study.server.store import Store
from tests.study.postgres import PASSWORD, postgres
from tests.study.server.crowd import ENDS_S, Participant, serving
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
    """One a line, each good for one person; the open link is closed, also at the next start without them, until it is opened."""
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
    with serving(folder, "--links", "1", log=tmp_path / "again") as server:
        assert "1 personal links" in _soon(tmp_path / "again", "; 2 that were given out before and not opened yet stay valid too")
        person.address, person.connection = server.address, None
        assert "Thank you" in person.ask("GET", person.path)[1]
    with _silent(folder, log=tmp_path / "log") as told:
        address = told("serving on http://").partition("http://")[2].partition(" ")[0]
        person.address, person.connection = (address.partition(":")[0], int(address.partition(":")[2])), None
        assert person.ask("GET", f"/join/{code}")[0] == 404
    with serving(folder, "--open-link") as server:
        assert server.links[0].endswith(f"/join/{code}")


def _soon(log: Path, text: str) -> str:
    """What stands in a log as soon as it holds a text."""
    for _ in range(600):
        if text in log.read_text():
            break
        time.sleep(0.1)
    assert text in log.read_text()
    return log.read_text()


@contextmanager
def _silent(folder: Path, log: Path) -> Iterator[Callable[[str], str]]:
    """A server that prints no link; gives the line of its log that holds a text."""
    command = [sys.executable, "-c", "from adis_bench.cli.main import main; main()", "study", "serve", str(folder), "--port", "0"]
    with log.open("w") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr)
    try:
        yield lambda text: next(line for line in _soon(log, text).splitlines() if text in line)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=ENDS_S)[0] == b""


def test_stopping_the_server(tmp_path: Path):
    """Ctrl-C ends it with 130 and one line, also while somebody's answer is on its way; the line doesn't say to invite people again."""
    folder = tmp_path / "study"
    make_study(folder, n_items=2, n_gold=0, n_repeats=0)
    with serving(folder, log=tmp_path / "log") as server, socket.create_connection(server.address) as slow:
        head = "Host: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\nExpect: 100-continue"
        slow.sendall(f"POST {urlsplit(server.links[0]).path} HTTP/1.1\r\n{head}\r\n\r\na".encode())
        assert slow.recv(99).startswith(b"HTTP/1.1 100 ")  # the server has begun to read the answer
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=ENDS_S) == 130
    shown = (tmp_path / "log").read_text()
    assert "links printed before stay valid: start it without --links to go on" in shown
    assert "the same command" not in shown
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
        *((("--public-url", url), "is no address like") for url in ("http://[", "https://a:b@host", "https://host:99999", "https://a b")),
        (("--public-url", "https://host/a\nb"), "is no address like"),
        (("--root-path", "lab"), "must begin with a slash"),
        *((("--root-path", path), "must begin with a slash") for path in ("/a b", "/{x}", "//evil.example", "/..", "/a\nb")),
        (("--lease-minutes", "nan"), "not a number"),
        (("--database", "postgresql://lab:hunter2@127.0.0.1:9/x", "--status"), "cannot be used as a database"),
        (("--database", "postgresql://lab:p@hunter2@h/x"), "percent-encode"),
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
    everywhere = bind("0.0.0.0", 0)
    host = urlsplit(address(everywhere, "", "")).hostname
    everywhere.close()
    assert host not in ("0.0.0.0", "", None)


def test_the_database_in_a_variable(invoke: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """So that no list of processes shows its password; for all that reads it."""
    folder = tmp_path / "study"
    make_study(folder, n_items=2, n_gold=0, n_repeats=0)
    monkeypatch.setenv("ADIS_BENCH_DATABASE", "postgresql://lab:hunter2@127.0.0.1:9/answers")
    for words in (("serve", folder, "--status"), ("export", folder, "--out", tmp_path / "out.csv")):
        result = invoke("study", *words)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
        assert "lab@127.0.0.1:9/answers cannot be used" in result.stderr
        assert "hunter2" not in result.stderr


def test_without_a_key(invoke: Callable[..., Result], tmp_path: Path):
    """The server runs, and says at its start and in its status what that costs."""
    folder = tmp_path / "study"
    make_study(folder, n_items=2)
    (folder / "key.json").rename(tmp_path / "key.json")
    with serving(folder, log=tmp_path / "log"):
        pass
    assert "filled without key.json" in (tmp_path / "log").read_text()
    assert "filled without key.json" in invoke("study", "serve", folder, "--status").stdout
    (tmp_path / "key.json").rename(folder / "key.json")
    with serving(folder, log=tmp_path / "log"):
        pass
    assert "filled without key.json" not in (tmp_path / "log").read_text()


def test_answers_are_not_written_over_the_database(invoke: Callable[..., Result], tmp_path: Path):
    """Neither over the study's own, nor over another that ``--database`` names."""
    folder, other = tmp_path / "study", tmp_path / "other.sqlite"
    study, _ = make_study(folder, n_items=2, n_gold=0, n_repeats=0)
    for options in ((), ("--database", f"sqlite:///{other}")):
        database = open_database(folder, options[-1] if options else None)
        database.prepare(study, None)
        database.close()
        path = other if options else folder / "answers.sqlite"
        before = path.read_bytes()
        result = invoke("study", "export", folder, "--out", path, *options)
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
        assert "choose another name" in result.stderr
        assert path.read_bytes() == before


def test_errors_of_the_database(invoke: Callable[..., Result], tmp_path: Path):
    """One line, whatever is done with it."""
    folder = tmp_path / "study"
    study, _ = make_study(folder, n_items=2, n_gold=0, n_repeats=0)
    database = open_database(folder, None)
    database.prepare(study, None)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE adis_participants")
        connection.exec_driver_sql("DROP TABLE adis_assignments")
    database.close()
    for words in (("serve", "--status"), ("serve", "--port", "0", "--links", "1"), ("export", "--out", tmp_path / "out.csv")):
        result = invoke("study", words[0], folder, *words[1:])
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1), words
        assert "answers.sqlite cannot be used as a database: no such table" in result.stderr
