"""A comparison's differences, notes and warnings in words."""

from collections.abc import Mapping

from adis_bench.comparing.comparison import Comparison
from adis_bench.comparing.conditions import Judged
from adis_bench.metrics.comparison import Compared
from adis_bench.results import MetricRecord
from adis_bench.results.rounding import enough_places, method_places, places_in
from adis_bench.results.score_text import failing, interval_text, listed, number_text, p_text
from adis_bench.results.verdicts import Verdict, tested_p, verdict

VERDICTS: Mapping[Verdict, str] = {
    Verdict.BETTER: "better",
    Verdict.WORSE: "worse",
    Verdict.UNCLEAR: "no difference shown",
    Verdict.UNKNOWN: "",
}
SIGNS = (
    "A difference is the later run's value minus the earlier one's (of two methods in one run: the lower row's minus the upper one's), "
    "on the same pairs. d_z, the mean over the scatter of the pairs, is above 0 where the later one is better."
)
"""How every sign of a comparison is meant."""
BOTH = (
    "Better and worse are said only where the interval excludes 0 and the paired test does so after Holm's correction over the "
    "metric's comparisons."
)
SETS = (
    "Scores of all outputs together (Fréchet distances) are compared only where they are made from the very same pairs; between two runs "
    "there is no test of them, since a run doesn't keep their parts."
)
FAILING = failing("in one of the runs")


def score_digits(found: Comparison, metric: str) -> int:
    """Digits behind the point for a metric's scores, as every table of them has."""
    return method_places(found.column(metric), {one.label for one in found.methods})


def difference_digits(found: Comparison, metric: str, *more: Compared) -> int:
    """Digits behind the point for a metric's differences, and for ``more`` beside them."""
    return places_in([*(one.value for one in found.differences_in(metric)), *more])


def section_head(found: Comparison, metric: MetricRecord) -> str:
    """The metric, its direction, and over how many tests its p values are corrected: differences without a test are none."""
    n = sum(one.value.p is not None for one in found.differences_in(metric.name))
    tests = f"p after Holm's correction over {n} comparison{'' if n == 1 else 's'}" if n else "no tests"
    return f"{metric.name} ({'higher' if metric.higher_is_better else 'lower'} is better), {tests}"


def difference_text(value: Compared, digits: int, judged: str = "") -> str:
    """A difference on one line: value, interval, verdict, test, effect and n, or why there is none.

    Args:
        value: the later one's minus the earlier one's.
        digits: behind the point; more where the value would be rounded to 0.
        judged: the verdict in words; empty where it is said elsewhere.
    """
    if value.value is None:
        return f"not known: {value.reason}"
    places, p = enough_places(value.value, digits), tested_p(value)
    shown = f"{number_text(value.value, places, True)} {interval_text(value.ci_low, value.ci_high, places, True)}".rstrip()
    text = ", ".join(filter(None, [shown, judged, "" if p is None else p_text(p), *effect_texts(value), n_text(value)]))
    return f"{text} ({value.reason})" if value.reason and value.ci_low is None else text


def n_text(value: Compared) -> str:
    """The pairs that a difference rests on; of how many, where some are left out."""
    if not value.n:
        return ""
    return f"n {value.n} of {value.n + value.n_missing}" if value.n_missing else f"n {value.n}"


def effect_texts(value: Compared) -> tuple[str, ...]:
    """Effect sizes with their intervals; none for scores of all outputs together."""
    effect = value.effect
    if effect is None:
        return ()
    d_z, share = effect.d_z_interval, effect.share_interval
    texts = [] if effect.d_z is None else [f"d_z {number_text(effect.d_z, 2, True)} {interval_text(d_z.low, d_z.high, 2, True)}".rstrip()]
    if effect.share_better is not None:
        low, high = (None if end is None else 100 * end for end in (share.low, share.high))
        texts.append(f"better on {100 * effect.share_better:.0f} % {interval_text(low, high, 0)}".rstrip() + " of pairs")
    return tuple(texts)


def condition_text(found: Comparison, one: Judged) -> str:
    """The difference that a condition of ``--fail-if`` was judged by."""
    said, digits = VERDICTS[verdict(one.value, one.metric.higher_is_better)], difference_digits(found, one.metric.name, one.value)
    return f"the last run minus the first is {difference_text(one.value, digits, said)}"


def notes(found: Comparison) -> tuple[str, ...]:
    """What must be known to read the tables."""
    sets = any(metric.kind == "set" for metric in found.metrics)
    return (SIGNS, BOTH, *([SETS] if sets else []), *([FAILING] if found.failures else []))


def warnings(found: Comparison) -> tuple[tuple[str, str], ...]:
    """(runs, warning): what the runs were warned of, each once."""
    said: dict[str, list[str]] = {}
    for run in found.runs:
        for text in run.results.warnings:
            said.setdefault(text, []).append(run.name)
    return tuple((listed(names), text) for text, names in said.items())
