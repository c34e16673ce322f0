"""Names for workers that tell nobody who they are: keyed hashes, so that nobody can try out known worker ids."""

import hashlib
import hmac
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from adis_bench import files
from adis_bench.errors import DataError

SECRET_BYTES = 32
"""Of a new secret: as long as the hash, the length that RFC 2104 (section 3) advises for the key of an HMAC."""
_DIGITS = 10  # ours: 40 bits, two of 10,000 workers share a name in one of 20,000 studies
_SECRET = re.compile(rf"[0-9a-f]{{{2 * SECRET_BYTES}}}")


def keyed_digest(secret: str, text: str) -> str:
    """HMAC-SHA256 of ``text`` under ``secret``, 64 hex digits.

    Args:
        secret: as text; its UTF-8 bytes are the key.
        text: what is named.
    """
    return hmac.new(secret.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def pseudonym(secret: str, worker: str) -> str:
    """The name of a worker in everything that is written for others: ``w-`` and 10 hex digits.

    The same worker has the same name under the same secret only, so that tables of one study belong together.

    >>> pseudonym("0" * 64, "A2EXAMPLE")
    'w-99e228c108'
    """
    return f"w-{keyed_digest(secret, worker)[:_DIGITS]}"


def kept_secret(path: Path) -> str:
    """The secret in a file that only its owner may read; made where there is none, once also if several ask together.

    Raises:
        DataError: the file holds something else.
    """
    if not path.is_file():
        _make(path)
    secret = path.read_bytes()[: 4 * SECRET_BYTES].decode("ascii", "replace").strip()
    if not _SECRET.fullmatch(secret):
        raise DataError(f"{path} holds no secret of {2 * SECRET_BYTES} hex digits; take it from a copy, or remove it for a new one")
    return secret


def _make(path: Path) -> None:
    files.make_folder(path.parent)
    temporary = path.with_name(f".tmp-{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(secrets.token_hex(SECRET_BYTES) + "\n")
        # A link fails where the name is taken: whoever came first has made the secret.
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()
