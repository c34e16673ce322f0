"""How far a study on the server is."""

import time
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from adis_bench.study.server.database import Database
from adis_bench.study.server.places import Places
from adis_bench.study.server.tables import assignments, items, participants, study

ROLES_UNKNOWN = (
    "the database was filled without key.json: items that are shown again are given to anybody and tell nothing of self-agreement, "
    "and nobody's share of gold items is seen to"
)
"""For people, at each start and with each status."""


@dataclass(frozen=True, slots=True)
class Status:
    """Counts at one moment.

    Attributes:
        wanted: answers in all; ``answered`` of them are there, ``leased`` are being given.
        per_item: number of items by their number of answers.
        raters: answers wanted of an item.
        participants: who agreed; ``invited`` didn't open their link yet; ``withdrawn`` stopped for good.
        surplus: answers that came when their item had enough; ``deleted`` answers of those who withdrew.
        closed: nobody joins without a personal link.
        roles_known: see ``tables.study``.
        places: taken by now, and in all; None where there is no limit.
    """

    wanted: int
    answered: int
    leased: int
    per_item: dict[int, int]
    raters: int
    participants: int
    invited: int
    withdrawn: int
    surplus: int
    deleted: int
    closed: bool
    roles_known: bool
    places: tuple[int, int] | None = None

    @property
    def complete(self) -> bool:
        """Whether every item has all its answers."""
        return self.answered == self.wanted

    def line(self) -> str:
        """All in one line."""
        share = 100 * self.answered / self.wanted
        return (
            f"answers {self.answered:,} of {self.wanted:,} ({share:.0f} %), {self.per_item.get(self.raters, 0):,} of "
            f"{sum(self.per_item.values()):,} items complete, {self.leased:,} pages open; participants {self.participants:,}, "
            f"{self.withdrawn:,} withdrawn, {self.invited:,} invited and not yet here; surplus answers {self.surplus:,}, "
            f"deleted {self.deleted:,}"
        )

    def text(self) -> str:
        """The line, and the items by their answers."""
        rows = [f"{count:>8,} items with {n:,} of {self.raters:,} answers" for n, count in sorted(self.per_item.items())]
        left = f"{self.wanted - self.answered:,} answers are left to give" if not self.complete else "every item has all its answers"
        return "\n".join([self.line(), *rows, left, *self._doors(), *([] if self.roles_known else [ROLES_UNKNOWN])])

    def _doors(self) -> list[str]:
        if self.closed:
            return ["only those who were invited can take part"]
        if self.places is None:
            return []
        return [f"{self.places[0]:,} of {self.places[1]:,} places are taken; who withdraws or stays away for a day makes room"]


def read_status(database: Database, places: Places | None = None) -> Status:
    """Count, in one reading transaction.

    Args:
        database: of the study, checked.
        places: of the study; None where nobody asks.
    """
    with database.reading() as connection:
        return count_status(connection, places)


def count_status(connection: Connection, places: Places | None = None) -> Status:
    """``read_status`` within a transaction."""
    now = time.time()
    counts = connection.execute(select(items.c.answered, items.c.raters)).all()
    tally = connection.execute(select(assignments.c.status, func.count()).group_by(assignments.c.status)).all()
    by_status = {str(status): int(n) for status, n in tally}
    live = select(func.count()).select_from(assignments).where(assignments.c.status == "open", assignments.c.expires > now)
    leased = int(connection.execute(live).scalar_one())
    people = connection.execute(select(participants.c.consented, participants.c.withdrawn, participants.c.deleted)).all()
    doors = connection.execute(select(study.c.closed, study.c.roles_known)).one()
    return Status(
        wanted=sum(row.raters for row in counts),
        answered=sum(row.answered for row in counts),
        leased=leased,
        per_item=dict(Counter(row.answered for row in counts)),
        raters=max(row.raters for row in counts),
        participants=sum(row.consented is not None for row in people),
        invited=sum(row.consented is None for row in people),
        withdrawn=sum(row.withdrawn is not None for row in people),
        surplus=by_status.get("surplus", 0),
        deleted=sum(row.deleted for row in people),
        closed=bool(doors.closed),
        roles_known=bool(doors.roles_known),
        places=None if places is None or places.most is None else (places.taken(connection, now), places.most),
    )
