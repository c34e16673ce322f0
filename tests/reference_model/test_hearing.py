"""Models that take any waveform, past their own loading."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adis_bench.datasets.pairs import make_pairs
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.methods.protocol import TakesSounds
from adis_bench.registry import load
from reference_model.method import open_model


@pytest.fixture
def pairs(tiny_dataset: Callable[..., Dataset]) -> tuple[Pair, ...]:
    """More pairs than the batch that is filled up."""
    return make_pairs(tiny_dataset(labels=3, per_split=4, side=64).split("test"), 18, seed=0)


def test_its_own_sounds_give_its_own_pictures(pairs: tuple[Pair, ...]):
    """Loaded and given back unchanged, sounds make the very pictures of a run, in batches and in part of one."""
    model = open_model("ours")
    assert isinstance(model, TakesSounds)
    waveforms = model.sounds([pair.target for pair in pairs])
    assert waveforms.shape == (18, 48_000)
    made, plain = list(model.stylize_sounds(pairs, waveforms)), list(model.stylize(pairs))
    assert all(np.array_equal(a, b) for a, b in zip(made, plain, strict=True))
    softer = list(model.stylize_sounds(pairs[:3], 0.1 * waveforms[:3]))
    assert all(not np.array_equal(a, b) for a, b in zip(softer, plain, strict=False))


def test_levels(pairs: tuple[Pair, ...]):
    """The demo model was trained on peaks of 1 / 1.1; a level that is given stays."""
    model = open_model("ours")
    assert isinstance(model, TakesSounds)
    assert model.erases_level
    levelled = model.levelled(np.full((1, 48_000), 0.01, np.float32))
    assert levelled.max() == pytest.approx(1 / 1.1)
    assert np.abs(model.sounds([pairs[0].target])).max() == pytest.approx(1 / 1.1)


def test_label_models_take_none(tmp_path: Path):
    """Only what hears can be asked."""
    assert not isinstance(open_model("cut"), TakesSounds)
    assert hasattr(load("methods", "avstyle-cyclegan"), "stylize_sounds")
