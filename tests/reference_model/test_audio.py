"""Audio front end and encoders."""

from pathlib import Path

import numpy as np
import pytest
import torch

from reference_model.audio import DiscriminatorPicture, audio_encoder, audio_features, log_mel, normalise_peak, spectrogram
from reference_model.settings import NetworkSettings

GOLDEN = Path(__file__).parents[3] / "shared" / "golden" / "avstyle" / "reference.npz"


@pytest.mark.skipif(not GOLDEN.is_file(), reason="the shared golden data of the release is not beside this checkout")
def test_spectrogram_equals_the_release() -> None:
    """torch.stft gives what nnAudio gave, to 1e-4."""
    with np.load(GOLDEN) as golden:
        made = spectrogram(torch.from_numpy(golden["waveform"]))
        np.testing.assert_allclose(made.numpy(), golden["spectrogram"], atol=1e-4)


def test_silence_stays_silent() -> None:
    """The release divides an all-zero sound by zero."""
    assert torch.equal(normalise_peak(torch.zeros(1, 8)), torch.zeros(1, 8))
    assert normalise_peak(torch.tensor([[0.5, -1.0]])).abs().max().item() == pytest.approx(1 / 1.1)


def test_bands_follow_the_pitch() -> None:
    """A higher tone has its energy in a higher mel band."""
    t = torch.arange(48_000) / 16_000
    bands = [log_mel(torch.sin(2 * torch.pi * f * t)[None])[0].mean(dim=1).argmax().item() for f in (200.0, 1000.0, 4000.0)]
    assert bands == sorted(bands)
    assert len(set(bands)) == 3


@pytest.mark.parametrize("kind", ["bands", "resnet18"])
def test_encoders_give_vectors_of_the_wanted_size(kind: str) -> None:
    """Both encoders take what their front end gives."""
    settings = NetworkSettings(audio_encoder=kind, condition_size=12)
    encoder = audio_encoder(settings).eval()
    assert encoder(audio_features(torch.randn(2, 48_000), settings)).shape == (2, 12)


def test_released_first_convolution() -> None:
    """One channel, 7x7, stride 2, padding 1, no bias (protocol.md B.1 row 5)."""
    conv = audio_encoder(NetworkSettings()).net.conv1
    assert (conv.in_channels, conv.kernel_size, conv.stride, conv.padding, conv.bias) == (1, (7, 7), (2, 2), (1, 1), None)


def test_discriminator_sees_the_first_256_frames_without_nyquist() -> None:
    """[257, 301] magnitudes become three equal channels of their first 256 bins and frames."""
    magnitudes = torch.randn(1, 257, 301)
    picture = DiscriminatorPicture(256)(magnitudes)
    assert torch.equal(picture, magnitudes[:, None, :256, :256].expand(-1, 3, -1, -1))
    assert DiscriminatorPicture(64)(magnitudes).shape == (1, 3, 64, 64)
