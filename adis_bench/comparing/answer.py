"""The answer of a comparison in a few sentences: who leads, by how much, how sure that is, and what changed."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from adis_bench.comparing.comparison import Comparison, Contender, turned
from adis_bench.comparing.standings import lead, standing_in
from adis_bench.comparing.words import difference_digits, difference_text, score_digits
from adis_bench.metrics.comparison import Compared
from adis_bench.results import MetricRecord
from adis_bench.results.leading import Standing
from adis_bench.results.rounding import enough_places
from adis_bench.results.score_text import interval_text, listed, number_text, p_text, score_cell
from adis_bench.results.verdicts import Verdict, tested_p, verdict

_NAMED = 4
"""Ours: methods that one clause names; more are a list to be skipped, and the tables have all."""


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
    stands = standing_in(found, metric)
    if stands is None:
        yield f"No method is scored on {metric.name}; the reasons stand in the runs.{doubt}"
        return
    yield f"{_standing(found, metric, stands)}.{doubt}"
    if stands.fewer:
        names = listed([f"{score.method} ({score.n})" for score in stands.fewer])
        lacks = "is scored on fewer pairs than others, so it can't lead: the pairs that it lacks"
        lack = "are scored on fewer pairs than others, so they can't lead: the pairs that they lack"
        yield f"{names} {lacks if len(stands.fewer) == 1 else lack} may be the hard ones."
    if stands.unscored:
        yield f"{_some(stands.unscored)} {'has' if len(stands.unscored) == 1 else 'have'} no score on {metric.name}."


def _standing(found: Comparison, metric: MetricRecord, stands: Standing) -> str:
    first, label = stands.first, stands.first.method
    value = f"{score_cell(first, score_digits(found, metric.name))}, n {first.n}"
    if not stands.rivals:
        return f"{label} is the only method that is scored on {metric.name}: {value}"
    if stands.leads:
        leads = [(other.method, one) for other, _ in stands.rivals if (one := lead(found, metric, label, other.method)) is not None]
        second, least = min(leads, key=lambda entry: abs(entry[1].value or 0.0))
        by = _apart(found, metric, least, with_interval=True)
        return f"{label} is ahead on {metric.name}: {value}, by {by} before {second}{_p(least)}"
    word = "highest" if metric.higher_is_better else "lowest"
    of = f"of those on {first.n} pairs {label}" if stands.fewer else label
    ahead = stands.by(Verdict.BETTER)
    clauses = list(_open(found, metric, stands))
    said = f"; it is ahead of {_some(ahead)}, but {listed(clauses)}" if ahead else f", but it {listed(clauses)}"
    return f"No method is shown to lead on {metric.name}: {of} has the {word} value, {value}{said}"


def _open(found: Comparison, metric: MetricRecord, stands: Standing) -> Iterator[str]:
    """What keeps the first one from leading, in clauses; only differences without any value can't be compared."""
    label = stands.first.method
    leads = {other: lead(found, metric, label, other) for other in stands.by(Verdict.UNCLEAR, Verdict.UNKNOWN)}
    known = {other: one for other, one in leads.items() if one is not None and one.value is not None}
    if known:
        yield f"is not shown to be ahead of {_some([f'{other} ({_apart(found, metric, one)}{_p(one)})' for other, one in known.items()])}"
    if worse := stands.by(Verdict.WORSE):
        yield f"is worse than {_some(worse)} on the pairs that both have"
    if unknown := [other for other in leads if other not in known]:
        yield f"can't be compared with {_some(unknown)}"


def _apart(found: Comparison, metric: MetricRecord, one: Compared, with_interval: bool = False) -> str:
    """A lead, which has no sign: it is above 0 on either kind of metric. Alone it may be none, and is called a distance."""
    digits = enough_places(one.value, difference_digits(found, metric.name))
    size = number_text(abs(one.value or 0.0), digits)
    if not with_interval:
        return f"apart by {size}"
    ends = (one.ci_low, one.ci_high) if (one.value or 0.0) > 0 else (turned(one).ci_low, turned(one).ci_high)
    return f"{size} {interval_text(*ends, digits)}".rstrip()


def _p(one: Compared) -> str:
    return "" if (p := tested_p(one)) is None else f", {p_text(p)}"


def _some(names: Sequence[str]) -> str:
    """The names; of many the first ones, and how many more there are."""
    return listed(names) if len(names) <= _NAMED else f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"


def _changes(found: Comparison) -> Iterator[str]:
    """What became of each method: changed between runs, the same in all, in one only."""
    metric = asked_metric(found)
    labels = [label for label, _ in groupby(found.methods, key=lambda one: one.method.label)]
    by_label = {label: [one for one in found.methods if one.method.label == label] for label in labels}
    for several in by_label.values():
        if len(several) > 1 and metric is not None:
            yield _changed(found, metric, several)
    yield from _named_after_the_first(found)
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


def _named_after_the_first(found: Comparison) -> Iterator[str]:
    """Labels like ``a:ours`` name one run; others may have that very method, too."""
    named = [one for one in found.contenders if one.label != one.method.label and len(one.runs) > 1]
    for places, group in groupby(named, key=lambda one: one.runs[1:]):
        labels = [one.label for one in group]
        verb = "is" if len(labels) == 1 else "are"
        yield f"{listed(labels)} {verb} the same in {listed([found.runs[place].name for place in places])}."


def _changed(found: Comparison, metric: MetricRecord, several: Sequence[Contender]) -> str:
    first, last = several[0], several[-1]
    one = next(one for one in found.differences_in(metric.name) if (one.later, one.earlier) == (last, first))
    says = {
        Verdict.BETTER: "is better than",
        Verdict.WORSE: "is worse than",
        Verdict.UNCLEAR: "is not shown to differ from",
        Verdict.UNKNOWN: "can't be tested against",
    }
    said = says[verdict(one.value, metric.higher_is_better)]
    text = difference_text(one.value, difference_digits(found, metric.name))
    return f"{last.label} {said} {first.label} on {metric.name}: {text}."
