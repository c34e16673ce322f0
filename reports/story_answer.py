"""The answer of a run, which heads its report: which method, by how much, and how sure that is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adis_bench.results import MetricRecord, Score
from adis_bench.results.leading import Standing
from reports.data import RunData
from reports.findings import Comparison, Verdict, compare, decimals, interval, number, references, standing_in
from reports.wording import listed, some

NEAREST = 3
"""Ours: methods that the answer compares the best one with, nearest first; the others are rows of the table of differences."""
NO_RANKING = "fails its check: no ranking"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first method on one headline metric.

    Attributes:
        metric: the metric.
        method: label of the method with the best value among those on most pairs, or None where no method was scored.
        role: what the value is among those of the other methods, as a phrase before the label; empty where it is alone.
        value, interval: its score as text.
        standing: whether it is shown to be better than the other methods, as a phrase; empty where it is alone.
        shown: the verdict of ``standing``.
        comparisons: against identity and shuffled; none where the metric fails its check.
    """

    metric: MetricRecord
    method: str | None
    role: str = ""
    value: str = ""
    interval: str = ""
    standing: str = ""
    shown: Verdict = Verdict.UNKNOWN
    comparisons: tuple[Comparison, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The run in short.

    Attributes:
        lead: a few sentences on one metric.
        comparisons: that they rest on; none where the metric fails its check.
        more: what is left to the tables.
        elsewhere: what the other headline metrics say; empty where there is none, or only one method.
    """

    lead: str
    comparisons: tuple[Comparison, ...] = ()
    more: str = ""
    elsewhere: str = ""


def finding(run: RunData, metric: MetricRecord) -> Finding:
    """The first method on a metric, and how it stands to the others and to the controls."""
    stands = standing_in(run, metric)
    if stands is None:
        return Finding(metric, None)
    first, places = stands.first, decimals(metric.name, run)
    value, ends = number(first.value or 0.0, places), interval(first.ci_low, first.ci_high, places)
    if metric.failure:
        role = f"{_extreme(metric)}: " if len(run.asked) > 1 else ""
        return Finding(metric, first.method, role, value, ends, NO_RANKING)
    comparisons = tuple(compare(run, first.method, against, metric) for against in references(run))
    shown, standing = _standing(stands)
    return Finding(metric, first.method, _role(run, stands), value, ends, standing, shown, comparisons)


def _role(run: RunData, stands: Standing) -> str:
    """Best of all, or of those on most pairs."""
    first, n_pairs = stands.first, run.results.pairs.n
    on = f"{first.n:,} of {n_pairs:,} pairs" if first.n < n_pairs else f"all {n_pairs:,} pairs"
    if len(run.asked) == 1:
        return f"on {on}: " if first.n < n_pairs else ""
    return f"best on {on}: " if first.n < n_pairs or stands.fewer else "best: "


def _standing(stands: Standing) -> tuple[Verdict, str]:
    """A method that another one is shown to beat is never said to be level with it."""
    if not stands.rivals:
        return Verdict.UNKNOWN, ""
    if stands.leads:
        return Verdict.BETTER, "shown to be better than " + ("all other methods" if len(stands.rivals) > 1 else stands.rivals[0][0].method)
    if worse := stands.by(Verdict.WORSE):
        return Verdict.WORSE, f"worse than {some(worse, 'other methods')} on the pairs that both have"
    if unclear := stands.by(Verdict.UNCLEAR):
        return Verdict.UNCLEAR, f"no difference from {some(unclear, 'other methods')} shown"
    return Verdict.UNKNOWN, "not tested against " + some(stands.by(Verdict.UNKNOWN), "other methods")


def told(run: RunData) -> MetricRecord | None:
    """The metric that the answer is about: the first headline metric that works here, or just the first; None where there is none."""
    return next((m for m in run.headline if not m.failure), run.headline[0] if run.headline else None)


def answer(run: RunData) -> Answer:
    """The run in short, on the first headline metric that tells right images from wrong ones."""
    metric = told(run)
    if not run.asked or metric is None:
        return Answer("Only the controls were run: the table shows what the metrics make of real frames, unchanged images and chance.")
    stands = standing_in(run, metric)
    if stands is None:
        return Answer(f"No method could be scored on {metric.name}; the reasons stand in the table.")
    if metric.failure:
        doubt = "No headline metric tells right images from wrong ones on these data, so no ranking can be read from them."
        return Answer(" ".join([doubt, _lead(run, metric, stands), *_left_out(run, metric, stands)]))
    said = [_lead(run, metric, stands), *_sure(run, metric, stands), *_left_out(run, metric, stands), *_passed_over(run, metric)]
    controls = tuple(compare(run, stands.first.method, against, metric) for against in references(run))
    told_apart = tuple(c for c in _nearest_first(run, metric, stands) if c.value)
    shown = told_apart[:NEAREST] if len(told_apart) > NEAREST + 1 else told_apart
    n_more = len(told_apart) - len(shown)
    more = f"And {n_more} methods that are farther away; the differences have them all." if n_more else ""
    return Answer(" ".join(said), (*shown, *controls), more, _elsewhere(run, metric))


def _nearest_first(run: RunData, metric: MetricRecord, stands: Standing) -> Iterator[Comparison]:
    """The first method against each other one that was scored."""
    first = stands.first
    for other, _ in sorted(stands.rivals, key=lambda rival: abs((rival[0].value or 0.0) - (first.value or 0.0))):
        yield compare(run, first.method, other.method, metric)


def _extreme(metric: MetricRecord) -> str:
    return "highest" if metric.higher_is_better else "lowest"


def _lead(run: RunData, metric: MetricRecord, stands: Standing) -> str:
    """Who is first, and among whom: nobody is called first of all whom another one's value exceeds."""
    first, n_pairs, places = stands.first, run.results.pairs.n, decimals(metric.name, run)
    value = f"{number(first.value or 0.0, places)} {interval(first.ci_low, first.ci_high, places)}".strip()
    on = f"{first.n:,} of {n_pairs:,} pairs" if first.n < n_pairs else f"{n_pairs:,} pairs"
    if len(run.asked) == 1:
        return f"{first.method} reaches {metric.name} {value} on {on}."
    if not _ahead_on_fewer(metric, stands):
        return f"Of {len(run.asked)} methods, {first.method} has the {_extreme(metric)} {metric.name} on {on}: {value}."
    on = on if first.n < n_pairs else f"all {on}"
    n_ranked = len(stands.rivals) + 1 - len(stands.fewer)
    if n_ranked == 1:
        return f"Of {len(run.asked)} methods only {first.method} is scored on {on}: {metric.name} {value}."
    return f"Of the {n_ranked} methods scored on {on}, {first.method} has the {_extreme(metric)} {metric.name}: {value}."


def _ahead_on_fewer(metric: MetricRecord, stands: Standing) -> tuple[Score, ...]:
    """Methods that can't lead since they lack pairs, and whose value is better, or whose scores are on the pairs that both have."""
    sign, beaten_by = 1 if metric.higher_is_better else -1, stands.by(Verdict.WORSE)
    ahead = sign * (stands.first.value or 0.0)
    return tuple(score for score in stands.fewer if sign * (score.value or 0.0) > ahead or score.method in beaten_by)


def _sure(run: RunData, metric: MetricRecord, stands: Standing) -> Iterator[str]:
    """How sure the lead over the other methods is; every verdict holds the test after Holm's correction."""
    if stands.leads:
        n = len(stands.rivals)
        yield f"It is shown to be better than {f'each of the other {n}' if n > 1 else stands.rivals[0][0].method}."
        return
    places = decimals(metric.name, run)
    ahead = {s.method: f"{s.method} ({number(s.value or 0.0, places)} on {s.n:,} pairs)" for s in _ahead_on_fewer(metric, stands)}

    def named(labels: Sequence[str]) -> str:
        return some([ahead.get(label, label) for label in labels])

    if worse := stands.by(Verdict.WORSE):
        yield f"{named(worse)} {_is(worse)} better on the pairs that both have."
    if unclear := stands.by(Verdict.UNCLEAR):
        yield f"No difference from {named(unclear)} is shown."
    if better := stands.by(Verdict.BETTER):
        yield f"It is shown to be better than {named(better)}."
    unknown = stands.by(Verdict.UNKNOWN)
    if behind := [label for label in unknown if label not in ahead]:
        yield f"How sure its lead over {some(behind)} is can't be said: there is no interval of the difference."
    if beyond := [label for label in unknown if label in ahead]:
        yield f"How it stands to {named(beyond)} can't be said: there is no interval of the difference."


def _left_out(run: RunData, metric: MetricRecord, stands: Standing) -> Iterator[str]:
    """Methods without a score, and those that lack pairs which others have."""
    if stands.unscored:
        yield f"{some(stands.unscored, 'methods')} could not be scored."
    if not stands.fewer:
        return
    told_already = {score.method for score in _ahead_on_fewer(metric, stands)}
    names = [s.method if s.method in told_already else f"{s.method} ({s.n:,} of {run.results.pairs.n:,} pairs)" for s in stands.fewer]
    if stands.leads:
        yield f"{some(names, 'methods')} {_is(names)} scored on fewer pairs."
    else:
        lacked = "that it lacks" if len(names) == 1 else "that they lack"
        yield f"{some(names, 'methods')} can't lead: the pairs {lacked} may be the hard ones."


def _passed_over(run: RunData, metric: MetricRecord) -> Iterator[str]:
    """Headline metrics that come before the one that the answer is about, and fail."""
    if before := [m.name for m in run.headline[: run.headline.index(metric)]]:
        fails = "fails its check" if len(before) == 1 else "fail their checks"
        yield f"{listed(before)} {fails} on these data, so {metric.name} is told here."


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


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
