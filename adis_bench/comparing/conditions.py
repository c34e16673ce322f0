"""``--fail-if 'avc:ours < -0.01'``: when a difference between two runs is a regression."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from adis_bench.comparing.comparison import difference
from adis_bench.comparing.runs import OpenRun
from adis_bench.errors import ConfigError, DataError
from adis_bench.metrics.comparison import Compared

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

    def check(self, runs: Sequence[OpenRun]) -> tuple[bool, Compared]:
        """Whether the condition holds, and the difference that it is about.

        Raises:
            ConfigError: a run has no such metric or method.
            DataError: there is no difference to judge by: a gate that can't be asked must not stand open.
        """
        ends = (runs[-1], runs[0])
        for run in ends:
            metrics, methods = [m.name for m in run.results.metrics], [m.label for m in run.results.methods]
            for what, name, known in (("metric", self.metric, metrics), ("method", self.method, methods)):
                if name not in known:
                    raise ConfigError(f"--fail-if {self.text!r}: {run.name} has no {what} {name!r}; it has {', '.join(known)}")
        record = next(metric for metric in runs[0].results.metrics if metric.name == self.metric)
        found = difference(runs, record, (len(runs) - 1, self.method), (0, self.method))
        self._refuse_lost_pairs(runs)
        if found.value is None or not isfinite(found.value):
            raise DataError(f"--fail-if {self.text!r} cannot be judged: {found.reason}")
        return _OPERATORS[self.sign](found.value, self.bound), found

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
