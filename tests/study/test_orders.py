"""Places of methods and order of items."""

from collections import Counter

import numpy as np
import pytest

from adis_bench.study.orders import balanced_orders, fresh_order, mixed, williams_square


@pytest.mark.parametrize("k", range(2, 9))
def test_squares_are_latin_and_balance_neighbours(k: int):
    """Each number once a row and a column; each follows each other one once for even k, twice with the mirror for odd k."""
    square = williams_square(k)
    assert all(sorted(line) == list(range(k)) for line in (*square, *map(list, zip(*square, strict=True))))
    rows = square if k % 2 == 0 else square + williams_square(k, mirrored=True)
    follows = Counter((row[place], row[place + 1]) for row in rows for place in range(k - 1))
    assert set(follows.values()) == {1 if k % 2 == 0 else 2}
    assert len(follows) == k * (k - 1)


@pytest.mark.parametrize(("n", "k"), [(1000, 4), (7, 3), (50, 2), (13, 5), (1, 4), (0, 3), (101, 7)])
def test_places_are_even(n: int, k: int):
    """Over all orders each number has each place equally often, or once more than another."""
    orders = balanced_orders(n, k, np.random.default_rng(0))
    assert len(orders) == n
    assert all(sorted(order) == list(range(k)) for order in orders)
    counts = np.zeros((k, k), int)
    for order in orders:
        counts[order, range(k)] += 1
    assert counts.max() - counts.min() <= 1


def test_squares_differ():
    """Names are dealt anew for every square: of 4 methods, all 24 orders come within 100 squares."""
    assert len(set(balanced_orders(400, 4, np.random.default_rng(1)))) == 24


@pytest.mark.parametrize("k", [2, 3, 6])
def test_a_fresh_order_moves_everything(k: int):
    """No method stays where it was."""
    order, rng = tuple("abcdef"[:k]), np.random.default_rng(0)
    for _ in range(20):
        drawn = fresh_order(order, rng)
        assert sorted(drawn) == sorted(order)
        assert all(old != new for old, new in zip(order, drawn, strict=True))


@pytest.mark.parametrize(("n", "n_repeats"), [(100, 5), (100, 50), (30, 3), (9, 4)])
def test_repeats_come_well_after(n: int, n_repeats: int):
    """Between an original and its repeat lies a third of the items or nearly so."""
    items = [f"i{number}" for number in range(n)]
    repeats = {f"r{number}": f"i{number}" for number in range(n_repeats)}
    for seed in range(10):
        order = mixed(items, repeats, np.random.default_rng(seed))
        assert sorted(order) == sorted([*items, *repeats])
        assert all(order.index(repeat) - order.index(original) >= n // 3 - 1 for repeat, original in repeats.items())


@pytest.mark.parametrize(("n", "n_repeats"), [(1, 1), (2, 2), (3, 2), (5, 0)])
def test_short_lists_hold_all(n: int, n_repeats: int):
    """Where there is no room, repeats still come after their originals."""
    repeats = {f"r{number}": f"i{number}" for number in range(n_repeats)}
    order = mixed([f"i{number}" for number in range(n)], repeats, np.random.default_rng(0))
    assert len(order) == n + n_repeats
    assert all(order.index(original) < order.index(repeat) for repeat, original in repeats.items())


def test_repeats_are_not_all_at_the_end():
    """Somebody who looks for repeats finds them in no fixed place: their places differ from seed to seed."""
    items = [f"i{number}" for number in range(60)]
    places = {mixed(items, {"r": "i0"}, np.random.default_rng(seed)).index("r") for seed in range(30)}
    assert len(places) > 12
