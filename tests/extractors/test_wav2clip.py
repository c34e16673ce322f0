"""Wav2CLIP with random weights in the released format, against the ``wav2clip`` package."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors.protocol import Extractor, ExtractorOptions
from adis_bench.extractors.wav2clip import SAMPLE_RATE_HZ, Wav2Clip, Wav2ClipAudio, Wav2ClipNetwork
from tests.extractors.placed import assert_stamped, prepared


class _Spectrogram(nn.Module):
    """Stands for torchaudio's: periodic Hann window, centred, reflected, power 2 (its defaults)."""

    def __init__(self, n_fft: int, hop_length: int) -> None:
        super().__init__()
        self.n_fft, self.hop_length = n_fft, hop_length
        self.register_buffer("window", torch.hann_window(n_fft))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        flat = x.reshape(-1, x.shape[-1])
        spectra = torch.stft(flat, self.n_fft, self.hop_length, window=self.window, return_complex=True).abs() ** 2
        return spectra.reshape(*x.shape[:-1], *spectra.shape[-2:])


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The wav2clip package, with a stand-in for torchaudio (and for librosa, which it doesn't use here)."""
    if importlib.util.find_spec("wav2clip") is None:
        pytest.skip("the wav2clip package is not installed (without its dependencies: `pip install --no-deps wav2clip`)")
    torchaudio, transforms = ModuleType("torchaudio"), ModuleType("torchaudio.transforms")
    transforms.Spectrogram = _Spectrogram  # type: ignore[attr-defined]
    torchaudio.transforms = transforms  # type: ignore[attr-defined]
    for name, module in {"torchaudio": torchaudio, "torchaudio.transforms": transforms, "librosa": ModuleType("librosa")}.items():
        monkeypatch.setitem(sys.modules, name, module)
    yield importlib.import_module("wav2clip.model.encoder")
    for name in [name for name in sys.modules if name.split(".")[0] == "wav2clip"]:
        monkeypatch.delitem(sys.modules, name)


def released(seed: int = 0) -> dict[str, torch.Tensor]:
    """Random weights under the names of Wav2CLIP.pt, its image side included, with statistics that batches have left."""
    torch.manual_seed(seed)
    network = Wav2ClipNetwork()
    weights = network.state_dict()
    for key in weights:
        if key.endswith("running_mean"):
            weights[key] = 0.1 * torch.randn_like(weights[key])
        elif key.endswith("running_var"):
            weights[key] = 0.5 + torch.rand_like(weights[key])
    image_side = {f"image_transform.sequential.{layer}.weight": torch.randn(512, 512) for layer in (0, 3)}
    return {**weights, **image_side}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights as a released file."""
    path = tmp_path_factory.mktemp("weights") / "Wav2CLIP.pt"
    torch.save(released(), path)
    return path


@pytest.fixture(scope="module")
def sounds() -> NDArray[np.float32]:
    """Four 3-s sounds whose loudness and colour differ: noise, quieter noise, a tone, steps."""
    rng = np.random.default_rng(0)
    times = np.arange(3 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    noise = rng.normal(0, 0.2, (2, len(times))) * [[1.0], [0.05]]
    steps = rng.normal(0, 0.3, len(times)) * (times % 0.5 < 0.1)
    return np.stack([*noise, 0.5 * np.sin(2 * np.pi * 440 * times), steps]).astype(np.float32)


def test_embeddings_are_the_packages_own(package: Any, checkpoint: Path, sounds: NDArray[np.float32]) -> None:
    """Per item they equal the package at batch size 1, per batch those of the whole batch, to 1e-4 of values of about 1."""
    original = package.ResNetExtractor(checkpoint=released(), scenario="frozen", transform=True).eval()
    model = Wav2Clip.from_file(checkpoint)
    with torch.inference_mode():
        alone = torch.cat([original(torch.from_numpy(sound[None])) for sound in sounds]).numpy()
        together = original(torch.from_numpy(sounds)).numpy()
    found = model.embed(sounds)
    assert found.shape == (4, 512)
    assert found.dtype == np.float32
    assert alone.std() > 0.02
    scale = np.abs(alone).max()
    assert np.abs(found - alone).max() < 1e-4 * scale
    assert np.abs(model.embed(sounds, standardise="batch") - together).max() < 1e-4 * scale
    assert np.abs(alone - together).max() > 0.01 * scale  # the two are different things


def test_a_sound_does_not_depend_on_its_batch(checkpoint: Path, sounds: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch) -> None:
    """A sound has the same bits at every place of a batch; another batch size moves it by less than 1e-5."""
    extractor = prepared(monkeypatch, Wav2ClipAudio, checkpoint)
    assert isinstance(extractor, Extractor)
    whole = extractor.embed(sounds)
    assert np.array_equal(extractor.embed(sounds[::-1])[::-1], whole)
    assert np.allclose(extractor.embed(sounds[2:3]), whole[2:3], atol=1e-5)


def test_silence_has_an_embedding(checkpoint: Path) -> None:
    """A sound without any energy gives finite numbers."""
    assert np.isfinite(Wav2Clip.from_file(checkpoint).embed(np.zeros((2, 3 * SAMPLE_RATE_HZ), np.float32))).all()


def test_bf16_must_be_asked_for(checkpoint: Path, sounds: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch) -> None:
    """bfloat16 moves embeddings by 0.01 to 10 percent; the default does not use it."""
    exact = prepared(monkeypatch, Wav2ClipAudio, checkpoint).embed(sounds)
    coarse = prepared(monkeypatch, Wav2ClipAudio, checkpoint, precision="bf16").embed(sounds)
    assert 1e-4 < np.linalg.norm(exact - coarse) / np.linalg.norm(exact) < 0.1


def test_other_files_are_refused(tmp_path: Path) -> None:
    """Missing, unknown, misshapen or damaged weights and other kinds of files are named with what differs first."""
    path = tmp_path / "other.pt"
    weights = released()
    cases = {
        r"1 of \d+ entries missing \(audio_transform.sequential.3.bias ": {
            k: v for k, v in weights.items() if k != "audio_transform.sequential.3.bias"
        },
        r"1 of \d+ entries unexpected \(audio_encoder.fc.weight ": {**weights, "audio_encoder.fc.weight": torch.zeros(2, 512)},
        r"1 of \d+ entries of another shape \(audio_encoder.conv1.weight ": {
            **weights,
            "audio_encoder.conv1.weight": torch.zeros(64, 3, 7, 7),
        },
        "not finite": {**weights, "audio_encoder.bn1.bias": torch.full((64,), torch.nan)},
        "holds no weights by name": [1, 2],
    }
    for message, content in cases.items():
        torch.save(content, path)
        with pytest.raises(WeightsError, match=message):
            Wav2Clip.from_file(path)
    path.write_bytes(b"noise")
    with pytest.raises(WeightsError, match="is not readable"):
        Wav2Clip.from_file(path)


def test_facts_and_digest_cover_what_changes_the_numbers(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights and precision each give another digest, the seed none; unverified weights say so; there are no settings."""
    torch.save(released(seed=1), tmp_path / "other.pt")
    first = prepared(monkeypatch, Wav2ClipAudio, checkpoint)
    others = [
        prepared(monkeypatch, Wav2ClipAudio, checkpoint, precision="bf16"),
        prepared(monkeypatch, Wav2ClipAudio, tmp_path / "other.pt"),
    ]
    assert_stamped(first, others, prepared(monkeypatch, Wav2ClipAudio, checkpoint, seed=3))
    with pytest.raises(ConfigError, match="wav2clip_audio has no setting hop"):
        Wav2ClipAudio(ExtractorOptions(128, settings={"hop": 1}))
