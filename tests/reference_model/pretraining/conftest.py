"""A dataset with enough segments to hold some out, and a pretraining of seconds."""

from dataclasses import replace

import pytest

from adis_bench.datasets.demo.world import make
from adis_bench.datasets.records import Dataset
from reference_model.pretraining import material
from reference_model.pretraining.encoders import Pretraining
from reference_model.pretraining.selavi import SelaviSettings
from reference_model.settings import NetworkSettings

BANDS = NetworkSettings(condition_size=16, audio_encoder="bands")
SHORT = {
    "wav2clip": Pretraining("wav2clip", BANDS, steps=40, resolution=64, seed=0),
    "selavi": Pretraining("selavi", BANDS, steps=40, resolution=64, seed=0, labelling=SelaviSettings(heads=3, clusters=8)),
}


@pytest.fixture(scope="session")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Ten training segments of each of the demo world's eight classes."""
    return make(tmp_path_factory.mktemp("listening"), n_train=80, n_judge=8, n_test=16)


@pytest.fixture(autouse=True)
def _few_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noisy views take most of the time of a short pretraining."""
    monkeypatch.setattr(material, "N_VIEWS", 3)


def short(idea: str, steps: int) -> Pretraining:
    """A pretraining of that many steps."""
    return replace(SHORT[idea], steps=steps)
