"""``--fail-if 'avc:ours < -0.01'``: when a difference between two runs is a regression."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from adis_bench.comparing.comparison import Contender, difference
from adis_bench.comparing.runs import OpenRun
from adis_bench.errors import ConfigError, DataError
from adis_bench.metrics.comparison import Compared
from adis_bench.printable import printable
from adis_bench.results import MetricRecord

_OPERATORS: dict[str, Callable[[float, float], bool]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_FORM = re.compile(r"\s*([A-Za-z0-9_]+):(\S+)\s*(<=|>=|<|>)\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*")


@dataclass(frozen=True, slots=True)
class Condition:
    """A bound on the last run's value of a method minus the first run's, in the metric's own unit."""

    text: str
    metric: str
    method: str
    sign: str
    bound: float

    @classmethod
    def read(cls, text: str) -> "Condition":
        """Read ``METRIC:METHOD < NUMBER``.

        Raises:
            ConfigError: it is something else.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise ConfigError(f"--fail-if {text!r} is not like 'avc:ours < -0.01': METRIC:METHOD, one of < <= > >=, a number")
        metric, method, sign, bound = found.groups()
        if not isfinite(float(bound)):
            raise ConfigError(f"--fail-if {text!r}: the bound must be a finite number")
        return cls(text.strip(), metric, method, sign, float(bound))

    def check(self, runs: Sequence[OpenRun]) -> "Judged":
        """Whether the condition holds.

        Raises:
            ConfigError: a run has no such metric or method, or the method is a control.
            DataError: there is no difference to judge by: a gate that can't be asked must not stand open.
        """
        last, first = (self._contender(runs, place) for place in (len(runs) - 1, 0))
        record = next(metric for metric in runs[0].results.metrics if metric.name == self.metric)
        found = difference(runs, record, last, first)
        self._refuse_lost_pairs(runs)
        if found.value is None or not isfinite(found.value):
            raise DataError(f"--fail-if {self.text!r} cannot be judged: {found.reason}")
        return Judged(self.text, record, _OPERATORS[self.sign](found.value, self.bound), found)

    def _contender(self, runs: Sequence[OpenRun], place: int) -> Contender:
        run = runs[place]
        methods = {method.label: method for method in run.results.methods}
        for what, name, known in (("metric", self.metric, [m.name for m in run.results.metrics]), ("method", self.method, list(methods))):
            if name not in known:
                raise ConfigError(f"--fail-if {self.text!r}: {run.name} has no {what} {name!r}; it has {printable(', '.join(known))}")
        if methods[self.method].control:
            asked = ", ".join(label for label, method in methods.items() if not method.control)
            raise ConfigError(
                f"--fail-if {self.text!r}: {self.method} is a control of {run.name}, which says nothing of a method; it has "
                f"{printable(asked) or 'controls only'}"
            )
        return Contender(self.method, (place,), methods[self.method])

    def _refuse_lost_pairs(self, runs: Sequence[OpenRun]) -> None:
        """A method that fails on the hard pairs must not look better for it."""
        key = (self.method, self.metric)
        if not (key in runs[0].scores and key in runs[-1].scores):
            return
        lost = int((np.isfinite(runs[0].scores[key]) & ~np.isfinite(runs[-1].scores[key])).sum())
        if lost:
            raise DataError(
                f"--fail-if {self.text!r} cannot be judged: {runs[-1].name} has no score on {lost} of {len(runs[0].groups.sources)} pairs "
                f"that {runs[0].name} scored; make the outputs that are missing"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A condition that was asked.

    Attributes:
        text: as it was given.
        metric: that it is about.
        holds: whether it does: then the last run is a regression.
        value: the last run's value of the method minus the first run's.
    """

    text: str
    metric: MetricRecord
    holds: bool
    value: Compared
