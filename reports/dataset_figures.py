"""The figures of a dataset, for its page and for papers: durations and categories in the form of the paper's Figure 1, and loudness."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from adis_bench.datasets.description import Description, Durations
from adis_bench.datasets.description_text import number_of, shortened
from adis_bench.datasets.histogram import Histogram
from adis_bench.datasets.loudness import Loudness
from adis_bench.datasets.video_splits import NO_CLASSES
from adis_bench.printable import printable
from reports.drawing import PAGE, Drawing, Drawn, Medium, as_svg, drawing_on
from reports.figures import row_axes
from reports.findings import number
from reports.lettering import small_pt
from reports.style import CONTROL_COLOR, INK, LINE, METHOD_COLORS, MUTED

_HEIGHT_IN = 2.75
"""Of a histogram, on a page."""
_LONGEST_NAME = 26
"""Characters of a category's name beside its bar; the page's table has all of them."""
_LEAST_BINS = 7
_TICK_STEPS = [1, 2, 2.5, 5, 10]
UNIT_WORDS = {"min": "minutes", "s": "seconds", "dBFS": "dB of full scale (RMS)"}


@dataclass(frozen=True, slots=True)
class Words:
    """What a histogram counts."""

    across: str
    up: str


def durations(found: Durations) -> Drawing:
    """How many sources are how long, for a page."""
    return _on_page(durations_drawn(found, PAGE))


def loudness(found: Loudness) -> Drawing | None:
    """How many segments are how loud, for a page; None where no level is known."""
    if found.median_db is None:
        return None
    words = Words(f"Level in {UNIT_WORDS['dBFS']}", "Segments")
    figure = _histogram(found.histogram, words, found.median_db, f"median {number(found.median_db, 1)} dB", PAGE)
    alt = f"Histogram of the levels of segments, median {number(found.median_db, 1)} dBFS. {_in_words(found.histogram)}."
    return _on_page(Drawn("loudness", "Levels", figure, alt, ""))


def categories(description: Description) -> Drawing | None:
    """Shares of sounds by category, the most frequent first, for a page; None without any."""
    drawn = categories_drawn(description, PAGE)
    return _on_page(drawn) if drawn else None


def _on_page(drawn: Drawn) -> Drawing:
    with drawing_on(PAGE):
        return Drawing(as_svg(drawn.figure, drawn.name), drawn.alt)


def durations_drawn(found: Durations, medium: Medium) -> Drawn:
    """How many sources are how long."""
    shown = found.histogram
    in_unit: Callable[[float], float] = (lambda seconds: seconds / 60) if shown.unit == "min" else (lambda seconds: seconds)
    low, median, high = in_unit(found.shortest_s), in_unit(found.median_s), in_unit(found.longest_s)
    words = Words(f"Duration in {UNIT_WORDS[shown.unit]}", found.of.capitalize())
    figure = _histogram(shown, words, median, f"median {median:.3g} {shown.unit}", medium)
    counted = number_of(found.n, found.of[:-1])
    alt = (
        f"Histogram of the durations of {counted}, from {low:.3g} to {high:.3g} {UNIT_WORDS[shown.unit]}, "
        f"median {median:.3g}. {_in_words(shown)}."
    )
    caption = f"Durations of {counted}, {found.total_s / 3600:,.2f} h together; dashed: the median."
    return Drawn("figure-1a", "Durations", figure, alt, caption)


def _in_words(shown: Histogram) -> str:
    bins = zip(shown.edges, shown.edges[1:], shown.counts, strict=False)
    return "; ".join(f"{low:g} to {high:g}: {n:,}" for low, high, n in bins if n)


def _histogram(shown: Histogram, words: Words, median: float, median_text: str, medium: Medium) -> Figure:
    with drawing_on(medium):
        scale, width, height = medium.scale, medium.width_in, _HEIGHT_IN * medium.scale
        figure = Figure(figsize=(width, height))
        left, bottom, right, top = (scale * inches for inches in (0.62, 0.56, 0.1, 0.28))
        axes = figure.add_axes((left / width, bottom / height, 1 - (left + right) / width, 1 - (bottom + top) / height))
        step = shown.edges[1] - shown.edges[0]
        middles = [(low + high) / 2 for low, high in zip(shown.edges, shown.edges[1:], strict=False)]
        # A hair between the bars: neighbours of one height stay two.
        axes.bar(middles, shown.counts, width=0.92 * step, color=METHOD_COLORS[0].light)
        _frame(axes, medium)
        # Few bins don't become wide blocks.
        beside = max(0.3, (_LEAST_BINS - len(shown.counts)) / 2) * step
        axes.set_xlim(shown.edges[0] - beside, shown.edges[-1] + beside)
        axes.set_xlabel(words.across, color=MUTED.light)
        axes.set_ylabel(words.up, color=MUTED.light)
        axes.axvline(median, color=INK.light, linewidth=scale, linestyle=(0, (3, 2)))
        _beside_line(axes, median, median_text)
        return figure


def _frame(axes: Axes, medium: Medium) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=_TICK_STEPS))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True, steps=_TICK_STEPS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "\N{MINUS SIGN}")))
    axes.tick_params(axis="y", length=0, pad=6 * medium.scale, labelcolor=MUTED.light)
    if medium.paper:
        axes.tick_params(labelsize=small_pt(medium))
    axes.grid(axis="y", color=LINE.light, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(y=0.04)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)


def _beside_line(axes: Axes, place: float, text: str) -> None:
    """A line's name above the plot, on the side that has room."""
    low, high = axes.get_xlim()
    left = place < (low + high) / 2
    axes.annotate(
        text,
        (place, 1.0),
        (-2 if left else 2, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="left" if left else "right",
        va="bottom",
        color=INK.light,
    )


def categories_drawn(description: Description, medium: Medium) -> Drawn | None:
    """Shares of sounds by category, the most frequent first; None without any."""
    rows = description.audios_by_category
    if not rows:
        return None
    with row_axes([shortened(printable(row.display), _LONGEST_NAME) for row in rows], medium=medium) as (axes, figure):
        for place, row in enumerate(rows):
            shade = CONTROL_COLOR if row.label in NO_CLASSES else METHOD_COLORS[0]
            axes.barh(place, row.share, height=0.68, color=shade.light)
            axes.annotate(f"{100 * row.share:.1f} %", (row.share, place), (5, 0), textcoords="offset points", va="center_baseline")
        axes.set_xlim(0, 1.2 * max(row.share for row in rows))
        _without_scale(axes, figure, medium)
    words = "; ".join(f"{row.display} {row.n:,} ({100 * row.share:.1f} %)" for row in rows)
    counted = number_of(sum(row.n for row in rows), "segment" if description.all_audible else "sound")
    alt = f"Bar chart of the shares of {counted} by category. {words}."
    grey = " Grey: no category." if any(row.label in NO_CLASSES for row in rows) else ""
    return Drawn("figure-1b", "Categories", figure, alt, f"Shares of {counted} by category.{grey}")


def _without_scale(axes: Axes, figure: Figure, medium: Medium) -> None:
    # Every bar says its share.
    axes.grid(visible=False)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.axvline(0, color=MUTED.light, linewidth=medium.scale)
    left, _, width, height = axes.get_position().bounds
    body = height * figure.get_figheight()
    figure.set_figheight(body + 0.12 * medium.scale)
    axes.set_position((left, 0.06 * medium.scale / figure.get_figheight(), width, body / figure.get_figheight()))
