"""Two methods on the same pairs: which are compared, and what a comparison says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adis_bench.metrics.protocol import Floats, Value
from adis_bench.statistics.clustered import clustered_interval
from adis_bench.statistics.effect import Effect, paired_effect
from adis_bench.statistics.holm import holm
from adis_bench.statistics.paired import paired_test
from adis_bench.statistics.records import Groups, Interval

AGAINST = ("identity", "shuffled")
"""The controls that every method is compared with: doing nothing, and chance."""
CONTROLS = ("target", "identity", "shuffled", "retrieval", "oracle")
"""Labels that are no methods: what is said of them checks the metric, and they take no part in the correction of tests."""


@dataclass(frozen=True, slots=True)
class Compared(Value):
    """The value of a method minus that of another, with its test.

    Attributes:
        p: of the paired two-way clustered t test; below 0.05 just where the interval leaves 0 out. None where there is no test.
        p_holm: p after Holm's correction over the metric's comparisons that have a method in them; None for the controls' own.
        effect: sizes of the difference beside the pairs' scatter, above 0 (0.5 for the share) where the first is better;
            None for a set metric, which has no value of a pair.
    """

    p: float | None = None
    p_holm: float | None = None
    effect: Effect | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """The pairs that differences rest on.

    Attributes:
        groups: the pairs' groups.
        strata: int64 [n], target classes where the metric is a mean over classes; all equal elsewhere.
    """

    groups: Groups
    strata: NDArray[np.int64]


def comparisons(methods: Iterable[str]) -> list[tuple[str, str]]:
    """(method, against): every method and control against ``AGAINST``, and every method against those that come after it."""
    names = list(methods)
    own = [name for name in names if name not in CONTROLS]
    with_controls = [(method, control) for method in names for control in AGAINST if control in names and method != control]
    return with_controls + [(first, second) for place, first in enumerate(own) for second in own[place + 1 :]]


def interval_of(value: float, influence: Floats, pairing: Pairing) -> Interval:
    """The clustered interval of a value or a difference: the one that ``compared`` tests by."""
    return clustered_interval(value, influence, pairing.groups, pairing.strata)


def compared(value: Value, influence: Floats | None, pairing: Pairing, better: Floats | None = None) -> Compared:
    """A difference with its test and its effect.

    Args:
        value: the difference, its interval made by ``interval_of``.
        influence: float64 [n], the first's influence minus the second's; None where the metric gives none.
        pairing: the pairs.
        better: float64 [n], the pairs' differences, above 0 where the first is better; None for a set metric.
    """
    p = None
    if value.value is not None and influence is not None:
        p = paired_test(value.value, influence, pairing.groups, pairing.strata).p
    effect = None if better is None or value.value is None else paired_effect(better, pairing.groups)
    return Compared(value.value, value.ci_low, value.ci_high, value.n, value.n_missing, value.reason, p=p, effect=effect)


def corrected(differences: Mapping[tuple[str, str], Compared]) -> dict[tuple[str, str], Compared]:
    """The same differences with Holm's correction over those that have a method in them."""
    family = [names for names in differences if names[0] not in CONTROLS]
    adjusted = dict(zip(family, holm([differences[names].p for names in family]), strict=True))
    return {names: replace(difference, p_holm=adjusted.get(names)) for names, difference in differences.items()}
