"""Names for workers."""

import hashlib
import hmac
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adis_bench.errors import DataError
from adis_bench.study.pseudonyms import kept_secret, keyed_digest, pseudonym


def test_pseudonyms_are_keyed_hashes():
    """The first ten digits of HMAC-SHA256; another secret gives another name."""
    expected = hmac.new(b"s" * 64, "Wörker".encode(), hashlib.sha256).hexdigest()[:10]
    assert pseudonym("s" * 64, "Wörker") == f"w-{expected}"
    assert pseudonym("t" * 64, "Wörker") != pseudonym("s" * 64, "Wörker")


def test_the_digest_is_that_of_the_standard():
    """RFC 4231, test case 2."""
    assert keyed_digest("Jefe", "what do ya want for nothing?") == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_a_secret_is_made_once_and_private(tmp_path: Path):
    """It is readable by its owner only, and stays the same."""
    path = tmp_path / "study" / "secret"
    secret = kept_secret(path)
    assert (len(secret), kept_secret(path)) == (64, secret)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [path.name for path in path.parent.iterdir()] == ["secret"]


def test_all_who_ask_together_get_one_secret(tmp_path: Path):
    """Sixteen threads, one secret."""
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: kept_secret(tmp_path / "key"), range(16)))) == 1


def test_another_file_is_refused(tmp_path: Path):
    """What is no secret is not taken for one, and stays."""
    (tmp_path / "key").write_text("my diary")
    with pytest.raises(DataError, match="holds no secret of 64 hex digits"):
        kept_secret(tmp_path / "key")
    assert (tmp_path / "key").read_text() == "my diary"
