"""Which method of several runs leads: the one rule of ``results.leading``, asked of a comparison."""

from adis_bench.comparing.comparison import Comparison, turned
from adis_bench.metrics.comparison import Compared
from adis_bench.results import MetricRecord, Score
from adis_bench.results.leading import Standing, standing
from adis_bench.results.verdicts import verdict


def standing_in(found: Comparison, metric: MetricRecord) -> Standing | None:
    """How the methods of all runs stand on a metric, by their labels in the comparison; None where none has a value."""
    scores = [_score(found, one.label, metric.name) for one in found.methods]
    return standing(scores, metric.higher_is_better, lambda one, other: verdict(lead(found, metric, one, other), metric.higher_is_better))


def leader(found: Comparison, metric: MetricRecord) -> str | None:
    """The label of the method that is shown to be better than each other one; None where none is, or the metric fails in a run."""
    stands = standing_in(found, metric)
    return stands.first.method if stands and stands.leads and metric.name not in found.failures else None


def lead(found: Comparison, metric: MetricRecord, first: str, second: str) -> Compared | None:
    """The first one's value minus the second one's, whichever is of the later run."""
    for one in found.differences_in(metric.name):
        if (one.later.label, one.earlier.label) == (first, second):
            return one.value
        if (one.later.label, one.earlier.label) == (second, first):
            return turned(one.value)
    return None


def _score(found: Comparison, label: str, metric: str) -> Score:
    nothing = Score(label, metric, None, None, None, 0, found.runs[0].results.pairs.n, "not scored")
    return found.scores.get((label, metric), nothing)
