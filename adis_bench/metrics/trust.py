"""Whether a metric's numbers can be trusted on a run's data: it must put right images ahead, and rest on enough of them."""

from collections.abc import Mapping

from adis_bench.metrics.comparison import Compared
from adis_bench.metrics.evaluate import Evaluation, not_scored
from adis_bench.metrics.protocol import HasClassValues, Metric, PairMetric, StatesControls, StatesLimits


def controls_of(metric: Metric) -> tuple[str, str]:
    """The control that a metric must put ahead, and the one that must be behind (empty where a run has none)."""
    if isinstance(metric, StatesControls):
        return metric.right_control, metric.wrong_control
    return "identity" if "source" in metric.needs else "target", "shuffled"


def cannot_tell(metric: Metric, evaluation: Evaluation, not_asked: Mapping[str, str] | None = None) -> str:
    """Why the metric's numbers mean little on this dataset, in a sentence; empty where it works or the controls weren't run.

    A metric of how well outputs fit the target must put `target` ahead of `shuffled`; one that compares with the
    source, `identity`; others state their own controls.

    Args:
        metric: the metric.
        evaluation: what it says of all methods.
        not_asked: method -> the pairs that it was not asked for and why, in words; methods that did all may be left out.
    """
    good, bad = controls_of(metric)
    difference = evaluation.differences.get((good, bad))
    if difference is None:
        return ""
    if difference.ci_low is None or difference.ci_high is None:
        told = [f"{name} was {words}" for name in (good, bad) if (words := (not_asked or {}).get(name))]
        return f"{metric.name} could not be checked on {good} against {bad}: {_unchecked(metric, difference, told)}"
    apart = difference.ci_low > 0 if metric.higher_is_better else difference.ci_high < 0
    if apart:
        return ""
    interval = f"{difference.value:.3g}, 95 % interval {difference.ci_low:.3g} to {difference.ci_high:.3g}"
    return f"{metric.name} does not put {good} ahead of {bad} on these pairs (difference {interval})"


def _unchecked(metric: Metric, difference: Compared, told: list[str]) -> str:
    """Why there is no interval. To a metric a pair without an output is one that it can't score; ``told`` knows why there is none."""
    n_pairs = difference.n + difference.n_missing
    reason = difference.reason
    if any(f" {difference.n_missing} of {n_pairs} pairs" in words for words in told):
        reason = reason.removeprefix(not_scored(difference.n_missing, n_pairs, getattr(metric, "unscored_reason", ""))).removeprefix("; ")
    return "; ".join(filter(None, [*told, reason]))


def too_few(metric: Metric, evaluation: Evaluation) -> str:
    """A sentence where a metric's values rest on fewer outputs than it needs; empty elsewhere."""
    if not isinstance(metric, StatesLimits) or isinstance(metric, PairMetric):  # a mean of pairs says it by its interval
        return ""
    counts = [(value.n, method, "") for method, value in evaluation.values.items() if value.n]
    if isinstance(metric, HasClassValues):
        classes = evaluation.class_values.items()
        counts = [(value.n, method, " in a class") for method, values in classes for value in values if value.value is not None] or counts
    n, method, where = min(counts, default=(0, "", ""))
    if not 0 < n < metric.n_needed:
        return ""
    of = f" of {method}" if any(count != n for count, _, _ in counts) and not where else ""
    return f"{metric.name} rests on {n:,} outputs{of}{where}, fewer than the {metric.n_needed:,} that it needs: {metric.when_fewer}"
