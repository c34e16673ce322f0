"""Which 3 seconds become segments, and which frames show them."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.records import SEGMENT_S

FrameRule = Literal["uniform", "stride"]
Tails = Literal["repeat", "drop"]

_SAME_S = 1e-6
"""Times nearer than this are one time: timestamps come from fractions, and 3.0 may be 2.9999999999."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a video that becomes a segment.

    Attributes:
        number: running number in its video, from 1.
        start_s, end_s: in seconds from the video's start; at most 3 s apart, less where the video ends before.
        label: what the source itself says it is; empty where the sound decides.
    """

    number: int
    start_s: float
    end_s: float
    label: str = ""


def fixed_windows(seconds: float) -> list[Window]:
    """The segments [3i, 3i + 3) of a video for i < ceil(seconds / 3); the last one may be a short tail.

    Source: Tinglok/avstyle b09dc1e, split.py.
    """
    n = math.ceil(seconds / SEGMENT_S - _SAME_S)
    return [Window(i + 1, i * SEGMENT_S, min((i + 1) * SEGMENT_S, seconds)) for i in range(n)]


def window_frames(times_s: NDArray[np.float64], window: Window, rule: FrameRule, n: int) -> NDArray[np.intp]:
    """Indices of the ``n`` frames that show a window.

    - ``stride``: the released rule: of the m frames that begin in the window, those numbered 0, s, 2 s ... with
      s = floor(m / n); fewer than n are repeated first. The last part of the window is left out unless n divides m.
    - ``uniform``: the frames that are on the screen in the middle of n equal parts of the window, whatever the frame
      rate does.

    Where no frame begins in the window, the one that is still on the screen stands for all.
    Source of ``stride``: Tinglok/avstyle b09dc1e, video2jpg.py.

    Args:
        times_s: when each frame of the video appears, float64 [m], ascending.
        window: where to look.
        rule: see above.
        n: how many frames.

    Returns:
        Indices into ``times_s``, int [n], ascending, or ascending runs where frames are repeated.
    """
    if rule == "uniform":
        middles = window.start_s + (np.arange(n) + 0.5) * (window.end_s - window.start_s) / n
        return np.maximum(np.searchsorted(times_s, middles + _SAME_S) - 1, 0)
    first, last = np.searchsorted(times_s, [window.start_s - _SAME_S, window.end_s - _SAME_S])
    inside = np.arange(first, last) if last > first else np.array([max(int(first) - 1, 0)])
    repeated = np.tile(inside, -(-n // len(inside))) if len(inside) < n else inside
    return repeated[:: len(repeated) // n][:n]
