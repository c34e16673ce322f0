"""Differences of metrics of pairs, made once more from the pairs' values, by the function that made them."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from adis_bench.metrics.comparison import Compared
from adis_bench.metrics.evaluate import pair_difference
from adis_bench.metrics.protocol import Floats
from adis_bench.results.numbers import Difference
from adis_bench.results.per_pair import PairScores, near
from adis_bench.results.records import MetricRecord
from adis_bench.statistics.records import Groups

Key = tuple[str, str]
_OF_PAIRS = ("value", "d_z", "share_better")
_OF_GROUPS = ("ci_low", "ci_high", "p", "d_z_low", "d_z_high", "share_low", "share_high")
"""What rests on the pairs' groups as well. Holm's correction is of the file's own p, and is looked at within the file."""


class Recomputed:
    """The differences that the scores of pairs give."""

    def __init__(self, found: PairScores, groups: Mapping[str, tuple[str, str]] | None, left_out: Collection[Key]) -> None:
        """Nothing is computed yet.

        Args:
            found: the pairs' values.
            groups: of each pair, its source's and its sound's, in the order of the pair list; None where there is no list: then
                intervals and tests can't be made anew, only what rests on the pairs alone.
            left_out: (method, metric) whose values are known to be others than those of the file.
        """
        self._found, self._grouped, self._left_out = found, groups is not None, left_out
        # Without a list, any order of the pairs: sums differ by rounding only.
        self._pairs = tuple(groups) if groups is not None else tuple(sorted({pair for column in found.values.values() for pair in column}))
        places = np.arange(len(self._pairs))
        if groups:
            sources, sounds = (np.unique(names, return_inverse=True)[1].astype(np.int64) for names in zip(*groups.values(), strict=True))
            self._groups = Groups(sources, sounds)
        else:
            self._groups = Groups(places, places)
        self._columns: dict[Key, Floats] = {}

    def fault(self, one: Difference, metric: MetricRecord) -> tuple[str, str] | None:
        """The first field that says something else than the pairs do, with a phrase; None where all agree.

        Args:
            one: a difference of the file.
            metric: of pairs, which it is on.
        """
        keys = (one.method, metric.name), (one.against, metric.name)
        if any(key in self._left_out or key not in self._found.values for key in keys):
            return None
        first, second = map(self._column, keys)
        made = pair_difference(first, second, self._groups, metric.higher_is_better, "no score")
        expected = difference_of(one.method, one.against, metric.name, made)
        for name in (*_OF_PAIRS, *(_OF_GROUPS if self._grouped else ())):
            given, right = getattr(one, name), getattr(expected, name)
            if (given is None) != (right is None) or (given is not None and right is not None and not near(given, right)):
                return name, f"{name} is {_text(given)}, and the pairs give {_text(right)}"
        return None

    def _column(self, key: Key) -> Floats:
        if key not in self._columns:
            by_pair = self._found.values[key]
            values = (by_pair.get(pair) for pair in self._pairs)
            self._columns[key] = np.array([np.nan if value is None else value for value in values], np.float64)
        return self._columns[key]


def difference_of(method: str, against: str, metric: str, found: Compared) -> Difference:
    """The record of a comparison.

    Args:
        method: label of the one.
        against: label of the one that is subtracted.
        metric: its name.
        found: what the comparison says.
    """
    value = Difference(method, against, metric, found.value, found.ci_low, found.ci_high, found.p, found.p_holm)
    if (effect := found.effect) is None:
        return value
    return replace(
        value,
        d_z=effect.d_z,
        d_z_low=effect.d_z_interval.low,
        d_z_high=effect.d_z_interval.high,
        share_better=effect.share_better,
        share_low=effect.share_interval.low,
        share_high=effect.share_interval.high,
    )


def _text(value: float | None) -> str:
    return "missing" if value is None else f"{value:.6g}"
