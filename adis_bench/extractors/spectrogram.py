"""The audio front end: log-mel spectrograms in plain torch."""

import math
from functools import cache

import torch

SAMPLE_RATE_HZ = 16_000
N_MELS = 64
_WINDOW = 512  # 32 ms
_HOP = 320  # 20 ms: a footstep or a drop stays an event of its own
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 7_800.0
_FLOOR = 1e-5  # of the amplitude spectrum: about 16-bit quantisation noise, so that digital silence has a value
_LOG_RANGE = math.log(1e2)


def log_mel(waveforms: torch.Tensor) -> torch.Tensor:
    """Log-mel amplitude spectrogram, scaled to about -1.5 to 1.

    Loudness is kept (no normalisation per sound): in a scene it says how strong the rain is.

    Args:
        waveforms: float32 [N, T] in -1 to 1 at 16 kHz.

    Returns:
        float32 [N, 64, 1 + T // 320].
    """
    window = torch.hann_window(_WINDOW, device=waveforms.device)
    spectrum = torch.stft(waveforms, _WINDOW, _HOP, window=window, center=True, pad_mode="reflect", return_complex=True)
    amplitude = spectrum.abs() * (2.0 / _WINDOW)
    # One sound at a time: a product over the whole batch may sum in another order at another batch size.
    bank = mel_bank().to(waveforms.device)
    mel = torch.stack([bank @ one for one in amplitude])
    return (torch.log(mel + _FLOOR) - math.log(1e-3)) / _LOG_RANGE


@cache
def mel_bank() -> torch.Tensor:
    """Triangular filters of unit sum on the mel scale: float32 [64, 257].

    Source of the scale: O'Shaughnessy, "Speech Communication", 1987: mel = 2595 log10(1 + f / 700).
    """
    lowest, highest = (2595 * math.log10(1 + hz / 700) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    edges = 700 * (10 ** (torch.linspace(lowest, highest, N_MELS + 2, dtype=torch.float64) / 2595) - 1)
    bins = torch.linspace(0, SAMPLE_RATE_HZ / 2, _WINDOW // 2 + 1, dtype=torch.float64)
    left, middle, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = torch.minimum((bins - left) / (middle - left), (right - bins) / (right - middle)).clamp(min=0)
    # Below 400 Hz a filter can be narrower than a bin and fall between two: it takes the nearest one.
    nearest = (bins[None] - middle).abs().argmin(dim=1)
    empty = triangles.sum(dim=1) == 0
    triangles[empty, nearest[empty]] = 1.0
    return (triangles / triangles.sum(dim=1, keepdim=True)).float()
