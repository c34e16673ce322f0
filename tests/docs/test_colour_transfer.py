"""The tutorial's method by itself: its colours, its settings, its model file."""

import importlib

import numpy as np
import pytest

from adis_bench.errors import ConfigError, DataError
from adis_bench.methods.protocol import Method, MethodOptions
from tests.docs.written import ROOT


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch):
    """The modules ``method`` and ``colours`` of the tutorial's package, without installing it."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "tutorial" / "adis-colour-transfer")
    return importlib.import_module("adis_colour_transfer.method"), importlib.import_module("adis_colour_transfer.colours")


def _noise(seed: int, mean: tuple[int, int, int], spread: int) -> np.ndarray:
    """A picture of correlated noise that stays clear of 0 and 255: uint8 [48, 48, 3]."""
    drawn = np.random.default_rng(seed).normal(size=(48, 48, 3)) @ np.array([[1.0, 0.7, 0.2], [0.0, 0.6, 0.3], [0.0, 0.0, 0.5]])
    return np.clip(np.rint(drawn * spread + mean), 0, 255).astype(np.uint8)


def test_the_linear_map_gives_the_wanted_mean_and_covariance(package):
    """An image moved to another's statistics has them, but for rounding to 8 bits."""
    source, other = _noise(0, (110, 120, 140), 13), _noise(1, (140, 125, 110), 16)[::-1, :, ::-1]
    moved = package[1].transferred(source, package[1].statistics(other))
    for measure in (lambda image: image.reshape(-1, 3).mean(axis=0), lambda image: np.cov(image.reshape(-1, 3), rowvar=False)):
        np.testing.assert_allclose(measure(moved), measure(other), rtol=0.03, atol=1.0)


def test_channel_by_channel_gives_deviations_but_not_how_channels_go_together(package):
    """The older map has the wanted mean and deviations; the source's correlations stay."""
    source, other = _noise(0, (110, 120, 140), 13), _noise(1, (140, 125, 110), 16)[::-1, :, ::-1]
    moved = package[1].transferred(source, package[1].statistics(other), diagonal=True).reshape(-1, 3)
    np.testing.assert_allclose(moved.std(axis=0), other.reshape(-1, 3).std(axis=0), rtol=0.03)
    np.testing.assert_allclose(np.corrcoef(moved.T), np.corrcoef(source.reshape(-1, 3).T), atol=0.02)


def test_an_images_own_statistics_change_nothing(package):
    """Moved to where it is, an image stays, a flat one too."""
    flat = np.full((8, 8, 3), 77, np.uint8)
    for image in (_noise(2, (120, 120, 120), 15), flat):
        assert np.array_equal(package[1].transferred(image, package[1].statistics(image)), image)


@pytest.mark.parametrize("settings", [{"neighbors": 3}, {"neighbours": 0}, {"neighbours": 2.5}, {"map": "curved"}, {"map": []}])
def test_wrong_settings_are_refused(package, settings):
    """A setting that the method hasn't, or a value that it can't use, is named."""
    with pytest.raises(ConfigError, match=next(iter(settings))):
        package[0].ColourTransfer(MethodOptions(resolution=64, settings=settings))


def test_the_model_is_kept_and_names_the_outputs(package, tiny_dataset, tmp_path, monkeypatch):
    """A second ``fit`` hears no sound again and gives the same digest; other neighbours give another."""
    dataset = tiny_dataset()
    train = dataset.split("train")
    digests = []
    for settings in ({}, {}, {"neighbours": 1}):
        method = package[0].ColourTransfer(MethodOptions(resolution=32, settings=settings))
        assert isinstance(method, Method)
        method.fit(train, tmp_path)
        digests.append(method.provenance()["digest"])
        monkeypatch.setattr(package[0], "statistics", None)
    assert digests[0] == digests[1] != digests[2]


def test_without_training_sounds_it_says_so(package, tiny_dataset, tmp_path):
    """An empty training split is named before anything is learnt."""
    with pytest.raises(DataError, match="needs training segments"):
        package[0].ColourTransfer(MethodOptions(resolution=32)).fit(tiny_dataset().with_segments([]), tmp_path)
