"""A training that gets signals keeps a checkpoint, and the same command goes on from it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from click.testing import Result

from adis_bench.datasets.records import Dataset
from reference_model import store, trainer
from tests.reference_model import signal_driver

ROOT = Path(__file__).resolve().parents[3]
LAUNCHER = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Bits depend on the number of threads; this process and those it starts have one."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """Of a finished model."""
    found: dict[str, torch.Tensor] = torch.load(folder / store.WEIGHTS_NAME, weights_only=True)
    return found


def steps_behind(folder: Path) -> int:
    """Of a checkpoint."""
    return int(torch.load(folder / trainer.CHECKPOINT_NAME, weights_only=True)["step"])


def driven(launcher: tuple[str, ...], steps: int, pause_s: float, arguments: list[object]) -> subprocess.CompletedProcess[str]:
    """``adis-bench train`` in processes of its own, with SIGTERM after some steps."""
    command = [sys.executable, *launcher, signal_driver.__file__, "SIGTERM", str(steps), str(pause_s), "train", *map(str, arguments)]
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=300)


def test_signals_change_nothing(
    train: Callable[..., Result], preset: Path, world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends with 130, SIGTERM by that signal, each after the step and with a checkpoint; the end is the same bit for bit."""
    assert train("--out", tmp_path / "whole").exit_code == 0
    stopped = tmp_path / "stopped"
    with monkeypatch.context() as patched:
        patched.setattr(trainer, "_step", trainer._step)
        signal_driver.arrange("SIGINT", 2, 0.0)
        result = train("--out", stopped)
    assert (result.exit_code, steps_behind(stopped)) == (130, 2)
    assert "interrupted; the same command goes on from here" in result.stderr
    killed = driven((), 5, 0.0, ["--data", world.root, "--preset", preset, "--device", "cpu", "--out", stopped])
    assert (killed.returncode, steps_behind(stopped)) == (-signal.SIGTERM, 7), killed.stderr
    result = train("--out", stopped)
    assert result.exit_code == 0, result.stderr
    expected, found = weights(tmp_path / "whole"), weights(stopped)
    assert expected.keys() == found.keys()
    assert [name for name in expected if not torch.equal(expected[name], found[name])] == []


def test_a_checkpoint_can_be_asked_for(train: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGUSR1 keeps a checkpoint and the training goes on: killed later, it goes on from there."""
    kept, real = [], trainer._save

    def keeping(*arguments: object) -> None:
        real(*arguments)
        kept.append(steps_behind(tmp_path / "model"))

    monkeypatch.setattr(trainer, "_save", keeping)
    monkeypatch.setattr(trainer, "_step", trainer._step)
    signal_driver.arrange("SIGUSR1", 4, 0.0)
    result = train("--out", tmp_path / "model")
    assert (result.exit_code, kept) == (0, [4]), result.stderr


@pytest.mark.slow
def test_two_processes_stop_together(train: Callable[..., Result], preset: Path, world: Dataset, tmp_path: Path) -> None:
    """SIGTERM to torchrun leaves one checkpoint of both processes; one process ends with the model of one that was never stopped."""
    precise = ("--training-precision", "float64")
    arguments = ["--data", world.root, "--preset", preset, "--device", "cpu", "--out", tmp_path / "stopped", *precise]
    killed = driven(LAUNCHER, 3, 2.0, arguments)
    assert killed.returncode != 0
    assert killed.stdout == ""
    assert 3 <= steps_behind(tmp_path / "stopped") < 12, killed.stderr
    assert not (tmp_path / "stopped" / store.WEIGHTS_NAME).exists()
    assert [train("--out", tmp_path / name, *precise).exit_code for name in ("stopped", "whole")] == [0, 0]
    expected, found = weights(tmp_path / "whole"), weights(tmp_path / "stopped")
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=1e-6, msg=lambda text, name=name: f"{name}: {text}")
