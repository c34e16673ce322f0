"""What Mechanical Turk takes: the one place of its fee rule.

Source: protocol.md F, from public cost code and boto3's text on ``MaxAssignments``: 20 % of the reward, 40 % for HITs with ten or more
assignments, at least a cent for each assignment. (Masters, 5 % more, aren't used here.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from adis_bench.errors import ConfigError

SHARE = 0.2
SHARE_OF_LARGE_HITS = 0.4
MOST_OF_SMALL_HITS = 9
"""Most assignments of a HIT for which the lower share is taken."""
LEAST_FEE = 0.01
"""Dollars for each assignment."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Dollars for a set of HITs.

    Attributes:
        n_hits, n_assignments: counted over all HITs.
        reward, fee: to the workers and to Mechanical Turk.
    """

    n_hits: int
    n_assignments: int
    reward: float
    fee: float

    @property
    def total(self) -> float:
        """Both together, to the cent."""
        return round(self.reward + self.fee, 2)


def fee(reward: float, n_assignments_per_hit: int) -> float:
    """Dollars that Mechanical Turk takes for one assignment; 0 where nothing is paid, since such a study isn't published there.

    Args:
        reward: dollars for an assignment, at least 0.
        n_assignments_per_hit: ``MaxAssignments`` of its HIT.

    Raises:
        ConfigError: a negative reward, or less than one assignment.

    >>> fee(0.1, 9), fee(0.1, 20), fee(0.01, 9), fee(0.0, 20)
    (0.02, 0.04, 0.01, 0.0)
    """
    if not reward >= 0 or n_assignments_per_hit < 1:
        raise ConfigError(f"a reward of {reward} dollars with {n_assignments_per_hit} assignments a HIT has no fee; both must be positive")
    if not reward:
        return 0.0
    share = SHARE if n_assignments_per_hit <= MOST_OF_SMALL_HITS else SHARE_OF_LARGE_HITS
    # A fifth of whole cents has three decimals at most: rounding takes only what binary fractions added.
    return round(max(LEAST_FEE, share * reward), 4)


def hit_sizes(raters: int, at_most_nine: bool) -> tuple[int, ...]:
    """Assignments of each HIT of one item: one HIT with all of them, or several even ones that stay at the lower share.

    >>> hit_sizes(20, at_most_nine=False), hit_sizes(20, at_most_nine=True)
    ((20,), (7, 7, 6))
    """
    n = -(-raters // MOST_OF_SMALL_HITS) if at_most_nine else 1
    return tuple(raters // n + (number < raters % n) for number in range(n))


def cost(reward: float, sizes: Sequence[int]) -> Cost:
    """Of HITs with so many assignments each.

    Args:
        reward: dollars for an assignment.
        sizes: ``MaxAssignments`` of every HIT.
    """
    taken = sum(size * fee(reward, size) for size in sizes)
    return Cost(len(sizes), sum(sizes), round(reward * sum(sizes), 4), round(taken, 4))
