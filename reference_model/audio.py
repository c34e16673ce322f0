"""From a waveform to the vector that conditions the generator, and to the picture the discriminator sees."""

from typing import Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from reference_model.front_ends import FRONT_ENDS, N_MELS, N_SAMPLES, SAMPLE_RATE_HZ, LogMel, Spectrogram, spectrogram
from reference_model.settings import NetworkSettings

__all__ = [
    "N_SAMPLES",
    "PEAK_HEADROOM",
    "SAMPLE_RATE_HZ",
    "BandStatisticsEncoder",
    "DiscriminatorPicture",
    "LogMel",
    "ResNetAudioEncoder",
    "SoundEncoder",
    "Spectrogram",
    "audio_encoder",
    "discriminator_audio_encoder",
    "normalise_peak",
    "spectrogram",
]

PEAK_HEADROOM = 1.1
"""Source: protocol.md B (divide by 1.1 times the peak)."""


def normalise_peak(waveform: Tensor) -> Tensor:
    """Divide [B, T] by 1.1 times its peak; silence stays silence (the release divides by zero there)."""
    peak = waveform.abs().amax(dim=-1, keepdim=True)
    return waveform / (PEAK_HEADROOM * peak).clamp_min(1e-5)


class DiscriminatorPicture(nn.Module):
    """What a discriminator sees of a sound beside the image, as in the release: three equal channels.

    Of the magnitudes [B, 257, 301] the Nyquist bin is dropped and the first 256 frames are kept
    (protocol.md B); where the images aren't 256 wide, they are averaged to their size.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, waveform: Tensor) -> Tensor:
        """[B, 3, size, size] from waveforms [B, 48000]."""
        picture = spectrogram(waveform)[:, None, :256, :256]
        if picture.shape[2:] != (self.size, self.size):
            picture = F.interpolate(picture, (self.size, self.size), mode="bilinear", antialias=True)
        return picture.expand(-1, 3, -1, -1)


class BandStatisticsEncoder(nn.Module):
    """Two layers on each mel band's mean, spread and mean step over time (ours).

    A texture of sound is its spectrum and how it flutters; four convolutions on the same bands needed
    several times the steps to tell eight classes apart, and stalled at the generator's learning rate.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.LayerNorm(3 * N_MELS), nn.Linear(3 * N_MELS, 2 * size), nn.ReLU(), nn.Linear(2 * size, size))

    def forward(self, bands: Tensor) -> Tensor:
        """[B, size] from log-mel bands [B, 64, T]."""
        steps = (bands[..., 1:] - bands[..., :-1]).abs()
        return cast(Tensor, self.net(torch.cat([bands.mean(dim=-1), bands.std(dim=-1), steps.mean(dim=-1)], dim=1)))


class ResNetAudioEncoder(nn.Module):
    """A ResNet of basic blocks on one channel and a projection of its 512 features.

    Source: protocol.md B and B.1 row 5; Tinglok/avstyle b09dc1e, models/model.py. ``resnet9`` is SeLaVi's trunk
    (protocol.md C; facebookresearch/selavi 39b677c, model.py): the first block of each layer only.

    Args:
        size: of the vectors.
        padding: of the first convolution.
        kind: two blocks a layer, or one.
    """

    def __init__(self, size: int, padding: int, kind: Literal["resnet18", "resnet9"]) -> None:
        super().__init__()
        from torchvision.models.resnet import BasicBlock, ResNet

        net = ResNet(BasicBlock, [2 if kind == "resnet18" else 1] * 4)
        net.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=padding, bias=False)
        net.fc = nn.Identity()
        self.net = net
        self.proj = nn.Linear(512, size)

    def forward(self, picture: Tensor) -> Tensor:
        """[B, size] from what a front end gives, [B, 257, T]."""
        return cast(Tensor, self.proj(self.net(picture[:, None])))


class SoundEncoder(nn.Module):
    """A fixed front end and a trained encoder: from the waveform to the vector that conditions the generator."""

    def __init__(self, front_end: nn.Module, trunk: nn.Module) -> None:
        super().__init__()
        self.front_end, self.trunk = front_end, trunk

    def forward(self, waveform: Tensor) -> Tensor:
        """[B, size] from waveforms [B, 48000] as they are: peak normalisation is the loader's."""
        return cast(Tensor, self.trunk(self.front_end(waveform)))


def audio_encoder(settings: NetworkSettings) -> SoundEncoder:
    """The encoder that the settings name, freshly initialised."""
    if settings.audio_encoder == "bands":
        return SoundEncoder(LogMel(), BandStatisticsEncoder(settings.condition_size))
    trunk = ResNetAudioEncoder(settings.condition_size, settings.audio_padding, settings.audio_encoder)
    return SoundEncoder(FRONT_ENDS[settings.front_end](), trunk)


def discriminator_audio_encoder(settings: NetworkSettings, resolution: int) -> nn.Module:
    """What a discriminator hears a sound with: the spectrogram as a picture, an encoder of its own, or nothing."""
    if settings.discriminator_conditioning == "concat":
        return DiscriminatorPicture(resolution)
    return nn.Identity() if settings.discriminator_conditioning == "none" else audio_encoder(settings)
