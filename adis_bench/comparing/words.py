"""A comparison in sentences: the answer first, and nothing called different that chance could have made."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Literal

from adis_bench.comparing.comparison import Comparison, Contender, turned
from adis_bench.comparing.conditions import Judged
from adis_bench.metrics.comparison import Compared
from adis_bench.results import MetricRecord, Score
from adis_bench.results.score_text import digits_of, interval_text, score_cell
from adis_bench.statistics.records import LEVEL

Verdict = Literal["better", "worse", "unclear", "unknown"]
VERDICTS: Mapping[Verdict, str] = {"better": "better", "worse": "worse", "unclear": "no difference shown", "unknown": ""}
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
FAILING = "⚠ marks metrics that don't tell right images from wrong ones in one of the runs: their numbers mean little."


def verdict(value: Compared, higher_is_better: bool) -> Verdict:
    """Who is better: said only where the interval excludes 0 and the corrected test, where there is one, agrees."""
    if value.value is None or value.ci_low is None or value.ci_high is None:
        return "unknown"
    tested = value.p if value.p_holm is None else value.p_holm
    if value.ci_low <= 0 <= value.ci_high or (tested is not None and tested >= 1 - LEVEL):
        return "unclear"
    return "better" if (value.ci_low > 0) == higher_is_better else "worse"


def digits_in(found: Comparison, metric: str) -> int:
    """Digits behind the point for a metric's values, as ``adis-bench run`` prints them."""
    return digits_of(found.column(metric))


def difference_text(value: Compared, digits: int, judged: str = "") -> str:
    """A difference on one line: value, interval, verdict, test, effect and n, or why there is none.

    Args:
        value: the later one's minus the earlier one's.
        digits: of the metric's values; a difference has one more.
        judged: the verdict in words; empty where it is said elsewhere.
    """
    if value.value is None:
        return f"not known: {value.reason}"
    shown = f"{value.value:+.{digits + 1}f}{interval_text(value.ci_low, value.ci_high, digits + 1, '+')}"
    text = ", ".join(filter(None, [shown, judged, p_text(value), *effect_texts(value), n_text(value)]))
    return f"{text} ({value.reason})" if value.reason and value.ci_low is None else text


def n_text(value: Compared) -> str:
    """The pairs that a difference rests on; of how many, where some are left out."""
    if not value.n:
        return ""
    return f"n {value.n} of {value.n + value.n_missing}" if value.n_missing else f"n {value.n}"


def p_text(value: Compared) -> str:
    """The p-value after correction, where there is one."""
    p = value.p if value.p_holm is None else value.p_holm
    return "" if p is None else "p < 0.0001" if p < 1e-4 else f"p = {p:.4f}"


def effect_texts(value: Compared) -> tuple[str, ...]:
    """Effect sizes with their intervals; none for scores of all outputs together."""
    effect = value.effect
    if effect is None:
        return ()
    d_z, share = effect.d_z_interval, effect.share_interval
    texts = [] if effect.d_z is None else [f"d_z {effect.d_z:+.2f}{interval_text(d_z.low, d_z.high, 2, '+')}"]
    if effect.share_better is not None:
        low, high = (None if end is None else 100 * end for end in (share.low, share.high))
        texts.append(f"better on {100 * effect.share_better:.0f} %{interval_text(low, high, 0)} of pairs")
    return tuple(texts)


def condition_text(found: Comparison, one: Judged) -> str:
    """The difference that a condition of ``--fail-if`` was judged by."""
    said = VERDICTS[verdict(one.value, one.metric.higher_is_better)]
    return f"the last run minus the first is {difference_text(one.value, digits_in(found, one.metric.name), said)}"


def answer(found: Comparison) -> tuple[str, ...]:
    """The comparison in a few sentences, on the first headline metric that works in all runs."""
    if not found.methods:
        return ("The runs hold controls only.",)
    n_pairs, n_runs = found.runs[0].results.pairs.n, len(found.runs)
    if all(len(one.runs) == n_runs for one in found.contenders):
        said = f"The {n_runs} runs have the same {len(found.contenders)} methods and controls with the same scores on {n_pairs} pairs"
        return (f"Nothing differs between the runs: {said[0].lower()}{said[1:]}.", *_leader(found))
    return (*_leader(found), *_changes(found))


def asked_metric(found: Comparison) -> MetricRecord | None:
    """The first headline metric that works in all runs; the first one where none does."""
    return next((metric for metric in found.headline if metric.name not in found.failures), next(iter(found.headline), None))


def _leader(found: Comparison) -> Iterator[str]:
    metric = asked_metric(found)
    if metric is None:
        yield "No headline metric is in all runs."
        return
    doubt = " No headline metric works in all runs, so this means little." if metric.name in found.failures else ""
    ranked = _ranked(found, metric)
    if not ranked:
        yield f"No method is scored on {metric.name}; the reasons stand in the runs.{doubt}"
        return
    digits = digits_in(found, metric.name)
    (first, score), *others = ranked
    value = f"{score_cell(score, digits)}, n {score.n}"
    word = "highest" if metric.higher_is_better else "lowest"
    if not others:
        yield f"{first.label} is the only method that is scored on {metric.name}: {value}.{doubt}"
        return
    second = others[0][0]
    lead = _lead(found, metric, first, second)
    if lead is not None and verdict(lead, metric.higher_is_better) == "better":
        by = f"{abs(lead.value or 0.0):.{digits + 1}f}{_lead_interval(lead, digits + 1)}"
        yield f"{first.label} is ahead on {metric.name}: {value}, by {by} before {second.label}, {p_text(lead)}.{doubt}"
        return
    why = "it can't be compared with" if lead is None or lead.value is None else "it is not shown to be ahead of"
    by = "" if lead is None or lead.value is None else f" ({', '.join(filter(None, (_signless(lead, digits + 1), p_text(lead))))})"
    yield f"No method is shown to lead on {metric.name}: {first.label} has the {word} value, {value}, but {why} {second.label}{by}.{doubt}"


def _ranked(found: Comparison, metric: MetricRecord) -> list[tuple[Contender, Score]]:
    """The methods from best to worst; only those that were scored on most pairs: who lacks the hard ones would win by it."""
    scored = [(one, score) for one in found.methods if (score := found.scores.get((one.label, metric.name))) and score.value is not None]
    most = max((score.n for _, score in scored), default=0)
    sign = -1 if metric.higher_is_better else 1
    return sorted(((one, score) for one, score in scored if score.n == most), key=lambda entry: sign * (entry[1].value or 0.0))


def _lead(found: Comparison, metric: MetricRecord, first: Contender, second: Contender) -> Compared | None:
    """The first one's value minus the second one's, whichever is of the later run."""
    for one in found.differences_in(metric.name):
        if (one.later, one.earlier) == (first, second):
            return one.value
        if (one.later, one.earlier) == (second, first):
            return turned(one.value)
    return None


def _lead_interval(lead: Compared, digits: int) -> str:
    """The interval of a lead, which has no sign: it is above 0 on either kind of metric."""
    if lead.ci_low is None or lead.ci_high is None:
        return ""
    low, high = sorted((abs(lead.ci_low), abs(lead.ci_high)))
    return interval_text(low, high, digits)


def _signless(lead: Compared, digits: int) -> str:
    return f"apart by {abs(lead.value or 0.0):.{digits}f}"


def _changes(found: Comparison) -> Iterator[str]:
    """What became of each method: changed between runs, the same in all, in one only."""
    metric = asked_metric(found)
    labels = [label for label, _ in groupby(found.methods, key=lambda one: one.method.label)]
    by_label = {label: [one for one in found.methods if one.method.label == label] for label in labels}
    for several in by_label.values():
        if len(several) > 1 and metric is not None:
            yield _changed(found, metric, several)
    same = [label for label, several in by_label.items() if len(several) == 1 and len(several[0].runs) == len(found.runs)]
    if same:
        yield f"{listed(same)} {'is' if len(same) == 1 else 'are'} the same in all runs."
    for names, group in groupby(
        (one for several in by_label.values() if len(several) == 1 and len((one := several[0]).runs) < len(found.runs)),
        key=lambda one: [found.runs[place].name for place in one.runs],
    ):
        alone = [one.label for one in group]
        yield f"{listed(alone)} {'is' if len(alone) == 1 else 'are'} in {listed(names)} only."
    controls = list(dict.fromkeys(one.method.label for one in found.contenders if one.method.control and one.label != one.method.label))
    if controls:
        said = "control differs" if len(controls) == 1 else "controls differ"
        yield f"The {said} between the runs, look there before you look at methods: {listed(controls)}."


def _changed(found: Comparison, metric: MetricRecord, several: Sequence[Contender]) -> str:
    first, last = several[0], several[-1]
    one = next(one for one in found.differences_in(metric.name) if (one.later, one.earlier) == (last, first))
    says = {
        "better": "is better than",
        "worse": "is worse than",
        "unclear": "is not shown to differ from",
        "unknown": "can't be tested against",
    }
    said = says[verdict(one.value, metric.higher_is_better)]
    return f"{last.label} {said} {first.label} on {metric.name}: {difference_text(one.value, digits_in(found, metric.name))}."


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


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
