"""Headline scores of all methods and controls, with intervals."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from adis_bench.results import MetricRecord
from reports.data import RunData
from reports.drawing import Drawn, Medium, NotDrawn, drawing_on
from reports.figures import mark_scores, score_words, scored
from reports.paper_figures.captions import HOLLOW, INTERVALS, basis, failing, sentences, units
from reports.paper_figures.row_panels import row_panels

_HIDDEN = 0.1
"""Share of an axis (ours): shorter intervals are hardly longer than their marks, which take up to a twelfth of a page's narrowest axes."""
_ALONE = "Where marks hide intervals, the methods alone have a figure with axes of their own."
_OVERLAP = "Methods whose intervals overlap may still differ: all were scored on the same pairs, and the differences are tested on those."


def draw_scores(run: RunData, medium: Medium) -> list[Drawn]:
    """A plot for each headline metric, a row for each method and control; where controls stretch the axes, the methods alone as well.

    Raises:
        NotDrawn: nothing was scored.
    """
    metrics = [metric for metric in run.headline if scored(run, metric)]
    if not metrics:
        raise NotDrawn("no method was scored on a headline metric")
    controls = {m.label for m in run.methods if m.control}
    every = _rows(run, metrics)
    alone = [label for label in every if label not in controls] if any(_hides(run, metric) for metric in metrics) else []
    caption = (
        "Headline scores; arrows say which way is better.",
        HOLLOW if controls else "",
        _ALONE if alone else "",
        *_common(run, metrics, medium),
    )
    alt = f"Headline scores of {len(every)} methods and controls with 95 % intervals."
    drawn = [Drawn("scores", "Headline scores", _figure(run, metrics, every, medium), _alt(run, metrics, every, alt), sentences(*caption))]
    if alone:
        known = [metric for metric in metrics if not controls >= set(scored(run, metric))]
        caption = (
            "Headline scores of the methods, on axes of their own.",
            _OVERLAP if len(alone) > 1 else "",
            *_common(run, known, medium),
        )
        alt = f"Headline scores of {len(alone)} methods without the controls, with 95 % intervals."
        figure = _figure(run, known, alone, medium)
        drawn.append(
            Drawn("scores-methods", "Headline scores, the methods alone", figure, _alt(run, known, alone, alt), sentences(*caption))
        )
    return drawn


def _rows(run: RunData, metrics: Sequence[MetricRecord]) -> list[str]:
    known = {label for metric in metrics for label in scored(run, metric)}
    return [m.label for m in run.methods if m.label in known]


def _hides(run: RunData, metric: MetricRecord) -> bool:
    """Whether an axis that shows the controls as well is so long that a method's mark would hide its interval."""
    scores = [score for label in scored(run, metric) if (score := run.score(label, metric.name)) is not None]
    ends = [end for s in scores for end in (s.value, s.ci_low, s.ci_high) if end is not None]
    methods = {m.label for m in run.asked}
    lengths = [s.ci_high - s.ci_low for s in scores if s.method in methods and s.ci_low is not None and s.ci_high is not None]
    stretched = any(s.method not in methods for s in scores)
    return stretched and any(0 < length < _HIDDEN * (max(ends) - min(ends)) for length in lengths)


def _figure(run: RunData, metrics: Sequence[MetricRecord], rows: Sequence[str], medium: Medium) -> Figure:
    with drawing_on(medium):
        figure, panels = row_panels(metrics, rows, medium)
        for axes, metric in zip(panels, metrics, strict=True):
            mark_scores(axes, run, metric, rows, medium)
    return figure


def _common(run: RunData, metrics: Sequence[MetricRecord], medium: Medium) -> tuple[str, ...]:
    return INTERVALS, basis(run), units(metrics), failing(metrics, medium)


def _alt(run: RunData, metrics: Sequence[MetricRecord], rows: Sequence[str], said: str) -> str:
    words = (f"{metric.name}: {score_words(run, metric, rows)}{_missing(run, metric, rows)}." for metric in metrics)
    return " ".join([said, *words])


def _missing(run: RunData, metric: MetricRecord, rows: Sequence[str]) -> str:
    absent = [label for label in rows if label not in scored(run, metric)]
    return f"; not scored: {', '.join(absent)}" if absent else ""
