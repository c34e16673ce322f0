"""What a run shows, in careful words: nothing is called different whose interval holds 0."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from adis_bench.datasets.combined import n_sources_within
from adis_bench.results import Difference, MethodRecord, MetricRecord, Score
from reports.data import RunData
from reports.style import REFERENCES

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
    """

    against: str
    verdict: Verdict
    value: str
    interval: str
    by_construction: str = ""
    taken_back: bool = False

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
        says = {
            Verdict.BETTER: "better, the interval excludes 0",
            Verdict.WORSE: "worse, the interval excludes 0",
            Verdict.UNCLEAR: (
                "the interval excludes 0, but the test corrected for the number of comparisons shows no difference"
                if self.taken_back
                else "the interval includes 0, so no difference is shown"
            ),
            Verdict.UNKNOWN: "not known, there is no interval",
        }[self.verdict]
        words = f" ({CONTROL_WORDS[self.against]})" if self.against in CONTROL_WORDS else ""
        return f"{self.value} {self.interval} against {self.against}{words}: {says}.".strip()


@dataclass(frozen=True, slots=True)
class Finding:
    """The best method on one headline metric.

    Attributes:
        metric: the metric.
        method: label of the method with the best value, or None where no method was scored.
        value, interval: its score as text.
        comparisons: against identity and shuffled.
    """

    metric: MetricRecord
    method: str | None
    value: str
    interval: str
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The run in one sentence, and the comparisons that it rests on."""

    lead: str
    comparisons: tuple[Comparison, ...] = ()


def decimals(metric: str, run: RunData) -> int:
    """Digits behind the point for a metric: three figures or so at the scale of its largest value."""
    largest = max((abs(s.value) for s in run.results.scores if s.metric == metric and s.value is not None), default=0.0)
    return 3 if largest < 10 else 2 if largest < 100 else 1


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


def compare(run: RunData, method: str, against: str, metric: MetricRecord) -> Comparison:
    """A method against a control on a metric."""
    found = run.difference(method, against, metric.name)
    places = decimals(metric.name, run)
    return Comparison(
        against=against,
        verdict=verdict(found, metric.higher_is_better),
        value="" if found is None or found.value is None else number(found.value, places, signed=True),
        interval="" if found is None else interval(found.ci_low, found.ci_high, places, signed=True),
        by_construction=by_construction(run, metric, against),
        taken_back=found is not None and _taken_back(found),
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


def finding(run: RunData, metric: MetricRecord) -> Finding:
    """The best method on a metric, and how it stands to the controls."""
    score = best(run, metric)
    if score is None or score.value is None:
        return Finding(metric, None, "", "", ())
    places = decimals(metric.name, run)
    comparisons = tuple(compare(run, score.method, against, metric) for against in references(run))
    return Finding(metric, score.method, number(score.value, places), interval(score.ci_low, score.ci_high, places), comparisons)


def answer(run: RunData) -> Answer:
    """The run in one sentence, on the first headline metric that tells right images from wrong ones."""
    if not run.asked or not run.headline:
        return Answer("Only the controls were run: the table shows what the metrics make of real frames, unchanged images and chance.")
    metric = next((m for m in run.headline if not m.failure), run.headline[0])
    found = finding(run, metric)
    doubt = " No headline metric tells right images from wrong ones here, so this means little." if metric.failure else ""
    if found.method is None:
        return Answer(f"No method could be scored on {metric.name}; the reasons stand in the table.")
    score, n = f"{found.value} {found.interval}".strip(), run.results.pairs.n
    if len(run.asked) == 1:
        return Answer(f"{found.method} reaches {metric.name} {score} on {n} pairs.{doubt}", found.comparisons)
    word = "highest" if metric.higher_is_better else "lowest"
    lead = f"Of {len(run.asked)} methods, {found.method} has the {word} {metric.name} on {n} pairs: {score}.{doubt}"
    return Answer(lead, found.comparisons)


FAILING = "Metrics marked ⚠ do not tell right images from wrong ones on this data (or could not be checked): their numbers mean little."


def notes(run: RunData) -> tuple[str, ...]:
    """What must be known to read the tables."""
    said = [
        "Intervals are 95 % and cover the sampling of test pairs (sources and sounds by their groups), not of training seeds: "
        "training again with another seed adds variation that they do not hold.",
    ]
    if any(m.kind == "set" for m in run.results.metrics):
        said.append(
            "Fréchet distances depend on the number of images and are compared at equal n only; their intervals are about the value "
            "expected at this n against these very frames, not about the distance with endless images."
        )
    if pooled := [m.name for m in run.results.metrics if is_pooled(m)]:
        by_class = [m.name for m in run.results.metrics if m.kind == "set" and not is_pooled(m)]
        other = f", {' and '.join(by_class)} whether they look like the sound's class" if by_class else ""
        names = " and ".join(pooled)
        said.append(
            f"Source images are real frames, so identity is the floor of {names} (retrieval lies below it only because it "
            f"shows the very frames that are compared with): such a distance says whether images look real{other}."
            if run.train_data is None
            else f"{_sources_elsewhere(run.train_data, names)}: such a distance says whether images look like those frames{other}."
        )
    if any(m.failure for m in run.results.metrics):
        said.append(FAILING)
    said.append(
        "Better and worse are said only where the interval excludes 0 and the paired test does so after Holm's correction over all "
        "comparisons of the metric that have a method in them."
    )
    if len(run.asked) > 1:
        said.append("Bold marks the best value of the methods that were scored on most pairs; whether two differ stands under Differences.")
    return tuple(said)


def _sources_elsewhere(train_data: Mapping[str, Any], metrics: str) -> str:
    """How source images stand to the frames of the training dataset."""
    compared_with = f"the frames that {metrics} compares with ({train_data['name']})"
    if n := n_sources_within(train_data):
        return f"{n} of the source images are among {compared_with}, so identity gains by them"
    return f"Source images are of other data than {compared_with}, so identity is no floor"


def check_command(run: RunData) -> str:
    """What checks the metrics of this run on its data, on a page of its own."""
    made = run.results
    data = made.dataset.path if run.train_data is None else str(run.train_data["path"])
    flags = {"data": data, "protocol": made.protocol, "preset": made.preset, "seed": str(made.seed)}
    return shlex.join(["adis-bench", "check", "metrics", *(part for name, value in flags.items() for part in (f"--{name}", value))])


def trained_differences(method: MethodRecord) -> tuple[str, ...]:
    """Where a small preset departs from the published method, in the method's own words."""
    return tuple(str(text) for text in method.provenance.get("differences", ()))
