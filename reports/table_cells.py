"""Cells of numbers: raw and rounded come from one value, in one place."""

from collections.abc import Sequence
from typing import Any

from adis_bench.results.score_text import P_PLACES, TINY_P
from reports.findings import number
from reports.table_record import Cell, Raw


def rounded(
    value: float | None,
    places: int,
    low: float | None = None,
    high: float | None = None,
    *,
    spread: float | None = None,
    singles: Sequence[float] = (),
    signed: bool = False,
    missing: str = "",
    **more: Any,
) -> Cell:
    """A number with what belongs to it, rounded and unrounded.

    Args:
        value: the number; None where there is none.
        places: digits behind the point (``adis_bench.results.rounding.places_of`` the column).
        low: lower end of its 95 % interval, if it has one.
        high: upper end.
        spread: standard deviation over trainings, if there is one.
        singles: values of single trainings that stand in place of a spread.
        signed: whether a positive number shows its sign, as a difference does.
        missing: why there is no number; what the cell says where ``value`` is None.
        more: other fields of ``Cell``.
    """
    if value is None:
        return Cell(note=missing)
    bounded = low is not None and high is not None
    return Cell(
        value=number(value, places, signed),
        spread="" if spread is None else number(spread, places),
        low=number(low, places, signed) if low is not None and bounded else "",
        high=number(high, places, signed) if high is not None and bounded else "",
        singles=tuple(number(one, places, signed) for one in singles),
        raw=Raw(value, low if bounded else None, high if bounded else None, spread, tuple(singles)),
        **more,
    )


def counted(n: int, **more: Any) -> Cell:
    """A whole number; ``more`` are other fields of ``Cell``."""
    return Cell(f"{n:,}", raw=Raw(n), **more)


def percent(share: float, places: int = 1, **more: Any) -> Cell:
    """A share of 0 to 1, shown in per cent with ``places`` digits behind the point; ``more`` are other fields of ``Cell``."""
    return Cell(f"{100 * share:.{places}f} %", raw=Raw(share), **more)


def p_value(p: float | None, missing: str) -> Cell:
    """A p value, of which only a bound is shown where it is tiny; where there is none the cell says what is ``missing``."""
    cell = rounded(p, P_PLACES, missing=missing)
    return Cell(f"< {TINY_P:g}", raw=cell.raw) if p is not None and p < TINY_P else cell
