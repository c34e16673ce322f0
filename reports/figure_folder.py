"""A folder of figures for a paper: SVG and PDF, a record of what they show, a page to look through, and LaTeX to paste."""

import re
import warnings
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from adis_bench.printable import printable
from reports.data import RunData
from reports.drawing import CVPR_WIDE, Drawn, FigureFormat, Medium, saved
from reports.figure_record import SCHEMA_VERSION, FigureEntry, FiguresRecord, Missing, read_record
from reports.html import asset, printing_environment
from reports.latex_text import to_latex_text, with_engine
from reports.own_folder import OwnFolder
from reports.run_facts import facts_of
from reports.style import css_variables
from reports.wording import listed

RECORD_NAME, PAGE_NAME, LATEX_NAME = "figures.json", "index.html", "figures.tex"
_MISSING = re.compile(r"Glyph (\d+) .* missing from font")


@dataclass(frozen=True, slots=True)
class Written:
    """What a call left.

    Attributes:
        record: the content of ``figures.json``.
        missing: characters that no font of the figures has; they are boxes in them.
        removed: which files of earlier calls are gone, and why, in a sentence; empty where none is.
    """

    record: FiguresRecord
    missing: str
    removed: str


class FigureFolder:
    """Writes the figures of one run for one medium; figures of the same run from earlier calls stay."""

    def __init__(self, run: RunData, medium: Medium, formats: Sequence[FigureFormat], out: Path) -> None:
        """Nothing is written yet.

        Args:
            run: whose figures.
            medium: where they will stand.
            formats: of each figure.
            out: folder to write to.

        Raises:
            DataError: the folder holds a page or a record of something else, or can't be made.
        """
        self._run, self._medium, self._formats = run, medium, formats
        self._folder = OwnFolder(out, RECORD_NAME)
        self._before = self._folder.earlier(read_record, PAGE_NAME, LATEX_NAME)
        self._made: list[FigureEntry] = []
        self._contents: dict[str, bytes] = {}
        self._missing: set[str] = set()

    def add(self, kind: str, drawn: Drawn) -> None:
        """Make the files of a figure, which ``finish`` writes.

        Args:
            kind: its kind.
            drawn: the figure, drawn for the folder's medium.

        Raises:
            DataError: a file is in the way that no earlier call made.
        """
        files = tuple(f"{drawn.name}.{file_format}" for file_format in self._formats)
        self._folder.refuse_others(files, self._before.files if self._before else frozenset())
        for file_format, name in zip(self._formats, files, strict=True):
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                content = saved(drawn.figure, drawn.name, file_format, self._medium)
            self._missing |= {chr(int(found[1])) for one in said if (found := _MISSING.match(str(one.message)))}
            self._contents[name] = content
        width, height = (round(float(inches), 4) for inches in drawn.figure.get_size_inches())
        title, caption, alt = printable(drawn.title), printable(drawn.caption), printable(drawn.alt)
        self._made.append(FigureEntry(drawn.name, kind, title, caption, alt, width, height, files))

    def finish(self, order: Sequence[str], asked: Sequence[str], not_drawn: Sequence[tuple[str, str]]) -> Written:
        """Write figures, page, LaTeX and record, and remove figures that they no longer name.

        Args:
            order: all kinds, in the order of the page.
            asked: kinds of this call; figures of other kinds stay, where they are of the same run and medium.
            not_drawn: (kind, reason) of what could not be drawn.
        """
        reasons = tuple(Missing(kind, printable(reason)) for kind, reason in not_drawn)
        medium, facts = self._medium, facts_of(self._run)
        record = FiguresRecord(SCHEMA_VERSION, medium.name, round(medium.width_in, 4), facts, tuple(self._made), reasons)
        figures, missing = self._before.kept(record, asked) if self._before else ((), ())

        def place(one: FigureEntry | Missing) -> int:
            return order.index(one.kind) if one.kind in order else len(order)

        record = replace(
            record,
            figures=tuple(sorted([*record.figures, *figures], key=place)),
            not_drawn=tuple(sorted([*record.not_drawn, *missing], key=place)),
        )
        gone = self._before.files - record.files if self._before else frozenset()
        removed = self._why_gone(record, gone)
        pages = {LATEX_NAME: latex(record).encode(), PAGE_NAME: self._page(record).encode()}
        self._folder.replace(record.to_json(), self._contents | pages, gone)
        return Written(record, "".join(sorted(self._missing)), removed)

    def _why_gone(self, record: FiguresRecord, gone: Set[str]) -> str:
        before = self._before
        if before is None:
            return ""
        if before.medium != record.medium:
            return _removed(len(before.figures), f"of column {before.medium}; a folder holds one column's, and --out chooses another")
        if before.run != record.run:
            names = {figure.name for figure in record.figures}
            n = sum(figure.name not in names for figure in before.figures)
            return _removed(n, "of other results than the run's now; draw them anew")
        return f"removed {listed(sorted(gone))}, which this call drew no more" if gone else ""

    def _page(self, record: FiguresRecord) -> str:
        style = asset("figures.css", before=str(asset("report.css", before=css_variables()).text))
        names = ", ".join(m.label for m in self._run.asked) or "the controls"
        title = f"Figures of {names} on {record.run.dataset}"
        return printing_environment().get_template("figures.html.j2").render({"title": title, "style": style, "r": record})


def _removed(n: int, why: str) -> str:
    return f"removed {n} figure{'s' * (n != 1)} {why}" if n else ""


def latex(record: FiguresRecord) -> str:
    """A float for each figure that there is a PDF of, with its caption, for the package graphicx."""
    return with_engine("\n".join([r"% needs \usepackage{graphicx}, \usepackage[T1]{fontenc}", *_floats(record), ""]))


def _floats(record: FiguresRecord) -> Iterator[str]:
    # A figure as wide as two columns spans them.
    kind = "figure*" if record.medium == CVPR_WIDE.name else "figure"
    for figure in record.figures:
        if not (file := figure.file(".pdf")):
            continue
        yield from (
            rf"\begin{{{kind}}}[t]",
            r"\centering",
            rf"\includegraphics[width={figure.width_in:.3f}in]{{{file}}}",
            rf"\caption{{{to_latex_text(figure.caption)}}}",
            rf"\label{{fig:{figure.name}}}",
            rf"\end{{{kind}}}",
        )
