"""What only a PostgreSQL server of one's own shows: passwords, TLS, one state in a transaction, and its sudden end."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import SQLAlchemyError

from adis_bench.errors import DataError
from adis_bench.study.server.database import Database, open_database
from adis_bench.study.server.tables import items
from tests.study.postgres import PASSWORD, postgres
from tests.study.studies import make_study

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Of a fresh server."""
    with postgres() as found:
        yield found


@pytest.fixture
def database(url: str, tmp_path: Path) -> Iterator[Database]:
    """With a study in it."""
    opened = open_database(tmp_path, url)
    opened.prepare(make_study(tmp_path / "study")[0], None)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (f":{PASSWORD}@", "@", "asks for a password"),
        (f":{PASSWORD}@", ":wrong@", "password authentication failed"),
        ("/postgres", "/postgres?sslmode=require", "refuses SSL"),
        ("/postgres", "/postgres?sslmode=verify-full", "refuses SSL"),
        ("/postgres", "/nothing", "does not exist"),
    ],
)
def test_what_the_server_refuses(url: str, tmp_path: Path, old: str, new: str, told: str):
    """One line, without a password."""
    study = make_study(tmp_path / "study")[0]
    with pytest.raises(DataError, match=told) as caught:
        open_database(tmp_path, url.replace(old, new)).prepare(study, None)
    assert "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_modes_that_do_without_tls(url: str, tmp_path: Path):
    """``disable`` and ``prefer`` reach a server that has none."""
    study = make_study(tmp_path / "study")[0]
    for mode in ("disable", "prefer"):
        opened = open_database(tmp_path, f"{url}?sslmode={mode}")
        opened.prepare(study, None)
        opened.close()


def test_readers_see_one_state(database: Database):
    """What others write meanwhile comes with the next transaction; readers write nothing."""
    with database.reading() as connection:
        before = connection.execute(select(items.c.answered)).scalars().all()
        with database.writing() as other:
            other.execute(update(items).values(answered=1))
        assert connection.execute(select(items.c.answered)).scalars().all() == before
    with database.reading() as connection:
        assert set(connection.execute(select(items.c.answered)).scalars()) == {1}
    with pytest.raises(SQLAlchemyError, match="read-only"), database.reading() as connection:
        connection.execute(update(items).values(answered=0))


def test_errors_of_the_network(database: Database, monkeypatch: pytest.MonkeyPatch):
    """pg8000 lets some through as they are: they become SQLAlchemy's, for pages to say "try again"; the next call connects anew."""
    import pg8000.core

    real = pg8000.core._read

    def reset(*arguments: object) -> bytes:
        monkeypatch.setattr(pg8000.core, "_read", real)
        raise ConnectionResetError(104, "Connection reset by peer")

    def ask(opened: Callable[[], AbstractContextManager[Connection]], *, broken: bool) -> int:
        with opened() as connection:
            if broken:
                monkeypatch.setattr(pg8000.core, "_read", reset)
            return len(connection.execute(select(items.c.answered)).all())

    for opened in (database.reading, database.writing):
        n = ask(opened, broken=False)
        with pytest.raises(SQLAlchemyError, match="Connection reset"):
            ask(opened, broken=True)
        ask(opened, broken=False)
        monkeypatch.setattr(pg8000.core, "_read", reset)  # a connection that waits in the pool is dead
        with pytest.raises(SQLAlchemyError, match="Connection reset"):
            ask(opened, broken=False)
        assert ask(opened, broken=False) == n
