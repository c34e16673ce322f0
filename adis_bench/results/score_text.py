"""Scores as text on a terminal: one rule for the digits of a column, and one form of a cell."""

from collections.abc import Iterable

from adis_bench.results.numbers import Score

INTERVALS = "95 % intervals: they cover the sampling of test pairs, not of training seeds"


def digits_of(scores: Iterable[Score | None]) -> int:
    """Digits behind the point for a whole column, so that its values can be compared at a glance."""
    largest = max((abs(score.value) for score in scores if score is not None and score.value is not None), default=0.0)
    return 3 if largest < 10 else 1


def score_cell(score: Score | None, digits: int) -> str:
    """A score with its interval as text, or that there is none."""
    if score is None or score.value is None:
        return "not scored"
    return f"{score.value:.{digits}f}{interval_text(score.ci_low, score.ci_high, digits)}"


def interval_text(low: float | None, high: float | None, digits: int, sign: str = "") -> str:
    """`` [low, high]``, or nothing where there is none; ``sign`` is ``+`` where every end shows its own."""
    return "" if low is None or high is None else f" [{low:{sign}.{digits}f}, {high:{sign}.{digits}f}]"
