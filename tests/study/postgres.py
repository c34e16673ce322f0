"""A PostgreSQL server of the tests' own, from Debian's package, never as root: a cluster in a temporary folder, gone afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "s3cret-of-the-tests"


def _program(name: str) -> Path | None:
    """On PATH, or where Debian puts it; the newest."""
    found = shutil.which(name)
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4].partition(".")[0]))
    return Path(found) if found else places[-1] if places else None


def _as_other() -> tuple[list[str], int | None]:
    """What to put before a command, and whose the folder must be: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return [], None
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        if shutil.which("setpriv"):
            return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"], user.pw_uid
    pytest.skip("PostgreSQL does not run as root, and there is no setpriv with a user postgres or nobody")


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a fresh server, with a password in it; skips the test where there is no PostgreSQL."""
    initdb, program = _program("initdb"), _program("postgres")
    if initdb is None or program is None:
        pytest.skip("no PostgreSQL here (Debian's package postgresql)")
    before, owner = _as_other()
    # Not pytest's folder: that of root is closed to others.
    folder = Path(tempfile.mkdtemp(prefix="adis-pg-"))
    secret = folder / "password"
    secret.write_text(PASSWORD)
    if owner is not None:
        os.chown(folder, owner, -1)
        os.chown(secret, owner, -1)
    data, port = folder / "data", _free_port()
    process = None
    try:
        made = [
            *before,
            initdb,
            "-D",
            data,
            "-U",
            "lab",
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        subprocess.run(made, check=True, capture_output=True, cwd=folder)
        # No fsync: no test cuts the power under PostgreSQL itself, and waiting for the disk shows nothing.
        settings = ("listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off")
        options = ["-p", str(port), *(part for setting in settings for part in ("-c", setting))]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen([*before, program, "-D", data, *options], stdout=log, stderr=log, cwd=folder)
        url = f"postgresql://lab:{PASSWORD}@127.0.0.1:{port}/postgres"
        _wait(port, process, folder / "log")
        yield url
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)  # fast: the default waits for all connections to end
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    import time

    import pg8000.dbapi

    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            pg8000.dbapi.connect(user="lab", password=PASSWORD, host="127.0.0.1", port=port, database="postgres", timeout=5).close()
        except (pg8000.dbapi.Error, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())
