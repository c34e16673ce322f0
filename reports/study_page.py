"""The report of a study: a page that tells it from the answer down, with every plot as SVG and every table as CSV and LaTeX beside it."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from adis_bench.environment import versions
from adis_bench.errors import DataError
from adis_bench.files import make_folder, write_text
from adis_bench.printable import printable
from adis_bench.progress import track
from adis_bench.study.results import StudyResults
from adis_bench.study.results_file import STUDY_RESULTS_NAME, write_study_results
from reports import study_csv, study_diagrams, study_figures, study_findings, study_heat, study_people_tables, study_tables, study_words
from reports.drawing import Drawing
from reports.html import Asset, asset, printing_environment
from reports.media import MediaFolder
from reports.style import css_variables, darkened, label_tones
from reports.table_formats import to_latex
from reports.table_record import Table
from reports.tables import Fact, facts

PAGE_NAME = "index.html"
FIGURES, TABLES = "figures", "tables"
DRAWN = {
    "mean_points": study_figures.mean_points,
    "rank_shares": study_figures.rank_shares,
    "wins": study_diagrams.wins,
    "critical_difference": study_diagrams.critical_difference,
    "strengths": study_figures.strengths,
    "places": study_diagrams.places,
    "class_points": study_figures.class_points,
    "metrics": study_figures.metrics,
    "workers": study_diagrams.workers,
}
"""Every plot by the name of its file; None where there is nothing to draw."""
_OURS = re.compile(r"[a-z_]+\.(svg|csv|tex)|\.tmp-[a-z0-9_]{8}\.(svg|csv|tex)")
_GLUE = re.compile(r"p [=&][^;,]*|[0-9] %|[0-9] \[")
MOST_OPEN = 15
"""Ours: a longer table of differences is folded (seven methods have 21); it must not stand between a reader and the plots."""
MOST_CELLS = 5000
"""Ours: a longer table is left to its files, since a browser would be slow to lay it out and nobody reads it; 26 methods need 1,625 for
their differences, 1,000 workers 6,000."""
_VERSIONS = ("adis-bench", "python", "numpy", "scipy")
"""Of the packages that a number here depends on."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing in the page's folder; addresses are relative to the page.

    Attributes:
        light, dark: for the page.
        file: the light one under a name that others can rely on.
        alt: the plot in words, with its numbers.
    """

    light: str
    dark: str
    file: str
    alt: str


def write_study_report(results: StudyResults, out: Path, command: str = "", sources: Mapping[str, str] | None = None) -> Path:
    """Write ``index.html`` with its media, ``study_results.json``, ``figures/*.svg`` and ``tables/*.csv`` and ``*.tex``.

    The page is replaced last and at once; then what only an earlier report had is removed.

    Args:
        results: of the study.
        out: folder to write to.
        command: that made it, for the reader.
        sources: what the results come from (a name and a digest of the table, say), by what it is.

    Returns:
        The page's path.

    Raises:
        DataError: the folder holds files of something else.
    """
    make_folder(out)
    _refuse_foreign(out)
    write_study_results(out, results)
    media = MediaFolder(out)
    plots = {
        name: plot
        for name, draw in track(DRAWN.items(), "plots of the report", len(DRAWN))
        if (plot := _plot(name, draw(results), media, out))
    }
    tables = {table.name: table for table in (*study_tables.tables(results), *study_people_tables.tables(results))}
    raw = study_csv.csv_texts(results)
    for name, table in track(tables.items(), "tables of the report", len(tables)):
        write_text(out / TABLES / f"{name}.csv", raw[name])
        write_text(out / TABLES / f"{name}.tex", to_latex(table))
    page = printing_environment().get_template("study.html.j2").render(_context(results, plots, tables, command, sources or {}))
    write_text(out / PAGE_NAME, page)
    media.prune()
    kept = {f"{name}.svg" for name in plots} | {f"{name}{suffix}" for name in tables for suffix in (".csv", ".tex")}
    for path in (*(out / FIGURES).glob("*"), *(out / TABLES).glob("*")):
        if path.name not in kept and _OURS.fullmatch(path.name) and path.is_file():
            path.unlink()
    return out / PAGE_NAME


def _context(
    results: StudyResults, plots: Mapping[str, Plot], tables: Mapping[str, Table], command: str, sources: Mapping[str, str]
) -> dict[str, Any]:
    found = versions()
    return {
        "r": results,
        "name": str(results.study.get("name", "")),
        "glued": _glued,
        "most_open": MOST_OPEN,
        "most_cells": MOST_CELLS,
        "most_drawn": study_figures.MOST_DRAWN,
        "counts": study_people_tables.answer_counts(results),
        "conditional": study_people_tables.chosen_by_agreement(results),
        "style": _style(),
        "script": asset("report.js"),
        "answer": study_findings.answer(results),
        "warnings": study_findings.warnings(results),
        "order_changed": study_findings.order_changed(results),
        "metric_answer": study_findings.metric_answer(results.metrics or ()),
        "tones": label_tones([method.method for method in results.methods]),
        "labels": study_tables.labels(results),
        "plots": plots,
        "tables": tables,
        "heat": study_heat.class_heat(results),
        "computed": study_words.computed(results),
        "unknown": study_words.unknown(results),
        "n_rejected": sum(one.count for one in results.rejected),
        "n_out": sum(bool(row.failed) for row in results.screening.workers) if results.screening else 0,
        "why": study_findings.why,
        "plan": list(_plan(results)),
        "command": command,
        "sources": sources,
        "versions": {name: found[name] for name in _VERSIONS if name in found},
        "json_name": STUDY_RESULTS_NAME,
    }


def _plan(results: StudyResults) -> Iterator[Fact]:
    """What the study says of itself; the run's digests are long and stand last."""
    yield from facts(results.study, ["displays", "run", "plan"])
    yield from facts(results.study.get("plan", {}))
    yield from facts({"run": results.study["run"]} if results.study.get("run") else {})


def _glued(text: str) -> Markup:
    """A sentence whose numbers keep their signs and units beside them on one line."""
    return Markup(_GLUE.sub(lambda found: found[0].replace(" ", "&nbsp;"), str(escape(printable(text)))))


def _style() -> Asset:
    # str: markup would escape what is added to it, and a style sheet's ">" must stay one.
    return asset("study.css", before=str(asset("report.css", before=css_variables()).text))


def _plot(name: str, drawing: Drawing | None, media: MediaFolder, out: Path) -> Plot | None:
    if drawing is None:
        return None
    file = f"{FIGURES}/{name}.svg"
    write_text(out / file, drawing.svg)
    # The page shows copies named by content: an older page keeps its own until the new one is in place.
    return Plot(media.add(drawing.svg.encode(), ".svg"), media.add(darkened(drawing.svg).encode(), ".svg"), file, drawing.alt)


def _refuse_foreign(out: Path) -> None:
    """Files of earlier reports are removed; folders of these names that are not ours must not lose anything."""
    taken = [name for name in (PAGE_NAME, "media", FIGURES, TABLES, STUDY_RESULTS_NAME) if os.path.lexists(out / name)]
    if taken and not _is_ours(out / STUDY_RESULTS_NAME):
        raise DataError(f"{printable(str(out))} holds {' and '.join(taken)} of something else; choose another folder with --out")


def _is_ours(path: Path) -> bool:
    """Whether a file holds results of a study, of whatever schema."""
    try:
        found = json.loads(path.read_bytes())
        return isinstance(found["schema_version"], int) and isinstance(found["n_rankings"], int) and "plackett_luce" in found
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return False
