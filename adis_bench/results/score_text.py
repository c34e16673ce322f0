"""Numbers as text on a terminal and in sentences: scores, differences, p values; and the words that stand with them everywhere."""

from collections.abc import Sequence

from adis_bench.results.numbers import Score

INTERVALS = "95 % intervals: they cover the sampling of test pairs, not of training seeds"
TINY_P = 0.001
"""Ours: of a smaller p only this bound is said; its digits rest on the tail of an approximation."""
P_PLACES = 3


def number_text(value: float, places: int, signed: bool = False) -> str:
    """A number with a plain minus sign; a rounded zero has none, and no plus."""
    text = f"{abs(value):.{places}f}"
    if float(text) == 0:
        return text
    return f"-{text}" if value < 0 else f"+{text}" if signed else text


def interval_text(low: float | None, high: float | None, places: int, signed: bool = False) -> str:
    """``[low, high]``, or nothing where there is none."""
    return "" if low is None or high is None else f"[{number_text(low, places, signed)}, {number_text(high, places, signed)}]"


def score_cell(score: Score | None, places: int) -> str:
    """A score with its interval as text, or that there is none."""
    if score is None or score.value is None:
        return "not scored"
    return f"{number_text(score.value, places)} {interval_text(score.ci_low, score.ci_high, places)}".rstrip()


def p_text(p: float) -> str:
    """A p value as text, with its sign of relation."""
    return f"p < {TINY_P:g}" if p < TINY_P else f"p = {p:.{P_PLACES}f}"


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


FAILS = "⚠"
"""Beside the name of a metric that fails its check."""


def failing(where: str = "on this data", mark: str = FAILS) -> str:
    """What the mark of metrics that fail means, in a sentence."""
    return f"Metrics marked {mark} do not tell right images from wrong ones {where} (or could not be checked): their numbers mean little."
