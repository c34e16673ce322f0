"""A dot plot per metric: every training's value, and the mean with its interval where there is one."""

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from adis_bench.results import MetricRecord
from reports.drawing import Drawing, as_svg
from reports.figures import Panel, panel_of, row_axes
from reports.findings import interval, number
from reports.media import MediaFolder
from reports.style import color
from reports.table1_rows import TONES, Table1
from reports.table1_scores import LABELS, VARIANTS, VariantScore

_ROW_IN = 0.44
_BELOW = 0.24
"""From a variant's mean down to its single trainings, in rows."""


def seed_panels(made: Table1, media: MediaFolder) -> tuple[Panel, ...]:
    """One panel per headline metric that was scored."""
    drawn = ((metric, seeds(made, metric)) for metric in made.scores.metrics)
    return tuple(panel_of(metric, drawing, media) for metric, drawing in drawn if drawing)


def seeds(made: Table1, metric: MetricRecord) -> Drawing | None:
    """The variants' trainings on a metric; None where none was scored."""
    found = [score for variant in VARIANTS if (score := made.scores.scores[variant.key, metric.name]).values]
    if not found:
        return None
    with row_axes([LABELS[score.variant] for score in found], row_in=_ROW_IN) as (axes, figure):
        # Long names leave room for few numbers.
        axes.xaxis.set_major_locator(MaxNLocator(4))
        for row, score in enumerate(found):
            _draw(axes, row, score)
        svg = as_svg(figure, f"seeds-{metric.name}")
    places = made.places[metric.name]
    words = "; ".join(_words(score, places) for score in found)
    return Drawing(svg, f"{metric.name} of every training, with 95 % intervals of the means where there are any. {words}.")


def _draw(axes: Axes, row: int, score: VariantScore) -> None:
    shade, together = color(TONES[score.variant]).light, score.together
    if together.low is not None and together.high is not None:
        axes.plot([together.low, together.high], [row, row], color=shade, linewidth=2.2, solid_capstyle="round")
        axes.plot(together.mean or 0.0, row, marker="D", markersize=6, color=shade)
    # Hollow: told from the mean without colour, and seen where they overlap.
    below = row + _BELOW if together.low is not None else row
    for _, value in score.values:
        axes.plot(value, below, marker="o", markersize=5.5, color=shade, markerfacecolor="none", markeredgewidth=1.4)


def _words(score: VariantScore, places: int) -> str:
    together = score.together
    singles = ", ".join(number(value, places) for _, value in score.values)
    mean = f"mean {number(together.mean or 0.0, places)} {interval(together.low, together.high, places)}".strip()
    return f"{LABELS[score.variant]} {singles}, {mean}"
