"""How every figure is drawn, for a page or for a paper's column: one set of sizes, fonts and colours, and the formats it is saved in."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.figure import Figure

from reports.style import INK, LINE, MUTED

FigureFormat = Literal["svg", "pdf"]
FORMATS: tuple[FigureFormat, ...] = ("svg", "pdf")
# Text of a page stays text, in the reader's system font: sharp, selectable, and small files.
_FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Medium:
    """Where a figure will stand.

    Attributes:
        name: as commands take it.
        width_in: width of the whole figure in inches.
        font_pt: size of its text in points.
        paper: whether it is for print: fonts are embedded, and nothing depends on the reader's machine.
    """

    name: str
    width_in: float
    font_pt: float
    paper: bool

    @property
    def scale(self) -> float:
        """Of heights and marks that were chosen for a page's figure."""
        return self.font_pt / PAGE.font_pt


PAGE = Medium("page", 4.3, 9.5, paper=False)
"""A figure of an HTML report; the page scales it."""
ECCV = Medium("eccv", 12.2 / 2.54, 7.5, paper=True)
"""Text width of Springer's LNCS class, which ECCV papers use. Source: ``\\textwidth 12.2cm`` in llncs.cls; the font size is ours."""
CVPR = Medium("cvpr", (6.875 - 0.3125) / 2, 7.5, paper=True)
"""A column of CVPR's style. Source: ``\\textwidth 6.875in`` and ``\\columnsep 0.3125in`` in cvpr.sty; the font size is ours."""
CVPR_WIDE = Medium("cvpr-wide", 6.875, 7.5, paper=True)
"""Both columns of CVPR's style."""
PAPER_MEDIA = {medium.name: medium for medium in (ECCV, CVPR, CVPR_WIDE)}


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG before it is written, and what it says in words."""

    svg: str
    alt: str


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A figure before it is saved.

    Attributes:
        name: of its files: lower-case letters, digits and dashes.
        title: a few words for a heading.
        figure: drawn in ``drawing_on`` of the medium that it is saved for.
        alt: the figure in words, with its numbers, for those who can't see it.
        caption: what must be known to read it: seed, n, intervals; a sentence or three.
    """

    name: str
    title: str
    figure: Figure
    alt: str
    caption: str


class NotDrawn(Exception):  # noqa: N818 - no error: a run may lack what a figure shows
    """Why a run has no such figure, in a phrase that can stand behind the figure's name."""


def style(medium: Medium) -> dict[Any, Any]:
    """Matplotlib's settings for figures of one medium."""
    return {
        "font.family": "DejaVu Sans",
        "font.size": medium.font_pt,
        # In print letters are outlines (SVG) or embedded TrueType (PDF; type 3 fonts are refused by publishers).
        "svg.fonttype": "path" if medium.paper else "none",
        "pdf.fonttype": 42,
        "text.parse_math": False,  # a label with dollar signs is a label
        "svg.hashsalt": "adis-bench",  # the same run gives the same bytes
        "axes.edgecolor": LINE.light,
        "axes.labelcolor": MUTED.light,
        "xtick.color": LINE.light,
        "xtick.labelcolor": MUTED.light,
        "ytick.labelcolor": INK.light,
        "text.color": INK.light,
    }


@contextmanager
def drawing_on(medium: Medium) -> Iterator[None]:
    """Figures that are made and saved inside have the medium's style."""
    with mpl.rc_context(style(medium)):
        yield


def saved(figure: Figure, name: str, file_format: FigureFormat, medium: Medium) -> bytes:
    """The figure as a file of a paper: white ground, fonts inside, no date, the same bytes for the same figure."""
    buffer = BytesIO()
    metadata = {"Date": None, "Creator": None, "Title": name} if file_format == "svg" else {"CreationDate": None, "Title": name}
    with drawing_on(medium):
        figure.savefig(buffer, format=file_format, facecolor="white", metadata=metadata)
    return buffer.getvalue()


def as_svg(figure: Figure, name: str) -> str:
    """The figure as the text of an SVG without its XML head, to stand in a page."""
    buffer = StringIO()
    with warnings.catch_warnings():
        # Text stays text: what the font that it is measured with lacks, the reader's font has.
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Title": name})
    return buffer.getvalue().replace("'DejaVu Sans'", _FONTS)
