"""How sure the order of the methods is: the places by mean points over resamples of workers and of items.

A resample draws as many workers and, independently, as many items as there are, with replacement; a ranking counts as often as
the product of the draws of its worker and its item (pigeonhole bootstrap; Owen 2007, Ann. Appl. Stat. 1:386). Where few
workers rank the same item it spreads the means more than they scatter (Owen's Theorem 3), so the shares are too near to even, on
the careful side. Weights of the kind c + d - 1 (statistics/bootstrap.py) can be below 0: fine for an interval, but no places
follow from them.

Two sparse products per method: with S the items x workers matrix of points, and columns u, v of draws, the sum of a resample is
v' S u. So the work is n x replicates whatever the design, and the memory that of a chunk.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from adis_bench.seeding import generator
from adis_bench.study.method_results import rank_counts
from adis_bench.study.rankings import Rankings
from adis_bench.study.results import Bootstrap

_CHUNK = 2_000_000
"""Numbers of a chunk's largest array: 16 MB."""


def bootstrap_places(rankings: Rankings, replicates: int, seed: int) -> Bootstrap:
    """Resample workers and items.

    Args:
        rankings: of two or more workers and two or more items.
        replicates: 0 and above. Resamples in which no drawn worker ranked a drawn item have no means and aren't counted.
        seed: the same gives the same.
    """
    from scipy.stats import rankdata

    counts, n_used = np.zeros((len(rankings.methods),) * 2), 0
    for totals, n in _resampled(rankings, replicates, seed):
        # All means of a resample have one and the same divisor; sums of halves are exact, so that ties stay ties.
        used = totals[n > 0]
        counts += rank_counts(np.asarray(rankdata(-used, axis=1), np.float64))
        n_used += len(used)
    if n_used == 0:
        return Bootstrap(0, seed, ())
    return Bootstrap(n_used, seed, tuple(map(tuple, (counts / n_used).tolist())))


def _resampled(rankings: Rankings, replicates: int, seed: int) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Sums of points [r, k] and counts of rankings [r] of all resamples, in chunks."""
    from scipy.sparse import csr_matrix

    workers, worker = np.unique(rankings.worker, return_inverse=True)
    items, item = np.unique(rankings.item, return_inverse=True)
    shape = items.size, workers.size
    tables = [csr_matrix((values, (item, worker)), shape) for values in (*rankings.points.T, np.ones(len(item)))]
    random = generator("places", seed)
    for start in range(0, replicates, step := max(1, _CHUNK // max(shape))):
        size = min(step, replicates - start)
        of_items, of_workers = (random.multinomial(n, np.full(n, 1 / n), size=size).astype(np.float64) for n in shape)
        sums = [np.einsum("ir,ri->r", table @ of_workers.T, of_items) for table in tables]
        yield np.stack(sums[:-1], axis=1), sums[-1]
