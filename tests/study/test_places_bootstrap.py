"""The bootstrap of places: against a plain loop, and what is always so."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import rankdata

from adis_bench.seeding import generator
from adis_bench.study import places_bootstrap
from adis_bench.study.places_bootstrap import bootstrap_places
from adis_bench.study.rankings import Rankings
from tests.study.rankings import crossed_rankings, make_rankings


def _sparse() -> Rankings:
    """9 workers, 30 items with 1 to 3 rankings each, ties among them."""
    rng = np.random.default_rng(3)
    pairs = np.array(sorted({(item, int(worker)) for item in range(30) for worker in rng.choice(9, rng.integers(1, 4))}))
    ranks = rankdata(rng.normal(size=(len(pairs), 3)).round(0) + [0, 0.1, 0.3], axis=1)
    return make_rankings(ranks.tolist(), pairs[:, 0].tolist(), pairs[:, 1].tolist())


def _loop(rankings: Rankings, replicates: int, seed: int) -> np.ndarray:
    """The same draws, ranking by ranking."""
    k, n_items, n_workers = len(rankings.methods), len(rankings.items), len(rankings.workers)
    random = generator("places", seed)
    items, workers = (random.multinomial(n, np.full(n, 1 / n), size=replicates) for n in (n_items, n_workers))
    shares, used = np.zeros((k, k)), 0
    for of_items, of_workers in zip(items, workers, strict=True):
        drawn = np.repeat(rankings.points, of_items[rankings.item] * of_workers[rankings.worker], axis=0)
        if not len(drawn):
            continue
        used += 1
        means = drawn.mean(axis=0).round(9)
        for column in range(k):
            ahead, level = (means > means[column]).sum(), (means == means[column]).sum()
            shares[column, ahead : ahead + level] += 1 / level
    return shares / used


@pytest.mark.parametrize("rankings", [crossed_rankings(), _sparse()], ids=["crossed", "sparse"])
def test_equal_to_a_plain_loop(rankings: Rankings):
    """With the same draws the same shares, ties shared."""
    found = bootstrap_places(rankings, 200, seed=5)
    assert (found.n_replicates, found.seed) == (200, 5)
    np.testing.assert_allclose(found.places, _loop(rankings, 200, seed=5), atol=1e-12)


def test_rows_and_columns_sum_to_one():
    """Each method has a place, and each place a method."""
    places = np.array(bootstrap_places(_sparse(), 300, seed=0).places)
    np.testing.assert_allclose(places.sum(axis=0), 1)
    np.testing.assert_allclose(places.sum(axis=1), 1)


def test_chunks_are_independent_draws(monkeypatch: pytest.MonkeyPatch):
    """Small chunks draw other numbers of the same kind: the shares agree within what 4,000 draws scatter."""
    rankings = crossed_rankings()
    whole = np.array(bootstrap_places(rankings, 4000, seed=1).places)
    monkeypatch.setattr(places_bootstrap, "_CHUNK", 12 * 7)
    chunked = bootstrap_places(rankings, 4000, seed=1)
    assert chunked.n_replicates == 4000
    np.testing.assert_allclose(chunked.places, whole, atol=0.04)


def test_same_seed_same_places():
    """And another one gives others; methods that are alike share places about evenly."""
    rankings = _sparse()
    assert bootstrap_places(rankings, 100, 1) == bootstrap_places(rankings, 100, 1)
    assert bootstrap_places(rankings, 100, 1) != bootstrap_places(rankings, 100, 2)
    tied = replace(rankings, ranks=np.full_like(rankings.ranks, 2.0))
    np.testing.assert_allclose(bootstrap_places(tied, 50, 0).places, np.full((3, 3), 1 / 3))


def test_unused_items_and_workers_do_not_matter():
    """Items and workers without rankings, after screening say, are not drawn."""
    rankings = crossed_rankings()
    more = replace(rankings, items=(*rankings.items, "x"), workers=(*rankings.workers, "y", "z"))
    assert bootstrap_places(more, 100, 0) == bootstrap_places(rankings, 100, 0)


def test_empty_resamples_are_not_counted():
    """Two workers with an item each: half of the draws of both ways meet nowhere."""
    rankings = make_rankings([[1, 2], [2, 1]], [0, 1], [0, 1])
    found = bootstrap_places(rankings, 4000, seed=0)
    # Counts of the first worker and item are 0, 1, 2 with 1/4, 1/2, 1/4: both rankings are missed by 0 with 2 and 2 with 0, 1/8.
    assert found.n_replicates == pytest.approx(4000 * 7 / 8, rel=0.03)
    np.testing.assert_allclose(found.places, np.full((2, 2), 0.5), atol=0.05)
