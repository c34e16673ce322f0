"""``adis-bench results`` as users call it."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from adis_bench.results import RESULTS_NAME
from adis_bench.results.schema import shipped_schema
from tests.comparing.runs import make_run


def _broken(folder: Path) -> Path:
    make_run(folder)
    path = folder / RESULTS_NAME
    raw = json.loads(path.read_text())
    raw["scores"][0]["ci_low"] = 5.0
    raw["pairs"]["digest"] = "x"
    path.write_text(json.dumps(raw))
    return path


def test_valid_files(invoke: Callable[..., Result], tmp_path: Path):
    """Exit code 0, and how many were read; a folder stands for its results.json."""
    make_run(tmp_path / "a")
    result = invoke("results", "validate", tmp_path / "a", tmp_path / "a" / RESULTS_NAME)
    assert (result.exit_code, result.stdout) == (0, "2 files valid\n")


def test_problems_with_their_places(invoke: Callable[..., Result], tmp_path: Path):
    """A line each with file and JSON path, the count at the end, exit code 2; no file hides another's."""
    make_run(tmp_path / "good")
    broken, lost = _broken(tmp_path / "broken"), tmp_path / "lost"
    result = invoke("results", "validate", tmp_path / "good", broken, lost)
    assert result.exit_code == 2
    first, second, third, last = result.stdout.splitlines()
    assert first.startswith(f"{broken}: $.pairs.digest: string should match pattern")
    assert second.startswith(f"{broken}: $.scores[0].ci_low: 5 is above ci_high")
    assert third == f"{lost}: $: cannot be read: No such file or directory"
    assert last == "3 problems in 2 of 3 files"


def test_json(invoke: Callable[..., Result], tmp_path: Path):
    """One object with the same, for programs."""
    broken = _broken(tmp_path)
    result = invoke("results", "validate", broken, "--json")
    assert result.exit_code == 2
    found = json.loads(result.stdout)
    assert (found["valid"], found["n_problems"]) == (False, 2)
    assert found["files"][0]["file"] == str(broken)
    assert found["files"][0]["problems"][1]["path"] == "$.scores[0].ci_low"


def test_the_schema(invoke: Callable[..., Result]):
    """Printed as it is shipped, and nothing else."""
    result = invoke("results", "schema")
    assert (result.exit_code, result.stdout) == (0, shipped_schema())


def test_the_group_lists_both(invoke: Callable[..., Result]):
    """Help names the commands."""
    result = invoke("results", "--help")
    assert "validate" in result.stdout
    assert "schema" in result.stdout
