"""What the differences of a ``results.json`` must mean: they are those of its scores, and interval, test and effect agree."""

from collections.abc import Iterator, Mapping, Sequence
from math import isclose

from adis_bench.results.faults import Fault, interval_faults
from adis_bench.results.numbers import Difference, Score
from adis_bench.results.per_pair import CLOSE, near
from adis_bench.results.records import MetricRecord
from adis_bench.statistics.records import LEVEL

_INTERVALS = (
    ("value", "ci_low", "ci_high"),
    ("d_z", "d_z_low", "d_z_high"),
    ("share_better", "share_low", "share_high"),
)


def difference_faults(
    entries: Sequence[tuple[int, Difference]], scores: Mapping[tuple[str, str], Score], metrics: Mapping[str, MetricRecord]
) -> Iterator[Fault]:
    """Every place whose content can't be what it says, and why, as a phrase.

    Args:
        entries: the differences with their places.
        scores: by (method, metric).
        metrics: by name.
    """
    for place, one in entries:
        where = ("differences", place)
        if one.method == one.against:
            yield (*where, "against"), "is the method itself"
        for names in _INTERVALS:
            value, low, high = (getattr(one, name) for name in names)
            yield from interval_faults(where, value, names[0], low, high, names[1:])
        yield from _test(where, one)
        yield from _effect(where, one, metrics.get(one.metric))
        yield from _of_scores(where, one, scores)


def _test(where: tuple[str | int, ...], one: Difference) -> Iterator[Fault]:
    if one.p is None:
        if one.p_holm is not None:
            yield (*where, "p_holm"), "is there, and p is not"
        if one.ci_low is not None:
            yield (*where, "p"), "is missing, and the interval is there"
        return
    if one.value is None:
        yield (*where, "p"), "is there, and the value is not"
    if one.p_holm is not None and one.p_holm < one.p and not near(one.p_holm, one.p):
        yield (*where, "p_holm"), f"{one.p_holm:g} is below p, {one.p:g}: a correction makes none smaller"
    if one.ci_low is None or one.ci_high is None or isclose(one.p, 1 - LEVEL, rel_tol=CLOSE):
        return
    if (one.p < 1 - LEVEL) == (one.ci_low <= 0 <= one.ci_high):
        yield (*where, "p"), f"{one.p:g} and the interval {one.ci_low:g} to {one.ci_high:g} disagree on whether there is a difference"


def _effect(where: tuple[str | int, ...], one: Difference, metric: MetricRecord | None) -> Iterator[Fault]:
    if metric is None:
        return
    if metric.kind == "set":
        given = [name for name in ("d_z", "share_better") if getattr(one, name) is not None]
        yield from (((*where, name), "is there, and the metric scores no single pairs") for name in given)
        return
    if one.value is not None and one.share_better is None:
        yield (*where, "share_better"), "is missing, and the value is there"
    if one.value and one.d_z and (one.d_z > 0) != ((one.value > 0) == metric.higher_is_better):
        better = "higher" if metric.higher_is_better else "lower"
        yield (*where, "d_z"), f"{one.d_z:g} has the wrong sign: the value is {one.value:g}, and {better} is better"


def _of_scores(where: tuple[str | int, ...], one: Difference, scores: Mapping[tuple[str, str], Score]) -> Iterator[Fault]:
    """Where both rest on all pairs, the difference is that of the two values."""
    first, second = scores.get((one.method, one.metric)), scores.get((one.against, one.metric))
    if first is None or second is None:
        return
    if one.value is not None and (first.value is None or second.value is None):
        yield (*where, "value"), "is there, and one of the two has no score"
    elif one.value is not None and first.value is not None and second.value is not None and not (first.n_missing or second.n_missing):
        expected = first.value - second.value
        # Rounding is that of the two values, whose difference may be far smaller.
        if not isclose(one.value, expected, rel_tol=CLOSE, abs_tol=CLOSE * max(1.0, abs(first.value), abs(second.value))):
            yield (*where, "value"), f"is {one.value:.6g}, and the two scores differ by {expected:.6g}"
