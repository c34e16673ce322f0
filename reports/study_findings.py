"""What a study shows, in careful words: no method is called better without a test that survives Holm's correction."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from adis_bench.datasets.description_text import number_of
from adis_bench.results.rounding import places_for
from adis_bench.study.results import MeanDifference, MethodResult, MetricAgreement, Screening, StudyResults
from reports.findings import LEVEL_P, Verdict, interval, number
from reports.wording import NAMED, listed, p_text, some

FEW_WORKERS = 10
"""Ours: below this Student's t on workers is more than 15 % wider than with endless ones (2.26 at 9 degrees of freedom, not 1.96)."""
FEW_ITEMS = 10
"""Ours, likewise for items."""
MUCH_REJECTED = 0.1
"""Ours: a tenth of the rankings can move a mean by a tenth of the scale."""
MUCH_SCREENED = 0.25
"""Ours: with a quarter of the workers gone, who is asked has changed."""
LOW_ALPHA = 0.2
"""Ours: where workers agree this little, single rankings say next to nothing; only means over many can be read."""
TENTATIVE_ALPHA, RELIABLE_ALPHA = 0.667, 0.8
"""Source: Krippendorff, Content Analysis, 2nd ed. 2004, p. 241: reliable from 0.8 on, from 0.667 for tentative conclusions."""
NEAREST = 5
"""Ours: comparisons under the answer, of the methods nearest to the best; the rest are a number, and rows of the table."""
FARTHER = {
    Verdict.BETTER: "shown to be worse",
    Verdict.WORSE: "shown to be better",
    Verdict.UNCLEAR: "without a shown difference",
    Verdict.UNKNOWN: "not tested",
}
"""What the rest is, by the best method's verdict against it."""
_HEAD = re.compile(r"\A(undefined|no interval of .*|no [a-z-]+): ", re.DOTALL)
"""Reasons may begin with what there is none of; a sentence that says so itself drops it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One comparison that the answer rests on."""

    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The study in a sentence or two, what it rests on, and what is left to the table."""

    lead: str
    evidence: tuple[Evidence, ...] = ()
    more: str = ""


def best_first(methods: Sequence[MethodResult]) -> tuple[MethodResult, ...]:
    """By mean points; equal ones in the order in which they came."""
    return tuple(sorted(methods, key=lambda method: -method.mean_points))


def verdict(difference: MeanDifference) -> Verdict:
    """Better or worse where the test stands after Holm's correction over all pairs; unknown where there is no test."""
    if difference.p_holm is None:
        return Verdict.UNKNOWN
    if difference.p_holm >= LEVEL_P:
        return Verdict.UNCLEAR
    return Verdict.BETTER if difference.value > 0 else Verdict.WORSE


def versus(results: StudyResults) -> dict[tuple[str, str], MeanDifference]:
    """The difference of every two methods from both ends: under ``(first, second)`` stands first minus second."""
    found = {(one.method, one.against): one for one in results.differences}
    return found | {(one.method, one.against): one for one in map(_mirrored, results.differences)}


def _mirrored(one: MeanDifference) -> MeanDifference:
    low, high = (None if end is None else -end for end in (one.ci_high, one.ci_low))
    return MeanDifference(one.against, one.method, -one.value, low, high, one.p, one.p_holm, 1 - one.share_better)


def points_places(results: StudyResults) -> int:
    """Digits behind the point for mean points: two figures of the smallest half width, two digits where there is none."""
    halves = [(m.ci_high - m.ci_low) / 2 for m in results.methods if m.ci_low is not None and m.ci_high is not None]
    return min(max(places_for(halves) or 2, 2), 3)


def why(reason: str) -> str:
    """A reason as the end of a sentence that says already that something is undefined."""
    return _HEAD.sub("", reason, count=1).rstrip(".")


def answer(results: StudyResults) -> Answer:
    """Whom people prefer, by how much, and how sure that is."""
    ranked = best_first(results.methods)
    leader, others = ranked[0], [m.method for m in ranked[1:]]
    both_ends = versus(results)
    found = {other: both_ends[leader.method, other] for other in others if (leader.method, other) in both_ends}
    # A list that leaves one out could as well name it.
    n_named = NEAREST if len(found) > NEAREST + 1 else len(found)
    nearest, rest = list(found.values())[:n_named], list(found.values())[n_named:]
    evidence = tuple(Evidence(verdict(one), _sentence(one, points_places(results))) for one in nearest)
    level = [m.method for m in ranked if abs(m.mean_points - leader.mean_points) < 1e-9]
    lead = _level(results, level) if len(level) > 1 else _lead(results, leader, others, found)
    return Answer(lead, evidence, _more(rest))


def _level(results: StudyResults, leaders: Sequence[str]) -> str:
    points = number(best_first(results.methods)[0].mean_points, points_places(results))
    same = f"{some(leaders)} have the same mean points, {points} of at most {len(results.methods)}"
    return f"{same}: no difference between them is shown."


def _more(rest: Sequence[MeanDifference]) -> str:
    if not rest:
        return ""
    n_by = Counter(map(verdict, rest))
    parts = [f"{n_by[one]} {says}" for one, says in FARTHER.items() if n_by[one]]
    return f"And {len(rest)} others with fewer points: {listed(parts)}; the table of differences has them all."


def _lead(results: StudyResults, leader: MethodResult, others: Sequence[str], found: Mapping[str, MeanDifference]) -> str:
    places, k = points_places(results), len(results.methods)
    has = f"{number(leader.mean_points, places)} of at most {k} points on average"
    if leader.ci_low is not None and leader.ci_high is not None:
        has += f" (95 % interval {number(leader.ci_low, places)} to {number(leader.ci_high, places)})"
    by_verdict = {one: [other for other, difference in found.items() if verdict(difference) is one] for one in Verdict}
    ahead, unclear, untested = (by_verdict[one] for one in (Verdict.BETTER, Verdict.UNCLEAR, Verdict.UNKNOWN))
    if len(ahead) == len(others):
        largest = max(difference.p_holm or 0.0 for difference in found.values())
        rest = f"each of the other {len(others)} methods" if len(others) > 1 else others[0]
        return f"People prefer {leader.method}: {has}. It is shown to be better than {rest} ({p_text(largest)} after correction)."
    lead = f"{leader.method} has the most points, {has}"
    if not ahead and not unclear:
        return f"{lead}, but how sure that is can't be said: {no_interval(results)}."
    shown = f" It is shown to be better than {some(ahead)}." if ahead else ""
    rest = f" Against {some(untested)} there is no test: {no_interval(results)}." if untested else ""
    return f"{lead}{f', but no difference from {some(unclear)} is shown' if unclear else ''}.{shown}{rest}"


def no_interval(results: StudyResults) -> str:
    """Why all or some means and differences have no interval, as the end of a sentence."""
    return why(results.undefined.get("interval") or results.undefined.get("no_scatter") or "there is no scatter to judge by")


def _sentence(one: MeanDifference, places: int) -> str:
    shown = f"{number(one.value, places, signed=True)} {interval(one.ci_low, one.ci_high, places, signed=True)}".strip()
    says = {
        Verdict.BETTER: "better",
        Verdict.WORSE: "worse",
        Verdict.UNCLEAR: "no difference shown",
        Verdict.UNKNOWN: "not tested",
    }[verdict(one)]
    p = f", {p_text(one.p_holm)}" if one.p_holm is not None else ""
    return f"{shown} points against {one.against}: {says}{p}; above it in {100 * one.share_better:.0f} % of the rankings."


def warnings(results: StudyResults) -> tuple[str, ...]:
    """What must be known before a number is quoted."""
    return tuple(
        [*_simulated_warnings(results), *_size_warnings(results), *_screening_warnings(results.screening), *_undefined_warnings(results)]
    )


def _simulated_warnings(results: StudyResults) -> Iterator[str]:
    if results.n_simulated:
        yield f"Made up by adis-bench study simulate: the answers of {number_of(results.n_simulated, 'worker')}. No people gave them."


def _size_warnings(results: StudyResults) -> Iterator[str]:
    if results.n_workers < FEW_WORKERS:
        yield f"Only {number_of(results.n_workers, 'worker')}: what other people would say is known roughly at best."
    if results.n_items < FEW_ITEMS:
        yield f"Only {number_of(results.n_items, 'item')}: what people would say of other pairs is known roughly at best."
    n_rejected = sum(one.count for one in results.rejected if one.reason != "screened_worker")
    share = n_rejected / max(1, n_rejected + results.n_rankings)
    if share >= MUCH_REJECTED:
        yield f"{n_rejected:,} rankings, {100 * share:.0f} % of what the file holds, were rejected; the reasons are listed below."
    alpha = results.krippendorff_alpha
    if alpha is not None and alpha < LOW_ALPHA:
        yield f"Workers agree little (Krippendorff's alpha {number(alpha, 2)}): read means over many rankings, not single ones."
    own = results.self_agreement
    if own is not None and own.ci_low is not None and own.ci_low <= 0:
        yield "Workers who ranked an item twice are not shown to agree with themselves better than by chance."


def _screening_warnings(screening: Screening | None) -> Iterator[str]:
    if screening is None:
        return
    n_out, n = sum(bool(row.failed) for row in screening.workers), len(screening.workers)
    if screening.rules.min_agreement is not None:
        n_odd = sum("min_agreement" in row.failed for row in screening.workers)
        yield (
            f"The rule min_agreement chose workers by what they answered: it left out {n_odd} of {number_of(n, 'worker')} for ranking "
            "unlike the others. Intervals, tests and measures of agreement are conditional on it: they speak of people who rank like those "
            "who stay, and don't hold for people at large."
        )
    if n and n_out / n >= MUCH_SCREENED:
        yield f"The rules left out {n_out} of {number_of(n, 'worker')}: those who are left may be others than those who were asked."


def order_changed(results: StudyResults) -> str:
    """How the screening moved the order of the methods, as a sentence; empty where it didn't."""
    if results.screening is None:
        return ""
    before = {method.method: method.mean_points for method in results.screening.before}
    after = [method.method for method in best_first(results.methods) if method.method in before]
    turned = [(low, high) for high, low in combinations(after, 2) if before[low] > before[high]]
    if not turned:
        return ""
    pairs = [f"{low} above {high}" for low, high in turned]
    more = f" (and {len(pairs) - NAMED} more pairs)" if len(pairs) > NAMED else ""
    return f"Screening changed the order of the methods: without it stands {listed(pairs[:NAMED])}{more}."


def _undefined_warnings(results: StudyResults) -> Iterator[str]:
    if changed := order_changed(results):
        yield changed
    tested = any(one.p is not None for one in results.differences)
    names = {
        "interval": f"There are no intervals{'' if tested else ' and no tests of differences'}",
        "no_scatter": "Some means or differences have no interval",
        "friedman": "Friedman's test and Kendall's W are not defined",
        "krippendorff_alpha": "Krippendorff's alpha is not defined",
        "classes": "The classes don't cover all items",
    }
    for name, says in names.items():
        if name in results.undefined:
            yield f"{says}: {why(results.undefined[name])}."


def metric_answer(found: Sequence[MetricAgreement]) -> str:
    """Which metrics order the outputs of an item as people do, by their intervals, which are not corrected for their number."""
    known = sorted((m for m in found if m.kendall is not None), key=lambda m: -(m.kendall or 0.0))
    if not known:
        return "No metric has a score per item to compare with people."
    first, like, unlike = known[0], _beyond(known, 1), _beyond(known, -1)
    said = f"{number(first.kendall or 0.0, 2)} {interval(first.kendall_low, first.kendall_high, 2)}".strip()
    lead = f"{first.metric} orders the outputs of an item most like people (mean Kendall's tau-b {said}; 1 is the same order)."
    without = [m.metric for m in known if m.kendall_low is None or m.kendall_high is None]
    rest = [m.metric for m in known if m.metric not in (*like, *unlike, *without)]
    parts = [
        f"Interval above 0: {listed(like)}." if like else "No metric has its interval above 0.",
        f"Interval holds 0: {listed(rest)}." if rest else "",
        f"No interval: {listed(without)}." if without else "",
        f"Interval below 0, against people: {listed(unlike)}." if unlike else "",
        "Each interval is of one metric and takes the workers as they are: of many metrics some are above 0 by chance.",
        "Metrics whose intervals overlap are not shown to differ." if len(known) > 1 else "",
    ]
    return " ".join([lead, *filter(None, parts)])


def _beyond(found: Sequence[MetricAgreement], sign: int) -> list[str]:
    """Metrics whose interval lies wholly on one side of 0."""
    ends = {m.metric: (m.kendall_low, m.kendall_high) for m in found}
    return [metric for metric, (low, high) in ends.items() if low is not None and high is not None and min(sign * low, sign * high) > 0]
