"""Which method stands where on the page, and which item comes when."""

from collections.abc import Mapping, Sequence

import numpy as np

MOST_REPEATED = 0.5
"""Share of the items that can be shown again: repeats are of the first half, so that they come well after."""
_GAP = 1 / 3
"""Ours: a repeat comes at least so large a share of a worker's list after its original, to be forgotten by then."""


def williams_square(k: int, mirrored: bool = False) -> list[list[int]]:
    """A Latin square of k rows: each number once in every row and in every column.

    For even k each number also follows each other one exactly once; for odd k this holds of the square with its mirror.
    Source: Williams 1949, Experimental designs balanced for the estimation of residual effects of treatments.

    >>> williams_square(4)
    [[0, 1, 3, 2], [1, 2, 0, 3], [2, 3, 1, 0], [3, 0, 2, 1]]
    """
    first = [(place + 1) // 2 if place % 2 else (k - place // 2) % k for place in range(k)]
    rows = [[(number + shift) % k for number in first] for shift in range(k)]
    return [row[::-1] for row in rows] if mirrored else rows


def balanced_orders(n: int, k: int, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """``n`` orders of the numbers 0 ... k - 1 in which each number has each place equally often, or once more.

    Every k orders in a row are a Latin square with its numbers and rows dealt anew; what is left is a part of one. Squares and
    their mirrors alternate, so that no number follows another one more often than chance has it.
    """
    orders: list[tuple[int, ...]] = []
    while len(orders) < n:
        square = williams_square(k, mirrored=len(orders) // k % 2 == 1)
        names, rows = rng.permutation(k), rng.permutation(k)
        orders += [tuple(int(names[number]) for number in square[row]) for row in rows]
    return orders[:n]


def fresh_order(order: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
    """Another order, in which everything stands at another place than before: nobody can repeat a ranking by its places."""
    while True:
        drawn = tuple(order[place] for place in rng.permutation(len(order)))
        if all(old != new for old, new in zip(order, drawn, strict=True)):
            return drawn


def mixed(items: Sequence[str], repeats: Mapping[str, str], rng: np.random.Generator) -> list[str]:
    """One list of items and repeats: items by lot, each repeat in a random place well after its original.

    An original is moved to the first half, and about a third of the items or more stand between it and its repeat; in very short
    lists as many as there are.

    Args:
        items: those that come once or first.
        repeats: id of the repeat to that of its original; at most half as many as ``items``.
        rng: of the lots.
    """
    originals = set(repeats.values())
    shuffled = [items[place] for place in rng.permutation(len(items))]
    half = -(-len(items) // 2)
    for late in [place for place in range(half, len(items)) if shuffled[place] in originals]:
        free = [place for place in range(half) if shuffled[place] not in originals]
        if not free:
            break
        early = int(rng.choice(free))
        shuffled[late], shuffled[early] = shuffled[early], shuffled[late]
    keys = {item: (place + 0.5) / len(items) for place, item in enumerate(shuffled)}
    keys |= {repeat: float(rng.uniform(min(keys[original] + _GAP, 1), 1 + 1 / len(items))) for repeat, original in repeats.items()}
    return sorted(keys, key=lambda item: keys[item])
