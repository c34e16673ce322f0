"""Small rankings for tests."""

import numpy as np

from adis_bench.study.rankings import Rankings


def make_rankings(ranks: list[list[float]], item: list[int], worker: list[int]) -> Rankings:
    """Methods m0 ..., items and workers by number."""
    names = tuple(f"m{number}" for number in range(len(ranks[0])))
    items, workers = (tuple(map(str, range(max(numbers) + 1))) for numbers in (item, worker))
    return Rankings(names, items, workers, np.array(item), np.array(worker), np.array(ranks, float))


def crossed_rankings(n_workers: int = 5, n_items: int = 12, seed: int = 7) -> Rankings:
    """Four methods, worse and worse, ranked by everybody on every item; no ties."""
    worker, item = (numbers.ravel() for numbers in np.indices((n_workers, n_items)))
    noise = np.random.default_rng(seed).normal(size=(worker.size, 4))
    ranks = np.argsort(np.argsort(noise + np.array([0.0, 0.4, 0.8, 1.2]))) + 1.0
    return make_rankings(ranks.tolist(), item.tolist(), worker.tolist())
