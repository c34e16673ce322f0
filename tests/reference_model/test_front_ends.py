"""Front ends that published weights were trained on, against the original implementations."""

import math

import numpy as np
import pytest
import torch
from scipy.signal import resample_poly
from torch import Tensor, nn

from adis_bench.extractors.wav2clip import Wav2ClipNetwork
from reference_model.front_ends import FRONT_ENDS, N_SAMPLES, LogFilterbank, Wav2ClipSpectrogram, _filterbank, log_energies, upsampled


@pytest.fixture(scope="module")
def sounds() -> Tensor:
    """Float32 [3, 48000]: noise, quiet noise with a pause, a tone."""
    noise = torch.randn(2, N_SAMPLES, generator=torch.Generator().manual_seed(0)) * torch.tensor([[0.2], [0.003]])
    noise[1, 20_000:30_000] = 0
    return torch.cat([noise, 0.5 * torch.sin(2 * torch.pi * 440 / 16_000 * torch.arange(N_SAMPLES))[None]])


@pytest.mark.parametrize("name", ["wav2clip", "selavi"])
def test_values_survive_autocast_silence_and_gradients(name: str, sounds: Tensor) -> None:
    """Float32 under autocast and of half precision, float64 of float64, finite for silence, and so is the way back."""
    front_end = FRONT_ENDS[name]()
    exact = front_end(sounds)
    assert exact.dtype == torch.float32
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(front_end(sounds), exact)
        assert front_end(sounds.bfloat16()).dtype == torch.float32
    assert front_end(sounds.double()).dtype == torch.float64
    silence = torch.zeros(1, N_SAMPLES, requires_grad=True)
    made = front_end(torch.cat([silence, sounds[:1]]))
    made.sum().backward()
    assert made.isfinite().all()
    assert silence.grad is not None
    assert silence.grad.isfinite().all()


@pytest.mark.parametrize("name", ["magnitude", "wav2clip", "selavi"])
def test_a_sound_does_not_depend_on_its_batch(name: str, sounds: Tensor) -> None:
    """With the defaults each sound gives what it gives alone, pauses included; logarithms of quiet bands see rounding most."""
    front_end: nn.Module = FRONT_ENDS[name]()
    difference = (front_end(sounds)[1:2] - front_end(sounds[1:2])).abs()
    assert difference.mean() < 1e-4
    assert difference.max() < (0.01 if name == "selavi" else 1e-4)


@pytest.mark.parametrize("standardise", ["item", "batch"])
def test_wav2clip_spectrograms_are_the_extractors(standardise: str, sounds: Tensor) -> None:
    """What the network was trained on is what the extractor of the same name computes, under both statistics."""
    made = Wav2ClipSpectrogram(standardise)(sounds)
    torch.testing.assert_close(made, Wav2ClipNetwork().spectrogram(sounds, standardise)[:, 0], rtol=0, atol=1e-6)
    assert made.shape == (3, 257, 1 + 48_000 // 353)
    each = made if standardise == "item" else made[None]
    assert each.flatten(1).mean(dim=1).abs().max() < 1e-5
    torch.testing.assert_close(each.flatten(1).std(dim=1), torch.ones(len(each)), rtol=1e-5, atol=0)


def test_upsampling_is_the_filter_written_out(sounds: Tensor) -> None:
    """Every third sample is the original one; scipy's polyphase filter with numpy's sinc and window gives the same."""
    made = upsampled(sounds.double())
    assert made.shape == (3, 144_000)
    torch.testing.assert_close(made[:, ::3], sounds.double(), rtol=0, atol=1e-12)
    kernel = np.sinc(np.arange(-192, 193) / 3) * np.kaiser(385, 9.0)
    np.testing.assert_allclose(made.numpy(), resample_poly(sounds.double().numpy(), 3, 1, axis=1, window=kernel / 3), rtol=0, atol=1e-12)
    assert (upsampled(sounds) - made).abs().max() < 1e-6


@pytest.mark.parametrize("hz", [100.0, 3000.0, 7600.0])
def test_tones_keep_their_amplitude_and_phase(hz: float) -> None:
    """A tone at 16 kHz becomes the same tone at 48 kHz, but for the sound's edges, to 1e-4."""
    short, long = (torch.sin(2 * torch.pi * hz / rate * torch.arange(rate, dtype=torch.float64))[None] for rate in (16_000, 48_000))
    assert (upsampled(short) - long)[:, 192:-192].abs().max() < 1e-4


def test_log_energies_are_the_packages_own(sounds: Tensor) -> None:
    """python_speech_features with SeLaVi's numbers, on whole numbers as from a 16-bit file, to float32's rounding."""
    package = pytest.importorskip("python_speech_features")
    filters = _filterbank()
    np.testing.assert_array_equal(filters.numpy(), package.get_filterbanks(257, 1024, 48_000).astype(np.float32))
    assert (filters.sum(dim=1) == 0).sum() == 56
    made_up = torch.randn(2, 144_000, generator=torch.Generator().manual_seed(1)) * torch.tensor([[4000.0], [20.0]])
    made_up[1, 50_000:90_000] = 0
    for samples in (*made_up.round(), (32_768 * upsampled(sounds[2:])[0]).round()):
        expected = package.logfbank(samples.numpy().astype(np.int16), 48_000, winlen=0.02, winstep=0.01, nfilt=257, nfft=1024).T
        made = log_energies(samples[None], filters)[0]
        assert made.shape == expected.shape == (257, 299)
        # A bin far below its frame's loudest one keeps fewer digits.
        np.testing.assert_allclose(made.numpy(), expected, rtol=1e-5, atol=5e-3)
        assert np.abs(made.numpy() - expected).mean() < 2e-5
        np.testing.assert_allclose(log_energies(samples[None].double(), filters)[0], expected, rtol=1e-6, atol=1e-6)


def test_selavi_hears_16_bit_samples_at_48_khz(sounds: Tensor) -> None:
    """Upsampled, as 16-bit numbers through the package's filters; z-normalised only when asked for, by SeLaVi's two numbers."""
    package = pytest.importorskip("python_speech_features")
    made = LogFilterbank()(sounds.double())
    assert made.shape == (3, 257, 299)
    for samples, energies in zip((32_768 * upsampled(sounds.double())).numpy(), made, strict=True):
        expected = package.logfbank(samples.round(), 48_000, winlen=0.02, winstep=0.01, nfilt=257, nfft=1024).T
        np.testing.assert_allclose(energies.numpy(), expected, rtol=1e-5, atol=1e-5)
    assert (LogFilterbank()(sounds) - made).abs().mean() < 5e-3  # float32 rounds some samples to their other neighbour
    torch.testing.assert_close(LogFilterbank(z_normalise=True)(sounds.double()), (made - 1.93) / 17.89)


def test_digital_silence_is_silent_in_selavis_bands() -> None:
    """Zeros between noise stay zeros at 48 kHz: every band of a frame in them has SeLaVi's smallest value, log(2^-52)."""
    sound = 0.1 * torch.randn(1, N_SAMPLES, generator=torch.Generator().manual_seed(2))
    sound[0, 16_000:32_000] = 0
    assert torch.equal(LogFilterbank()(sound)[0, :, 150], torch.full((257,), -52 * math.log(2)))


def test_fixed_tables_are_in_no_checkpoint() -> None:
    """A file of weights holds no filters or windows: they follow from the code."""
    assert [name for kind in FRONT_ENDS.values() for name in kind().state_dict()] == []
