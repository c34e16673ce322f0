"""A dataset small enough to train on in a second."""

from pathlib import Path

import pytest

from adis_bench.datasets.demo.world import make
from adis_bench.datasets.records import Dataset, Pair

TINY = {
    "width": 4, "n_blocks": 1, "n_decoder_blocks": 1, "conditioning": "film", "condition_size": 8, "antialias": False,
    "discriminator_width": 4, "discriminator_layers": 2, "discriminator_conditioning": "projection", "audio_encoder": "bands",
    "steps": 6, "batch_size": 2, "learning_rate": 1e-3, "n_patches": 16, "mismatched": 1.0, "ema_decay": 0.9,
    "load_scale": 1.125, "checkpoint_steps": 2,
}  # fmt: skip
"""Settings of a model that trains in a second, with every option of the small presets in use."""


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Three classes' worth of demo scenes."""
    return make(tmp_path_factory.mktemp("world"), n_train=16, n_judge=8, n_test=16)


@pytest.fixture(scope="session")
def some_pairs(world: Dataset) -> list[Pair]:
    """Five pairs of the world's test split, by hand."""
    test = world.split("test").segments
    return [Pair(f"p{i}", test[i], 0, test[i + 1]) for i in range(5)]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / "cache"))
