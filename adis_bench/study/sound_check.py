"""Whether people can judge the sounds of a study; asked before anything is written."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np

from adis_bench.datasets.media import read_audio
from adis_bench.datasets.parallel import in_order
from adis_bench.errors import DataError
from adis_bench.printable import printable
from adis_bench.progress import say

SHORTEST_S = 0.1
"""Ours: of a shorter sound people hear that there is one, hardly what it is."""
_HALF_A_STEP = 0.5 / 32767  # below it a 16-bit file holds zeros only
Doubt = Literal["", "silent", "short"]


def check_sounds(paths: Iterable[Path]) -> None:
    """Read each sound once, with a progress bar, and say how many nobody can judge: silent ones, or shorter than ``SHORTEST_S``.

    Raises:
        DataError: one is missing or damaged, or has samples that are no numbers.
    """
    different = sorted(set(paths))
    doubts = list(in_order(doubt, different, "sounds"))
    odd = [path for path, found in zip(different, doubts, strict=True) if found]
    if odd:
        n_silent = doubts.count("silent")
        say(
            f"note: {len(odd)} of {len(different)} sounds can hardly be judged ({n_silent} silent, {len(odd) - n_silent} shorter than "
            f"{SHORTEST_S:g} s), first: {printable(str(odd[0]))}"
        )


def doubt(path: Path) -> Doubt:
    """Why nobody can judge a sound, or nothing.

    Raises:
        DataError: missing or damaged, or with samples that are no numbers.
    """
    samples, rate = read_audio(path)
    n_odd = int((~np.isfinite(samples)).sum())
    if n_odd:
        raise DataError(f"{printable(str(path))}: {n_odd} of {samples.size} samples are no numbers; see `adis-bench data check`")
    if float(np.abs(samples).max()) < _HALF_A_STEP:
        return "silent"
    return "short" if samples.size < SHORTEST_S * rate else ""
