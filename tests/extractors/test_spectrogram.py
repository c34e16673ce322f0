"""The log-mel front end on sounds whose spectrum is known."""

import math

import pytest
import torch

from adis_bench.extractors.spectrogram import N_MELS, SAMPLE_RATE_HZ, log_mel, mel_bank

N_SAMPLES = 3 * SAMPLE_RATE_HZ


def _tone(hz: float, amplitude: float) -> torch.Tensor:
    return amplitude * torch.sin(2 * math.pi * hz * torch.arange(N_SAMPLES) / SAMPLE_RATE_HZ)


def test_three_seconds_are_151_steps() -> None:
    """48,000 samples at a hop of 320, centred: 1 + 150 steps of 64 bands."""
    assert log_mel(torch.zeros(2, N_SAMPLES)).shape == (2, N_MELS, 151)


def test_silence_is_finite_and_constant() -> None:
    """Digital silence lies at the floor: (log 1e-5 - log 1e-3) / log 100 = -1 in every band."""
    assert log_mel(torch.zeros(1, N_SAMPLES)).flatten().tolist() == pytest.approx([-1.0] * N_MELS * 151, abs=1e-5)


@pytest.mark.parametrize("hz", [200.0, 1000.0, 4000.0])
def test_a_tone_is_loudest_in_its_own_band(hz: float) -> None:
    """The loudest band is the one whose triangle holds the tone (mel scale, 60 Hz to 7.8 kHz)."""
    low, high, mel = (2595 * math.log10(1 + f / 700) for f in (60.0, 7800.0, hz))
    band = round((mel - low) / (high - low) * (N_MELS + 1)) - 1
    assert abs(int(log_mel(_tone(hz, 0.1)[None])[0, :, 75].argmax()) - band) <= 1


def test_ten_times_the_amplitude_is_half_a_unit() -> None:
    """Loudness is kept: the unit is a factor of 100 in amplitude, so 20 dB are 0.5."""
    quiet, loud = log_mel(torch.stack([_tone(1000, 0.05), _tone(1000, 0.5)]))[:, :, 75].amax(dim=1)
    assert float(loud - quiet) == pytest.approx(0.5, abs=0.01)


def test_every_band_hears_something() -> None:
    """No filter is empty, each has unit sum, and each row peaks no earlier than the row before."""
    bank = mel_bank()
    assert bank.sum(dim=1).tolist() == pytest.approx([1.0] * N_MELS, abs=1e-6)
    peaks = bank.argmax(dim=1)
    assert bool((peaks[1:] >= peaks[:-1]).all())


def test_rows_do_not_depend_on_their_place_or_on_the_batch() -> None:
    """A sound has the same bits alone, first and last in a batch."""
    waveforms = torch.randn(5, N_SAMPLES, generator=torch.Generator().manual_seed(0)) * 0.1
    whole = log_mel(waveforms)
    assert torch.equal(log_mel(waveforms.flip(0)).flip(0), whole)
    assert torch.equal(log_mel(waveforms[4:]), whole[4:])
