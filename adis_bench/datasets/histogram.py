"""Histograms with edges that people read easily."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MAX_BINS = 24
"""Ours: bars of a figure half a page wide are still told apart, and 94 videos still fill them."""
_LEAST_BINS = 5
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many values lie in each of neighbouring bins of one width.

    Attributes:
        unit: of the values.
        edges: of the bins, rising; one more than there are counts.
        counts: values from an edge (inclusive) to the next one (exclusive; the last bin includes it).
    """

    unit: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]


def histogram(values: Sequence[float], unit: str, max_bins: int | None = None) -> Histogram:
    """Count finite values in at most ``max_bins`` bins whose width is 1, 2, 2.5 or 5 times a power of ten; one bin where all are equal.

    Args:
        values: what to count.
        unit: of the values.
        max_bins: by default ``MAX_BINS``, and fewer for few values: 2.5 times the root of their number, at least 5. Ours:
            the paper's 94 videos fill all bins, and a handful of values makes no comb.

    >>> histogram([1.5, 20, 21, 44], "min", max_bins=5)
    Histogram(unit='min', edges=(0.0, 10.0, 20.0, 30.0, 40.0, 50.0), counts=(1, 0, 2, 0, 1))
    """
    if not values:
        return Histogram(unit, (), ())
    data = np.asarray(values, np.float64)
    low, high = float(data.min()), float(data.max())
    if high - low < 1e-9 * max(1.0, abs(high)):
        return Histogram(unit, (low - 0.5, low + 0.5), (len(values),))
    width = _width(low, high, max_bins or min(MAX_BINS, max(_LEAST_BINS, math.ceil(2.5 * math.sqrt(len(values))))))
    first = math.floor(low / width)
    n_bins = max(1, math.ceil(round(high / width, 9)) - first)
    edges = [round((first + k) * width, 9) for k in range(n_bins + 1)]
    # The values are moved off the edges by less than any meaning, so that 20 / 0.1 is 200 and not 199.99.
    places = np.clip(np.floor(np.round(data / width, 9)).astype(np.int64) - first, 0, n_bins - 1)
    return Histogram(unit, tuple(edges), tuple(int(n) for n in np.bincount(places, minlength=n_bins)))


def _width(low: float, high: float, max_bins: int) -> float:
    """The smallest width of the series that needs no more than ``max_bins`` bins."""
    power = 10.0 ** math.floor(math.log10((high - low) / max_bins))
    for scale in (power, 10 * power):
        for step in _STEPS:
            width = step * scale
            if math.ceil(round(high / width, 9)) - math.floor(low / width) <= max_bins:
                return width
    return 100 * power
