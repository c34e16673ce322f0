"""The answer of a run, which heads its report: which method, by how much, and how sure that is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adis_bench.results import MetricRecord, Score
from reports.data import RunData
from reports.findings import Comparison, Verdict, best, compare, decimals, interval, number, references
from reports.wording import listed, some

NEAREST = 3
"""Ours: methods that the answer compares the best one with, nearest first; the others are rows of the table of differences."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The best method on one headline metric.

    Attributes:
        metric: the metric.
        method: label of the method with the best value, or None where no method was scored.
        value, interval: its score as text.
        standing: whether it is shown to be better than the other methods, as a phrase; empty where it is alone.
        shown: the verdict of ``standing``.
        comparisons: against identity and shuffled.
    """

    metric: MetricRecord
    method: str | None
    value: str
    interval: str
    standing: str
    shown: Verdict
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The run in short.

    Attributes:
        lead: a few sentences on one metric.
        comparisons: that they rest on.
        more: what is left to the tables.
        elsewhere: what the other headline metrics say; empty where there is none, or only one method.
    """

    lead: str
    comparisons: tuple[Comparison, ...] = ()
    more: str = ""
    elsewhere: str = ""


def finding(run: RunData, metric: MetricRecord) -> Finding:
    """The best method on a metric, and how it stands to the others and to the controls."""
    score = best(run, metric)
    if score is None or score.value is None:
        return Finding(metric, None, "", "", "", Verdict.UNKNOWN, ())
    shown, standing = _standing(_rivals(run, score.method, metric))
    comparisons = tuple(compare(run, score.method, against, metric) for against in references(run))
    places = decimals(metric.name, run)
    value = number(score.value, places)
    return Finding(metric, score.method, value, interval(score.ci_low, score.ci_high, places), standing, shown, comparisons)


def _rivals(run: RunData, leader: str, metric: MetricRecord) -> tuple[Comparison, ...]:
    """The leader against each other method that was scored, the nearest score first."""
    scored = {m.label: s.value for m in run.asked if (s := run.score(m.label, metric.name)) is not None and s.value is not None}
    of_leader = scored.pop(leader)
    return tuple(compare(run, leader, other, metric) for other in sorted(scored, key=lambda label: abs(scored[label] - of_leader)))


def _standing(rivals: Sequence[Comparison]) -> tuple[Verdict, str]:
    by_verdict = _by_verdict(rivals)
    if not rivals:
        return Verdict.UNKNOWN, ""
    if len(by_verdict[Verdict.BETTER]) == len(rivals):
        return Verdict.BETTER, "shown to be better than " + ("all other methods" if len(rivals) > 1 else rivals[0].against)
    open_ = by_verdict[Verdict.UNCLEAR] + by_verdict[Verdict.WORSE]
    if open_:
        return Verdict.UNCLEAR, f"no difference from {some(open_, 'other methods')} shown"
    return Verdict.UNKNOWN, "not tested against " + some(by_verdict[Verdict.UNKNOWN], "other methods")


def _by_verdict(rivals: Sequence[Comparison]) -> dict[Verdict, list[str]]:
    return {verdict: [c.against for c in rivals if c.verdict is verdict] for verdict in Verdict}


def told(run: RunData) -> MetricRecord | None:
    """The metric that the answer is about: the first headline metric that works here, or just the first; None where there is none."""
    return next((m for m in run.headline if not m.failure), run.headline[0] if run.headline else None)


def answer(run: RunData) -> Answer:
    """The run in short, on the first headline metric that tells right images from wrong ones."""
    metric = told(run)
    if not run.asked or metric is None:
        return Answer("Only the controls were run: the table shows what the metrics make of real frames, unchanged images and chance.")
    doubt = " No headline metric tells right images from wrong ones here, so this means little." if metric.failure else ""
    score = best(run, metric)
    if score is None or score.value is None:
        return Answer(f"No method could be scored on {metric.name}; the reasons stand in the table.")
    rivals = _rivals(run, score.method, metric)
    said = [_lead(run, metric, score), *_sure(rivals), *_left_out(run, metric, score)]
    controls = tuple(compare(run, score.method, against, metric) for against in references(run))
    told_apart = tuple(c for c in rivals if c.value)
    shown = told_apart[:NEAREST] if len(told_apart) > NEAREST + 1 else told_apart
    n_more = len(told_apart) - len(shown)
    more = f"And {n_more} methods that are farther behind; the differences have them all." if n_more else ""
    return Answer(" ".join(said) + doubt, (*shown, *controls), more, _elsewhere(run, metric))


def _lead(run: RunData, metric: MetricRecord, score: Score) -> str:
    places, n = decimals(metric.name, run), run.results.pairs.n
    value = f"{number(score.value or 0.0, places)} {interval(score.ci_low, score.ci_high, places)}".strip()
    if len(run.asked) == 1:
        return f"{score.method} reaches {metric.name} {value} on {n:,} pairs."
    word = "highest" if metric.higher_is_better else "lowest"
    return f"Of {len(run.asked)} methods, {score.method} has the {word} {metric.name} on {n:,} pairs: {value}."


def _sure(rivals: Sequence[Comparison]) -> Iterator[str]:
    """How sure the lead over the other methods is; every verdict holds the test after Holm's correction."""
    found = _by_verdict(rivals)
    if rivals and len(found[Verdict.BETTER]) == len(rivals):
        yield f"It is shown to be better than {f'each of the other {len(rivals)}' if len(rivals) > 1 else rivals[0].against}."
        return
    if found[Verdict.UNCLEAR]:
        yield f"No difference from {some(found[Verdict.UNCLEAR])} is shown."
    if found[Verdict.BETTER]:
        yield f"It is shown to be better than {some(found[Verdict.BETTER])}."
    if found[Verdict.WORSE]:
        yield f"On the pairs that both have it is worse than {some(found[Verdict.WORSE])}."
    if found[Verdict.UNKNOWN]:
        yield f"How sure its lead over {some(found[Verdict.UNKNOWN])} is can't be said: there is no interval of the difference."


def _left_out(run: RunData, metric: MetricRecord, leader: Score) -> Iterator[str]:
    """Methods that can't lead."""
    scores = {m.label: run.score(m.label, metric.name) for m in run.asked}
    without = [label for label, score in scores.items() if score is None or score.value is None]
    fewer = [label for label, score in scores.items() if score is not None and score.value is not None and score.n < leader.n]
    if without:
        yield f"{listed(without)} could not be scored."
    if fewer:
        yield f"{listed(fewer)} {'is' if len(fewer) == 1 else 'are'} not ranked: scored on fewer pairs."


def _elsewhere(run: RunData, first: MetricRecord) -> str:
    """Who leads on the other headline metrics: a method that is best on one is often not on the next."""
    leads: dict[str, list[str]] = {}
    for metric in run.headline:
        if metric.name == first.name or metric.failure or len(run.asked) < 2:
            continue
        found = finding(run, metric)
        if found.method is not None:
            who = f"{found.method} is shown to be best" if found.shown is Verdict.BETTER else "no method is shown to be best"
            leads.setdefault(who, []).append(metric.name)
    return f"By other headline metrics: {'; '.join(f'{who} on {listed(names)}' for who, names in leads.items())}." if leads else ""
