"""What figures of sweeps say in words: correlations, captions' sentences, numbers below axes."""

from collections.abc import Iterator, Sequence

from adis_bench.results import MetricRecord
from adis_bench.sweeps.records import MOVED, Curve, Sweep, SweptMethod
from reports.data import RunData
from reports.drawing import Medium
from reports.findings import decimals, interval, number
from reports.lettering import width_in
from reports.paper_figures.captions import INTERVALS, basis, failing, sentences, units
from reports.paper_figures.sweep_subjects import Subject
from reports.wording import listed

KIND_TITLES = {"volume": "Louder and softer sounds", "mix": "Mixed sounds"}
AXES = {"volume": "gain in dB", "mix": "weight of the second sound"}
RHO = "\N{GREEK SMALL LETTER RHO}"
_MOVED_PLACES = 3
_ABOUT_MOVED = f"{MOVED}: mean absolute difference of the picture's pixels from the source's; 1 is black against white."
_READINGS = {"network": "given sounds past its own loading, as they reach the network", "file": "given changed sound files"}
_BETWEEN_NUMBERS_EM = 0.6
"""Ours: less room than about a letter makes one number of two."""


def headline(sweep: Sweep) -> list[str]:
    """Metrics that stand for themselves, in the record's order."""
    return [metric.name for metric in sweep.metrics if metric.beside is None]


def strip_metric(sweep: Sweep) -> str:
    """The metric that is drawn along strips: the first headline one that tells right from wrong here.

    In a mixture it also looks at the target.
    """
    failed = {metric.name for metric in sweep.metrics if metric.failure}
    mixed = {curve.metric for method in sweep.methods for curve in method.curves if curve.toward == "mixed"}
    named = [name for name in headline(sweep) if name in mixed or not mixed]
    return next((name for name in named if name not in failed), (named or headline(sweep))[0])


def curve_of(method: SweptMethod, metric: str, toward: str) -> Curve | None:
    """A method's curve, or None."""
    return next((curve for curve in method.curves if (curve.metric, curve.toward) == (metric, toward)), None)


def summed_up(method: SweptMethod, metric: str) -> Curve | None:
    """What a panel shows: of a mixture how much nearer the picture is to the second sound than to the first."""
    return curve_of(method, metric, "difference") or curve_of(method, metric, "target")


def rho_words(curve: Curve) -> str:
    """``0.76 [0.65, 0.87]``, or that it is not defined."""
    trend = curve.trend
    return "not defined" if trend.rho is None else f"{number(trend.rho, 2)} {interval(trend.ci_low, trend.ci_high, 2)}".rstrip()


def trend_words(curve: Curve) -> str:
    """The correlation with all that it rests on, for alternative texts."""
    trend = curve.trend
    if trend.rho is None:
        return f"{RHO} not defined ({trend.n_undefined} of {len(curve.rhos)} pairs have one score at all steps)"
    null = ""
    if trend.null_low is not None and trend.null_high is not None:
        null = f", {number(trend.null_low, 2)} to {number(trend.null_high, 2)} with shuffled steps"
    undefined = f", {trend.n_undefined} pairs have one score at all steps" if trend.n_undefined else ""
    return f"{RHO} {rho_words(curve)} over {trend.n} pairs{null}{undefined}"


def scores_in_words(run: RunData, curve: Curve, row: int | None = None) -> str:
    """The scores of all steps: the means with their intervals, or those of one pair by its place."""
    places = decimals(curve.metric, run) if any(metric.name == curve.metric for metric in run.results.metrics) else _MOVED_PLACES
    if row is not None:
        return _joined(["none" if value is None else number(value, places) for value in curve.scores[row]])
    return _joined(
        [
            "none" if step.value is None else f"{number(step.value, places)} {interval(step.ci_low, step.ci_high, places)}".rstrip()
            for step in curve.steps
        ]
    )


def _joined(numbers: Sequence[str]) -> str:
    return f"{numbers[0]} at all steps" if len(set(numbers)) == 1 else ", ".join(numbers)


def steps_in_words(sweep: Sweep) -> str:
    """``gain in dB −30, −24, 0``."""
    return f"{AXES[sweep.kind]} {', '.join(step.text for step in sweep.steps)}"


def rho_sentence(named: Sequence[tuple[str, Sequence[tuple[str, Curve]]]], n_pairs: int) -> str:
    """What the correlation is, and that of some curves.

    Args:
        named: what the curves share (a method, say), and each one's own name, which may be empty.
        n_pairs: of the sweep; what rests on fewer says so.
    """
    said = "; ".join(f"{shared}: {', '.join(_named_rho(name, curve, n_pairs) for name, curve in curves)}" for shared, curves in named)
    bands = [(t.null_low, t.null_high) for _, curves in named for _, curve in curves if (t := curve.trend).rho is not None]
    lows, highs = [low for low, _ in bands if low is not None], [high for _, high in bands if high is not None]
    chance = f" Chance alone gives {number(min(lows), 2)} to {number(max(highs), 2)} (steps shuffled, 95 %)." if lows and highs else ""
    return f"{RHO}, the mean over pairs of the rank correlation of step and score, of {said}.{chance}"


def _named_rho(name: str, curve: Curve, n_pairs: int) -> str:
    fewer = f" over {curve.trend.n} pairs" if 0 < curve.trend.n < n_pairs else ""
    return f"{name} {rho_words(curve)}{fewer}".strip()


def heard_sentence(methods: Sequence[SweptMethod]) -> str:
    """How methods got their sounds."""
    by_reading: dict[str, list[str]] = {}
    for method in methods:
        if method.reading is not None:
            by_reading.setdefault(_READINGS[method.reading], []).append(method.label)
    said = "; ".join(f"{listed(labels)}: {reading}" for reading, labels in by_reading.items())
    return f"{said}." if said else ""


def warnings_of(methods: Sequence[SweptMethod]) -> Iterator[str]:
    """What must be known of methods, a sentence each; methods with the same share one."""
    by_warning: dict[str, list[str]] = {}
    for method in methods:
        if method.warning:
            by_warning.setdefault(method.warning, []).append(method.label)
    for warning, labels in by_warning.items():
        yield f"Beware, {listed(labels)}: {warning}."


def ground(subject: Subject, names: Sequence[str], medium: Medium) -> str:
    """What every caption of a sweep ends with: intervals, data, protocol, units, and what marks of failure mean.

    Args:
        subject: the sweep.
        names: the metrics that the figure shows.
        medium: where it will stand.
    """
    metrics: list[MetricRecord] = [metric for metric in subject.run.results.metrics if metric.name in names]
    moved = _ABOUT_MOVED if MOVED in names else ""
    return sentences(moved, INTERVALS, basis(subject.run), units(metrics), failing(metrics, medium))


def thinned(texts: Sequence[str], places_in: Sequence[float], points: float) -> list[str]:
    """Numbers below an axis, those left empty that would touch a neighbour; 0 stays, else the last.

    Args:
        texts: the numbers.
        places_in: their middles in inches, rising.
        points: their size.
    """
    halves = [(width_in([text], points) + _BETWEEN_NUMBERS_EM * points / 72) / 2 for text in texts]
    start = list(texts).index("0") if "0" in texts else len(texts) - 1
    kept = {start}
    for rest in (range(start - 1, -1, -1), range(start + 1, len(texts))):
        last = start
        for place in rest:
            if abs(places_in[place] - places_in[last]) >= halves[place] + halves[last]:
                kept.add(place)
                last = place
    return [text if place in kept else "" for place, text in enumerate(texts)]
