"""The plots of a run's page, from the catalogue that `adis-bench figures` draws from: for light and dark pages, and as files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reports.data import RunData
from reports.drawing import PAGE, Drawing, Drawn, as_svg, drawing_on
from reports.media import MediaFolder
from reports.page_parts import FIGURES, Plot, plot_of
from reports.paper_figures import captions
from reports.paper_figures.catalogue import drawings, kinds_named

KINDS = ("scores", "differences", "wins", "pareto", "curves", "sweeps")
"""Of the catalogue; classes are a coloured table, grids of pictures are left to the gallery, the dataset's figures to its own page."""


@dataclass(frozen=True, slots=True)
class Plots:
    """All plots by kind, and why a kind has none."""

    drawn: Mapping[str, tuple[Plot, ...]]
    why_not: Mapping[str, str]

    def of(self, kind: str) -> tuple[Plot, ...]:
        """The plots of a kind, if it has some."""
        return self.drawn.get(kind, ())

    def named(self, kind: str, name: str) -> Plot | None:
        """The plot of a kind whose file is named so; None where there is none."""
        return next((plot for plot in self.of(kind) if plot.file == f"{FIGURES}/{name}.svg"), None)


def draw_plots(run: RunData, media: MediaFolder, kinds: Iterable[str] = KINDS, said_elsewhere: Iterable[str] = ()) -> Plots:
    """Draw the kinds, each plot as media of the page and as ``figures/<name>.svg``; captions lose sentences that stand elsewhere."""
    # The page says these once, at its head and under its tables.
    said = [*said_elsewhere, captions.basis(run), captions.INTERVALS, captions.units(run.headline)]
    found: dict[str, tuple[Plot, ...]] = {}
    why_not: dict[str, str] = {}
    for kind in kinds_named(kinds):
        drawn, missing = drawings(run, [kind], PAGE)
        found[kind.name] = tuple(_placed(one, media, said) for one in drawn)
        why_not |= dict(missing)
    return Plots(found, why_not)


def _placed(drawn: Drawn, media: MediaFolder, said: Iterable[str]) -> Plot:
    with drawing_on(PAGE):
        svg = as_svg(drawn.figure, drawn.name)
    caption = drawn.caption
    for sentence in filter(None, said):
        caption = " ".join(caption.replace(sentence, "").split())
    return plot_of(Drawing(svg, drawn.alt), media, drawn.name, drawn.title, caption)
