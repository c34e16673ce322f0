"""What participants do, as transactions: join, get an item, answer, withdraw. What a call has returned is on the disk."""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from adis_bench.study.records import Study
from adis_bench.study.server import choice, quota
from adis_bench.study.server.choice import Participant
from adis_bench.study.server.database import Database
from adis_bench.study.server.places import Places, places_of
from adis_bench.study.server.tables import assignments, items, participants, study

Door = Literal["open", "full", "closed"]
"""Of the open link: people come in; all places are taken just now; it isn't this study's, or nobody comes in without a personal link."""
Outcome = Literal["counted", "again", "surplus", "not_given", "withdrawn"]
"""Of an answer: counted; had come before; kept, but the item had enough when it came; never given to the participant; withdrew."""

_ANSWERED = assignments.c.status != "open"


@dataclass(frozen=True, slots=True)
class Turn:
    """What a participant sees now.

    Attributes:
        state: ``consent`` to be asked, an ``item``, ``wait`` while others hold the rest, ``done``, ``withdrawn``.
        item_id: of an ``item``, else empty.
        done, total: answers given, and the most that one participant gives.
    """

    state: Literal["consent", "item", "wait", "done", "withdrawn"]
    item_id: str
    done: int
    total: int


class Store:
    """The participants of one study; safe for threads, and for several servers on one database."""

    def __init__(
        self, database: Database, plan: Study, lease_s: float, clock: Callable[[], float] = time.time, places: Places | None = None
    ) -> None:
        self._database, self._clock = database, clock
        self._places = places or places_of(plan)
        self._limit, self._lease_s = self._places.pages, lease_s
        self._positions = {item.item_id: index for index, item in enumerate(plan.items)}
        self._ids = tuple(self._positions)

    def join_code(self) -> str:
        """The secret part of the link by which anybody takes part."""
        with self._database.reading() as connection:
            return str(connection.execute(select(study.c.join_code)).scalar_one())

    def alive(self) -> None:
        """Ask the database something; raises SQLAlchemyError where it doesn't answer."""
        self.join_code()

    def close(self, *, closed: bool) -> None:
        """Let nobody join without a personal link, or again everybody who has the open one; kept until it is changed."""
        with self._writing() as (connection, _):
            connection.execute(update(study).values(closed=closed))

    def is_closed(self) -> bool:
        """Whether nobody joins without a personal link."""
        with self._database.reading() as connection:
            return bool(connection.execute(select(study.c.closed)).scalar_one())

    def door(self, code: str) -> Door:
        """What becomes of somebody who comes with an open link."""
        with self._database.reading() as connection:
            return self._door(connection, code, self._clock())

    def enter(self, code: str) -> tuple[Door, str]:
        """Take somebody in who comes with an open link and agreed; gives the secret of the personal link where the door is open."""
        token = secrets.token_urlsafe(24)
        with self._writing() as (connection, now):
            door = self._door(connection, code, now)
            if door == "open":
                _add(connection, token, now, consented=True)
        return door, token if door == "open" else ""

    def join(self, *, consented: bool) -> str:
        """A new participant, whether or not there are places; returns the secret of the personal link, which is kept nowhere else.

        Args:
            consented: False for those who are invited and will be asked when they come.
        """
        token = secrets.token_urlsafe(24)
        with self._writing() as (connection, now):
            _add(connection, token, now, consented=consented)
        return token

    def invited(self) -> int:
        """Number of those who were invited and have not agreed yet."""
        with self._database.reading() as connection:
            waiting = select(func.count()).select_from(participants).where(participants.c.consented.is_(None))
            return int(connection.execute(waiting).scalar_one())

    def knows(self, token: str) -> bool:
        """Whether there is such a participant."""
        with self._database.reading() as connection:
            return _find(connection, token) is not None

    def consent(self, token: str) -> bool:
        """Note that a participant agreed; False where there is no such participant."""
        with self._writing() as (connection, now):
            known = _find(connection, token)
            if known is not None and known.consented is None:
                connection.execute(update(participants).where(participants.c.id == known.id).values(consented=now, seen=now))
        return known is not None

    def turn(self, token: str) -> Turn | None:
        """What the participant sees: the item that was given before, or a new one; None where there is no such participant."""
        now = self._clock()
        with self._database.reading() as connection:
            known = _find(connection, token)
            if known is None:
                return None
            # Most pages end here: the answer before gave the item, and nothing need be written.
            lease = _live(connection, known.id, now)
            if known.withdrawn is not None or known.consented is None:
                return self._turn(known, None)
            if lease is not None and lease.expires - now > self._lease_s / 2:
                return self._turn(known, lease.item)
        with self._writing() as (connection, now):
            known = _find(connection, token)
            return None if known is None else self._next(connection, known, now)

    def answer(self, token: str, item_id: str, answers: Mapping[str, str]) -> Outcome:
        """Keep an answer and give the next item, in one transaction.

        An answer that comes after its lease counts while the item has room; else it is kept as surplus, and counts when room comes
        back because somebody withdraws or leaves.

        Args:
            token: of a participant.
            item_id: of the study.
            answers: the fields as they were posted, checked.
        """
        item = self._positions[item_id]
        with self._writing() as (connection, now):
            known = _find(connection, token)
            given = None if known is None else _given(connection, known.id, item)
            if known is None or given is None:
                return "not_given" if known is None or known.withdrawn is None else "withdrawn"
            if given.status != "open":
                return "again"
            live = given.expires > now
            free = known.done < self._limit and (live or quota.has_room(connection, item, now))
            room = free and quota.count(connection, item, 1)
            kept = {"status": "answered" if room else "surplus", "submitted": now, "number": known.done + 1}
            answered = update(assignments).filter_by(participant=known.id, item=item)
            connection.execute(answered.values(**kept, answers=json.dumps(dict(answers))))
            self._next(connection, replace(known, done=known.done + 1), now, held=not live)
        return "counted" if room else "surplus"

    def withdraw(self, token: str, *, erase: bool) -> int | None:
        """End a participation for good; leases become free at once. May be called again to erase later.

        Args:
            token: of a participant.
            erase: delete the answers too, so that others are asked instead.

        Returns:
            Number of answers deleted; None where there is no such participant.
        """
        with self._writing() as (connection, now):
            known = _find(connection, token)
            if known is None:
                return None
            mine = assignments.c.participant == known.id
            gone = connection.execute(select(assignments.c.item, assignments.c.status).where(mine, _ANSWERED)).all() if erase else []
            for row in gone:
                if row.status == "answered":
                    quota.count(connection, row.item, -1)
            connection.execute(delete(assignments).where(mine) if erase else delete(assignments).where(mine, ~_ANSWERED))
            changed = {"withdrawn": known.withdrawn or now, "done": known.done - len(gone), "deleted": known.deleted + len(gone)}
            connection.execute(update(participants).where(participants.c.id == known.id).values(**changed))
            quota.promote(connection, self._limit, now)
        if gone:
            self._database.forget()
        return len(gone)

    def _door(self, connection: Connection, code: str, now: float) -> Door:
        row = connection.execute(select(study.c.join_code, study.c.closed)).one()
        if row.closed or code != row.join_code:
            return "closed"
        return "full" if self._places.full(connection, now) else "open"

    @contextmanager
    def _writing(self) -> Iterator[tuple[Connection, float]]:
        """A writing transaction, and the time at which its turn came: leases that ended while it waited may be others' by now."""
        with self._database.writing() as connection:
            yield connection, self._clock()

    def _next(self, connection: Connection, known: Participant, now: float, *, held: bool = True) -> Turn:
        """Renew the lease, or give the next item; in a writing transaction.

        Args:
            connection: of the transaction.
            known: the participant, as it is to be kept.
            now: time.
            held: whether the participant may hold a lease.
        """
        connection.execute(update(participants).where(participants.c.id == known.id).values(seen=now, done=known.done))
        if known.withdrawn is not None:
            return self._turn(known, None)
        lease = _live(connection, known.id, now) if held else None
        if lease is None:
            quota.promote(connection, self._limit, now)
        item = lease.item if lease else choice.choose(connection, known, self._limit, now, self._lease_s)
        if item is None:
            return self._turn(known, None, waits=known.done < self._limit and _may_come(connection, known.id))
        key = {"participant": known.id, "item": item}
        # An item that was given before and not answered has a row; its lease begins anew.
        accepted = {} if lease else {"accepted": now}
        renewed = connection.execute(update(assignments).filter_by(**key).values(expires=now + self._lease_s, **accepted))
        if not renewed.rowcount:
            row = {**key, "assignment_id": f"a-{secrets.token_hex(8)}", "status": "open", "accepted": now, "expires": now + self._lease_s}
            connection.execute(insert(assignments), row)
        return self._turn(known, item)

    def _turn(self, known: Participant, item: int | None, *, waits: bool = False) -> Turn:
        if known.withdrawn is not None:
            return Turn("withdrawn", "", known.done, self._limit)
        if known.consented is None:
            return Turn("consent", "", known.done, self._limit)
        if item is not None:
            return Turn("item", self._ids[item], known.done, self._limit)
        return Turn("wait" if waits else "done", "", known.done, self._limit)


def _add(connection: Connection, token: str, now: float, *, consented: bool) -> None:
    row = {"id": f"p-{secrets.token_hex(8)}", "token": _hashed(token), **choice.new_order(), "done": 0, "deleted": 0}
    connection.execute(insert(participants), {**row, "seen": now, "consented": now if consented else None})


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _find(connection: Connection, token: str) -> Participant | None:
    columns = [participants.c[field.name] for field in fields(Participant)]
    row = connection.execute(select(*columns).where(participants.c.token == _hashed(token))).one_or_none()
    return None if row is None else Participant(*row)


def _given(connection: Connection, participant: str, item: int) -> Row[Any] | None:
    key = (assignments.c.participant == participant, assignments.c.item == item)
    return connection.execute(select(assignments).where(*key)).one_or_none()


def _live(connection: Connection, participant: str, now: float) -> Row[Any] | None:
    """The lease that the participant holds; no call gives a second one beside it."""
    held = (assignments.c.participant == participant, assignments.c.status == "open", assignments.c.expires > now)
    return connection.execute(select(assignments).where(*held).limit(1)).one_or_none()


def _may_come(connection: Connection, participant: str) -> bool:
    """Whether an item that the participant has not answered lacks answers: it is with somebody who may leave."""
    answered = select(assignments.c.item).where(assignments.c.participant == participant, _ANSWERED)
    lacking = select(func.count()).select_from(items).where(items.c.answered < items.c.raters, items.c.position.not_in(answered))
    return bool(connection.execute(lacking).scalar_one())
