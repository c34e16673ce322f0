"""Looking after HITs that are there: how far they are, and stopping them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adis_bench.progress import track
from adis_bench.study.mturk.faults import Fault, aside
from adis_bench.study.mturk.ledger import Ledger
from adis_bench.study.mturk.market import Market, told

_PAST = datetime(2015, 1, 1, tzinfo=UTC)
"""Any past time ends a HIT at once; this one is that of AWS's own examples."""


@dataclass(frozen=True, slots=True)
class HitState:
    """How far a HIT is.

    Attributes:
        item_id: of the study.
        hit_id: Mechanical Turk's.
        status: ``Assignable``, ``Unassignable``, ``Reviewable``, ``Reviewing`` or ``Disposed``.
        wanted: assignments.
        available, pending, completed: open to workers, being worked on, and approved or rejected; what is left was submitted.
    """

    item_id: str
    hit_id: str
    status: str
    wanted: int
    available: int
    pending: int
    completed: int

    @property
    def waiting(self) -> int:
        """Submitted assignments that are neither approved nor rejected; of expired HITs also those that nobody took, so at most."""
        return max(0, self.wanted - self.available - self.pending - self.completed)


def hit_states(market: Market, client: Any, ledger: Ledger, faults: list[Fault]) -> list[HitState]:
    """Ask for each HIT of the ledger; those that no longer exist are appended to ``faults``. Errors as those of ``told``."""
    states = []
    for published in track(ledger.hits, "asking", len(ledger.hits)):
        hit: dict[str, Any] = {}
        with told(market), aside(published.name, faults):
            hit = client.get_hit(HITId=published.hit_id)["HIT"]
        if not hit:
            continue
        counts = (int(hit.get(f"NumberOfAssignments{kind}", 0)) for kind in ("Available", "Pending", "Completed"))
        states.append(HitState(published.item_id, published.hit_id, hit.get("HITStatus", ""), published.size, *counts))
    return states


def stop(market: Market, client: Any, ledger: Ledger, faults: list[Fault]) -> int:
    """Offer no HIT to anybody any more; who works on one may still send it. Can be repeated.

    Every HIT is tried, whatever was refused of another: one that stays open costs money. Refusals are appended to ``faults``; errors
    as those of ``told``. Returns the number of HITs that were stopped.
    """
    before = len(faults)
    for published in track(ledger.hits, "stopping", len(ledger.hits)):
        with told(market), aside(published.name, faults, all_refusals=True):
            client.update_expiration_for_hit(HITId=published.hit_id, ExpireAt=_PAST)
    return len(ledger.hits) - (len(faults) - before)
