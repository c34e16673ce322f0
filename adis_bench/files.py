"""Atomic writing, digests, and the one cache folder."""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs

from adis_bench.errors import DataError

_FULL_BYTES = 64 << 10  # a disk with less room than this is full: file systems keep a few blocks back


def cache_dir() -> Path:
    """The folder for models, embeddings and weights: ``ADIS_BENCH_CACHE``, or the user's cache folder."""
    named = os.environ.get("ADIS_BENCH_CACHE")
    return Path(named).expanduser().resolve() if named else Path(platformdirs.user_cache_dir("adis-bench"))


def make_folder(path: Path) -> None:
    """Make a folder for outputs where there is none.

    Raises:
        DataError: a file is in the way.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise DataError(f"{path} cannot be a folder: {error.filename or path} is a file; choose another folder") from error
    except FileNotFoundError as error:
        raise DataError(f"{path} cannot be made ({error.strerror}); choose another folder") from error


@contextmanager
def atomic_path(path: Path, private: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` (same suffix) that replaces it when the block ends well.

    Private files are readable by their owner only, from their first byte on.

    A reader sees the old file or the whole new one, never a part; a killed writer leaves only a
    ``.tmp-*`` file, which nobody reads.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".tmp-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes private files; results are meant to be shared like any other file.
        if not private:
            temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except Exception as error:
        # numpy and torch hide the system's error behind their own; a full disk must be told as one.
        if shutil.disk_usage(path.parent).free < _FULL_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_bytes(path: Path, content: bytes, private: bool = False) -> None:
    """Write ``content`` to ``path`` atomically; ``private`` as in ``atomic_path``."""
    with atomic_path(path, private) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write ``content`` to ``path`` atomically, as UTF-8."""
    write_bytes(path, content.encode())


def write_json(path: Path, content: Any, private: bool = False) -> None:
    """Write ``content`` as indented JSON, atomically; NaN and infinity are refused; ``private`` as in ``atomic_path``."""
    write_bytes(path, (json.dumps(content, indent=2, allow_nan=False) + "\n").encode(), private)


def digest_json(content: Any) -> str:
    """sha256 (hex) of ``content`` as canonical JSON: sorted keys, no spaces, no NaN."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()).hexdigest()


def digest_bytes(content: bytes) -> str:
    """sha256 (hex) of ``content``."""
    return hashlib.sha256(content).hexdigest()


def digest_file(path: Path) -> str:
    """sha256 (hex) of the file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
