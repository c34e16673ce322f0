"""Which item a participant gets next, so that every item is answered exactly as often as wanted."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select

from adis_bench.study.server.pacing import met, read_pace
from adis_bench.study.server.quota import filled, leased, on, room
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
    the fewest answers and leases, in an order of the participant's own, from among those to be spread where one is due (``pacing``) and
    from the others else; a second showing that isn't due; a second showing whose first was ranked by others, of whom too few are still
    here to rank it.

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
    due = _spread_due(connection, participant, participant.done + 1 + len(own), limit, now)
    ordinary: Any = connection.execute(_ordinary(participant, left - len(own), now, due)).scalar()
    if ordinary is not None:
        return int(ordinary)
    if own:
        return int(own[0].position)
    return _stranger(connection, participant, limit, now, lease_s)


def new_order() -> dict[str, int]:
    """Slope and shift of a new participant's order."""
    return {"slope": 1 + secrets.randbelow(PRIME - 1), "shift": secrets.randbelow(PRIME)}


def _given(participant: str) -> ColumnElement[bool]:
    """Whether the participant answered the item, counted or not."""
    mine = and_(assignments.c.item == items.c.position, assignments.c.participant == participant, assignments.c.status != "open")
    return exists().where(mine)


def _place(participant: Participant) -> ColumnElement[int]:
    return (items.c.salt * participant.slope + participant.shift) % PRIME


def _own_repeats(connection: Connection, participant: str, now: float) -> Sequence[Any]:
    """Second showings of items that the participant answered, the first answered first; ``number`` is the first one's place."""
    live = leased(now)
    first = assignments.alias("first")
    answered = and_(first.c.item == items.c.original, first.c.participant == participant, first.c.status != "open")
    return connection.execute(
        select(items.c.position, first.c.number)
        .join(first, answered)
        .join(live, *on(live), isouter=True)
        .where(room(live), ~_given(participant))
        .order_by(first.c.number)
    ).all()


def _spread_due(connection: Connection, participant: Participant, page: int, limit: int, now: float) -> bool:
    pace = read_pace(connection, now)
    if pace is None:
        return False
    n = met(connection, participant.id)
    # Another phase for each: nobody learns from two of them where the next one is.
    phase = (participant.slope * (n + 1) + participant.shift) % PRIME / PRIME
    return pace.due(n, page, limit, phase)


def _ordinary(participant: Participant, left: int, now: float, due: bool) -> Select[tuple[int]]:
    """The first showing with the fewest answers and leases, to be spread or not.

    Items that are shown again come in the first half, to leave room for the second showing, and last where there is no room any more.
    """
    live = leased(now)
    place = _place(participant)
    place = case((items.c.shown_again, place // 2), else_=place)
    order: list[Any] = [filled(live), place] if left > GAP + 1 else [items.c.shown_again, filled(live), place]
    return (
        select(items.c.position)
        .join(live, *on(live), isouter=True)
        .where(items.c.original.is_(None), room(live), ~_given(participant.id))
        .order_by(items.c.spread != due, *order)
        .limit(1)
    )


def _stranger(connection: Connection, participant: Participant, limit: int, now: float, lease_s: float) -> int | None:
    """A second showing that more answers are wanted of than will come from those who ranked the first."""
    live, first, second = leased(now), assignments.alias("first"), assignments.alias("second")
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
        .join(live, *on(live), isouter=True)
        .where(items.c.original.is_not(None), room(live), ~_given(participant.id), items.c.raters - filled(live) > coming)
        .order_by(filled(live), _place(participant))
        .limit(1)
    ).scalar()
