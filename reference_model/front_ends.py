"""What an audio encoder sees of a sound: spectrograms that nothing is learned in, float32 whatever autocast says."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from reference_model.networks import at_least_float32

if TYPE_CHECKING:
    from adis_bench.extractors.wav2clip import Standardise

FrontEnd = Literal["magnitude", "wav2clip", "wav2clip-batch", "selavi", "selavi-z"]
SAMPLE_RATE_HZ = 16_000
"""Source: protocol.md B (librosa at 16 kHz)."""
N_SAMPLES = 48_000
"""Three seconds. Source: protocol.md B."""
N_FFT, WINDOW, HOP = 512, 400, 160
"""Source: protocol.md B (nnAudio STFT, Hann, centred, reflect padding)."""
N_MELS = 64
UPSAMPLING = 3
"""From our 16 kHz to SeLaVi's 48 kHz. Source: facebookresearch/selavi 39b677c, opt.py (aud_sample_rate)."""
UPSAMPLING_REACH, UPSAMPLING_BETA = 64, 9.0
"""Samples at 16 kHz to each side, and the Kaiser window's shape (ours)."""
FRAME, FRAME_STEP, FRAME_FFT, N_FILTERS = 960, 480, 1024, 257
"""20 ms, 10 ms and the FFT's length in samples at 48 kHz. Source: the same, datasets/audio_utils.py (aud_spec_type 2)."""
PREEMPHASIS = 0.97
"""Source: python_speech_features 0.6, base.logfbank (its default, which SeLaVi leaves)."""
FILTERBANK_MEAN, FILTERBANK_DEVIATION = 1.93, 17.89
"""Source: facebookresearch/selavi 39b677c, datasets/audio_utils.py (z_normalize)."""
_INT16 = 32_768.0
_SMALLEST = 2.0**-52
"""In place of an energy of zero. Source: python_speech_features 0.6, base.fbank (float64's epsilon)."""


def spectrogram(waveform: Tensor) -> Tensor:
    """Magnitudes [B, 257, 301] of waveforms [B, 48000]: float64 of float64, else float32, whatever autocast says."""
    waveform = at_least_float32(waveform)
    window = torch.hann_window(WINDOW, dtype=waveform.dtype, device=waveform.device)
    with torch.autocast(waveform.device.type, enabled=False):
        return torch.stft(waveform, N_FFT, HOP, WINDOW, window, center=True, pad_mode="reflect", return_complex=True).abs()


class Spectrogram(nn.Module):
    """The release's front end, ``magnitude``; see ``spectrogram``."""

    def forward(self, waveform: Tensor) -> Tensor:
        """Magnitudes [B, 257, 301] of waveforms [B, 48000]."""
        return spectrogram(waveform)


class LogMel(nn.Module):
    """Log-mel bands, about zero mean and unit spread (ours)."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filters", _on_cpu(_mel_filters), persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        """[B, 64, 151] of waveforms [B, 48000]."""
        power = spectrogram(waveform)[:, :, ::2].square()
        with torch.autocast(waveform.device.type, enabled=False):
            mel = cast(Tensor, self.filters).to(power.dtype) @ power
        return (torch.log10(mel + 1e-4) + 1.0) / 1.5


def _mel_filters() -> Tensor:
    """Triangular filters float32 [64, 257] on the HTK mel scale from 40 Hz to 7.8 kHz."""
    hz = _hz_of_mels(torch.linspace(_mel(40.0), _mel(7800.0), N_MELS + 2, dtype=torch.float64))
    bins = torch.linspace(0, SAMPLE_RATE_HZ / 2, N_FFT // 2 + 1, dtype=torch.float64)
    up = (bins[None] - hz[:-2, None]) / (hz[1:-1] - hz[:-2])[:, None]
    down = (hz[2:, None] - bins[None]) / (hz[2:] - hz[1:-1])[:, None]
    return torch.minimum(up, down).clamp_min(0).float()


class Wav2ClipSpectrogram(nn.Module):
    """What Wav2CLIP's network was trained on, ``wav2clip``: standardised log power, 512-point Hann, hop 353.

    The released code takes one mean and deviation over the whole batch tensor, so that a sound's embedding depends on
    its batch mates, and a training's on how its batch is split; here those of each sound are the default, which is the
    released code at batch size 1. Source: wav2clip 0.1.0, model/resnet.py; protocol.md C.

    Args:
        standardise: over which values mean and deviation go: ``item``, each sound's own, or ``batch``, the released code's, in
            training; in eval mode a sound must not depend on what else is asked for, and has its own.
    """

    def __init__(self, standardise: "Standardise" = "item") -> None:
        super().__init__()
        self.standardise = standardise

    def forward(self, waveform: Tensor) -> Tensor:
        """[B, 257, 136] of waveforms [B, 48000]."""
        from adis_bench.extractors.wav2clip import N_FFT, log_power  # with it comes torchvision, which takes a second to import

        waveform = at_least_float32(waveform)
        window = torch.hann_window(N_FFT, dtype=waveform.dtype, device=waveform.device)
        with torch.autocast(waveform.device.type, enabled=False):
            return log_power(waveform, window, self.standardise if self.training else "item")


class LogFilterbank(nn.Module):
    """What SeLaVi's networks were trained on, ``selavi``: 257 log energies of mel filters at 48 kHz, 20 ms every 10 ms.

    Our sounds are at 16 kHz and are upsampled inside; above 8 kHz there is only what the frames' edges leave. They are
    rounded to whole numbers, as SeLaVi reads them: silence must be silent to the last bit, or its logarithms are those of
    rounding errors (the gradient passes as if they weren't rounded). SeLaVi hears one second, we three: the network averages
    over time. 56 filters at the bottom are narrower than the FFT's bins and empty; they give log(2^-52) = -36.04, here as
    there. Source: facebookresearch/selavi 39b677c, datasets/audio_utils.py.

    Args:
        z_normalise: (x - 1.93) / 17.89. Off by default, as in SeLaVi's training (opt.py, scripts/master.sh); only
            the defaults of its get_clusters.py have it on.
    """

    def __init__(self, z_normalise: bool = False) -> None:
        super().__init__()
        self.z_normalise = z_normalise
        self.register_buffer("filters", _on_cpu(_filterbank), persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        """[B, 257, 299] of waveforms [B, 48000] in [-1, 1]."""
        waveform = at_least_float32(waveform)
        with torch.autocast(waveform.device.type, enabled=False):
            # In float64: FFTs of float32 round by the batch that a sound is in, and some samples to another whole number then.
            samples = _INT16 * upsampled(waveform.double())
            whole = (samples + (samples.round().clamp(-_INT16, _INT16 - 1) - samples).detach()).to(waveform.dtype)
            energies = log_energies(whole, cast(Tensor, self.filters))
        return (energies - FILTERBANK_MEAN) / FILTERBANK_DEVIATION if self.z_normalise else energies


def upsampled(waveform: Tensor) -> Tensor:
    """[B, 3 T] at 48 kHz of [B, T] at 16 kHz: every third sample is the original one, zeros before and after.

    Band-limited by a Kaiser-windowed sinc: below 7.6 kHz nothing is damped and nothing is added above 8.4 kHz, to -90 dB.
    Zeros appended to the sound's spectrum would be sharper, but each sample would reach through the whole sound, pauses
    included, and its end to its beginning; here 64 samples far. Through FFTs, since a GPU may round a convolution's
    factors to 10 bits.
    """
    n_samples, reach = UPSAMPLING * waveform.shape[-1], UPSAMPLING * UPSAMPLING_REACH
    dtype, device = waveform.dtype, waveform.device
    window = torch.kaiser_window(2 * reach + 1, False, UPSAMPLING_BETA, dtype=dtype, device=device)
    kernel = torch.sinc(torch.arange(-reach, reach + 1, dtype=dtype, device=device) / UPSAMPLING) * window
    spaced = F.pad(waveform[..., None], (0, UPSAMPLING - 1)).flatten(-2)
    n_fft = n_samples + 2 * reach
    longer: Tensor = torch.fft.irfft(torch.fft.rfft(spaced, n_fft) * torch.fft.rfft(kernel, n_fft), n_fft)
    return longer[..., reach : reach + n_samples]


def log_energies(samples: Tensor, filters: Tensor) -> Tensor:
    """[B, n_filters, n_frames] of int16-scale samples [B, 480 k] at 48 kHz, by filters [n_filters, 513]: whole frames only.

    Source: python_speech_features 0.6, base.logfbank, with SeLaVi's numbers (no window function).
    """
    emphasised = torch.cat([samples[:, :1], samples[:, 1:] - PREEMPHASIS * samples[:, :-1]], dim=1)
    power: Tensor = torch.fft.rfft(emphasised.unfold(1, FRAME, FRAME_STEP), n=FRAME_FFT).abs().square() / FRAME_FFT
    energies = power @ filters.to(power.dtype).T
    return energies.masked_fill(energies == 0, _SMALLEST).log().transpose(1, 2)


def _filterbank() -> Tensor:
    """Triangular filters float32 [257, 513] whose corners are whole bins, from 0 to 24 kHz.

    Source: python_speech_features 0.6, base.get_filterbanks.
    """
    rate = UPSAMPLING * SAMPLE_RATE_HZ
    hz = _hz_of_mels(torch.linspace(0.0, _mel(rate / 2), N_FILTERS + 2, dtype=torch.float64))
    corners = torch.floor((FRAME_FFT + 1) * hz / rate)[:, None]
    low, middle, high = corners[:-2], corners[1:-1], corners[2:]
    bins = torch.arange(FRAME_FFT // 2 + 1, dtype=torch.float64)[None]
    up = torch.where((low <= bins) & (bins < middle), (bins - low) / (middle - low), 0.0)
    down = torch.where((middle <= bins) & (bins < high), (high - bins) / (high - middle), 0.0)
    return (up + down).float()


def _on_cpu(filters: Callable[[], Tensor]) -> Tensor:
    """Made anew also where a network is built on "meta" for its shapes: arithmetic there makes torch import its compiler, for seconds."""
    with torch.device("cpu"):
        return filters()


def _mel(hz: float) -> float:
    return 2595.0 * math.log10(1.0 + hz / 700.0)


def _hz_of_mels(mels: Tensor) -> Tensor:
    return 700.0 * (10 ** (mels / 2595.0) - 1.0)


FRONT_ENDS: Mapping[FrontEnd, Callable[[], nn.Module]] = {
    "magnitude": Spectrogram,
    "wav2clip": Wav2ClipSpectrogram,
    "wav2clip-batch": partial(Wav2ClipSpectrogram, "batch"),
    "selavi": LogFilterbank,
    "selavi-z": partial(LogFilterbank, z_normalise=True),
}
"""Front ends of a ResNet by their names in the settings; waveforms [B, 48000] to [B, 257, frames]."""
