"""A fault of a ``results.json``, and what is asked of every interval in it."""

from collections.abc import Iterator

from adis_bench.results.per_pair import near

Fault = tuple[tuple[str | int, ...], str]
"""The place, as steps from the root, and what is wrong, as a phrase."""


def interval_faults(
    where: tuple[str | int, ...], value: float | None, name: str, low: float | None, high: float | None, ends: tuple[str, str]
) -> Iterator[Fault]:
    """An interval has both ends or none, in order, and its value lies between them; no value has no interval.

    Args:
        where: the record's place.
        value: what the interval is of.
        name: of its field.
        low: the lower end.
        high: the upper end.
        ends: names of their fields.
    """
    if (low is None) != (high is None):
        yield (*where, ends[1] if high is None else ends[0]), "is missing, and the other end is there"
    if low is None or high is None:
        return
    if value is None:
        yield (*where, ends[0]), f"is there, and {name} is not"
    elif low > high:
        yield (*where, ends[0]), f"{low:g} is above {ends[1]}, {high:g}"
    elif not (low <= value <= high or near(low, value) or near(high, value)):
        yield (*where, name), f"{value:g} is outside its interval, {low:g} to {high:g}"
