"""What a run shows, in careful words: nothing is called different whose interval holds 0."""

import shlex
from dataclasses import dataclass, replace

from adis_bench.datasets.combined import n_sources_within
from adis_bench.results import Difference, MethodRecord, MetricRecord, Score
from adis_bench.results.leading import Standing, standing
from adis_bench.results.rounding import enough_places, method_places
from adis_bench.results.score_text import failing, number_text
from adis_bench.results.verdicts import LEVEL_P as LEVEL_P
from adis_bench.results.verdicts import Verdict as Verdict
from adis_bench.results.verdicts import taken_back
from adis_bench.results.verdicts import verdict as verdict
from reports.data import RunData
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
    """Digits behind the point of a metric's scores, by the rule of ``adis_bench.results.rounding``."""
    return method_places((s for s in run.results.scores if s.metric == metric), {m.label for m in run.asked})


def difference_decimals(metric: str, run: RunData) -> int:
    """Digits behind the point of a metric's differences, by the same rule."""
    return method_places((d for d in run.results.differences if d.metric == metric), {m.label for m in run.asked})


def number(value: float, places: int, signed: bool = False) -> str:
    """A number with a true minus sign; a rounded zero has none."""
    return number_text(value, places, signed).replace("-", MINUS)


def interval(low: float | None, high: float | None, places: int, signed: bool = False) -> str:
    """``[low, high]``, or nothing where there is no interval."""
    return "" if low is None or high is None else f"[{number(low, places, signed)}, {number(high, places, signed)}]"


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
    places = enough_places(found.value if found else None, difference_decimals(metric.name, run))
    return Comparison(
        against=against,
        verdict=verdict(found, metric.higher_is_better),
        value="" if found is None or found.value is None else number(found.value, places, signed=True),
        interval="" if found is None else interval(found.ci_low, found.ci_high, places, signed=True),
        by_construction=by_construction(run, metric, against),
        taken_back=found is not None and taken_back(found),
        p="" if found is None or found.p_holm is None else p_text(found.p_holm),
    )


def standing_in(run: RunData, metric: MetricRecord) -> Standing | None:
    """How the methods that are no controls stand on a metric, by ``adis_bench.results.leading``; None where none has a value."""
    n_pairs = run.results.pairs.n
    scores = [run.score(m.label, metric.name) or Score(m.label, metric.name, None, None, None, 0, n_pairs, "not scored") for m in run.asked]

    def judged(one: str, other: str) -> Verdict:
        return verdict(between(run, one, other, metric.name), metric.higher_is_better)

    return standing(scores, metric.higher_is_better, judged)


def references(run: RunData) -> tuple[str, ...]:
    """The controls that differences were taken against, of those that were run."""
    present = {m.label for m in run.methods}
    return tuple(name for name in REFERENCES if name in present)


FAILING = failing()


def check_command(run: RunData) -> str:
    """What checks the metrics of this run on its data, on a page of its own."""
    made = run.results
    data = made.dataset.path if run.train_data is None else str(run.train_data["path"])
    flags = {"data": data, "protocol": made.protocol, "preset": made.preset, "seed": str(made.seed)}
    return shlex.join(["adis-bench", "check", "metrics", *(part for name, value in flags.items() for part in (f"--{name}", value))])


def trained_differences(method: MethodRecord) -> tuple[str, ...]:
    """Where a small preset departs from the published method, in the method's own words."""
    return tuple(str(text) for text in method.provenance.get("differences", ()))
