"""Dealing things out evenly and in a seeded order."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def interleaved(items: Sequence[T], group_of: Callable[[T], str], rng: np.random.Generator) -> list[T]:
    """The items in seeded order: one of every group, then the second of every group, and so on."""
    seen: dict[str, int] = defaultdict(int)
    ranked: list[tuple[int, T]] = []
    for place in rng.permutation(len(items)):
        group = group_of(items[place])
        ranked.append((seen[group], items[place]))
        seen[group] += 1
    return [item for _, item in sorted(ranked, key=lambda entry: entry[0])]


def hands(n_hands: int, n_cards: int, at_least: int) -> list[list[int]]:
    """Deal cards 0 ... n_cards - 1 to hands so that each is dealt, as evenly as can be, and none twice to one hand.

    Every hand gets ``max(at_least, ceil(n_cards / n_hands))`` cards, or all of them where there are
    fewer. The first cards of the hands are 0, 1, 2 ...: as many different ones as there are.

    Args:
        n_hands: number of hands, at least 1.
        n_cards: number of cards, at least 1.
        at_least: cards that a hand should have.
    """
    size = min(n_cards, max(at_least, -(-n_cards // n_hands)))
    dealt = [[hand % n_cards] for hand in range(n_hands)]
    used = np.bincount([hand[0] for hand in dealt], minlength=n_cards)
    for hand in dealt:
        counts = used.copy()
        counts[hand[0]] = n_hands * size + 1  # it has this one already
        rest = np.argsort(counts, kind="stable")[: size - 1]
        used[rest] += 1
        hand.extend(int(card) for card in rest)
    return dealt
