"""Addresses of databases as people write them: what is refused, and that no part of a password is ever shown."""

import ssl
from pathlib import Path

import pytest

from adis_bench.errors import ConfigError
from adis_bench.study.server.address import read_address, shown, split_options

SECRET = "hunter2"


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://lab:p@{SECRET}@host/x",
        f"postgresql://lab:p@{SECRET}/y@host/x",
        f"postgresql://lab:p@h?{SECRET}@host/x",
        f"postgresql://lab/{SECRET}@host/x",
        f"postgresql://lab:{SECRET}#1/x",
        f"postgresql://host,{SECRET}/x",
        f"postgresql://{SECRET}/x",
        f"postgresql://lab@host/x?password={SECRET}",
        f"postgresql://lab@host/x?{SECRET}=1",
        f"postgresql://lab@host/x?sslmode={SECRET}",
        f"postgresql://lab@host/x?sslmode=require&sslmode={SECRET}",
        f"sqlite:////tmp/x.sqlite?key={SECRET}",
    ],
)
def test_what_is_refused(address: str):
    """In one line that holds nothing of a password."""
    with pytest.raises(ConfigError, match="--database") as caught:
        read_address(address)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_percent_encoding_is_said():
    """That is what a password with an @ needs."""
    with pytest.raises(ConfigError, match="percent-encode"):
        read_address(f"postgresql://lab:p@{SECRET}@host/x")
    url = read_address("postgresql://lab:p%40ss@host:5433/x?application_name=me")
    assert (url.password, shown(url)) == ("p@ss", "postgresql://lab@host:5433/x")
    assert shown(read_address("postgresql://lab@[::1]/x")) == "postgresql://lab@::1/x"


@pytest.mark.parametrize(("mode", "context"), [("disable", False), ("prefer", None), ("require", True)])
def test_modes_of_tls(mode: str, context: bool | None):
    """As libpq's, in pg8000's words; the options themselves don't reach pg8000."""
    url, arguments = split_options(read_address(f"postgresql://lab@host/x?sslmode={mode}&application_name=me"))
    assert arguments == {"application_name": "me", "ssl_context": context}
    assert not url.query


def test_certificates(tmp_path: Path):
    """verify-full asks for the host's name too; a file that holds no certificates is told."""
    for mode, asks in (("verify-ca", False), ("verify-full", True)):
        context = split_options(read_address(f"postgresql://lab@host/x?sslmode={mode}"))[1]["ssl_context"]
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, asks)
    for path in (tmp_path / "none.pem", tmp_path):
        with pytest.raises(ConfigError, match="sslrootcert .* cannot be read"):
            split_options(read_address(f"postgresql://lab@host/x?sslmode=verify-full&sslrootcert={path}"))
