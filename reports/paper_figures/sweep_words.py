"""What figures of sweeps say in words: titles, captions and alternative texts."""

from collections.abc import Sequence

from adis_bench.sweeps.records import Curve, Sweep, SweptMethod
from reports.data import RunData
from reports.drawing import Medium

SMALLEST_PT = 6.0
"""Of letters in print."""
LETTER_EM = 0.56
"""Mean width of a letter of DejaVu Sans in names, in font sizes; ours, measured on class names."""
KIND_TITLES = {"volume": "Louder and softer sounds", "mix": "Mixed sounds"}
AXES = {"volume": "gain in dB", "mix": "weight of the second sound"}


def headline(sweep: Sweep) -> list[str]:
    """Metrics that stand for themselves, in the record's order."""
    return [metric.name for metric in sweep.metrics if metric.beside is None]


def strip_metric(sweep: Sweep) -> str:
    """The metric that is drawn along strips: the first headline one that tells right from wrong here.

    In a mixture it also looks at the target.
    """
    failing = {metric.name for metric in sweep.metrics if metric.failure}
    mixed = {curve.metric for method in sweep.methods for curve in method.curves if curve.toward == "mixed"}
    named = [name for name in headline(sweep) if name in mixed or not mixed]
    return next((name for name in named if name not in failing), (named or headline(sweep))[0])


def curve_of(method: SweptMethod, metric: str, toward: str) -> Curve | None:
    """A method's curve, or None."""
    return next((curve for curve in method.curves if (curve.metric, curve.toward) == (metric, toward)), None)


def rho_words(curve: Curve, symbol: str = "\u03c1") -> str:
    """``rho 0.76 [0.65, 0.87]``, or that it is not defined."""
    trend = curve.trend
    if trend.rho is None:
        return f"{symbol} not defined"
    value = f"{symbol} {_signed(trend.rho)}"
    if trend.ci_low is None or trend.ci_high is None:
        return value
    return f"{value} [{_signed(trend.ci_low)}, {_signed(trend.ci_high)}]"


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "\u2212")


def reading_words(method: SweptMethod) -> str:
    """How the method got its sounds."""
    if method.reading == "network":
        return "sounds given past its own loading, as they reach the network"
    return "sounds given as changed files" if method.reading == "file" else "it hears no sound"


def trend_words(curve: Curve) -> str:
    """The correlation with what it rests on, for captions and alternative texts."""
    trend = curve.trend
    if trend.rho is None:
        return f"{rho_words(curve)} ({trend.n_undefined} of {len(curve.rhos)} pairs never move)"
    null = ""
    if trend.null_low is not None and trend.null_high is not None:
        null = f", {_signed(trend.null_low)} to {_signed(trend.null_high)} with shuffled steps"
    undefined = f", {trend.n_undefined} pairs never move" if trend.n_undefined else ""
    return f"{rho_words(curve)} over {trend.n} pairs{null}{undefined}"


def not_swept(sweep: Sweep) -> str:
    """The methods that have no curve, with why; empty where all have one."""
    return " ".join(f"{method.label}: {method.state}, {method.reason}." for method in sweep.methods if method.state != "swept")


def of_run(run: RunData, sweep: Sweep) -> str:
    """Seed and pairs, and whether the run has been made again since."""
    stale = "" if sweep.pairs_digest == run.results.pairs.digest else " The run has other pairs by now: make the sweep again."
    return f"{len(sweep.pairs)} pairs, seed {sweep.seed}.{stale}"


def small_pt(medium: Medium) -> float:
    """Font size of what stands beside pictures and axes."""
    return max(SMALLEST_PT, medium.font_pt - 1)


def fitted(text: str, width_in: float, points: float) -> str:
    """The text, cut where it is wider than so many inches."""
    most = max(2, int(width_in * 72 / (LETTER_EM * points)))
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"


def thinned(texts: Sequence[str], width_in: float, points: float) -> list[str]:
    """Numbers below an axis, every second or third left empty where not all fit side by side; 0 stays, else the last."""
    widest = (max(map(len, texts)) + 1) * LETTER_EM * 1.15 * points / 72
    each = max(1, -(-int(1000 * widest * len(texts)) // int(1000 * width_in)))
    kept = list(texts).index("0") if "0" in texts else len(texts) - 1
    return [text if (kept - place) % each == 0 else "" for place, text in enumerate(texts)]
