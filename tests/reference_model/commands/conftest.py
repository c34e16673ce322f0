"""The command line on a tiny dataset, by a preset that trains in a second."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adis_bench.cli.main import main
from adis_bench.datasets.records import Dataset

PRESET = """
description = "seconds"
resolution = 64
n_pairs = 8
demo = {n_train = 16, n_judge = 8, n_test = 16}

[methods.ours]
width = 4
n_blocks = 1
condition_size = 8
antialias = false
discriminator_width = 4
discriminator_layers = 2
discriminator_conditioning = "projection"
audio_encoder = "bands"
steps = 12
batch_size = 4
n_patches = 16
ema_decay = 0.9
checkpoint_steps = 100
"""


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    """A preset's file."""
    path = tmp_path / "seconds.toml"
    path.write_text(PRESET)
    return path


@pytest.fixture
def train(preset: Path, world: Dataset) -> Callable[..., Result]:
    """Run ``adis-bench train`` on the small world with further arguments."""

    def run(*arguments: object) -> Result:
        told = ["train", "--data", world.root, "--preset", preset, "--device", "cpu", *arguments]
        return CliRunner().invoke(main, [str(argument) for argument in told])

    return run
