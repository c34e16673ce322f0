"""Who gets which item: exact quotas, leases, second showings, withdrawals; on SQLite with a clock of the test's own."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from adis_bench.study.records import Key, Study
from adis_bench.study.server import choice
from adis_bench.study.server.choice import GAP
from adis_bench.study.server.database import Database, open_database
from adis_bench.study.server.store import Store
from adis_bench.study.server.tables import assignments, items, participants
from tests.study.server.roles import roles_of
from tests.study.studies import make_study

LEASE_S = 60.0


class Clock:
    """Time that the test moves."""

    now = 1_000_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@dataclass
class Lab:
    """A study, its store, and what is in its database."""

    study: Study
    key: Key
    store: Store
    database: Database
    clock: Clock

    def join(self, n: int = 1) -> list[str]:
        """Participants who agreed."""
        return [self.store.join(consented=True) for _ in range(n)]

    def item(self, token: str) -> str:
        """The item on the participant's page, or what else is there."""
        turn = self.store.turn(token)
        assert turn is not None
        return turn.item_id or turn.state

    def answer(self, token: str, item_id: str) -> str:
        """Answer; what became of it."""
        return self.store.answer(token, item_id, {"item_id": item_id})

    def answered(self) -> dict[str, int]:
        """Answers by item, counted from the answers themselves; the counters must say the same."""
        with self.database.reading() as connection:
            found = connection.execute(select(items.c.item_id, items.c.answered)).all()
            rows = connection.execute(select(assignments.c.item).where(assignments.c.status == "answered")).scalars()
            counted = Counter(rows)
        assert {row.item_id: row.answered for row in found} == {item.item_id: counted[i] for i, item in enumerate(self.study.items)}
        return {row.item_id: row.answered for row in found}


def lab(folder: Path, per_worker: int | None = None, **options: int) -> Lab:
    """A study with its database."""
    study, key = make_study(folder / "study", **{"n_items": 6, "n_gold": 0, "n_repeats": 0, **options})
    study = replace(study, plan=replace(study.plan, items_per_worker=per_worker or len(study.items)))
    database, clock = open_database(folder, None), Clock()
    database.prepare(study, roles_of(key))
    return Lab(study, key, Store(database, study, LEASE_S, clock), database, clock)


def test_every_item_as_often_as_wanted(tmp_path: Path):
    """People in turn answer until there is nothing left: each item has its quota, nobody an item twice or too many."""
    here = lab(tmp_path, n_items=8, n_gold=2, n_repeats=2, raters=3, per_worker=6)
    seen: dict[str, list[str]] = {token: [] for token in here.join(8)}
    for _ in range(20):
        for token, given in seen.items():
            item = here.item(token)
            if item not in ("done", "wait"):
                given.append(item)
                assert here.answer(token, item) == "counted"
    assert set(here.answered().values()) == {3}
    assert all(len(given) == len(set(given)) <= 6 for given in seen.values())
    assert [here.item(token) for token in seen] == ["done"] * 8


def test_quotas_fill_evenly(tmp_path: Path):
    """Items differ by two answers at most, with those being given: by one but for who had the emptier ones already."""
    here = lab(tmp_path, n_items=7, raters=5)
    people = here.join(5)
    for _ in range(6):
        for token in people:
            assert here.answer(token, here.item(token)) == "counted"
            with here.database.reading() as connection:
                given = Counter(connection.execute(select(assignments.c.item)).scalars())
            assert max(given.values()) - min(given[i] for i in range(7)) <= 2


def test_orders_differ(tmp_path: Path):
    """Participants see the items in orders of their own."""
    here = lab(tmp_path, n_items=12, raters=20)
    orders = set()
    for token in here.join(6):
        order = []
        for _ in range(4):
            order.append(here.item(token))
            here.answer(token, order[-1])
        orders.add(tuple(order))
    assert len(orders) == 6


def test_a_page_can_be_loaded_again(tmp_path: Path):
    """The same item comes back, and keeps its lease; nobody else gets it where one answer is wanted."""
    here = lab(tmp_path, n_items=2, raters=1)
    a, b, c = here.join(3)
    first = here.item(a)
    for _ in range(5):
        here.clock.now += 0.8 * LEASE_S
        assert here.item(a) == first
        assert here.item(b) not in (first, "wait")
        assert here.item(c) == "wait"


def test_an_answer_counts_once(tmp_path: Path):
    """Sent twice, by a double click or after going back, it is kept once, as it came first."""
    here = lab(tmp_path)
    (token,) = here.join()
    item = here.item(token)
    assert here.store.answer(token, item, {"rank_A": "1"}) == "counted"
    assert here.store.answer(token, item, {"rank_A": "2"}) == "again"
    with here.database.reading() as connection:
        assert connection.execute(select(assignments.c.answers).where(assignments.c.status == "answered")).scalars().all() == [
            '{"rank_A": "1"}'
        ]
    turn = here.store.turn(token)
    assert turn is not None
    assert (turn.done, turn.item_id != item) == (1, True)


def test_only_what_was_given_can_be_answered(tmp_path: Path):
    """Items that others hold, and links that nobody has, are refused."""
    here = lab(tmp_path)
    (token,) = here.join()
    other = next(item.item_id for item in here.study.items if item.item_id != here.item(token))
    assert here.answer(token, other) == "not_given"
    assert here.answer("nobody", other) == "not_given"
    assert here.store.turn("nobody") is None
    assert set(here.answered().values()) == {0}


def test_who_leaves_makes_room(tmp_path: Path):
    """A lease ends and the item goes to somebody else; before that it doesn't."""
    here = lab(tmp_path, n_items=1, raters=1)
    a, b = here.join(2)
    item = here.item(a)
    here.clock.now += LEASE_S - 1
    assert here.item(b) == "wait"
    here.clock.now += 2
    assert here.item(b) == item
    assert here.answer(b, item) == "counted"
    assert here.item(a) == "done"


def test_a_late_answer_counts_while_there_is_room(tmp_path: Path):
    """A lease that ended hurts nobody whose item wasn't given away."""
    here = lab(tmp_path, n_items=1, raters=1)
    (token,) = here.join()
    item = here.item(token)
    here.clock.now += 10 * LEASE_S
    assert here.answer(token, item) == "counted"


def test_a_late_answer_without_room_is_kept_aside(tmp_path: Path):
    """It is no answer too many, isn't lost, and counts when somebody else's is deleted."""
    here = lab(tmp_path, n_items=1, raters=1)
    a, b, c = here.join(3)
    item = here.item(a)
    here.clock.now += LEASE_S + 1
    assert here.item(b) == item
    assert here.answer(a, item) == "surplus"  # b is at it
    assert here.answer(b, item) == "counted"
    assert here.answer(a, item) == "again"
    assert here.answered() == {item: 1}
    assert here.store.withdraw(b, erase=True) == 1
    assert here.answered() == {item: 1}
    assert here.item(c) == "done"


def test_surplus_counts_when_its_rival_leaves(tmp_path: Path):
    """The item isn't given to a third person while an answer to it lies ready."""
    here = lab(tmp_path, n_items=1, raters=1)
    a, b, c = here.join(3)
    item = here.item(a)
    here.clock.now += LEASE_S + 1
    assert here.item(b) == item
    assert here.answer(a, item) == "surplus"
    here.clock.now += LEASE_S + 1
    assert here.item(c) == "done"
    assert here.answered() == {item: 1}


def test_the_lease_is_read_when_the_turn_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A lease that ends while its answer waits for its turn may be somebody else's by then."""
    here = lab(tmp_path, n_items=1, raters=1)
    a, b = here.join(2)
    item = here.item(a)
    writing = here.database.writing

    def after_a_while():
        monkeypatch.setattr(here.database, "writing", writing)
        here.clock.now += LEASE_S + 1
        assert here.item(b) == item
        return writing()

    monkeypatch.setattr(here.database, "writing", after_a_while)
    assert here.answer(a, item) == "surplus"
    assert here.answer(b, item) == "counted"


@pytest.mark.parametrize("erase", [True, False])
def test_withdrawing(tmp_path: Path, erase: bool):
    """It ends a participation at once; deleted answers are gone and asked of others."""
    here = lab(tmp_path, n_items=3, raters=1)
    a, b = here.join(2)
    first = here.item(a)
    here.answer(a, first)
    held = here.item(a)
    assert here.store.withdraw(a, erase=erase) == (1 if erase else 0)
    assert here.item(a) == "withdrawn"
    assert here.answer(a, held) == "withdrawn"
    assert sum(here.answered().values()) == (0 if erase else 1)
    for _ in range(3 if erase else 2):
        here.answer(b, here.item(b))
    assert set(here.answered().values()) == {1}
    assert here.store.withdraw(a, erase=True) == (0 if erase else 1)
    assert here.store.withdraw(a, erase=True) == 0
    with here.database.reading() as connection:
        assert connection.execute(select(participants.c.deleted).where(participants.c.withdrawn.is_not(None))).scalar_one() == 1


def test_invited_people_are_asked_first(tmp_path: Path):
    """Without consent there is no item."""
    here = lab(tmp_path)
    token = here.store.join(consented=False)
    assert here.item(token) == "consent"
    assert here.answer(token, here.study.items[0].item_id) == "not_given"
    assert here.store.consent(token)
    assert here.item(token) in {item.item_id for item in here.study.items}


def test_second_showings_go_to_those_who_saw_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With enough pages between; every repeat of this crowd is the same worker's."""
    random = np.random.default_rng(7)
    monkeypatch.setattr(
        choice, "new_order", lambda: dict(zip(("slope", "shift"), random.integers(1, choice.PRIME, 2).tolist(), strict=True))
    )
    here = lab(tmp_path, n_items=30, n_repeats=4, raters=2, per_worker=24)
    seen: dict[str, list[str]] = {token: [] for token in here.join(4)}
    for _ in range(24):
        for token, given in seen.items():
            given.append(here.item(token))
            if given[-1] not in ("done", "wait"):
                here.answer(token, given[-1])
    assert set(here.answered().values()) == {2}
    repeats = {item_id: item.repeats for item_id, item in here.key.items.items() if item.repeats}
    worked = [[item for item in given if item not in ("done", "wait")] for given in seen.values()]
    gaps = [
        (given.index(item), given.index(item) - given.index(repeats[item]), len(given))
        for given in worked
        for item in given
        if item in repeats
    ]
    assert len(gaps) == 8
    # At the very end nothing else may be left to come between.
    assert min(gap for at, gap, n in gaps if at < n - GAP) > GAP


def test_second_showings_whose_worker_left_go_to_others(tmp_path: Path):
    """Only then: while that worker may come back, they wait."""
    here = lab(tmp_path, n_items=2, n_repeats=1, raters=1)
    repeat = next(item_id for item_id, item in here.key.items.items() if item.repeats)
    a, b = here.join(2)
    while (item := here.item(a)) != here.key.items[repeat].repeats:
        here.answer(a, item)
    here.answer(a, item)
    while (item := here.item(b)) != "wait":
        here.answer(b, item)
    assert here.answered()[repeat] == 0
    here.clock.now += LEASE_S + 1
    assert here.item(b) == repeat
    assert here.answer(b, repeat) == "counted"
    assert set(here.answered().values()) == {1}
