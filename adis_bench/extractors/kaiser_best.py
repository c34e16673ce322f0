"""The resampler of OpenL3's library: resampy 0.2.2's ``kaiser_best`` filter, a windowed sinc in a table.

Later versions of resampy, and soxr, have other filters. That hardly shows in a waveform, but OpenL3's spectrogram reaches
to 1e-8 of its largest magnitude, where it shows what a filter leaks: with soxr's, embeddings of sound at 16 kHz differ from
the library's by up to 4 % of their norm.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_ZEROS, _PRECISION, _BETA, _ROLLOFF = 64, 9, 14.769656459379492, 0.9475937167399596
"""Zero crossings of the sinc on either side, log2 of the table's steps between two of them, the Kaiser window's shape, and
the cut-off as a share of the Nyquist frequency. Source: bmcfee/resampy 0.2.2, filters.py and the data of ``kaiser_best``
(openl3 0.4.2 asks for resampy below 0.3)."""


def resampled(waveform: NDArray[np.float32], rate_hz: int, wanted_hz: int) -> NDArray[np.float32]:
    """A waveform float32 [N] at another rate, float32 [N * wanted / rate, rounded down].

    The value at a time is the sum of the samples around it, weighted by the sinc at their distances, which is interpolated
    linearly between the table's entries. Towards a lower rate the sinc is wider by the ratio,
    in whole steps of the table, as there: a ratio that is no power of two changes the level a little. The sum is rounded to float32
    after each term, from the time to the left, then to the right, as the library's is: above the filter's cut-off
    nothing but that rounding is left for OpenL3 to see.
    """
    ratio = wanted_hz / rate_hz
    n_out, steps = int(len(waveform) * ratio), 1 << _PRECISION
    scale = min(1.0, ratio)
    # Time runs on by additions there; their error is the reason for not multiplying.
    times = np.cumsum(np.append(0.0, np.full(n_out, 1.0 / ratio)))[:n_out]
    before = times.astype(np.int64)
    fractions = np.asarray(scale * (times - before), np.float64)
    table = _table() * scale
    out = np.zeros(n_out, np.float32)
    _add_wing(out, waveform, before, -1, fractions * steps, table, int(scale * steps))
    _add_wing(out, waveform, before + 1, 1, (scale - fractions) * steps, table, int(scale * steps))
    return out


def _add_wing(
    out: NDArray[np.float32],
    waveform: NDArray[np.float32],
    first: NDArray[np.int64],
    way: int,
    places: NDArray[np.float64],
    table: NDArray[np.float64],
    step: int,
) -> None:
    """Add the samples ``first``, ``first + way``, ... to each output, weighted by the table at ``places``, ``places + step``, ..."""
    slopes = np.append(np.diff(table), 0.0)
    left = places.astype(np.int64)
    rest = places - left
    n_taps = (table.size - left) // step
    for tap in range(int(n_taps.max(initial=0))):
        samples, entries = first + way * tap, left + tap * step
        used = (tap < n_taps) & (samples >= 0) & (samples < len(waveform))
        entries, samples = np.where(used, entries, 0), np.where(used, samples, 0)
        weights = np.where(used, table[entries] + rest * slopes[entries], 0.0)
        out[:] = out + weights * waveform[samples]


@lru_cache(maxsize=1)
def _table() -> NDArray[np.float64]:
    """The right half of the filter, float64 [64 * 512 + 1]."""
    n = _ZEROS << _PRECISION
    sinc = _ROLLOFF * np.sinc(_ROLLOFF * np.linspace(0, _ZEROS, n + 1))
    return np.asarray(np.kaiser(2 * n + 1, _BETA)[n:] * sinc, np.float64)
