"""The grid of samples: what it shows, when it is made, and that it changes nothing."""

from pathlib import Path

import numpy as np
import pytest
import torch

from adis_bench.datasets.media import read_image
from adis_bench.datasets.records import Dataset
from reference_model import samples
from reference_model.data import as_pixels
from reference_model.runtime import launched
from reference_model.samples import Samples, sound_pictures
from tests.reference_model import training as tiny

GAP, SIZE = 4, 64


def cells(picture: np.ndarray) -> list[list[np.ndarray]]:
    """The grid's pictures, row by row."""
    step = SIZE + GAP
    rows, columns = ((length + GAP) // step for length in picture.shape[:2])
    return [[picture[r * step : r * step + SIZE, c * step : c * step + SIZE] for c in range(columns)] for r in range(rows)]


def grid(made: tiny.Training) -> np.ndarray:
    """The grid of a training that has not begun, at its end."""
    made.objective.inference.train()
    drawn = Samples(made.objective.inference, made.batches, made.folder, launched("cpu", "float32"))
    picture = drawn.after(made.batches.schedule.n_steps)
    assert picture is not None
    return picture


def test_a_row_shows_source_sound_output_and_target(world: Dataset, tmp_path: Path) -> None:
    """Each pair of step 0 has a row: its source, its sound, what the live networks make of it, and its target frame."""
    made = tiny.training(world, tmp_path)
    rows, pairs, networks = cells(grid(made)), made.batches(0), made.objective.inference
    assert [len(row) for row in rows] == [4, 4]
    assert networks.training
    with torch.no_grad():
        output = as_pixels(networks.eval()["G"](samples.scaled(pairs.source), networks["C"](pairs.condition)))
    for k, row in enumerate(rows):
        np.testing.assert_array_equal(row[0], pairs.source[k].permute(1, 2, 0))
        np.testing.assert_array_equal(row[1], sound_pictures(pairs.condition, SIZE)[k])
        np.testing.assert_array_equal(row[2], output[k])
        np.testing.assert_array_equal(row[3], pairs.target[k].permute(1, 2, 0))


def test_a_label_method_shows_no_sound(world: Dataset, tmp_path: Path) -> None:
    """Where the condition is a label, a row holds source, output and target frame."""
    assert [len(row) for row in cells(grid(tiny.training(world, tmp_path, "cut")))] == [3, 3]


def test_the_file_is_the_picture(world: Dataset, tmp_path: Path) -> None:
    """``samples/epoch_0001.png`` holds the returned pixels, and nothing else lies beside it."""
    made = tiny.training(world, tmp_path)
    picture = grid(made)
    assert [path.name for path in (tmp_path / "samples").iterdir()] == ["epoch_0001.png"]
    np.testing.assert_array_equal(read_image(tmp_path / "samples" / "epoch_0001.png"), picture)


def test_one_per_epoch_but_not_oftener_than_every_hundred_steps(world: Dataset, tmp_path: Path) -> None:
    """With epochs of 8 steps every 13th epoch is shown (104 steps), and the last step; with epochs of 100 or more, each."""
    made = tiny.training(world, tmp_path, steps=320)
    assert made.batches.schedule.epoch_steps == 8
    drawn = Samples(made.objective.inference, made.batches, tmp_path, launched("cpu", "float32"))
    drawn._draw = lambda: np.zeros((4, 4, 3), np.uint8)  # type: ignore[method-assign]
    assert [done for done in range(1, 321) if drawn.after(done) is not None] == [104, 208, 312, 320]
    names = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert names == ["epoch_0013.png", "epoch_0026.png", "epoch_0039.png", "epoch_0040.png"]


_SLOW = pytest.param("ours", "resnet18", marks=pytest.mark.slow)


@pytest.mark.parametrize(("kind", "encoder"), [("ours", "bands"), _SLOW, ("cut", "bands")])
def test_samples_change_no_bit_of_a_training(
    kind: str, encoder: str, world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training with a picture after each of its epochs ends with the weights and buffers of one without any."""
    settings = {"steps": 3, "batch_size": 8, "audio_encoder": encoder}  # two steps are an epoch
    monkeypatch.setattr(samples, "LEAST_STEPS", 1)
    _, shown = tiny.run(tiny.training(world, tmp_path / "a", kind, **settings))
    assert len(list((tmp_path / "a" / "samples").iterdir())) == 2
    monkeypatch.setattr(Samples, "after", lambda self, done: None)
    _, unseen = tiny.run(tiny.training(world, tmp_path / "b", kind, **settings))
    assert not (tmp_path / "b" / "samples").exists()
    assert tiny.equal(shown, unseen)


def test_a_sine_is_one_line_at_its_place() -> None:
    """2 kHz of 8 lies a quarter of the height above the lower edge, and a sound 40 dB quieter is darker there."""
    sine = torch.sin(2 * torch.pi * 2000 * torch.arange(48_000) / 16_000)
    loud, quiet = sound_pictures(torch.stack([sine, 0.01 * sine]), 256)
    column = loud[:, 128].astype(int).sum(axis=1)
    assert abs(int(column.argmax()) - 192) <= 2
    assert column.max() > quiet[:, 128].astype(int).sum(axis=1).max() > column[64]
    assert sound_pictures(torch.zeros(1, 48_000), 64).astype(int).sum(axis=-1).max() < 20
