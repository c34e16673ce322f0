"""The methods of several runs in one table, with their differences."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from adis_bench.comparing.runs import Floats, OpenRun
from adis_bench.errors import DataError
from adis_bench.metrics.comparison import CONTROLS, Compared, corrected
from adis_bench.metrics.evaluate import pair_difference
from adis_bench.printable import printable
from adis_bench.results import MethodRecord, MetricRecord, Score
from adis_bench.results.per_pair import CLOSE, near

NO_TEST = "no test: a score of all outputs together, whose parts a run doesn't keep"


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """A method of one run, or of several that have it alike.

    Attributes:
        label: the method's, or ``run:method`` where several runs have other outputs under the same label.
        runs: places of its runs in the command, from 0.
        method: its record in the first of them.
    """

    label: str
    runs: tuple[int, ...]
    method: MethodRecord


@dataclass(frozen=True, slots=True, eq=False)
class RunDifference:
    """One contender's value minus another's on the pairs that both have.

    Attributes:
        metric: its name.
        later: the contender of the later run; of two in one run the one that stands further down in the table.
        earlier: what is subtracted.
        value: with interval, test and effect (above 0 where the later one is better) where there are any.
    """

    metric: str
    later: Contender
    earlier: Contender
    value: Compared

    @property
    def between_runs(self) -> bool:
        """Whether it is about one method in two runs."""
        return self.later.method.label == self.earlier.method.label


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Runs in one table.

    Attributes:
        runs: in the order of the command.
        metrics: those that all runs have, in the first one's order; ``not_everywhere`` names the others.
        failures: by metric that means little in any run: why, by run.
        contenders: controls first, then methods, in the order of the runs.
        scores: by (label, metric), as they stand in the runs; ``method`` is the label here.
        differences: every two methods, Holm-corrected for each metric; one method in two runs first.
    """

    runs: tuple[OpenRun, ...]
    metrics: tuple[MetricRecord, ...]
    not_everywhere: tuple[str, ...]
    failures: Mapping[str, Mapping[str, str]]
    contenders: tuple[Contender, ...]
    scores: Mapping[tuple[str, str], Score]
    differences: tuple[RunDifference, ...]

    @property
    def headline(self) -> tuple[MetricRecord, ...]:
        """The metrics that stand for themselves."""
        return tuple(metric for metric in self.metrics if metric.beside is None)

    @property
    def methods(self) -> tuple[Contender, ...]:
        """The contenders that are no controls."""
        return tuple(contender for contender in self.contenders if not contender.method.control)

    def column(self, metric: str) -> tuple[Score, ...]:
        """All scores on a metric; ``method`` is the contender's label."""
        return tuple(score for (_, name), score in self.scores.items() if name == metric)

    def differences_in(self, metric: str) -> tuple[RunDifference, ...]:
        """The differences of one metric."""
        return tuple(one for one in self.differences if one.metric == metric)


def compare(runs: Sequence[OpenRun]) -> Comparison:
    """Compare runs that ``open_runs`` let through."""
    names = [{metric.name for metric in run.results.metrics} for run in runs]
    metrics = tuple(metric for metric in runs[0].results.metrics if all(metric.name in have for have in names))
    contenders = _contenders(runs)
    scores = {
        (contender.label, metric.name): replace(score, method=contender.label)
        for contender in contenders
        for metric in metrics
        if (score := _score(runs[contender.runs[0]], contender.method.label, metric.name)) is not None
    }
    couples = _couples([contender for contender in contenders if not contender.method.control])
    differences: list[RunDifference] = []
    for metric in metrics:
        found = {(later.label, earlier.label): difference(runs, metric, later, earlier) for later, earlier in couples}
        values = corrected(found)
        differences += [RunDifference(metric.name, *couple, values[couple[0].label, couple[1].label]) for couple in couples]
    left = sorted(set().union(*names) - {metric.name for metric in metrics})
    return Comparison(tuple(runs), metrics, tuple(left), _failures(runs, metrics), contenders, scores, tuple(differences))


def _couples(methods: Sequence[Contender]) -> list[tuple[Contender, Contender]]:
    """(later, earlier): every two methods."""
    # Sorting is stable: in one run it leaves the table's order.
    ranked = sorted(methods, key=lambda one: one.runs[0])
    couples = [(later, earlier) for earlier, later in combinations(ranked, 2)]
    return sorted(couples, key=lambda couple: couple[0].method.label != couple[1].method.label)


def _failures(runs: Sequence[OpenRun], metrics: Sequence[MetricRecord]) -> dict[str, dict[str, str]]:
    said = {
        metric.name: {run.name: one.failure for run in runs for one in run.results.metrics if one.name == metric.name and one.failure}
        for metric in metrics
    }
    return {name: by_run for name, by_run in said.items() if by_run}


def difference(runs: Sequence[OpenRun], metric: MetricRecord, later: Contender, earlier: Contender) -> Compared:
    """The later one's value minus the earlier one's, not yet corrected."""
    one, other = runs[later.runs[0]], runs[earlier.runs[0]]
    if metric.kind == "pair":
        first, second = _column(one, later.method.label, metric.name), _column(other, earlier.method.label, metric.name)
        return pair_difference(first, second, runs[0].groups, metric.higher_is_better, "one of the two has no score")
    for place in sorted({*later.runs} & {*earlier.runs}):
        if (known := _set_difference_within(runs[place], metric.name, later.method.label, earlier.method.label)) is not None:
            return known
    return _set_difference(one, other, metric.name, later.method.label, earlier.method.label)


def _set_difference_within(run: OpenRun, metric: str, later: str, earlier: str) -> Compared | None:
    """What the run itself says of two of its methods; it had the outputs of both, and tested them."""
    for method, against in ((later, earlier), (earlier, later)):
        for one in run.results.differences:
            if (one.metric, one.method, one.against) == (metric, method, against) and one.value is not None:
                there = [outputs for label in (later, earlier) if (outputs := run.outputs.get(label)) is not None]
                n = len(frozenset.intersection(*there)) if len(there) == 2 else 0
                found = Compared(one.value, one.ci_low, one.ci_high, n, run.results.pairs.n - n, p=one.p)
                return found if method == later else turned(found)
    return None


def turned(value: Compared) -> Compared:
    """The difference the other way round, without its effect."""
    turned_value, low, high = (None if end is None else -end for end in (value.value, value.ci_high, value.ci_low))
    return Compared(turned_value, low, high, value.n, value.n_missing, value.reason, p=value.p, p_holm=value.p_holm)


def _set_difference(one: OpenRun, other: OpenRun, metric: str, later: str, earlier: str) -> Compared:
    """Such a score depends on which outputs it is made from, and on their number: only scores of the very same pairs have a difference."""
    first, second = _score(one, later, metric), _score(other, earlier, metric)
    if first is None or second is None or first.value is None or second.value is None:
        return _unknown("one of the two is not scored")
    if first.n != second.n:
        return _unknown(f"one rests on {first.n} outputs, the other on {second.n}")
    there, others = one.outputs.get(later), other.outputs.get(earlier)
    if there is None or others is None:
        return _unknown("which pairs have outputs isn't known, and a score of all outputs together depends on them")
    if there != others:
        n_apart = max(len(there - others), len(others - there))
        return _unknown(f"each lacks {n_apart} output{'s' if n_apart > 1 else ''} that the other has")
    return Compared(first.value - second.value, None, None, first.n, first.n_missing, NO_TEST)


def _unknown(reason: str) -> Compared:
    return Compared(None, None, None, 0, 0, reason)


def _column(run: OpenRun, method: str, metric: str) -> Floats:
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
            known = next((number for number, other in enumerate(same) if _alike(runs, (place, method), other)), None)
            if known is None:
                same.append(Contender(method.label, (place,), method))
            else:
                same[known] = Contender(method.label, (*same[known].runs, place), same[known].method)
    every = [
        found if len(same) == 1 else Contender(f"{runs[found.runs[0]].name}:{found.label}", found.runs, found.method)
        for same in groups.values()
        for found in same
    ]
    if twice := [label for label, n in Counter(one.label for one in every).items() if n > 1]:
        # Variants have labels like that, too, and everything below goes by labels.
        raise DataError(
            f"two methods of these runs would be called {printable(twice[0])}; rename the folder {twice[0].partition(':')[0]!r}"
        )
    return tuple(sorted(every, key=lambda contender: (not contender.method.control, _control_place(contender.method.label))))


def _control_place(label: str) -> int:
    return CONTROLS.index(label) if label in CONTROLS else len(CONTROLS)


def _alike(runs: Sequence[OpenRun], found: tuple[int, MethodRecord], other: Contender) -> bool:
    place, method = found
    if method.provenance.get("digest") != other.method.provenance.get("digest"):
        return False
    one, known = runs[place], runs[other.runs[0]]
    common = {metric.name for metric in one.results.metrics} & {metric.name for metric in known.results.metrics}
    return all(
        np.allclose(_column(one, method.label, metric), _column(known, method.label, metric), CLOSE, CLOSE, equal_nan=True)
        and _close(_score(one, method.label, metric), _score(known, method.label, metric))
        for metric in common
    )


def _close(one: Score | None, other: Score | None) -> bool:
    if one is None or other is None or one.value is None or other.value is None:
        return (one is None or one.value is None) and (other is None or other.value is None)
    # Another processor may differ in the last digits (README, Limits).
    return near(one.value, other.value)
