"""``adis-bench compare`` as users call it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.comparing.runs import make_run


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """An older run, and one in which ``ours`` lost 0.05 of everything."""
    make_run(tmp_path / "old")
    make_run(tmp_path / "new", moved={"ours": -0.05})
    return tmp_path / "old", tmp_path / "new"


def test_it_shows_both(invoke: Callable[..., Result], runs: tuple[Path, Path]):
    """Exit code 0, both versions in the table, their difference with its interval."""
    result = invoke("compare", *runs)
    assert result.exit_code == 0
    assert "old:ours" in result.stdout
    assert "old:ours - new:ours: +0.05" in result.stdout


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("avc:ours < -0.01", 1),
        ("avc:ours<=-0.0499", 1),
        ("avc:ours < -0.06", 0),
        ("avc:cut < -0.01", 0),
        ("fd:ours > 1", 0),
        ("avc:ours > -1e0", 1),
    ],
)
def test_a_gate(invoke: Callable[..., Result], runs: tuple[Path, Path], condition: str, code: int):
    """The last run minus the first one, in the metric's unit; 1 where the condition holds."""
    result = invoke("compare", *runs, "--fail-if", condition)
    assert result.exit_code == code
    assert ("regression: " in result.stderr) == (code == 1)


def test_the_other_way_round_is_no_regression(invoke: Callable[..., Result], runs: tuple[Path, Path]):
    """The order of the runs decides what is new."""
    assert invoke("compare", runs[1], runs[0], "--fail-if", "avc:ours < -0.01").exit_code == 0


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("avc ours < 1", "is not like 'avc:ours < -0.01'"),
        ("avc:ours < nan", "is not like"),
        ("avd:ours < 1", "no metric 'avd'"),
        ("avc:theirs < 1", "no method 'theirs'"),
        ("avc:ours < -1e999", "finite"),
    ],
)
def test_gates_that_cannot_be_asked(invoke: Callable[..., Result], runs: tuple[Path, Path], condition: str, words: str):
    """One line and 2."""
    result = invoke("compare", *runs, "--fail-if", condition)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_json_is_one_object(invoke: Callable[..., Result], runs: tuple[Path, Path]):
    """Names, differences and the judged conditions; nothing else on stdout, also where one holds."""
    result = invoke("compare", *runs, "--json", "--fail-if", "avc:ours < -0.01")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["runs"] == ["old", "new"]
    assert found["conditions"][0]["holds"] is True
    assert found["conditions"][0]["value"] == pytest.approx(-0.05)
    assert {"label": "new:ours", "run": "new", "method": "ours", "control": False} in found["methods"]


def test_runs_that_may_not_be_compared(invoke: Callable[..., Result], tmp_path: Path):
    """Exit code 2, and why."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", resolution=128)
    result = invoke("compare", tmp_path / "a", tmp_path / "b")
    assert result.exit_code == 2
    assert "resolution: a has 64, b has 128" in result.stderr


def test_what_is_no_run(invoke: Callable[..., Result], tmp_path: Path):
    """A folder without results is one clear line."""
    make_run(tmp_path / "a")
    result = invoke("compare", tmp_path / "a", tmp_path)
    assert result.exit_code == 2
    assert "no results.json" in result.stderr
