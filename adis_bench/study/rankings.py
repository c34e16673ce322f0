"""Rankings: one worker's order of all methods on one item."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

SIMULATED = "simulated-"
"""How the names of workers begin that ``study simulate`` made up, so that their answers can't be taken for people's."""


@dataclass(frozen=True, slots=True, eq=False)
class Rankings:
    """Complete rankings of k methods.

    Attributes:
        methods: k labels.
        items: item ids.
        workers: worker ids, as given or pseudonyms.
        item: int64 [n], index into ``items``.
        worker: int64 [n], index into ``workers``; no (item, worker) twice.
        ranks: float64 [n, k], 1 is best, k worst, mid-ranks for ties; every row sums to k (k + 1) / 2.
        labels: the class of each item, or empty.
        seconds: float64 [n], time on the item, NaN where unknown; None where nothing is known.
    """

    methods: tuple[str, ...]
    items: tuple[str, ...]
    workers: tuple[str, ...]
    item: NDArray[np.int64]
    worker: NDArray[np.int64]
    ranks: NDArray[np.float64]
    labels: tuple[str, ...] = ()
    seconds: NDArray[np.float64] | None = None

    @property
    def n_simulated(self) -> int:
        """How many of the workers are made up; pseudonyms don't tell."""
        return sum(worker.startswith(SIMULATED) for worker in self.workers)

    @property
    def points(self) -> NDArray[np.float64]:
        """Float64 [n, k], k for the best and 1 for the worst (the paper's 4 to 1 for four methods)."""
        return len(self.methods) + 1 - self.ranks

    def where(self, rows: NDArray[np.bool_]) -> "Rankings":
        """The rankings of these rows; items and workers keep their numbers, also those without rows.

        Args:
            rows: bool [n].
        """
        seconds = None if self.seconds is None else self.seconds[rows]
        return replace(self, item=self.item[rows], worker=self.worker[rows], ranks=self.ranks[rows], seconds=seconds)
