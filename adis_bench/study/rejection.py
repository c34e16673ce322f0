"""Why an answer is not counted: a closed list, and the tally of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Reason = Literal[
    "missing_cell",
    "extra_cell",
    "unusable_id",
    "not_submitted",
    "rejected_by_requester",
    "unknown_item",
    "unreadable_answer",
    "item_mismatch",
    "missing_answer",
    "unknown_method",
    "several_ranks",
    "not_a_number",
    "not_a_rank",
    "rank_out_of_range",
    "duplicate",
    "incomplete",
    "tie",
    "screened_worker",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
"""In the order in which they are looked for: an answer with several faults counts once, under the first.

Of a result CSV only answers without another fault are ``duplicate``: a worker may mend a faulty answer, and the mended one counts. Of a
long CSV, whose rows tell no order, the copies of a good ranking are ``duplicate``, and a ranking whose rows contradict one another is."""

MEANING: dict[Reason, str] = {
    "missing_cell": "a cell is empty, or a row is cut",
    "extra_cell": "a row has more cells than the header",
    "unusable_id": "an id of a worker, an item or a method is longer than 256 characters, or one of the first two has control characters",
    "not_submitted": "the assignment was not submitted",
    "rejected_by_requester": "the assignment was rejected, or is marked to be",
    "unknown_item": "the study doesn't ask for a ranking of the methods on this item",
    "unreadable_answer": "its JSON is broken, or a mark is neither true nor false",
    "item_mismatch": "the answer names another item than its row",
    "missing_answer": "no rank is given at all",
    "unknown_method": "a method, or a place on the page, that is none of those compared",
    "several_ranks": "a method has several ranks",
    "not_a_number": "the rank is not a number",
    "not_a_rank": "the rank is neither whole nor a half",
    "rank_out_of_range": "the rank is below 1 or above the number of methods",
    "duplicate": "the worker ranked the item, or one of its methods, again",
    "incomplete": "a method is missing",
    "tie": "two methods have the same rank, which the study or --no-ties forbids",
    "screened_worker": "the study's screening rules leave the worker out",
}


@dataclass(frozen=True, slots=True)
class Rejection:
    """The answers that were left out for one reason.

    Attributes:
        reason: of the closed list.
        count: answers, whatever they are of: rankings, repeats, and of a result CSV gold answers too; a row that doesn't say whose ranking
            of what it is counts as one. ``screened_worker`` counts rankings only.
        first_line: line of the file where the first of them shows it, from 1; 0 where no single line does.
    """

    reason: Reason
    count: int
    first_line: int

    def __str__(self) -> str:
        where = f"; first at line {self.first_line}" if self.first_line else ""
        return f"{self.reason} {self.count} ({MEANING[self.reason]}{where})"


def tally(found: Iterable[tuple[Reason, int]]) -> tuple[Rejection, ...]:
    """Count what was found, in the order of ``REASONS``.

    Args:
        found: the reason and the line of each answer that doesn't count.
    """
    lines: dict[Reason, list[int]] = {reason: [] for reason in REASONS}
    for reason, line in found:
        lines[reason].append(line)
    return tuple(Rejection(reason, len(at), min(at)) for reason, at in lines.items() if at)
