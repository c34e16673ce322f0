"""Who is better by a difference and its test: the one rule of every sentence, table, plot and gate."""

from enum import StrEnum
from typing import Protocol

from adis_bench.results.rounding import Measured
from adis_bench.statistics.records import LEVEL

LEVEL_P = round(1 - LEVEL, 9)
"""Below this a corrected test says that two methods differ."""


class Verdict(StrEnum):
    """How one method stands to another by their paired difference."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"


class Tested(Measured, Protocol):
    """A difference with its paired test; None where there is none."""

    @property
    def p(self) -> float | None:
        """Of the test."""

    @property
    def p_holm(self) -> float | None:
        """After Holm's correction."""


def tested_p(difference: Tested) -> float | None:
    """The p-value that counts: the corrected one, if there is one."""
    return difference.p if difference.p_holm is None else difference.p_holm


def verdict(difference: Tested | None, higher_is_better: bool) -> Verdict:
    """Better or worse only where the interval excludes 0, and the corrected test too, where there is one."""
    if difference is None or difference.value is None or difference.ci_low is None or difference.ci_high is None:
        return Verdict.UNKNOWN
    if difference.ci_low <= 0 <= difference.ci_high or taken_back(difference):
        return Verdict.UNCLEAR
    return Verdict.BETTER if (difference.ci_low > 0) == higher_is_better else Verdict.WORSE


def taken_back(difference: Tested) -> bool:
    """Whether the interval excludes 0, but not the test after its correction for the number of comparisons."""
    excludes = difference.ci_low is not None and difference.ci_high is not None and not difference.ci_low <= 0 <= difference.ci_high
    return excludes and (p := tested_p(difference)) is not None and p >= LEVEL_P
