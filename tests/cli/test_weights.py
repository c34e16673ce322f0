"""``adis-bench weights``."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adis_bench.cli.main import AdisBench


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of weights."""
    monkeypatch.setenv("ADIS_BENCH_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


def call(*arguments: str) -> Result:
    """One call."""
    return CliRunner().invoke(AdisBench(name="adis-bench"), ["weights", *arguments])


def test_list_says_what_is_here_and_what_it_may_be_used_for(folder: Path) -> None:
    """Text for people, and one object with state and digests for programs."""
    said = call("list")
    assert said.exit_code == 0
    assert "NOT for commercial use" in said.stdout
    rows = {row["name"]: row for row in json.loads(call("list", "--json").stdout)["files"]}
    assert rows["openai-clip-vit-b32"]["state"] == "missing"
    assert len(rows["openai-clip-vit-b32"]["sha256"]) == 64


def test_a_wrong_file_needs_an_explicit_word(folder: Path, tmp_path: Path) -> None:
    """Refused with both digests and exit code 2; admitted, `verify` tells it; changed afterwards, `verify` ends with 1."""
    path = tmp_path / "ViT-B-32.pt"
    path.write_bytes(b"random")
    refused = call("import", str(path))
    assert refused.exit_code == 2
    assert "published sha256 40d365715913" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert call("import", str(path), "--allow-unverified").exit_code == 0
    assert json.loads(call("verify", "--json").stdout)["files"][0]["state"] == "admitted"
    assert call("path", "openai-clip-vit-b32").stdout.strip() == str(folder / "ViT-B-32.pt")
    (folder / "ViT-B-32.pt").write_bytes(b"changed")
    assert call("verify").exit_code == 1


def test_missing_files_name_the_remedy(folder: Path) -> None:
    """The command and the address that mend it; nothing to fetch is an error, and so is an unknown name."""
    missing = call("path", "wav2clip")
    assert missing.exit_code == 2
    assert "adis-bench weights fetch wav2clip" in missing.stderr
    assert "https://github.com/descriptinc/lyrebird-wav2clip" in missing.stderr
    assert call("fetch").exit_code == 2
    assert "did you mean wav2clip" in call("fetch", "wav2clap").stderr
    assert "no weight files are here" in call("verify").stdout
