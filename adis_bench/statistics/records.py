"""Groups and intervals: what every interval is made from, and what it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
"""Coverage of every interval of the suite."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, or the reason why there is none.

    Attributes:
        low, high: finite floats, or None.
        reason: why there is no interval; empty otherwise.
    """

    low: float | None
    high: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """What was sampled together: pairs share source photographs and recordings, so they aren't independent.

    Attributes:
        sources: int64 [n], the photograph or video that a pair's source image comes from.
        sounds: int64 [n], the recording that a pair's sound comes from.
    """

    sources: NDArray[np.int64]
    sounds: NDArray[np.int64]

    def take(self, rows: NDArray[np.bool_]) -> "Groups":
        """The groups of these rows, numbered anew without gaps."""
        return Groups(_numbered(self.sources[rows]), _numbered(self.sounds[rows]))

    @property
    def n_sources(self) -> int:
        """Number of different source groups."""
        return int(np.unique(self.sources).size)

    @property
    def n_sounds(self) -> int:
        """Number of different sound groups."""
        return int(np.unique(self.sounds).size)

    def too_few(self) -> str:
        """Why two-way resampling is impossible, or an empty string."""
        for count, word in ((self.n_sources, "source"), (self.n_sounds, "sound")):
            if count < 2:
                return f"no interval: all scored pairs share one {word} group" if count else "no interval: no scored pairs"
        return ""


def _numbered(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)
