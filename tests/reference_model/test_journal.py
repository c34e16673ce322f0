"""The log of a training: the table, TensorBoard's curves, the line beside the progress bar."""

import csv
import struct
from pathlib import Path

import pytest
import torch

from adis_bench.datasets.records import Dataset
from reference_model import journal, samples
from reference_model.journal import EVENTS_NAME, LOG_NAME, Journal
from reference_model.runtime import launched
from reference_model.schedule import Schedule
from reference_model.settings import TrainerSettings
from tests.reference_model import training as tiny

LOSSES = {"D_real", "D_fake", "D_mismatched", "G_GAN", "NCE", "NCE_Y"}
SPEED = {"images_per_s", "waiting", "share_of_peak", "flop_per_step", "peak_memory_gib"}
RATES = {"learning_rate", "learning_rate_D"}


@pytest.fixture(autouse=True)
def _rows_every_other_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LOG_STEPS", 2)


def table(folder: Path) -> list[dict[str, str]]:
    """The rows of the table."""
    with (folder / LOG_NAME).open(newline="") as stream:
        return list(csv.DictReader(stream))


def curves(folder: Path) -> dict[str, list[int]]:
    """Steps of each curve as TensorBoard shows them: a start purges what an earlier file has from its step on."""
    from tensorboardX.proto.event_pb2 import Event

    shown: dict[str, list[int]] = {}
    for path in sorted((folder / EVENTS_NAME).iterdir()):
        content, at = path.read_bytes(), 0
        while at < len(content):
            (length,) = struct.unpack_from("<Q", content, at)
            event = Event.FromString(content[at + 12 : at + 12 + length])
            at += length + 16
            if event.HasField("session_log"):
                shown = {tag: [step for step in steps if step < event.step] for tag, steps in shown.items()}
            for value in event.summary.value:
                shown.setdefault(value.tag, []).append(event.step)
    return shown


def test_every_row_says_losses_rates_and_speed(world: Dataset, tmp_path: Path) -> None:
    """Rows every ``LOG_STEPS`` steps and at the end, with finite numbers and shares between 0 and 1."""
    rows, _ = tiny.run(tiny.training(world, tmp_path, steps=5))
    assert [row["step"] for row in rows] == [2, 4, 5]
    for row in rows:
        assert set(row) == {"step"} | RATES | LOSSES | SPEED
        assert all(torch.tensor(value).isfinite() for value in row.values())
        assert 0 <= row["waiting"] <= 1
        assert 0 < row["share_of_peak"] < 1.5
        assert row["images_per_s"] > 0
    read = [{name: float(value) for name, value in row.items()} for row in table(tmp_path)]
    assert read == rows


def test_a_discriminators_rate_is_told(world: Dataset, tmp_path: Path) -> None:
    """The table has the rate of each optimiser."""
    rows, _ = tiny.run(tiny.training(world, tmp_path, steps=2, learning_rate=0.01, discriminator_rate=0.5, decay_epochs=0))
    assert rows[-1]["learning_rate"] == pytest.approx(0.01)
    assert rows[-1]["learning_rate_D"] == pytest.approx(0.005)


def test_what_is_not_known_stays_out(world: Dataset, tmp_path: Path) -> None:
    """A training of a single step has nothing that could be timed: no speed in its row, none in its table."""
    rows, _ = tiny.run(tiny.training(world, tmp_path, steps=1))
    assert [set(row) for row in rows] == [{"step"} | RATES | LOSSES]
    assert set(table(tmp_path)[0]) == {"step"} | RATES | LOSSES


def test_an_unknown_cell_is_empty(tmp_path: Path) -> None:
    """Rows need not know the same: cells that a row lacks are empty, not 0."""
    written = Journal(tmp_path, "x", Schedule(TrainerSettings(), 10), launched("cpu", "float32"))
    written.rows.extend([{"step": 1, "G": 0.5}, {"step": 2, "G": 0.25, "waiting": 0.0}])
    written.write()
    assert table(tmp_path) == [{"step": "1", "G": "0.5", "waiting": ""}, {"step": "2", "G": "0.25", "waiting": "0.0"}]


def test_the_table_grows_while_it_trains(world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed without warning leaves all rows, not just those up to its last checkpoint."""
    monkeypatch.setattr(Journal, "close", lambda self: None)  # SIGKILL runs nothing
    tiny.run_and_die(tiny.training(world, tmp_path, steps=12, checkpoint_steps=4), 7, monkeypatch)
    assert [row["step"] for row in table(tmp_path)] == ["2", "4", "6"]


def test_a_resumed_training_tells_the_same_losses_once(world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed at step 7 and resumed from the checkpoint at 4, losses and weights are those of an uninterrupted training."""
    monkeypatch.setattr(samples, "LEAST_STEPS", 1)
    settings = {"steps": 12, "checkpoint_steps": 4}
    expected, weights = tiny.run(tiny.training(world, tmp_path / "whole", **settings))
    tiny.run_and_die(tiny.training(world, tmp_path / "killed", **settings), 7, monkeypatch)
    rows, resumed = tiny.run(tiny.training(world, tmp_path / "killed", **settings))
    assert [row["step"] for row in rows] == [2, 4, 6, 8, 10, 12]
    told = {"step"} | RATES | LOSSES
    assert [{k: row[k] for k in told} for row in rows] == [{k: row[k] for k in told} for row in expected]
    assert [row["step"] for row in table(tmp_path / "killed")] == ["2", "4", "6", "8", "10", "12"]
    assert tiny.equal(resumed, weights)


def test_tensorboards_curves_have_no_doubled_part(world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a kill at step 7 the steps since the checkpoint at 4 are purged; every curve goes on from there, once."""
    monkeypatch.setattr(samples, "LEAST_STEPS", 1)
    settings = {"steps": 12, "checkpoint_steps": 4}
    tiny.run_and_die(tiny.training(world, tmp_path, **settings), 7, monkeypatch)
    assert curves(tmp_path)["losses/NCE"] == [2, 4, 6]
    tiny.run(tiny.training(world, tmp_path, **settings))
    shown = curves(tmp_path)
    groups = {"losses": LOSSES, "learning_rates": RATES, "speed": SPEED}
    assert set(shown) == {"samples"} | {f"{group}/{name}" for group, names in groups.items() for name in names}
    assert all(steps == [2, 4, 6, 8, 10, 12] for tag, steps in shown.items() if tag != "samples")
    assert shown["samples"] == [8, 12]  # the end of the first epoch of 8 steps, and the end


def test_the_line_beside_the_bar_is_short() -> None:
    """Losses, images per second, share of peak; waiting only when it is more than 5 %; nothing that isn't known."""
    losses = {"D_real": 0.25, "NCE": 5.54321}
    speed = {"images_per_s": 41.23, "share_of_peak": 0.347, "waiting": 0.04, "flop_per_step": 1e9}
    assert journal._line(losses, speed) == "D_real 0.250 NCE 5.543 · 41.2 images/s · 35% of peak"
    assert journal._line(losses, {**speed, "waiting": 0.12}).endswith(" · waiting 12%")
    assert journal._line(losses, {}) == "D_real 0.250 NCE 5.543"
