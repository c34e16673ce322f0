"""How many people take part at once: more than the study's workers would each rank a part of what each is to rank whole."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from adis_bench.study.records import Study
from adis_bench.study.server.tables import participants

AWAY_S = 24 * 3600.0
"""Seconds after which somebody who was not seen and has pages left makes room for another: ours; a night's sleep is no leaving."""


@dataclass(frozen=True, slots=True)
class Places:
    """Places of a study.

    Attributes:
        most: places in all; None for no limit.
        pages: answers that one participant gives in all.
    """

    most: int | None
    pages: int

    def taken(self, connection: Connection, now: float) -> int:
        """Participants who agreed, and either gave all their answers or may be expected to go on."""
        here = or_(participants.c.done >= self.pages, participants.c.seen > now - AWAY_S)
        agreed = (participants.c.consented.is_not(None), participants.c.withdrawn.is_(None))
        return int(connection.execute(select(func.count()).select_from(participants).where(*agreed, here)).scalar_one())

    def full(self, connection: Connection, now: float) -> bool:
        """Whether nobody else can begin just now."""
        return self.most is not None and self.taken(connection, now) >= self.most


def places_of(study: Study, most: int | None = None) -> Places:
    """The places of a study.

    Args:
        study: that is served.
        most: places wanted, 0 for no limit; by default as many as the study has workers where each ranks every item, else no limit.
    """
    plan = study.plan
    pages = min(plan.items_per_worker, len(study.items))
    if most is None:
        # As many as it takes at the least, should a worker be given less than everything.
        most = max(plan.n_workers, -(-plan.raters * len(study.items) // pages)) if plan.reading == "each" else 0
    return Places(most or None, pages)
