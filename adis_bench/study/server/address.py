"""The address of a study's database as people give it; passwords are never shown, nor what may be a part of one."""

import re
import ssl
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from adis_bench.errors import ConfigError
from adis_bench.printable import printable

_FORM = "postgresql://user:password@host/name or sqlite:////folder/answers.sqlite"
_HOST = re.compile(r"[\w.:-]*", re.ASCII)
_DRIVERS = ("postgresql+pg8000", "sqlite", "sqlite+pysqlite")
_MODES = ("disable", "prefer", "require", "verify-ca", "verify-full")
_OPTIONS = ("application_name", "sslmode", "sslrootcert", "unix_sock")
"""libpq's names, those of which pg8000 has the matter; ``unix_sock`` is pg8000's own."""


def read_address(address: str) -> URL:
    """The URL in a ``--database``.

    Args:
        address: a URL of SQLAlchemy, sqlite or postgresql; plain ``postgresql://`` takes pg8000.

    Raises:
        ConfigError: it is none, is of another kind, or has options that aren't known; nothing of a password is in the message.
    """
    # "from None": the cause may hold the address. With a second @ nobody knows where the password ends.
    if address.count("@") > 1:
        raise ConfigError("--database has more than one @: percent-encode those in user, password and options as %40")
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ConfigError(f"--database is no URL like {_FORM}") from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+pg8000")
    if url.drivername not in _DRIVERS:
        raise ConfigError(f"--database {printable(url.drivername)}: only sqlite and postgresql (by pg8000) are known")
    if url.get_backend_name() == "sqlite":
        _check_sqlite(url)
    else:
        _check_postgresql(url)
    return url


def shown(url: URL) -> str:
    """The address for people, without password and options."""
    if url.get_backend_name() == "sqlite":
        return printable(str(url.database))
    user = f"{url.username}@" if url.username else ""
    port = f":{url.port}" if url.port else ""
    return printable(f"postgresql://{user}{url.host or ''}{port}/{url.database or ''}")


def split_options(url: URL) -> tuple[URL, dict[str, Any]]:
    """A PostgreSQL address without options, and the arguments of pg8000's ``connect`` that they mean.

    Raises:
        ConfigError: the file of ``sslrootcert`` can't be read.
    """
    options = {name: value for name, value in url.query.items() if isinstance(value, str)}
    arguments: dict[str, Any] = {name: options[name] for name in ("application_name", "unix_sock") if name in options}
    return url.set(query={}), {**arguments, "ssl_context": _ssl(options.get("sslmode", "prefer"), options.get("sslrootcert"))}


def reason(error: SQLAlchemyError) -> str:
    """What went wrong, in one line without parameters."""
    original = getattr(error, "orig", None) or error
    told = original.args[0] if original.args else original
    # pg8000 gives the server's message as fields; M is the text.
    told = told.get("M", "") if isinstance(told, dict) else original if isinstance(original, OSError) else told
    return printable(str(told).partition("\n")[0] or type(original).__name__)


def _check_sqlite(url: URL) -> None:
    if url.database in (None, "", ":memory:"):
        raise ConfigError("--database sqlite needs a file: answers in memory would be lost; write sqlite:////folder/answers.sqlite")
    if url.query:
        raise ConfigError("--database sqlite takes no options after a question mark; percent-encode one in the file's name as %3F")


def _check_postgresql(url: URL) -> None:
    # Else it is a part of a password: "user:pass#word" with no host behind it, for example.
    if not _HOST.fullmatch(url.host or "") or "@" in (url.database or ""):
        raise ConfigError(f"--database names no host; write {_FORM}, with signs other than letters and digits percent-encoded")
    if not url.username:
        raise ConfigError(f"--database names no user; write {_FORM}")
    strange = [name for name, value in url.query.items() if name not in _OPTIONS or not isinstance(value, str)]
    if strange:
        raise ConfigError(f"--database has {len(strange)} options that are unknown or named twice; known are {', '.join(_OPTIONS)}")
    if url.query.get("sslmode", "prefer") not in _MODES:
        raise ConfigError(f"--database has an unknown sslmode; known are {', '.join(_MODES)}")


def _ssl(mode: str, root: str | None) -> ssl.SSLContext | bool | None:
    """What pg8000 makes of its ``ssl_context``: False no TLS, None TLS where the server has it, True TLS with any certificate."""
    if not mode.startswith("verify"):
        return {"disable": False, "prefer": None, "require": True}[mode]
    try:
        context = ssl.create_default_context(cafile=root)
    except (OSError, ValueError) as error:
        raise ConfigError(f"--database: the sslrootcert {printable(str(Path(root or '')))} cannot be read as certificates") from error
    context.check_hostname = mode == "verify-full"
    return context
