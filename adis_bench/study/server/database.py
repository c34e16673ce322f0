"""Opening a study's database: SQLite beside the study by default, PostgreSQL by URL; passwords are never shown."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, ExceptionContext, create_engine, event, func, inspect, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from adis_bench.errors import ConfigError, DataError
from adis_bench.study.records import Study
from adis_bench.study.server import tables
from adis_bench.study.server.address import read_address, reason, shown, split_options
from adis_bench.study.server.filling import Roles, fill, study_digest, tell_roles

SQLITE_NAME = "answers.sqlite"
_BUSY_S = 30.0  # ours: how long a writer waits for others; far above any transaction here, below a browser's patience
_POOL = 10  # ours: connections of one server process; several processes fit into PostgreSQL's default of 100
_LOCK = 0x5ADB_E7C4  # ours: any number; the advisory lock under which the tables are made


class Database:
    """Connections to the database of one study.

    Attributes:
        shown: its address without user's password and options, for people.
    """

    def __init__(self, url: URL) -> None:
        self.shown = shown(url)
        self._engine = _engine(url, self.shown)
        self._file = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
        # Within a process a lock wakes the next writer at once: SQLite would let it sleep and try again, PostgreSQL keep a connection.
        self._turn = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state and changes nothing."""
        with self._broken(), self._engine.connect().execution_options(adis_reads=True) as connection, connection.begin():
            if self._file is None:  # SQLite's transactions see one state anyway
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is alone in writing, across all processes; it is on the disk when the block ends well.

        Counting and giving out in turn is what makes quotas exact without retries; a turn takes a millisecond or two.
        """
        with self._turn, self._broken(), self._engine.begin() as connection:
            if self._file is None:  # SQLite's transactions begin by locking
                connection.execute(select(tables.study.c.id).with_for_update())
            yield connection

    def prepare(self, study: Study, roles: Roles | None) -> bool:
        """Make the tables and items where there are none.

        Args:
            study: that is served.
            roles: of its items; None where they aren't known here. They are written as long as there are no answers.

        Returns:
            Whether the database knows the roles.

        Raises:
            DataError: the database is another study's, of another version, or can't be used.
        """
        if self._file is not None:
            _make_private(self._file)
        with self.told(), self._broken(), self._engine.begin() as connection:
            if self._file is None:
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            if not inspect(connection).has_table(tables.study.name):
                tables.metadata.create_all(connection)
                fill(connection, study)
            self._check(connection, study)
            if roles is not None:
                connection.execute(select(tables.study.c.id).with_for_update())  # another server may be writing answers
                tell_roles(connection, study, roles)
            return bool(connection.execute(select(tables.study.c.roles_known)).scalar_one())

    def open(self, study: Study) -> None:
        """Check a database that must be there; errors as those of ``prepare``."""
        nothing = f"{self.shown} holds no answers; start the study with `adis-bench study serve`, or name its --database"
        if self._file is not None and not self._file.is_file():
            raise DataError(nothing)
        with self.told(), self.reading() as connection:
            if not inspect(connection).has_table(tables.study.name):
                raise DataError(nothing)
            self._check(connection, study)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def forget(self) -> None:
        """Take what was just deleted out of SQLite's file of changes too; a reader in the way leaves that to the next time."""
        if self._file is None:
            return
        # Not within a transaction, where SQLite can't do it. An error changes nothing: what was to be deleted is.
        with self._turn, closing(self._engine.raw_connection()) as connection, suppress(sqlite3.Error):
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _check(self, connection: Connection, study: Study) -> None:
        version = connection.execute(select(tables.study.c.schema_version)).scalar_one()
        if version != tables.SCHEMA_VERSION:
            raise DataError(f"{self.shown} has schema version {version}, not {tables.SCHEMA_VERSION}; it needs its adis-bench")
        if connection.execute(select(tables.study.c.digest)).scalar_one() != study_digest(study):
            raise DataError(
                f"{self.shown} holds the answers of another study, or study.json was changed since it began; "
                "name another with --database, or put study.json back"
            )

    @contextmanager
    def told(self) -> Iterator[None]:
        """Errors of the database as one line.

        Raises:
            DataError: instead of any of SQLAlchemy's.
        """
        try:
            yield
        except SQLAlchemyError as error:
            raise DataError(f"{self.shown} cannot be used as a database: {reason(error)}") from error

    @contextmanager
    def _broken(self) -> Iterator[None]:
        """The driver's bare errors as SQLAlchemy's; nothing but the database is talked to meanwhile."""
        try:
            yield
        except OSError as error:
            self._engine.dispose()  # the others in the pool are as dead
            raise OperationalError(None, None, error) from error


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
    return Database(read_address(address))


def _make_private(path: Path) -> None:
    # Answers are people's: readable by the owner only, and so are SQLite's files beside it, which take over the mode.
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise DataError(
            f"{path} cannot be made ({error.strerror}); name a file in a folder of yours with --database sqlite:////..."
        ) from error


def _engine(url: URL, name: str) -> Engine:
    # hide_parameters: what people wrote, and hashes of their links, stay out of errors and logs.
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": _POOL, "max_overflow": 0, "pool_timeout": 2 * _BUSY_S}
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _BUSY_S, "check_same_thread": False}, **options)
        event.listen(engine, "connect", _connected)
        event.listen(engine, "begin", _begun)
        return engine
    plain, arguments = split_options(url)
    try:
        # A connection that died with its server must not cost a participant an answer.
        engine = create_engine(plain, pool_pre_ping=True, connect_args={"timeout": 2 * _BUSY_S, **arguments}, **options)
    except ModuleNotFoundError as error:
        raise ConfigError(f"{name} needs the driver {error.name}; install it with pip install 'adis-bench[postgres]'") from error
    event.listen(engine, "handle_error", _failed)
    if url.password is None:
        event.listen(engine, "do_connect", _without_password)
    return engine


def _connected(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # the module's own BEGIN comes too late: transactions begin in _begun
    # WAL: readers don't wait. FULL: a commit is on the disk before it returns, also when the power fails. What people had deleted is
    # overwritten, not only left out.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _failed(context: ExceptionContext) -> None:
    # pg8000 gives some errors of the network as they are, and SQLAlchemy takes only pg8000's own for a lost connection.
    if isinstance(context.original_exception, OSError):
        context.is_disconnect = True


def _without_password(dialect: Dialect, record: Any, arguments: Any, named: Any) -> Any:
    try:
        return dialect.connect(*arguments, **named)
    except AttributeError as error:  # pg8000 takes for granted that there is one
        raise dialect.loaded_dbapi.InterfaceError("the server asks for a password, and --database has none") from error


def _begun(connection: Connection) -> None:
    # IMMEDIATE takes the write lock first: two who read before they write could both wait for ever.
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("adis_reads") else "BEGIN IMMEDIATE")
