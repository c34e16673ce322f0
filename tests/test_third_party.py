"""A package of somebody else is found by entry point: its method is run by name, its command listed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parent / "third_party"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, tiny_run: Any) -> dict[str, str]:
    """The package installed into a folder of its own, which is put on the path."""
    site = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", str(site)]
    subprocess.run([*pip, str(PACKAGE)], check=True)
    return {**os.environ, "PYTHONPATH": str(site), "ADIS_BENCH_CACHE": str(tiny_run.cache)}


def _adis_bench(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from adis_bench.cli.main import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False)


def test_the_method_runs_by_name(environment: dict[str, str], tmp_path: Path):
    """`run --methods colour_transfer` scores it beside the controls, and it takes on the target's colours."""
    done = _adis_bench(environment, "run", "--preset", "tiny", "--methods", "colour_transfer", "--out", str(tmp_path / "run"), "--json")
    assert done.returncode == 0, done.stderr
    value = {(s["method"], s["metric"]): s["value"] for s in json.loads(done.stdout)["scores"]}
    assert value["colour_transfer", "oracle_distance"] < value["identity", "oracle_distance"]
    manifest = json.loads((tmp_path / "run" / "outputs" / "colour_transfer" / "manifest.json").read_text())
    assert manifest["provenance"]["differences"] == ["in RGB, not in the lαβ space of the paper"]


def test_it_is_listed_with_its_package(environment: dict[str, str]):
    """`list` shows the method with the package it comes from."""
    done = _adis_bench(environment, "list", "methods")
    assert "the source with the colours of the target's class [adis-colour 0.1.0]" in done.stdout


def test_its_command_is_listed_and_run(environment: dict[str, str]):
    """The help page names the command and its package, and the command runs."""
    assert re.search(r"^  colours +from adis-colour 0\.1\.0$", _adis_bench(environment, "--help").stdout, re.MULTILINE)
    assert _adis_bench(environment, "colours").stdout == "the source with the colours of the target's class\n"
