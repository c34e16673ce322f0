"""Which item a participant gets next, so that every item is answered exactly as often as wanted."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select, update
from sqlalchemy.sql.selectable import Subquery

from adis_bench.study.server.tables import assignments, items, participants

GAP = 5
"""Answers between an item and its second showing, at the least: ours; about as many pages as people keep apart in mind, and small
enough for a share of 50 items."""
PRIME = (1 << 31) - 1
"""Of the orders; salts and slopes below it keep products within 64 bits."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A row of the table, without the token's hash."""

    id: str
    slope: int
    shift: int
    consented: float | None
    withdrawn: float | None
    done: int
    deleted: int


def choose(connection: Connection, participant: Participant, limit: int, now: float, lease_s: float) -> int | None:
    """The position of the item to give, or None where there is none for this participant now.

    In this order: a second showing that is due, or for which there is only just room among the participant's pages; an item that has
    the fewest answers and leases, in an order of the participant's own; a second showing that isn't due; a second showing whose first
    was ranked by others, of whom too few are still here to rank it.

    Args:
        connection: in a writing transaction.
        participant: who holds no live lease.
        limit: answers that one participant may give.
        now: time.
        lease_s: participants who were not seen for so long are gone.
    """
    left = limit - participant.done
    if left <= 0:
        return None
    own = _own_repeats(connection, participant.id, now)
    if own and (participant.done - own[0].number >= GAP or len(own) >= left):
        return int(own[0].position)
    ordinary: Any = connection.execute(_ordinary(participant, left - len(own), now)).scalar()
    if ordinary is not None:
        return int(ordinary)
    if own:
        return int(own[0].position)
    return _stranger(connection, participant, limit, now, lease_s)


def promote(connection: Connection, limit: int, now: float) -> int:
    """Count surplus answers of items that have room again, the oldest first; returns how many."""
    leased = _leased(now)
    surplus = connection.execute(
        select(assignments.c.participant, assignments.c.item)
        .join(participants, participants.c.id == assignments.c.participant)
        .join(items, items.c.position == assignments.c.item)
        .join(leased, *_on(leased), isouter=True)
        .where(assignments.c.status == "surplus", participants.c.done <= limit, _room(leased))
        .order_by(assignments.c.submitted)
    ).all()
    moved = 0
    for row in surplus:
        if has_room(connection, row.item, now) and count(connection, row.item, 1):
            key = and_(assignments.c.participant == row.participant, assignments.c.item == row.item)
            connection.execute(update(assignments).where(key).values(status="answered"))
            moved += 1
    return moved


def has_room(connection: Connection, item: int, now: float) -> bool:
    """Whether an item wants more answers than it has and than others are at."""
    leased = _leased(now)
    return (
        connection.execute(
            select(items.c.position).join(leased, *_on(leased), isouter=True).where(items.c.position == item, _room(leased))
        ).scalar()
        is not None
    )


def count(connection: Connection, item: int, change: int) -> bool:
    """Change the number of an item's answers by 1 or -1; False, and no change, where it has as many as are wanted.

    The last word, whatever leases say: clocks of several servers may differ.
    """
    possible = items.c.answered + change <= items.c.raters
    counted = update(items).where(items.c.position == item, possible).values(answered=items.c.answered + change)
    return connection.execute(counted).rowcount == 1


def new_order() -> dict[str, int]:
    """Slope and shift of a new participant's order."""
    return {"slope": 1 + secrets.randbelow(PRIME - 1), "shift": secrets.randbelow(PRIME)}


def _leased(now: float) -> Subquery:
    """Live leases by item."""
    live = and_(assignments.c.status == "open", assignments.c.expires > now)
    return select(assignments.c.item, func.count().label("n")).where(live).group_by(assignments.c.item).subquery("leased")


def _on(leased: Subquery) -> tuple[ColumnElement[bool]]:
    return (leased.c.item == items.c.position,)


def _filled(leased: Subquery) -> ColumnElement[int]:
    return items.c.answered + func.coalesce(leased.c.n, 0)


def _room(leased: Subquery) -> ColumnElement[bool]:
    return _filled(leased) < items.c.raters


def _given(participant: str) -> ColumnElement[bool]:
    """Whether the participant answered the item, counted or not."""
    mine = and_(assignments.c.item == items.c.position, assignments.c.participant == participant, assignments.c.status != "open")
    return exists().where(mine)


def _place(participant: Participant) -> ColumnElement[int]:
    return (items.c.salt * participant.slope + participant.shift) % PRIME


def _own_repeats(connection: Connection, participant: str, now: float) -> Sequence[Any]:
    """Second showings of items that the participant answered, the first answered first; ``number`` is the first one's place."""
    leased = _leased(now)
    first = assignments.alias("first")
    answered = and_(first.c.item == items.c.original, first.c.participant == participant, first.c.status != "open")
    return connection.execute(
        select(items.c.position, first.c.number)
        .join(first, answered)
        .join(leased, *_on(leased), isouter=True)
        .where(_room(leased), ~_given(participant))
        .order_by(first.c.number)
    ).all()


def _ordinary(participant: Participant, left: int, now: float) -> Select[tuple[int]]:
    """The first showing with the fewest answers and leases.

    Items that are shown again come in the first half, to leave room for the second showing, and last where there is no room any more.
    """
    leased = _leased(now)
    place = _place(participant)
    place = case((items.c.shown_again, place // 2), else_=place)
    order: list[Any] = [_filled(leased), place] if left > GAP + 1 else [items.c.shown_again, _filled(leased), place]
    return (
        select(items.c.position)
        .join(leased, *_on(leased), isouter=True)
        .where(items.c.original.is_(None), _room(leased), ~_given(participant.id))
        .order_by(*order)
        .limit(1)
    )


def _stranger(connection: Connection, participant: Participant, limit: int, now: float, lease_s: float) -> int | None:
    """A second showing that more answers are wanted of than will come from those who ranked the first."""
    leased, first, second = _leased(now), assignments.alias("first"), assignments.alias("second")
    began = or_(first.c.status != "open", first.c.expires > now)
    at_it = and_(
        second.c.item == items.c.position,
        second.c.participant == first.c.participant,
        or_(second.c.status != "open", second.c.expires > now),
    )
    here = and_(participants.c.withdrawn.is_(None), participants.c.done < limit, participants.c.seen > now - lease_s)
    coming = (
        select(func.count())
        .select_from(first.join(participants, participants.c.id == first.c.participant))
        .where(first.c.item == items.c.original, began, here, ~exists().where(at_it).correlate(first, items))
        .correlate(items)
        .scalar_subquery()
    )
    return connection.execute(
        select(items.c.position)
        .join(leased, *_on(leased), isouter=True)
        .where(items.c.original.is_not(None), _room(leased), ~_given(participant.id), items.c.raters - _filled(leased) > coming)
        .order_by(_filled(leased), _place(participant))
        .limit(1)
    ).scalar()
