"""Opening a study's database: SQLite beside the study by default, PostgreSQL by URL; passwords are never shown."""

import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, insert, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_json
from adis_bench.printable import printable
from adis_bench.seeding import generator
from adis_bench.study.records import Study
from adis_bench.study.server import tables

SQLITE_NAME = "answers.sqlite"
_BUSY_S = 30.0  # ours: how long a writer waits for others; far above any transaction here, below a browser's patience
_POOL = 10  # ours: connections of one server process; several processes fit into PostgreSQL's default of 100
_LOCK = 0x5ADB_E7C4  # ours: any number; the advisory lock under which the tables are made
_COUNTED = ("n_methods", "ties_allowed", "plan", "rules", "texts", "items")


class Database:
    """Connections to the database of one study.

    Attributes:
        shown: its address without user's password and options, for people.
    """

    def __init__(self, url: URL) -> None:
        self.shown = _shown(url)
        self._engine = _engine(url, self.shown)
        self._file = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
        # Within a process a lock wakes the next writer at once: SQLite would let it sleep and try again, PostgreSQL keep a connection.
        self._turn = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state and changes nothing."""
        with self._engine.connect().execution_options(adis_reads=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is alone in writing, across all processes; it is on the disk when the block ends well.

        Counting and giving out in turn is what makes quotas exact without retries; a turn takes a millisecond or two.
        """
        with self._turn, self._engine.begin() as connection:
            if self._file is None:  # SQLite's transactions begin by locking
                connection.execute(select(tables.study.c.id).with_for_update())
            yield connection

    def prepare(self, study: Study, repeats: Mapping[str, str]) -> None:
        """Make the tables and items where there are none.

        Args:
            study: that is served.
            repeats: item_id of each repeated showing -> item_id of the first.

        Raises:
            DataError: the database is another study's, of another version, or can't be used.
        """
        if self._file is not None:
            _make_private(self._file)
        with self._told(), self._engine.begin() as connection:
            if self._file is None:
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            if not inspect(connection).has_table(tables.study.name):
                tables.metadata.create_all(connection)
                _fill(connection, study, repeats)
            self._check(connection, study)

    def open(self, study: Study) -> None:
        """Check a database that must be there; errors as those of ``prepare``."""
        nothing = f"{self.shown} holds no answers; start the study with `adis-bench study serve`, or name its --database"
        if self._file is not None and not self._file.is_file():
            raise DataError(nothing)
        with self._told(), self.reading() as connection:
            if not inspect(connection).has_table(tables.study.name):
                raise DataError(nothing)
            self._check(connection, study)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _check(self, connection: Connection, study: Study) -> None:
        row = connection.execute(select(tables.study)).one()
        if row.schema_version != tables.SCHEMA_VERSION:
            raise DataError(f"{self.shown} has schema version {row.schema_version}, not {tables.SCHEMA_VERSION}; it needs its adis-bench")
        if row.digest != study_digest(study):
            raise DataError(
                f"{self.shown} holds the answers of another study, or study.json was changed since it began; "
                "name another with --database, or put study.json back"
            )

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise DataError(f"{self.shown} cannot be used as a database: {_reason(error)}") from error


def open_database(folder: Path, address: str | None) -> Database:
    """The database of the study in ``folder``.

    Args:
        folder: of the study; holds ``answers.sqlite`` where no address is given.
        address: a URL of SQLAlchemy, sqlite or postgresql; plain ``postgresql://`` takes pg8000.

    Raises:
        ConfigError: the URL is none, of another kind, or its driver is not installed.
    """
    if address is None:
        return Database(URL.create("sqlite", database=str((folder / SQLITE_NAME).resolve())))
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        # The address may hold a password: it isn't repeated, and the cause not chained.
        raise ConfigError("--database is no URL like postgresql://user:password@host/name or sqlite:////folder/answers.sqlite") from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+pg8000")
    if url.drivername not in ("postgresql+pg8000", "sqlite", "sqlite+pysqlite"):
        raise ConfigError(f"--database {printable(url.drivername)}: only sqlite and postgresql (by pg8000) are known")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise ConfigError("--database sqlite needs a file: answers in memory would be lost; write sqlite:////folder/answers.sqlite")
    return Database(url)


def study_digest(study: Study) -> str:
    """sha256 (hex) of what participants see and how often it is wanted; the pay and addresses for MTurk may change."""
    content = TypeAdapter(Study).dump_python(study, mode="json")
    return digest_json({name: content[name] for name in _COUNTED})


def _make_private(path: Path) -> None:
    # Answers are people's: readable by the owner only, and so are SQLite's files beside it, which take over the mode.
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise DataError(
            f"{path} cannot be made ({error.strerror}); name a file in a folder of yours with --database sqlite:////..."
        ) from error


def _shown(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return printable(str(url.database))
    user = f"{url.username}@" if url.username else ""
    port = f":{url.port}" if url.port else ""
    return printable(f"postgresql://{user}{url.host or ''}{port}/{url.database or ''}")


def _reason(error: SQLAlchemyError) -> str:
    original = getattr(error, "orig", None) or error
    told = original.args[0] if original.args else original
    # pg8000 gives the server's message as fields; M is the text.
    told = told.get("M", "") if isinstance(told, dict) else told
    return printable(str(told).partition("\n")[0] or type(original).__name__)


def _engine(url: URL, shown: str) -> Engine:
    # hide_parameters: what people wrote, and hashes of their links, stay out of errors and logs.
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": _POOL, "max_overflow": 0, "pool_timeout": 2 * _BUSY_S}
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _BUSY_S, "check_same_thread": False}, **options)
        event.listen(engine, "connect", _connected)
        event.listen(engine, "begin", _begun)
        return engine
    try:
        # A connection that died with its server must not cost a participant an answer.
        return create_engine(url, pool_pre_ping=True, **options)
    except ModuleNotFoundError as error:
        raise ConfigError(f"{shown} needs the driver {error.name}; install it with pip install 'adis-bench[postgres]'") from error


def _connected(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # the module's own BEGIN comes too late: transactions begin in _begun
    # WAL: readers don't wait. FULL: a commit is on the disk before it returns, also when the power fails.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begun(connection: Connection) -> None:
    # IMMEDIATE takes the write lock first: two who read before they write could both wait for ever.
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("adis_reads") else "BEGIN IMMEDIATE")


def _fill(connection: Connection, study: Study, repeats: Mapping[str, str]) -> None:
    digest = study_digest(study)
    position = {item.item_id: index for index, item in enumerate(study.items)}
    again = set(repeats.values())
    salts = generator("study server", digest).integers(0, 1 << 31, len(study.items)).tolist()
    connection.execute(
        insert(tables.study), {"id": 1, "schema_version": tables.SCHEMA_VERSION, "digest": digest, "join_code": secrets.token_urlsafe(16)}
    )
    rows = [
        {
            "position": index,
            "item_id": item.item_id,
            "salt": salts[index],
            "original": position[repeats[item.item_id]] if item.item_id in repeats else None,
            "shown_again": item.item_id in again,
            "raters": study.plan.raters,
            "answered": 0,
        }
        for index, item in enumerate(study.items)
    ]
    # First showings first: the others refer to them.
    connection.execute(insert(tables.items), sorted(rows, key=lambda row: row["original"] is not None))
