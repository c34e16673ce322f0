"""Items that everybody is to meet in equal shares: where workers share the items, each meets as many of them as a share has."""

from collections.abc import Iterator
from itertools import chain, cycle, islice
from pathlib import Path

import numpy as np
import pytest

from adis_bench.study.server import choice
from adis_bench.study.server.pacing import Pace
from tests.study.server.test_store import Lab, lab

WORKERS, PAGES, GOLD = 6, 20, 24


@pytest.fixture(autouse=True)
def _seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    monkeypatch.setattr(
        choice, "new_order", lambda: dict(zip(("slope", "shift"), random.integers(1, choice.PRIME, 2).tolist(), strict=True))
    )


def shared(folder: Path) -> Lab:
    """Six workers share 120 items, 24 of them gold and 6 repeats: 4 gold items each."""
    return lab(folder, per_worker=PAGES, n_items=90, n_gold=GOLD, n_repeats=6, raters=1, k=2, reading="shared")


def turns(mode: str) -> Iterator[int]:
    """Who answers next."""
    if mode == "together":
        return islice(cycle(range(WORKERS)), WORKERS * PAGES * 2)
    return chain.from_iterable([worker] * PAGES for worker in range(WORKERS))


def work(here: Lab, mode: str) -> list[list[bool]]:
    """By worker and page, whether it was gold."""
    people = here.join(WORKERS)
    met: list[list[bool]] = [[] for _ in people]
    for worker in turns(mode):
        item = here.item(people[worker])
        if item in here.key.items:
            assert here.answer(people[worker], item) == "counted"
            met[worker].append(here.key.items[item].kind == "gold")
    return met


@pytest.mark.parametrize("mode", ["together", "one after another"])
def test_everybody_meets_a_share(tmp_path: Path, mode: str):
    """All rounded down at the least, also who comes last; every item is answered exactly once."""
    here = shared(tmp_path)
    met = work(here, mode)
    assert set(here.answered().values()) == {1}
    assert sum(map(len, met)) == WORKERS * PAGES
    assert all(sum(pages) >= GOLD * len(pages) / (WORKERS * PAGES) - 1 for pages in met)
    assert [sum(pages) for pages in met if len(pages) == PAGES].count(4) >= WORKERS - 2


def test_they_are_spread_over_the_pages(tmp_path: Path):
    """Half in each half, but for rounding, and not on the same pages for everybody."""
    met = work(shared(tmp_path), "one after another")
    assert all(1 <= sum(pages[: PAGES // 2]) <= 3 for pages in met)
    assert len({tuple(pages) for pages in met}) == WORKERS


def test_who_ranks_everything_meets_all(tmp_path: Path):
    """Pace changes the order only."""
    here = lab(tmp_path, n_items=12, n_gold=4, n_repeats=2, raters=3, k=2)
    people = here.join(3)
    given = {token: [] for token in people}
    for token in 18 * people:
        given[token].append(here.item(token))
        here.answer(token, given[token][-1])
    assert set(here.answered().values()) == {3}
    assert all(set(items) == set(here.key.items) for items in given.values())


def test_what_is_due():
    """Rounded down or up, as the phase says; beyond the whole share only where there are plenty."""
    even = Pace(share=0.25, lag=0.0)
    assert [page for page in range(1, 9) if even.due(0, page, 8, phase=0.0)][0] == 4
    assert [page for page in range(1, 9) if even.due(0, page, 8, phase=0.99)][0] == 1
    assert not even.due(2, 10, 10, phase=0.99)
    assert Pace(0.25, lag=1.0).due(2, 10, 10, phase=0.6)
    assert not Pace(0.25, lag=-3.0).due(0, 3, 8, phase=0.99)
    assert Pace(0.25, lag=-3.0).due(0, 4, 8, phase=0.0)
