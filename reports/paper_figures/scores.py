"""Headline scores of all methods and controls, with intervals."""

from adis_bench.results import MetricRecord
from reports.data import RunData
from reports.drawing import Drawn, Medium, NotDrawn, drawing_on
from reports.figures import mark_scores, score_words, scored
from reports.paper_figures.captions import HOLLOW, INTERVALS, basis, failing, sentences, units
from reports.paper_figures.row_panels import row_panels


def draw_scores(run: RunData, medium: Medium) -> list[Drawn]:
    """One figure: a plot for each headline metric, a row for each method and control.

    Raises:
        NotDrawn: nothing was scored.
    """
    metrics = [metric for metric in run.headline if scored(run, metric)]
    if not metrics:
        raise NotDrawn("no method was scored on a headline metric")
    known = {label for metric in metrics for label in scored(run, metric)}
    rows = [m.label for m in run.methods if m.label in known]
    with drawing_on(medium):
        figure, panels = row_panels(metrics, rows, medium)
        for axes, metric in zip(panels, metrics, strict=True):
            mark_scores(axes, run, metric, rows, medium)
    words = " ".join(f"{metric.name}: {score_words(run, metric)}{_missing(run, metric, rows)}." for metric in metrics)
    alt = f"Headline scores of {len(rows)} methods and controls with 95 % intervals. {words}"
    caption = sentences(
        "Headline scores; arrows say which way is better.",
        HOLLOW if any(m.control for m in run.methods) else "",
        INTERVALS,
        basis(run),
        units(metrics),
        failing(metrics, medium),
    )
    return [Drawn("scores", "Headline scores", figure, alt, caption)]


def _missing(run: RunData, metric: MetricRecord, rows: list[str]) -> str:
    absent = [label for label in rows if label not in scored(run, metric)]
    return f"; not scored: {', '.join(absent)}" if absent else ""
