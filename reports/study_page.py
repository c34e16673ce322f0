"""The report of a study: a page that tells it from the answer down, with every plot as SVG and every table as CSV and LaTeX beside it."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from adis_bench.environment import versions
from adis_bench.errors import DataError
from adis_bench.files import make_folder, write_text
from adis_bench.printable import printable
from adis_bench.progress import track
from adis_bench.study.results import StudyResults
from adis_bench.study.results_file import STUDY_RESULTS_NAME, write_study_results
from reports import study_diagrams, study_figures, study_findings, study_heat, study_people_tables, study_tables, study_words
from reports.facts import Fact, facts
from reports.html import Asset, asset, printing_environment
from reports.media import MediaFolder
from reports.page_parts import FIGURES, MOST_CELLS, MOST_OPEN, TABLES, Plot, plot_of
from reports.style import css_variables, label_tones
from reports.table_formats import to_csv, to_latex
from reports.table_record import Table

PAGE_NAME = "index.html"
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
_VERSIONS = ("adis-bench", "python", "numpy", "scipy")
"""Of the packages that a number here depends on."""


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
        name: plot_of(drawing, media, name)
        for name, draw in track(DRAWN.items(), "plots of the report", len(DRAWN))
        if (drawing := draw(results)) is not None
    }
    tables = {table.name: table for table in (*study_tables.tables(results), *study_people_tables.tables(results))}
    for name, table in track(tables.items(), "tables of the report", len(tables)):
        media.add_named(f"{TABLES}/{name}.csv", to_csv(table).encode())
        media.add_named(f"{TABLES}/{name}.tex", to_latex(table).encode())
    page = printing_environment().get_template("study.html.j2").render(_context(results, plots, tables, command, sources or {}))
    write_text(out / PAGE_NAME, page)
    media.prune()
    return out / PAGE_NAME


def _context(
    results: StudyResults, plots: Mapping[str, Plot], tables: Mapping[str, Table], command: str, sources: Mapping[str, str]
) -> dict[str, Any]:
    found = versions()
    return {
        "r": results,
        "name": str(results.study.get("name", "")),
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


def _style() -> Asset:
    # str: markup would escape what is added to it, and a style sheet's ">" must stay one.
    return asset("study.css", before=str(asset("report.css", before=css_variables()).text))


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
