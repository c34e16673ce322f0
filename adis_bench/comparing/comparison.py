"""The methods of several runs in one table, with their differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from adis_bench.comparing.runs import OpenRun
from adis_bench.metrics.comparison import CONTROLS, Compared, corrected
from adis_bench.metrics.evaluate import pair_difference
from adis_bench.results import MethodRecord, MetricRecord, Score

_CLOSE = 1e-6
"""Ours: relative and absolute, far above float32's rounding of a mean and far below any interval here."""
NO_TEST = "no test: a score of all outputs together, whose parts a run doesn't keep"


@dataclass(frozen=True, slots=True)
class Contender:
    """A method of a run.

    Attributes:
        label: the method's, or ``run:method`` where several runs have other outputs under the same label.
        run: place of its run in the command, from 0.
    """

    label: str
    run: int
    method: MethodRecord


@dataclass(frozen=True, slots=True)
class RunDifference:
    """``method`` minus ``against`` on the pairs that both have; with ``Compared``'s interval and test where the metric scores pairs."""

    metric: str
    method: str
    against: str
    value: Compared


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs in one table.

    Attributes:
        runs: their names, in the order of the command.
        metrics: those that all runs have, in the first one's order; ``not_everywhere`` names the others.
        contenders: controls first, then methods, in the order of the runs.
        scores: by (label, metric), as they stand in the runs.
        differences: every two methods, Holm-corrected for each metric.
    """

    runs: tuple[str, ...]
    metrics: tuple[MetricRecord, ...]
    not_everywhere: tuple[str, ...]
    contenders: tuple[Contender, ...]
    scores: dict[tuple[str, str], Score]
    differences: tuple[RunDifference, ...]


def compare(runs: Sequence[OpenRun]) -> Comparison:
    """Compare runs that ``open_runs`` let through."""
    names = [{metric.name for metric in run.results.metrics} for run in runs]
    metrics = tuple(metric for metric in runs[0].results.metrics if all(metric.name in have for have in names))
    contenders = _contenders(runs)
    scores = {
        (contender.label, score.metric): score
        for contender in contenders
        for score in runs[contender.run].results.scores
        if score.method == contender.method.label and score.metric in {metric.name for metric in metrics}
    }
    methods = [contender for contender in contenders if not contender.method.control]
    differences: list[RunDifference] = []
    for metric in metrics:
        found = {
            (first.label, second.label): difference(runs, metric, (first.run, first.method.label), (second.run, second.method.label))
            for first, second in combinations(methods, 2)
        }
        differences += [RunDifference(metric.name, *labels, value) for labels, value in corrected(found).items()]
    left = sorted(set().union(*names) - {metric.name for metric in metrics})
    return Comparison(tuple(run.name for run in runs), metrics, tuple(left), contenders, scores, tuple(differences))


def difference(runs: Sequence[OpenRun], metric: MetricRecord, first: tuple[int, str], second: tuple[int, str]) -> Compared:
    """One method's value minus another's, each given as (place of its run, label)."""
    if metric.kind == "pair":
        one, other = (_column(runs[run], method, metric.name) for run, method in (first, second))
        return pair_difference(one, other, runs[0].groups, metric.higher_is_better, "one of the two has no score")
    one_score, other_score = (_score(runs[run], method, metric.name) for run, method in (first, second))
    if one_score is None or other_score is None or one_score.value is None or other_score.value is None:
        return Compared(None, None, None, 0, 0, "one of the two is not scored")
    if one_score.n != other_score.n:
        # Such a score depends on the number of outputs that it is made from.
        return Compared(None, None, None, 0, 0, f"one rests on {one_score.n} outputs, the other on {other_score.n}")
    return Compared(one_score.value - other_score.value, None, None, one_score.n, one_score.n_missing, NO_TEST)


def _column(run: OpenRun, method: str, metric: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    nothing = np.full(len(run.groups.sources), np.nan)
    return run.scores.get((method, metric), nothing)


def _score(run: OpenRun, method: str, metric: str) -> Score | None:
    return next((score for score in run.results.scores if (score.method, score.metric) == (method, metric)), None)


def _contenders(runs: Sequence[OpenRun]) -> tuple[Contender, ...]:
    """The union of all methods; what several runs have alike, digest and scores, stands there once."""
    groups: dict[str, list[Contender]] = {}
    for place, run in enumerate(runs):
        for method in run.results.methods:
            same = groups.setdefault(method.label, [])
            found = Contender(method.label, place, method)
            if not any(_alike(runs, found, other) for other in same):
                same.append(found)
    every = [
        found if len(same) == 1 else Contender(f"{runs[found.run].name}:{found.label}", found.run, found.method)
        for same in groups.values()
        for found in same
    ]
    return tuple(sorted(every, key=lambda contender: (not contender.method.control, _control_place(contender.method.label))))


def _control_place(label: str) -> int:
    return CONTROLS.index(label) if label in CONTROLS else len(CONTROLS)


def _alike(runs: Sequence[OpenRun], first: Contender, second: Contender) -> bool:
    if first.method.provenance.get("digest") != second.method.provenance.get("digest"):
        return False
    one, other = (
        {metric: column for (method, metric), column in runs[contender.run].scores.items() if method == contender.method.label}
        for contender in (first, second)
    )
    # Another processor may differ in the last digits (README, Limits).
    pairs_alike = all(np.allclose(one[metric], other[metric], _CLOSE, _CLOSE, equal_nan=True) for metric in one.keys() & other.keys())
    sets_alike = (
        _close(_score(runs[first.run], first.method.label, metric), _score(runs[second.run], second.method.label, metric))
        for metric in {score.metric for score in runs[first.run].results.scores} & {s.metric for s in runs[second.run].results.scores}
    )
    return pairs_alike and all(sets_alike)


def _close(one: Score | None, other: Score | None) -> bool:
    values = [None if score is None else score.value for score in (one, other)]
    if values[0] is None or values[1] is None:
        return values[0] is values[1]
    return bool(np.isclose(values[0], values[1], _CLOSE, _CLOSE))
