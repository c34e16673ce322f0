"""What pages of results share: plots for light and for dark ground with their files, and how much of a table a page takes."""

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

from adis_bench.printable import printable
from reports.drawing import Drawing
from reports.media import MediaFolder
from reports.style import darkened

FIGURES, TABLES = "figures", "tables"
"""Folders beside the page."""
MOST_OPEN = 15
"""Ours: a longer table of differences is folded (seven methods have 21); it must not stand between a reader and the plots."""
MOST_CELLS = 5000
"""Ours: a longer table is left to its files, since a browser would be slow to lay it out and nobody reads it; 26 methods need 1,625 for
their differences, 1,000 workers 6,000."""
SHORT_CAPTION = 240
"""Ours: a longer caption (three lines beside a plot) is folded behind its first sentence."""
_SENTENCE_END = re.compile(r"(?<=[.!?]) +(?=[^a-z(\[])")
_GLUE = re.compile(r"(?:corrected )?p (?:=|&lt;) [0-9.]+|[0-9] %|[0-9\]] \[|\[[^\[\]]{1,40}\]")


def glued(text: str) -> Markup:
    """A sentence whose numbers keep their signs, units and intervals beside them on one line."""
    return Markup(_GLUE.sub(lambda found: found[0].replace(" ", "&nbsp;"), str(escape(printable(text)))))


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot in the page's folder; addresses are relative to the page.

    Attributes:
        light, dark: for the page.
        file: the light one under a name that others can rely on.
        alt: the plot in words, with its numbers.
        title: a few words above it.
        caption: what must be known to read it; empty where nothing.
    """

    light: str
    dark: str
    file: str
    alt: str
    title: str = ""
    caption: str = ""

    @property
    def first(self) -> str:
        """The caption's first sentence, or all of a short one."""
        return self._parts[0]

    @property
    def rest(self) -> str:
        """What follows in the caption; empty where it is short."""
        return self._parts[1]

    @property
    def _parts(self) -> tuple[str, str]:
        if len(self.caption) <= SHORT_CAPTION or (end := _SENTENCE_END.search(self.caption)) is None:
            return self.caption, ""
        return self.caption[: end.start()], self.caption[end.end() :]


def plot_of(drawing: Drawing, media: MediaFolder, name: str, title: str = "", caption: str = "", folder: str = FIGURES) -> Plot:
    """A drawing among the page's media and as ``<name>.svg`` in a folder beside the page."""
    # The page shows copies named by content: an older page keeps its own until the new one is in place.
    light, dark = (media.add(svg.encode(), ".svg") for svg in (drawing.svg, darkened(drawing.svg)))
    return Plot(light, dark, media.add_named(f"{folder}/{name}.svg", drawing.svg.encode()), drawing.alt, title, caption)
