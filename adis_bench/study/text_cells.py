"""Numbers and tables on a terminal."""

from collections.abc import Sequence

from adis_bench.study.results import MethodResult


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table: the first column to the left, the others to the right; the first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]


def best_first(methods: Sequence[MethodResult]) -> list[MethodResult]:
    """By mean points; equal ones stay in their order."""
    return sorted(methods, key=lambda method: -method.mean_points)


def count(n: int, thing: str) -> str:
    """A number of things: "1 worker", "2 workers"."""
    return f"{n} {thing}{'s' * (n != 1)}"


def number(value: float | None) -> str:
    """Whole numbers as they are, others with three digits behind the point, None as "none"."""
    if value is None:
        return "none"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def within(low: float | None, high: float | None) -> str:
    """An interval, or "none"."""
    return "none" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def probability(p: float | None) -> str:
    """A p-value with four digits behind the point, as far as they tell something."""
    if p is None:
        return "none"
    return "below 0.0001" if p < 1e-4 else f"{p:.4f}"
