"""``adis-bench sweep`` as users call it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.sweeps.conftest import run_dir, template
from tests.sweeps.plugins import Painter

__all__ = ["run_dir", "template"]


def test_it_shows_what_moves_and_what_is_not_asked(invoke: Callable[..., Result], run_dir: Path):
    """A line a headline metric, one for a control that never moves, and the reasons of the others."""
    result = invoke("sweep", run_dir, "--pairs", 6, "--methods", "levelled,labelled", "--gains", "-20,-10,0", "--kind", "volume")
    assert result.exit_code == 0, result.stderr
    assert "6 pairs, 3 steps of \u221220 to 0 dB, seed 0" in result.stdout
    assert "6 / 0 of 6" in result.stdout
    assert "not defined" in next(line for line in result.stdout.splitlines() if "(identity)" in line)
    assert "labelled: not asked: conditions on the label" in result.stdout
    assert "warning: levelled: its loading brings every sound to one level" in result.stderr


def test_json(invoke: Callable[..., Result], run_dir: Path):
    """One object on stdout: the records as they are kept."""
    result = invoke("sweep", run_dir, "--pairs", 4, "--methods", "deaf", "--weights", "0,.5,1", "--kind", "mix", "--json")
    (found,) = json.loads(result.stdout)["sweeps"]
    assert found == json.loads((run_dir / "sweeps" / "mix.json").read_text())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--gains", "-30,0"), "--gains '-30,0' has 2"),
        (("--methods", "oars"), "unknown method 'oars'"),
        (("--device", "cuda:99"), "device 'cuda:99' cannot be used"),
        (("--pairs", "0"), "at least 2 pairs"),
    ],
)
def test_bad_options(invoke: Callable[..., Result], run_dir: Path, options: tuple[str, ...], words: str):
    """Exit code 2 and one line."""
    result = invoke("sweep", run_dir, *options)
    assert result.exit_code == 2
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (run_dir / "sweeps").exists()


def test_no_run(invoke: Callable[..., Result], tmp_path: Path):
    """A folder without a run is told with the command that makes one."""
    result = invoke("sweep", tmp_path)
    assert (result.exit_code, "adis-bench run --out" in result.stderr) == (2, True)


def test_a_failure_is_told(invoke: Callable[..., Result], run_dir: Path):
    """The table of the others comes first; the exit code is 2."""
    Painter.breaks = True
    result = invoke("sweep", run_dir, "--pairs", 3, "--methods", "levelled,painter", "--kind", "volume")
    assert result.exit_code == 2
    assert "painter" in result.stdout
    assert "levelled: RuntimeError: no luck today" in result.stderr
