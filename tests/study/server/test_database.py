"""Opening a study's database: whose it is, what it refuses, and that passwords stay secret."""

import builtins
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from adis_bench.errors import ConfigError, DataError
from adis_bench.study.server import tables
from adis_bench.study.server.database import SQLITE_NAME, open_database
from adis_bench.study.server.status import ROLES_UNKNOWN, read_status
from adis_bench.study.server.store import Store
from tests.study.server.roles import roles_of
from tests.study.studies import make_study


def test_the_default_file(tmp_path: Path):
    """Beside the study, for its owner only; commits are on the disk."""
    study, key = make_study(tmp_path / "study")
    database = open_database(tmp_path / "study", None)
    database.prepare(study, roles_of(key))
    with database.writing() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")]
        assert pragmas == ["wal", 2, 1]
        files = list((tmp_path / "study").glob(f"{SQLITE_NAME}*"))
        assert len(files) == 3
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    content = b"".join(path.read_bytes() for path in files)
    assert key.secret.encode() not in content
    assert not [method for method in key.methods if method.encode() in content]


def test_the_database_counts_too(tmp_path: Path):
    """Whatever a program does, an item can't have more answers than are wanted."""
    study, _ = make_study(tmp_path / "study", raters=2)
    database = open_database(tmp_path, None)
    database.prepare(study, None)
    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(update(tables.items).values(answered=3))


def test_another_study_is_refused(tmp_path: Path):
    """And so is a study whose file was changed; pay and addresses may change."""
    study, _ = make_study(tmp_path / "study")
    other, _ = make_study(tmp_path / "other", seed=1)
    database = open_database(tmp_path, None)
    database.prepare(study, None)
    database.prepare(replace(study, reward=9.0, asset_url="https://example.org/"), None)
    for wrong in (other, replace(study, ties_allowed=True), replace(study, texts=replace(study.texts, consent="Anything."))):
        with pytest.raises(DataError, match="another study, or study.json was changed"):
            database.prepare(wrong, None)
        with pytest.raises(DataError, match="another study"):
            database.open(wrong)


def test_another_version_is_refused(tmp_path: Path):
    """With the version that it has."""
    study, _ = make_study(tmp_path / "study")
    database = open_database(tmp_path, None)
    database.prepare(study, None)
    with database.writing() as connection:
        connection.execute(update(tables.study).values(schema_version=99))
    with pytest.raises(DataError, match="schema version 99"):
        database.prepare(study, None)


def test_nothing_there(tmp_path: Path):
    """Reading makes no file; a file that is no database is told in one line."""
    study, _ = make_study(tmp_path / "study")
    with pytest.raises(DataError, match="holds no answers"):
        open_database(tmp_path, None).open(study)
    assert not (tmp_path / SQLITE_NAME).exists()
    (tmp_path / SQLITE_NAME).write_text("this is no database, " * 100)
    with pytest.raises(DataError, match="cannot be used as a database: file is not a database"):
        open_database(tmp_path, None).prepare(study, None)
    with pytest.raises(DataError, match="cannot be made"):
        open_database(tmp_path / "none", None).prepare(study, None)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://u:hunter2@host/x", "hunter2", "postgresql+psycopg://u:hunter2@h/x"]
)
def test_urls_that_are_refused(tmp_path: Path, url: str):
    """Each in one line without the password."""
    with pytest.raises(ConfigError, match="--database") as caught:
        open_database(tmp_path, url)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_that_does_not_answer(tmp_path: Path):
    """Told in one line, with the address and without the password, wherever it stands."""
    study, _ = make_study(tmp_path / "study")
    database = open_database(tmp_path, "postgresql://lab:hunter2@127.0.0.1:9/answers?application_name=hunter2")
    assert database.shown == "postgresql://lab@127.0.0.1:9/answers"
    with pytest.raises(DataError, match="lab@127.0.0.1:9/answers cannot be used as a database: Can't create a connection") as caught:
        database.prepare(study, None)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The extra that brings it is named."""
    real = builtins.__import__

    def without(name: str, *rest: object, **named: object) -> object:
        if name.partition(".")[0] == "pg8000":
            raise ModuleNotFoundError("No module named 'pg8000'", name="pg8000")
        return real(name, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=r"needs the driver pg8000; install it with pip install 'adis-bench\[postgres\]'"):
        open_database(tmp_path, "postgresql://lab:hunter2@host/x")


def test_a_key_that_comes_later(tmp_path: Path):
    """It is read as long as there are no answers; afterwards it would come too late, and the status says so."""
    study, key = make_study(tmp_path / "study", n_gold=1, n_repeats=1)
    database = open_database(tmp_path, None)
    assert not database.prepare(study, None)
    assert ROLES_UNKNOWN in read_status(database).text()
    store = Store(database, study, 60)
    token = store.join(consented=True)
    turn = store.turn(token)
    assert turn is not None
    assert database.prepare(study, roles_of(key))
    assert database.prepare(study, None)  # kept
    assert ROLES_UNKNOWN not in read_status(database).text()
    with database.reading() as connection:
        rows = connection.execute(select(tables.items)).all()
    assert {row.item_id for row in rows if row.spread} == set(roles_of(key).spread)
    assert {row.item_id: rows[row.original].item_id for row in rows if row.original is not None} == roles_of(key).repeats
    assert {row.item_id for row in rows if row.shown_again} == set(roles_of(key).repeats.values())


def test_a_key_that_comes_too_late(tmp_path: Path):
    """Answers were given out without it."""
    study, key = make_study(tmp_path / "study")
    database = open_database(tmp_path, None)
    database.prepare(study, None)
    store = Store(database, study, 60)
    token = store.join(consented=True)
    turn = store.turn(token)
    assert turn is not None
    store.answer(token, turn.item_id, {"item_id": turn.item_id})
    assert not database.prepare(study, roles_of(key))
    assert ROLES_UNKNOWN in read_status(database).text()


def test_what_is_deleted_is_gone(tmp_path: Path):
    """No byte of an answer that somebody had deleted is left in SQLite's files."""
    study, _ = make_study(tmp_path / "study", n_items=30)
    database = open_database(tmp_path, None)
    database.prepare(study, None)
    store = Store(database, study, 60)
    token = store.join(consented=True)
    for _ in range(30):
        turn = store.turn(token)
        assert turn is not None
        store.answer(token, turn.item_id, {"item_id": turn.item_id, "comment": "my-own-words " * 9})

    def on_disk() -> bool:
        return any(b"my-own-words" in path.read_bytes() for path in tmp_path.glob(f"{SQLITE_NAME}*"))

    assert on_disk()
    assert store.withdraw(token, erase=True) == 30
    assert not on_disk()  # the server is still running
    database.close()
    assert not on_disk()
