"""Audio front end and encoders."""

import numpy as np
import pytest
import torch
from torchvision.models import resnet18

from reference_model.audio import N_SAMPLES, DiscriminatorPicture, LogMel, audio_encoder, normalise_peak, spectrogram
from reference_model.front_ends import FRONT_ENDS
from reference_model.settings import NetworkSettings


def test_spectrogram_is_the_transform_written_out() -> None:
    """Frame 100 by numpy: samples 16000 - 256 on, a 400-sample periodic Hann window in the middle of 512, magnitudes."""
    waveform = torch.randn(2, N_SAMPLES, dtype=torch.float64)
    window = np.pad(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400), 56)
    expected = np.abs(np.fft.rfft(waveform[1, 16_000 - 256 : 16_000 + 256].numpy() * window))
    made = spectrogram(waveform)
    assert made.shape == (2, 257, 301)
    np.testing.assert_allclose(made[1, :, 100].numpy(), expected, rtol=1e-9)


def test_silence_stays_silent() -> None:
    """The release divides an all-zero sound by zero."""
    assert torch.equal(normalise_peak(torch.zeros(1, 8)), torch.zeros(1, 8))
    assert normalise_peak(torch.tensor([[0.5, -1.0]])).abs().max().item() == pytest.approx(1 / 1.1)


def test_bands_follow_the_pitch() -> None:
    """A higher tone has its energy in a higher mel band."""
    t = torch.arange(48_000) / 16_000
    bands = [LogMel()(torch.sin(2 * torch.pi * f * t)[None])[0].mean(dim=1).argmax().item() for f in (200.0, 1000.0, 4000.0)]
    assert bands == sorted(bands)
    assert len(set(bands)) == 3


@pytest.mark.parametrize("kind", ["bands", "resnet9", "resnet18"])
def test_encoders_take_waveforms(kind: str) -> None:
    """All give vectors of the wanted size, hear the volume (the peak is the loader's), and bear silence."""
    encoder = audio_encoder(NetworkSettings(audio_encoder=kind, condition_size=12)).eval()
    sound = torch.randn(2, N_SAMPLES)
    with torch.inference_mode():
        made = encoder(sound)
        assert made.shape == (2, 12)
        assert not torch.allclose(encoder(0.1 * sound), made, atol=1e-3)
        assert encoder(torch.zeros(1, N_SAMPLES)).isfinite().all()


@pytest.mark.parametrize("kind", ["bands", "resnet18"])
def test_front_ends_are_exact_under_autocast(kind: str) -> None:
    """bfloat16 begins after the front end: quiet bins beside loud ones would be lost."""
    front_end = audio_encoder(NetworkSettings(audio_encoder=kind)).front_end
    sound = torch.randn(1, N_SAMPLES)
    exact = front_end(sound)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(front_end(sound), exact)
        assert DiscriminatorPicture(64)(sound).dtype == torch.float32


@pytest.mark.parametrize("kind", ["bands", "resnet18"])
def test_encoders_keep_double_precision(kind: str) -> None:
    """Checks of gradients run in float64 from the waveform on."""
    encoder = audio_encoder(NetworkSettings(audio_encoder=kind, condition_size=4)).double().eval()
    assert encoder(torch.randn(1, N_SAMPLES, dtype=torch.float64)).dtype == torch.float64


@pytest.mark.parametrize("kind", ["bands", "resnet18"])
def test_a_checkpoint_holds_no_fixed_tables(kind: str) -> None:
    """Windows and filters follow from the code, so a file of weights is without them."""
    assert not [name for name in audio_encoder(NetworkSettings(audio_encoder=kind)).state_dict() if name.startswith("front_end")]


def test_released_first_convolution() -> None:
    """One channel, 7x7, stride 2, padding 1 (or the appendix's 3), no bias (protocol.md B.1 row 5)."""
    assert audio_encoder(NetworkSettings(audio_padding=3)).trunk.net.conv1.padding == (3, 3)
    conv = audio_encoder(NetworkSettings()).trunk.net.conv1
    assert (conv.in_channels, conv.kernel_size, conv.stride, conv.padding, conv.bias) == (1, (7, 7), (2, 2), (1, 1), None)


@pytest.mark.parametrize(("kind", "n_blocks"), [("resnet9", 1), ("resnet18", 2)])
def test_the_number_of_blocks_follows_the_kind(kind: str, n_blocks: int) -> None:
    """One block a layer or two: 4.9 or 11.2 million parameters in the trunk."""
    net = audio_encoder(NetworkSettings(audio_encoder=kind)).trunk.net
    assert [len(layer) for layer in (net.layer1, net.layer2, net.layer3, net.layer4)] == [n_blocks] * 4
    # By hand, millions: one block a layer is 0.003 + 0.074 + 0.230 + 0.919 + 3.673; second blocks add 0.074 + 0.295 + 1.181 + 4.721.
    assert sum(p.numel() for p in net.parameters()) / 1e6 == pytest.approx({1: 4.899, 2: 11.170}[n_blocks], abs=2e-3)


def test_released_names_and_first_weights_are_those_of_torchvision() -> None:
    """The default trunk is torchvision's ResNet18, drawn in the same order: a seed gives the weights that it always gave."""
    torch.manual_seed(3)
    expected = resnet18()
    torch.manual_seed(3)
    made = audio_encoder(NetworkSettings()).trunk.net.state_dict()
    assert list(made) == [name for name in expected.state_dict() if not name.startswith("fc.")]
    assert torch.equal(made["layer4.1.conv2.weight"], expected.layer4[1].conv2.weight)


@pytest.mark.parametrize("kind", ["resnet9", "resnet18"])
@pytest.mark.parametrize("front_end", list(FRONT_ENDS))
def test_every_front_end_goes_with_every_resnet(kind: str, front_end: str) -> None:
    """The settings name both; magnitudes are the default."""
    settings = NetworkSettings(audio_encoder=kind, front_end=front_end, condition_size=12)
    encoder = audio_encoder(settings).eval()
    assert type(encoder.front_end) is type(FRONT_ENDS[front_end]())
    assert NetworkSettings().front_end == "magnitude"
    with torch.inference_mode():
        assert encoder(torch.randn(2, N_SAMPLES)).shape == (2, 12)


def test_discriminator_sees_the_first_256_frames_without_nyquist() -> None:
    """[257, 301] magnitudes become three equal channels of their first 256 bins and frames."""
    waveform = torch.randn(1, N_SAMPLES)
    picture = DiscriminatorPicture(256)(waveform)
    assert torch.equal(picture, spectrogram(waveform)[:, None, :256, :256].expand(-1, 3, -1, -1))
    assert DiscriminatorPicture(64)(waveform).shape == (1, 3, 64, 64)
