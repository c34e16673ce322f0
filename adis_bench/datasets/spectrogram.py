"""A sound as people see it: the one spectrogram of reports and study pages."""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

_WINDOW_S, _COLUMNS, _ROWS = 0.032, 240, 96
_LOWEST_HZ = 50.0
RANGE_DB = 80.0
"""What the colours span below the loudest cell."""
_SILENCE = 1e-5  # RMS amplitude of 16-bit quantisation noise: silence stays dark instead of being amplified


def spectrogram(samples: NDArray[np.float32], rate: int) -> NDArray[np.uint8]:
    """Log-magnitude spectrogram on a mel scale: uint8 [96, 240, 3], low frequencies at the bottom.

    The colours span 80 dB below the loudest cell (magma: perceptually even, readable in grey).

    Args:
        samples: float32 [T] in [-1, 1].
        rate: in Hz.
    """
    return shaded(mel_magnitudes(samples, rate))


def mel_magnitudes(samples: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """What ``spectrogram`` shows, before it is shaded: amplitudes float64 [96, 240], low frequencies first."""
    window = max(16, round(_WINDOW_S * rate))
    padded = np.pad(samples, (window // 2, window))
    starts = np.linspace(0, len(samples), _COLUMNS, endpoint=False).astype(int)
    frames = np.stack([padded[start : start + window] for start in starts]) * np.hanning(window)
    n_fft = 4 * window  # zero padding: the lowest rows of the mel scale lie between plain bins
    magnitude = np.abs(np.fft.rfft(frames, n_fft, axis=1)) * (2.0 / window)
    wanted = _mel_rows(rate)
    return np.stack([np.interp(wanted, np.fft.rfftfreq(n_fft, 1 / rate), frame) for frame in magnitude], axis=1)


def shaded(rows: NDArray[np.float64], loudest: float | None = None) -> NDArray[np.uint8]:
    """Magnitudes as colours, uint8 [96, 240, 3]; ``loudest`` is the brightest amplitude where several sounds share one scale."""
    loudest = max(float(rows.max()) if loudest is None else loudest, _SILENCE)
    level = 1 + 20 * np.log10(np.maximum(rows / loudest, 10 ** (-RANGE_DB / 20))) / RANGE_DB
    colored = colormaps["magma"](level[::-1])[..., :3]
    return np.asarray(np.round(colored * 255), dtype=np.uint8)


def _mel_rows(rate: int) -> NDArray[np.float64]:
    # O'Shaughnessy, "Speech Communication", 1987: mel = 2595 log10(1 + f / 700).
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (min(_LOWEST_HZ, rate / 4), rate / 2))
    return np.asarray(700 * (10 ** (np.linspace(low, high, _ROWS) / 2595) - 1))
