"""OpenL3's audio front end: windows of a second, and their spectrograms in dB."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from adis_bench.errors import ConfigError, DataError
from adis_bench.extractors.kaiser_best import resampled

SAMPLE_RATE_HZ = 48_000
WINDOW_SAMPLES = 48_000
"""One second. Source of all constants: marl/openl3 0.4.2 (3bb35fd), core.py and models.py."""
HOP_S = 0.1
_N_FFT, _HOP = 512, 242
_FLOOR, _RANGE_DB = 1e-10, 80.0


def at_48_khz(waveform: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float32]:
    """Resample as the library does (``kaiser_best``); sound that is at 48 kHz already is not touched.

    Args:
        waveform: float32 [N].
        sample_rate_hz: rate of ``waveform``.

    Returns:
        float32 at 48 kHz.

    Raises:
        ConfigError: the rate is no positive whole number.
    """
    if isinstance(sample_rate_hz, bool) or not isinstance(sample_rate_hz, int | np.integer) or sample_rate_hz <= 0:
        raise ConfigError(f"sample_rate_hz must be a positive whole number, not {sample_rate_hz!r}")
    if sample_rate_hz == SAMPLE_RATE_HZ:
        return waveform
    return resampled(waveform, int(sample_rate_hz), SAMPLE_RATE_HZ)


def windows(waveform: NDArray[np.float32], hop_s: float = HOP_S, center: bool = True) -> NDArray[np.float32]:
    """Windows of one second, the last ones padded with zeros so that every sample is in one.

    Args:
        waveform: float32 [N] at 48 kHz.
        hop_s: seconds from a window to the next, rounded down to whole samples as the library does.
        center: begin with half a second of zeros, so that time stamps are the middles of windows.

    Returns:
        float32 [n, 48000], a view that must not be written to: 26 for 3 s at hop 0.1 s, centred.

    Raises:
        DataError: not [N], empty, or not finite.
        ConfigError: the hop is no positive number, or less than a sample.
    """
    if waveform.ndim != 1 or waveform.size == 0 or waveform.dtype.kind != "f":
        raise DataError(f"OpenL3 takes a mono waveform of floats [N] with N > 0, not {waveform.dtype} {list(waveform.shape)}")
    if not np.isfinite(waveform).all():
        raise DataError(f"a waveform of {waveform.size} samples holds values that are not finite")
    hop = hop_samples(hop_s)
    padded = np.pad(waveform.astype(np.float32, copy=False), (WINDOW_SAMPLES // 2 if center else 0, 0))
    n_windows = 1 + max(0, -(-(padded.size - WINDOW_SAMPLES) // hop))
    padded = np.pad(padded, (0, max(0, (n_windows - 1) * hop + WINDOW_SAMPLES - padded.size)))
    return np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::hop][:n_windows]


def hop_samples(hop_s: float) -> int:
    """A hop in whole samples, rounded down.

    Raises:
        ConfigError: no positive number, or less than a sample.
    """
    if isinstance(hop_s, bool) or not isinstance(hop_s, int | float) or not np.isfinite(hop_s) or hop_s * SAMPLE_RATE_HZ < 1:
        raise ConfigError(f"hop_s must be a number of seconds, at least one sample (1/{SAMPLE_RATE_HZ}), not {hop_s!r}")
    return int(hop_s * SAMPLE_RATE_HZ)


def time_stamps(n_windows: int, hop_s: float = HOP_S) -> NDArray[np.float64]:
    """Seconds of the windows in the waveform, float64 [n_windows]: their middles if centred, else their beginnings."""
    return np.arange(n_windows, dtype=np.float64) * np.float64(hop_s)


def spectrograms(waveforms: Tensor) -> Tensor:
    """Spectrograms in dB as the network takes them, each relative to its own largest value.

    A 512-point periodic Hann STFT without padding; 10 log10 of the MAGNITUDE (not of the power), at least -80.
    A window of digital silence is 0 dB everywhere.

    Args:
        waveforms: float32 [N, 48000].

    Returns:
        float32 [N, 1, 257, 197], -80 to 0.
    """
    hann = torch.hann_window(_N_FFT, device=waveforms.device)
    spectrum = torch.stft(waveforms, _N_FFT, _HOP, window=hann, center=False, return_complex=True)
    decibel = 10.0 * torch.log10(spectrum.abs().clamp_(min=_FLOOR))
    decibel -= decibel.amax(dim=(1, 2), keepdim=True)
    return decibel.clamp_(min=-_RANGE_DB).unsqueeze(1)
