"""Room for answers: how many an item has, how many people are at it, and that it never gets one too many."""

from sqlalchemy import ColumnElement, Connection, and_, func, select, update
from sqlalchemy.sql.selectable import Subquery

from adis_bench.study.server.tables import assignments, items, participants


def leased(now: float) -> Subquery:
    """Live leases by item."""
    live = and_(assignments.c.status == "open", assignments.c.expires > now)
    return select(assignments.c.item, func.count().label("n")).where(live).group_by(assignments.c.item).subquery("leased")


def on(live: Subquery) -> tuple[ColumnElement[bool]]:
    """How ``items`` are joined with leases."""
    return (live.c.item == items.c.position,)


def filled(live: Subquery) -> ColumnElement[int]:
    """Answers that an item has, and leases."""
    return items.c.answered + func.coalesce(live.c.n, 0)


def room(live: Subquery) -> ColumnElement[bool]:
    """Whether an item wants more answers than it has and than others are at."""
    return filled(live) < items.c.raters


def has_room(connection: Connection, item: int, now: float) -> bool:
    """``room`` of one item."""
    live = leased(now)
    found = select(items.c.position).join(live, *on(live), isouter=True).where(items.c.position == item, room(live))
    return connection.execute(found).scalar() is not None


def count(connection: Connection, item: int, change: int) -> bool:
    """Change the number of an item's answers by 1 or -1; False, and no change, where it has as many as are wanted.

    The last word, whatever leases say: clocks of several servers may differ.
    """
    possible = items.c.answered + change <= items.c.raters
    counted = update(items).where(items.c.position == item, possible).values(answered=items.c.answered + change)
    return connection.execute(counted).rowcount == 1


def promote(connection: Connection, limit: int, now: float) -> int:
    """Count surplus answers of items that have room again, the oldest first; returns how many."""
    live = leased(now)
    surplus = connection.execute(
        select(assignments.c.participant, assignments.c.item)
        .join(participants, participants.c.id == assignments.c.participant)
        .join(items, items.c.position == assignments.c.item)
        .join(live, *on(live), isouter=True)
        .where(assignments.c.status == "surplus", participants.c.done <= limit, room(live))
        .order_by(assignments.c.submitted)
    ).all()
    moved = 0
    for row in surplus:
        if has_room(connection, row.item, now) and count(connection, row.item, 1):
            key = and_(assignments.c.participant == row.participant, assignments.c.item == row.item)
            connection.execute(update(assignments).where(key).values(status="answered"))
            moved += 1
    return moved
