"""Files are whole or not there, and digests follow content."""

import errno
import math
import shutil
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from adis_bench.errors import DataError, is_storage_error
from adis_bench.files import atomic_path, cache_dir, digest_json, make_folder, write_json, write_text


def test_a_failed_write_leaves_the_old_file(tmp_path: Path):
    """An error while writing leaves the old content and no temporary file."""
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def fail() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_a_full_disk_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A library's own error on a full disk becomes the system's, with the path."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(OSError, match="No space left") as caught, atomic_path(tmp_path / "a.npy"):
        raise RuntimeError("PytorchStreamWriter failed")
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == str(tmp_path / "a.npy")
    assert is_storage_error(caught.value)


def test_files_can_be_shared(tmp_path: Path):
    """What is written has the permissions of an ordinary new file."""
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    write_text(tmp_path / "ours", "x")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


def test_json_has_no_nan(tmp_path: Path):
    """NaN is refused, in files and digests."""
    for call in (lambda: write_json(tmp_path / "a.json", {"x": math.nan}), lambda: digest_json([math.inf])):
        with pytest.raises(ValueError, match="JSON compliant"):
            call()


def test_digests_ignore_order_of_keys():
    """Equal content has one digest; another value another one."""
    assert digest_json({"a": 1, "b": [2]}) == digest_json({"b": [2], "a": 1})
    assert digest_json({"a": 1}) != digest_json({"a": "1"})


def test_the_cache_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """ADIS_BENCH_CACHE names the cache; without it the user's own is taken."""
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / "c"))
    assert cache_dir() == tmp_path / "c"
    monkeypatch.delenv("ADIS_BENCH_CACHE")
    assert cache_dir().name == "adis-bench"


def test_a_folder_where_a_file_is(tmp_path: Path):
    """A folder is made with its parents; a file in its place is named."""
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="is a file"):
        make_folder(tmp_path / "file")
