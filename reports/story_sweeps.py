"""What a run's sweeps show, in words: whether a method's scores follow the change of the sound."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adis_bench.results.verdicts import LEVEL_P, Verdict
from adis_bench.sweeps.records import Trend
from reports.data import RunData
from reports.drawing import NotDrawn
from reports.findings import number
from reports.paper_figures.sweep_subjects import Subject, subjects
from reports.paper_figures.sweep_words import RHO, rho_words, strip_metric, summed_up, warnings_of

_CHANGES: Mapping[str, str] = {"volume": "the gain", "mix": "the weight of the second sound"}
_BEWARE = "Beware, "


@dataclass(frozen=True, slots=True)
class Trended:
    """A method's trend: ``verdict`` is better where scores rise, worse where they fall; ``sentence`` says so."""

    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True)
class SweepStory:
    """The sweeps in short: a trend for each method and kind, what must be known first, and the captions' sentences that say the latter."""

    said: tuple[Trended, ...] = ()
    warnings: tuple[str, ...] = ()
    in_captions: tuple[str, ...] = ()


def tell_sweeps(run: RunData) -> SweepStory:
    """What the sweeps of a run show; nothing where there is none."""
    try:
        found = subjects(run)
    except NotDrawn:
        return SweepStory()
    warnings = list(dict.fromkeys(text for subject in found for text in warnings_of(subject.heard)))
    alone = [text for subject in found for method in subject.heard for text in warnings_of([method])]
    shown = tuple(text.removeprefix(_BEWARE) for text in warnings)
    return SweepStory(tuple(trend for subject in found for trend in _trends(subject)), shown, tuple(dict.fromkeys([*warnings, *alone])))


def _trends(subject: Subject) -> Iterator[Trended]:
    metric = strip_metric(subject.sweep)
    failing = any(one.name == metric and one.failure for one in subject.sweep.metrics)
    for method in subject.heard:
        curve = summed_up(method, metric)
        if curve is None or failing:
            continue
        name = f"{metric} towards the second sound less that towards the first" if curve.toward == "difference" else metric
        found, trend = direction(curve.trend), curve.trend
        moves = {Verdict.BETTER: "rises with", Verdict.WORSE: "falls with"}.get(found, "is not shown to follow")
        null = ""
        if trend.null_low is not None and trend.null_high is not None:
            null = f"; {number(trend.null_low, 2)} to {number(trend.null_high, 2)} with shuffled steps"
        yield Trended(found, f"{method.label}: {name} {moves} {_CHANGES[subject.sweep.kind]}, {RHO} {rho_words(curve)}{null}.")


def direction(trend: Trend) -> Verdict:
    """Whether scores rise (better) or fall (worse) along the steps: the interval and the test leave 0 out, and chance gives less."""
    if trend.rho is None or trend.ci_low is None or trend.ci_high is None:
        return Verdict.UNKNOWN
    by_chance = trend.null_low is not None and trend.null_high is not None and trend.null_low <= trend.rho <= trend.null_high
    if by_chance or trend.ci_low <= 0 <= trend.ci_high or (trend.p is not None and trend.p >= LEVEL_P):
        return Verdict.UNCLEAR
    return Verdict.BETTER if trend.rho > 0 else Verdict.WORSE
