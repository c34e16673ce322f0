"""What a run shows, in careful words: nothing is called different whose interval holds 0."""

import shlex
from dataclasses import dataclass, replace
from enum import StrEnum

from adis_bench.datasets.combined import n_sources_within
from adis_bench.results import Difference, MethodRecord, MetricRecord, Score
from reports.data import RunData
from reports.rounding import places_of
from reports.style import REFERENCES
from reports.wording import capital, p_text

MINUS = "\N{MINUS SIGN}"
CONTROL_WORDS = {
    "identity": "the image left as it is",
    "shuffled": "a real frame of another class",
}
POOLED = {
    "identity": "identity is the floor: sources are real frames",
    "shuffled": "shuffled is near it: real frames, too",
}
"""Why a control can hardly be beaten by a distance to all real frames."""


class Verdict(StrEnum):
    """How a method stands to a control by the 95 % interval of their paired difference."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A method against one control on one metric.

    Attributes:
        against: the control's label.
        verdict: by the interval.
        value, interval: of the difference as text; empty where there is none.
        by_construction: why the control can hardly be beaten on this metric; empty where it can.
        taken_back: whether the interval excludes 0, but not the test after its correction for the number of comparisons.
        p: of that test, as text; empty where there is none.
    """

    against: str
    verdict: Verdict
    value: str
    interval: str
    by_construction: str = ""
    taken_back: bool = False
    p: str = ""

    @property
    def words(self) -> str:
        """The verdict as a phrase that stands for itself."""
        return {
            Verdict.BETTER: f"better than {self.against}",
            Verdict.WORSE: f"worse than {self.against}",
            Verdict.UNCLEAR: f"no clear difference from {self.against}",
            Verdict.UNKNOWN: f"no interval against {self.against}",
        }[self.verdict]

    @property
    def sentence(self) -> str:
        """The comparison in full."""
        p = f"corrected {self.p}"
        says = {
            Verdict.BETTER: f"better, {p if self.p else 'the interval excludes 0'}",
            Verdict.WORSE: f"worse, {p if self.p else 'the interval excludes 0'}",
            Verdict.UNCLEAR: (
                f"the interval excludes 0, but the test corrected for the number of comparisons shows no difference ({self.p})"
                if self.taken_back
                else f"the interval includes 0, so no difference is shown{f' ({p})' if self.p else ''}"
            ),
            Verdict.UNKNOWN: "not known, there is no interval",
        }[self.verdict]
        words = f" ({CONTROL_WORDS[self.against]})" if self.against in CONTROL_WORDS else ""
        why = f" {capital(self.by_construction)}." if self.by_construction and self.verdict is Verdict.WORSE else ""
        return f"{self.value} {self.interval} against {self.against}{words}: {says}.{why}".strip()


def decimals(metric: str, run: RunData) -> int:
    """Digits behind the point of a metric's scores, by their own uncertainty (``reports.rounding``): that of the methods, if any."""
    asked = {m.label for m in run.asked}
    scores = [s for s in run.results.scores if s.metric == metric]
    scores = [s for s in scores if s.method in asked and s.ci_low is not None] or scores
    return places_of((s.value for s in scores), ((s.ci_low, s.ci_high) for s in scores))


def difference_decimals(metric: str, run: RunData) -> int:
    """Digits behind the point of a metric's differences, by their own uncertainty: of those that have a method in them, if any."""
    asked = {m.label for m in run.asked}
    found = [d for d in run.results.differences if d.metric == metric]
    found = [d for d in found if d.method in asked and d.ci_low is not None] or found
    return places_of((d.value for d in found), ((d.ci_low, d.ci_high) for d in found))


def number(value: float, places: int, signed: bool = False) -> str:
    """A number with a true minus sign; a rounded zero has none."""
    text = f"{abs(value):.{places}f}"
    if float(text) == 0:
        return text
    return f"{MINUS}{text}" if value < 0 else f"+{text}" if signed else text


def interval(low: float | None, high: float | None, places: int, signed: bool = False) -> str:
    """``[low, high]``, or nothing where there is no interval."""
    return "" if low is None or high is None else f"[{number(low, places, signed)}, {number(high, places, signed)}]"


LEVEL_P = 0.05
"""Below this a corrected test says that two methods differ."""


def verdict(difference: Difference | None, higher_is_better: bool) -> Verdict:
    """Better or worse only where the interval excludes 0, and the corrected test too, where there is one."""
    if difference is not None and _taken_back(difference):
        return Verdict.UNCLEAR
    if difference is None or difference.ci_low is None or difference.ci_high is None:
        return Verdict.UNKNOWN
    if difference.ci_low > 0:
        return Verdict.BETTER if higher_is_better else Verdict.WORSE
    if difference.ci_high < 0:
        return Verdict.WORSE if higher_is_better else Verdict.BETTER
    return Verdict.UNCLEAR


def _taken_back(difference: Difference) -> bool:
    excludes = difference.ci_low is not None and difference.ci_high is not None and not difference.ci_low <= 0 <= difference.ci_high
    return excludes and difference.p_holm is not None and difference.p_holm >= LEVEL_P


def is_pooled(metric: MetricRecord) -> bool:
    """Whether a metric compares with all real frames, so that no control of a run is wrong to it."""
    return not metric.checked_by[1]


def limits(metric: MetricRecord) -> str:
    """A metric's range, how much it needs, and how many real frames it compares with, in short sentences."""
    said = []
    if metric.lowest is not None or metric.highest is not None:
        low, high = ("\N{INFINITY}" if end is None else f"{end:g}".replace("-", MINUS) for end in (metric.lowest, metric.highest))
        said.append(f"Values from {MINUS + low if metric.lowest is None else low} to {high}.")
    if metric.n_needed is not None:
        said.append(f"Needs {metric.n_needed:,} {'pairs' if metric.kind == 'pair' else 'outputs'} or more.")
    if metric.n_reference is not None:
        said.append(f"Compared with {metric.n_reference[0]:,} real frames, {metric.n_reference[1]:,} or more in a class.")
    return " ".join(said)


def by_construction(run: RunData, metric: MetricRecord, against: str) -> str:
    """Where a control wins whatever a method does: why; empty elsewhere."""
    if is_pooled(metric):
        return POOLED.get(against, "") if run.train_data is None else _by_construction_elsewhere(run, against)
    return "identity is the ceiling: nothing was changed" if against == "identity" == metric.checked_by[0] else ""


def _by_construction_elsewhere(run: RunData, against: str) -> str:
    """Sources of another dataset are rarely frames of what is compared with; where targets have no frames, `shuffled` shows these."""
    if against == "identity" and (n := n_sources_within(run.train_data or {})):
        return f"{n} of the source images are among the frames that are compared with"
    takes_training_frames = against == "shuffled" and "target" not in {m.label for m in run.methods}
    return "shuffled shows the very frames that are compared with" if takes_training_frames else ""


def between(run: RunData, first: str, second: str, metric: str) -> Difference | None:
    """``first`` minus ``second``; a run holds each difference one way round."""
    if (found := run.difference(first, second, metric)) is not None:
        return found
    found = run.difference(second, first, metric)
    return None if found is None else _mirrored(found)


def _mirrored(one: Difference) -> Difference:
    def turned(value: float | None, whole: float = 0.0) -> float | None:
        return None if value is None else whole - value

    return replace(
        one,
        method=one.against,
        against=one.method,
        value=turned(one.value),
        ci_low=turned(one.ci_high),
        ci_high=turned(one.ci_low),
        d_z=turned(one.d_z),
        d_z_low=turned(one.d_z_high),
        d_z_high=turned(one.d_z_low),
        share_better=turned(one.share_better, 1.0),
        share_low=turned(one.share_high, 1.0),
        share_high=turned(one.share_low, 1.0),
    )


def compare(run: RunData, method: str, against: str, metric: MetricRecord) -> Comparison:
    """A method against a control, or against another method, on a metric."""
    found = between(run, method, against, metric.name)
    places = difference_decimals(metric.name, run)
    return Comparison(
        against=against,
        verdict=verdict(found, metric.higher_is_better),
        value="" if found is None or found.value is None else number(found.value, places, signed=True),
        interval="" if found is None else interval(found.ci_low, found.ci_high, places, signed=True),
        by_construction=by_construction(run, metric, against),
        taken_back=found is not None and _taken_back(found),
        p="" if found is None or found.p_holm is None else p_text(found.p_holm),
    )


def best(run: RunData, metric: MetricRecord) -> Score | None:
    """The best score of the methods that are no controls; the first asked for wins a tie.

    Only those that were scored on most pairs are compared: who lacks the hard pairs, or a whole class, would win by it.
    """
    scored = [s for m in run.asked if (s := run.score(m.label, metric.name)) is not None and s.value is not None]
    if not scored:
        return None
    most = max(s.n for s in scored)
    scored = [s for s in scored if s.n == most]
    sign = 1 if metric.higher_is_better else -1
    return max(scored, key=lambda s: sign * (s.value or 0.0))


def references(run: RunData) -> tuple[str, ...]:
    """The controls that differences were taken against, of those that were run."""
    present = {m.label for m in run.methods}
    return tuple(name for name in REFERENCES if name in present)


FAILING = "Metrics marked ⚠ do not tell right images from wrong ones on this data (or could not be checked): their numbers mean little."


def check_command(run: RunData) -> str:
    """What checks the metrics of this run on its data, on a page of its own."""
    made = run.results
    data = made.dataset.path if run.train_data is None else str(run.train_data["path"])
    flags = {"data": data, "protocol": made.protocol, "preset": made.preset, "seed": str(made.seed)}
    return shlex.join(["adis-bench", "check", "metrics", *(part for name, value in flags.items() for part in (f"--{name}", value))])


def trained_differences(method: MethodRecord) -> tuple[str, ...]:
    """Where a small preset departs from the published method, in the method's own words."""
    return tuple(str(text) for text in method.provenance.get("differences", ()))
