"""Items that everybody is to meet in equal shares: when a participant's next one is due."""

import math
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from adis_bench.study.server.quota import filled, leased, on
from adis_bench.study.server.tables import assignments, items

_PULL = 0.5
"""Pages' worth by which one such item too many among all pages given out holds the next one back: ours; strong enough that rounding never
adds up over a study, weak enough that the pages at which they come differ between people."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What decides whether an item to be spread is due.

    Attributes:
        share: of all answers wanted, those to such items.
        lag: such answers that are still to be given out, beyond their share of all that are; negative where they run ahead.
    """

    share: float
    lag: float

    def due(self, met: int, page: int, pages: int, phase: float) -> bool:
        """Whether the next page should be such an item.

        After ``n`` pages everybody has met ``share * n`` of them, rounded down or up: which, the ``phase`` says, moved by the lag of all,
        so that places differ between people and the sums fit. More than the share of a whole participation, rounded down, are given
        where there are plenty only: else somebody who comes last would get too few.

        Args:
            met: such items that the participant answered.
            page: number of the next page, from 1; pages that are promised to other items count as given.
            pages: that one participant is given in all.
            phase: in [0, 1), of the participant and the item's number among such.
        """
        rounding = min(max(phase + _PULL * self.lag, 0.0), 1 - 1e-9)
        wanted = math.floor(self.share * min(page, pages) + rounding)
        if self.lag < 1:
            wanted = min(wanted, math.floor(self.share * pages + 1e-9))
        return met < wanted


def read_pace(connection: Connection, now: float) -> Pace | None:
    """The pace of the study; None where no items are to be spread."""
    live = leased(now)
    left = items.c.raters - filled(live)
    marked, marked_left = (func.sum(case((items.c.spread, n), else_=0)) for n in (items.c.raters, left))
    sums = select(func.sum(items.c.raters), marked, func.sum(left), marked_left).select_from(items.join(live, *on(live), isouter=True))
    of_all, of_marked, left_of_all, left_of_marked = map(int, connection.execute(sums).one())
    if not of_marked:
        return None
    share = of_marked / of_all
    return Pace(share, left_of_marked - share * left_of_all)


def met(connection: Connection, participant: str) -> int:
    """Items to be spread that a participant answered."""
    mine = (assignments.c.participant == participant, assignments.c.status != "open", items.c.spread)
    found = select(func.count()).select_from(assignments.join(items, assignments.c.item == items.c.position)).where(*mine)
    return int(connection.execute(found).scalar_one())
