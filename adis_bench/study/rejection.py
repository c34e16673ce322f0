"""Why an answer is not counted: a closed list, and the tally of it."""

from dataclasses import dataclass
from typing import Literal, get_args

Reason = Literal[
    "missing_cell",
    "extra_cell",
    "unknown_method",
    "not_a_number",
    "not_a_rank",
    "rank_out_of_range",
    "duplicate",
    "incomplete",
    "tie",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
"""In the order in which they are looked for: an answer with several faults counts once, under the first."""

MEANING: dict[Reason, str] = {
    "missing_cell": "a cell is empty, or a row is cut",
    "extra_cell": "a row has more cells than the header",
    "unknown_method": "a method that is none of those named with --methods",
    "not_a_number": "the rank is not a number",
    "not_a_rank": "the rank is neither whole nor a half",
    "rank_out_of_range": "the rank is below 1 or above the number of methods",
    "duplicate": "the worker ranked a method of the item twice",
    "incomplete": "a method is missing",
    "tie": "two methods have the same rank, and --no-ties forbids it",
}


@dataclass(frozen=True, slots=True)
class Rejection:
    """The answers that were left out for one reason.

    Attributes:
        reason: of the closed list.
        count: rankings; a row that doesn't say whose ranking of what it is counts as one.
        first_line: line of the file where the first of them shows it, from 1.
    """

    reason: Reason
    count: int
    first_line: int

    def __str__(self) -> str:
        return f"{self.reason} {self.count} ({MEANING[self.reason]}; first at line {self.first_line})"
