"""What a metric works out of a reference once, though it is asked for it with every method and every difference."""

from collections.abc import Callable
from typing import Generic, TypeVar

from adis_bench.metrics.protocol import Reference

T = TypeVar("T")
WHOLE = -1
"""The part that is the whole reference and no class of it."""


class PerReference(Generic[T]):
    """Results of a function of a reference and a part of it (a label, or WHOLE); those of the last reference are kept.

    It belongs to one metric object and goes with it. A reference's arrays are taken not to change.
    """

    def __init__(self, make: Callable[[Reference, int], T]) -> None:
        self._make = make
        self._reference: Reference | None = None
        self._made: dict[int, T] = {}

    def of(self, reference: Reference, part: int = WHOLE) -> T:
        """The function's result, made anew only for another reference or another part."""
        if reference is not self._reference:
            self._reference, self._made = reference, {}
        if part not in self._made:
            self._made[part] = self._make(reference, part)
        return self._made[part]
