"""How many digits a column has: the one rule of every terminal, report, plot and table."""

from collections.abc import Collection, Iterable
from math import floor, isfinite, log10
from typing import Protocol, TypeVar

from adis_bench.results.numbers import Difference, Score

OfMethod = TypeVar("OfMethod", Score, Difference)
_MAX_PLACES = 6
_NOISE = 1e-6
"""Ours: a half width below this share of the largest value is rounding error (scores are of single precision, epsilon 1.2e-7), no
uncertainty: `identity` keeps a structure similarity of 1 but for it."""


class Measured(Protocol):
    """A value with its 95 % interval; None where there is none."""

    @property
    def value(self) -> float | None:
        """The value."""

    @property
    def ci_low(self) -> float | None:
        """The interval's lower end."""

    @property
    def ci_high(self) -> float | None:
        """The interval's upper end."""


def places_for(half_widths: Iterable[float]) -> int | None:
    """Digits behind the point of a column: two figures of its smallest uncertainty (half of an interval); None without any.

    Source: JCGM 100:2008 (GUM), 7.2.6 (two figures of an uncertainty suffice).
    """
    known = [half for half in half_widths if half > 0 and isfinite(half)]
    return max(0, min(_MAX_PLACES, 1 - floor(log10(min(known))))) if known else None


def places_of(values: Iterable[float | None], intervals: Iterable[tuple[float | None, float | None]]) -> int:
    """Digits behind the point of a column: ``places_for`` its intervals; where it has none, by the scale of its largest value.

    That is ours: three behind the point below 10, two below 100, else one, so that a column shows three figures or so.

    Args:
        values: of the column; None where there is none.
        intervals: their lower and upper ends; None where there is none.
    """
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    halves = ((high - low) / 2 for low, high in intervals if low is not None and high is not None)
    found = places_for(half for half in halves if half > _NOISE * largest)
    if found is not None:
        return found
    return 3 if largest < 10 else 2 if largest < 100 else 1


def places_in(column: Collection[Measured]) -> int:
    """Digits behind the point of a column of scores or of differences, all of which count."""
    return places_of((one.value for one in column), ((one.ci_low, one.ci_high) for one in column))


def method_places(column: Iterable[OfMethod], methods: Collection[str]) -> int:
    """Digits behind the point of a metric's scores, or differences: controls count only where no method has an interval.

    Args:
        column: of one metric.
        methods: labels of the methods that are no controls.
    """
    every = list(column)
    return places_in([one for one in every if one.method in methods and one.ci_low is not None] or every)


def enough_places(value: float | None, places: int) -> int:
    """``places``, or so many that two figures are left of a value that would be rounded to 0.

    That happens to differences whose interval has no width but rounding errors: every pair has the same one. What is shown to be better
    or worse must not be shown as 0.
    """
    if not value or not isfinite(value) or float(f"{abs(value):.{places}f}") > 0:
        return places
    return 1 - floor(log10(abs(value)))
