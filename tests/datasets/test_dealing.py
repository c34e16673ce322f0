"""Dealing."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adis_bench.datasets.dealing import hands, interleaved


@given(n_hands=st.integers(1, 12), n_cards=st.integers(1, 30), at_least=st.integers(1, 6))
def test_hands_are_fair(n_hands, n_cards, at_least):
    """Every card is dealt, none twice to one hand, all hands are equally large, and first cards differ while they can."""
    dealt = hands(n_hands, n_cards, at_least)
    assert {card for hand in dealt for card in hand} == set(range(n_cards))
    assert all(len(set(hand)) == len(hand) for hand in dealt)
    assert {len(hand) for hand in dealt} == {min(n_cards, max(at_least, -(-n_cards // n_hands)))}
    assert len({hand[0] for hand in dealt}) == min(n_hands, n_cards)


def test_cards_are_used_evenly():
    """Four hands of three from six cards use every card twice."""
    assert set(Counter(card for hand in hands(4, 6, 3) for card in hand).values()) == {2}


def test_interleaving_takes_one_of_every_group_first():
    """Of groups a (3), b (2) and c (1), the first three items are of three groups, the next two of a and b."""
    items = ["a0", "a1", "a2", "b0", "b1", "c0"]
    for seed in range(10):
        order = interleaved(items, lambda item: item[0], np.random.default_rng(seed))
        assert sorted(order) == items
        assert sorted(item[0] for item in order[:3]) == ["a", "b", "c"]
        assert sorted(item[0] for item in order[3:5]) == ["a", "b"]
