"""From a waveform to the vector that conditions the generator, and to the picture the discriminator sees."""

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from reference_model.networks import at_least_float32
from reference_model.settings import NetworkSettings

SAMPLE_RATE_HZ = 16_000
"""Source: protocol.md B (librosa at 16 kHz)."""
N_SAMPLES = 48_000
"""Three seconds. Source: protocol.md B."""
N_FFT, WINDOW, HOP = 512, 400, 160
"""Source: protocol.md B (nnAudio STFT, Hann, centred, reflect padding)."""
PEAK_HEADROOM = 1.1
"""Source: protocol.md B (divide by 1.1 times the peak)."""
N_MELS = 64


def normalise_peak(waveform: Tensor) -> Tensor:
    """Divide [B, T] by 1.1 times its peak; silence stays silence (the release divides by zero there)."""
    peak = waveform.abs().amax(dim=-1, keepdim=True)
    return waveform / (PEAK_HEADROOM * peak).clamp_min(1e-5)


def spectrogram(waveform: Tensor) -> Tensor:
    """Magnitudes [B, 257, 301] of waveforms [B, 48000]: float64 of float64, else float32, whatever autocast says."""
    waveform = at_least_float32(waveform)
    window = torch.hann_window(WINDOW, dtype=waveform.dtype, device=waveform.device)
    with torch.autocast(waveform.device.type, enabled=False):
        return torch.stft(waveform, N_FFT, HOP, WINDOW, window, center=True, pad_mode="reflect", return_complex=True).abs()


class Spectrogram(nn.Module):
    """The release's front end; see ``spectrogram``."""

    def forward(self, waveform: Tensor) -> Tensor:
        """Magnitudes [B, 257, 301] of waveforms [B, 48000]."""
        return spectrogram(waveform)


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


class LogMel(nn.Module):
    """Log-mel bands, about zero mean and unit spread (ours)."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filters", _mel_filters(), persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        """[B, 64, 151] of waveforms [B, 48000]."""
        power = spectrogram(waveform)[:, :, ::2].square()
        with torch.autocast(waveform.device.type, enabled=False):
            mel = cast(Tensor, self.filters).to(power.dtype) @ power
        return (torch.log10(mel + 1e-4) + 1.0) / 1.5


def _mel_filters() -> Tensor:
    """Triangular filters float32 [64, 257] on the HTK mel scale from 40 Hz to 7.8 kHz."""

    def mel(hz: float) -> float:
        return 2595.0 * math.log10(1.0 + hz / 700.0)

    points = torch.linspace(mel(40.0), mel(7800.0), N_MELS + 2, dtype=torch.float64)
    hz = 700.0 * (10 ** (points / 2595.0) - 1.0)
    bins = torch.linspace(0, SAMPLE_RATE_HZ / 2, N_FFT // 2 + 1, dtype=torch.float64)
    up = (bins[None] - hz[:-2, None]) / (hz[1:-1] - hz[:-2])[:, None]
    down = (hz[2:, None] - bins[None]) / (hz[2:] - hz[1:-1])[:, None]
    return torch.minimum(up, down).clamp_min(0).float()


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
    """ResNet18 on the magnitude spectrogram, its first convolution with one channel.

    Source: protocol.md B and B.1 row 5; Tinglok/avstyle b09dc1e, models/model.py.
    """

    def __init__(self, size: int, padding: int) -> None:
        super().__init__()
        from torchvision.models import resnet18

        net = resnet18(weights=None)
        net.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=padding, bias=False)
        net.fc = nn.Identity()
        self.net = net
        self.proj = nn.Linear(512, size)

    def forward(self, magnitudes: Tensor) -> Tensor:
        """[B, size] from magnitudes [B, 257, 301]."""
        return cast(Tensor, self.proj(self.net(magnitudes[:, None])))


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
    return SoundEncoder(Spectrogram(), ResNetAudioEncoder(settings.condition_size, settings.audio_padding))
