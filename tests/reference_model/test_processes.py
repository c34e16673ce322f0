"""Several processes train what one trains; so do parts of a batch, and so does a training that goes on with other processes."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError
from reference_model.runtime import n_processes
from reference_model.trainer import CHECKPOINT_NAME
from tests.reference_model import processes_worker
from tests.reference_model.processes_worker import Job, do

ROOT = Path(__file__).resolve().parents[2]
BANDS = {"audio_encoder": "bands", "discriminator_conditioning": "projection"}
"""No batch norm, whose statistics are those of a part."""


def launch(n: int, data: Path, out: Path, jobs: list[Job]) -> None:
    """The worker in ``n`` processes, as torchrun starts them."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(n), processes_worker.__file__]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    told = [str(data), str(out), json.dumps([asdict(job) for job in jobs])]
    done = subprocess.run([*command, *told], env=environment, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def trained(world: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trainings by one process (``one``, ``whole``, ``parts``) and by two (``two``, ``other_half``, ``two_in_parts``).

    ``pool`` and ``two_pools`` are CycleGAN's, whose discriminators have a history.
    """
    out = tmp_path_factory.mktemp("trained")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    pool = {"steps": 6, "pool_size": 6, "discriminator_conditioning": "projection"}
    parts = Job("parts", {**BANDS, "steps": 4, "accumulate": 2})
    for job in (Job("one"), Job("whole", {**BANDS, "steps": 4}), parts, Job("pool", pool, "cyclegan")):
        do(job, world.root, out)
    torch.set_num_threads(threads)
    (out / "other_half").mkdir()
    shutil.copy(out / "one" / CHECKPOINT_NAME, out / "other_half")
    two_in_parts = Job("two_in_parts", {**BANDS, "steps": 4, "accumulate": 2})
    launch(2, world.root, out, [Job("two"), Job("other_half"), two_in_parts, Job("two_pools", pool, "cyclegan")])
    return out


def result(folder: Path) -> dict[str, Any]:
    """Curve float64 [steps, losses] and weights."""
    found: dict[str, Any] = torch.load(folder / "result.pt", weights_only=True)
    return found


def assert_same_weights(one: Path, other: Path, tolerance: float) -> None:
    """Every parameter, running statistic and count, but biases ahead of a norm: Adam moves them by nothing but rounding."""
    expected, found = result(one)["weights"], result(other)["weights"]
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        if name.endswith(".bias") and value.abs().max() < 1e-6 and found[name].abs().max() < 1e-6:
            continue
        torch.testing.assert_close(found[name], value, rtol=0, atol=tolerance, msg=lambda text, name=name: f"{name}: {text}")


def test_two_processes_train_what_one_does(trained: Path) -> None:
    """The losses of ten steps and the final weights (batch norm's running statistics too) agree within 1e-6."""
    one, two = result(trained / "one"), result(trained / "two")
    assert one["curve"].shape == (10, 5)
    torch.testing.assert_close(two["curve"], one["curve"], rtol=0, atol=1e-6)
    assert any("running_var" in name for name in one["weights"])
    assert_same_weights(trained / "one", trained / "two", 1e-6)


def test_a_training_goes_on_with_another_number_of_processes(trained: Path) -> None:
    """Two processes go on from one's checkpoint after five steps and end with its weights."""
    assert result(trained / "other_half")["curve"].shape == (5, 5)
    torch.testing.assert_close(result(trained / "other_half")["curve"], result(trained / "one")["curve"][5:], rtol=0, atol=1e-6)
    assert_same_weights(trained / "one", trained / "other_half", 1e-6)


def test_processes_share_one_history(trained: Path) -> None:
    """CycleGAN's kept images, and all that is learnt from them, are those of one process: 24 images came for 6 places."""
    assert result(trained / "pool")["weights"]["D.there_pool.n_kept"] == 6
    assert_same_weights(trained / "pool", trained / "two_pools", 1e-6)


@pytest.mark.parametrize("parts", ["parts", "two_in_parts"])
def test_parts_of_a_batch_train_what_the_whole_does(trained: Path, parts: str) -> None:
    """Two parts after one another, in one process and in each of two, give the weights of the whole batch within 1e-9."""
    assert_same_weights(trained / "whole", trained / parts, 1e-9)


def test_a_launcher_that_does_not_say_who_is_who_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some clusters set WORLD_SIZE in every shell: one line names what is lacking, and torchrun."""
    for name in ("RANK", "LOCAL_RANK", "GROUP_RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert n_processes() == 1
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match=r"WORLD_SIZE is 2, but RANK, .* is not set: start them with torchrun"):
        n_processes()
