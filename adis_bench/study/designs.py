"""Who ranks which items in a simulated study."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from adis_bench.errors import ConfigError
from adis_bench.seeding import generator


@dataclass(frozen=True, slots=True)
class Design:
    """The size of a study.

    Attributes:
        n_items: items that are ranked, without gold and repeats.
        n_workers: workers.
        raters: rankings of each item: ``n_workers`` where everybody ranks everything, 1 where the workers share the items.
        n_gold: items with a known answer, each answered by ``raters`` workers as well.
        n_repeats: items that are shown again, to ``raters`` workers who ranked them.
    """

    n_items: int
    n_workers: int
    raters: int
    n_gold: int = 0
    n_repeats: int = 0

    def __post_init__(self) -> None:
        if self.n_items < 1 or self.n_workers < 1 or not 1 <= self.raters <= self.n_workers:
            raise ConfigError(
                f"no study has {self.n_items} items, {self.n_workers} workers and {self.raters} rankings of each item: "
                "at least one of each, and no item is ranked twice by a worker"
            )
        if self.n_gold < 0 or not 0 <= self.n_repeats <= self.n_items:
            raise ConfigError(f"{self.n_gold} gold items and {self.n_repeats} repeats: from 0, and repeats to {self.n_items}, the items")


def assign(n_items: int, n_workers: int, raters: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Workers and items of all rankings, int64 [n_items * raters] each, by item; the same for the same numbers.

    No worker has an item twice, and the workers' numbers of rankings differ by one at most.
    """
    return _assigned(n_items, n_workers, raters)


@lru_cache(maxsize=8)
def _assigned(n_items: int, n_workers: int, raters: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    item = np.repeat(np.arange(n_items), raters)
    rng = generator("study-design", n_items, n_workers, raters)
    if raters in (1, n_workers):
        # Dealt round by round, as shuffled workers: everybody has the same share.
        worker = np.concatenate([rng.permutation(n_workers) for _ in range(-(-item.size // n_workers))])[: item.size]
    else:
        worker = _least_busy(n_items, n_workers, raters, rng)
    for array in (worker, item):
        array.setflags(write=False)  # kept and shared
    return worker, item


def _least_busy(n_items: int, n_workers: int, raters: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Each item goes to those who have least to do so far, in random order."""
    load = np.zeros(n_workers)
    worker = np.empty((n_items, raters), np.int64)
    for row in worker:
        row[:] = np.argsort(load + rng.random(n_workers))[:raters]
        load[row] += 1
    return worker.ravel()
