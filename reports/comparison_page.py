"""A comparison of runs as a page, with every table as CSV and LaTeX, all of it as Markdown, and its numbers as JSON."""

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import adis_bench
from adis_bench.comparing.answer import answer
from adis_bench.comparing.comparison import Comparison
from adis_bench.comparing.conditions import Judged
from adis_bench.comparing.record import KIND, record
from adis_bench.comparing.words import condition_text, notes, warnings
from adis_bench.errors import DataError
from adis_bench.files import make_folder, write_json, write_text
from adis_bench.printable import printable
from adis_bench.results import RESULTS_NAME
from adis_bench.results.score_text import listed
from reports.comparison_figures import draw_differences
from reports.comparison_tables import comparison_tables
from reports.drawing import PAGE, Drawing, NotDrawn, as_svg, drawing_on
from reports.findings import MINUS
from reports.html import asset, printing_environment
from reports.media import MediaFolder
from reports.page_parts import MOST_CELLS, Plot, plot_of
from reports.style import css_variables
from reports.table_formats import markdown_list, markdown_text, to_csv, to_latex, to_markdown
from reports.table_record import Table

_HYPHEN = re.compile(r"(?<![^\s\[])-(?=[0-9])")
PAGE_NAME, MARKDOWN_NAME, RECORD_NAME = "index.html", "comparison.md", "comparison.json"
FIGURES, TABLES = "comparison_figures", "comparison_tables"
"""Folders beside the page; `tables` and `figures` are those of other commands."""


def write_comparison(found: Comparison, judged: Sequence[Judged], out: Path, command: str = "") -> Path:
    """Write ``index.html`` with its media, ``comparison.md``, ``comparison.json``, ``comparison_tables/*`` and ``comparison_figures/*``.

    The page is replaced last and at once; then what only an earlier one had is removed.

    Args:
        found: the comparison.
        judged: the conditions that were asked.
        out: folder to write to.
        command: that made it, for the reader.

    Returns:
        The page's path.

    Raises:
        DataError: the folder is a run's, or holds files of something else.
    """
    make_folder(out)
    _refuse_foreign(out)
    media, tables = MediaFolder(out), comparison_tables(found)
    media.begin(FIGURES, TABLES)
    # Ahead of the other files: a call that was stopped knows the folder as its own again.
    write_json(out / RECORD_NAME, record(found, judged))
    files = {table.name: _files(table, media) for table in tables}
    plot, why_not = _plot(found, media)
    write_text(out / MARKDOWN_NAME, _markdown(found, judged, tables))
    context: dict[str, Any] = {
        "c": found,
        "first": found.runs[0].results,
        "title": listed([run.name for run in found.runs]),
        "version": adis_bench.__version__,
        "answer": [_typeset(sentence) for sentence in answer(found)],
        "judged": [(one, _typeset(condition_text(found, one))) for one in sorted(judged, key=lambda one: not one.holds)],
        "notes": notes(found),
        "warnings": warnings(found),
        "tables": tables,
        "files": files,
        "most_cells": MOST_CELLS,
        "plot": plot,
        "why_not": why_not,
        "command": command,
        "markdown_name": MARKDOWN_NAME,
        "record_name": RECORD_NAME,
        "styles": [asset("report.css", before=css_variables()), *map(asset, ("story.css", "comparison.css"))],
    }
    write_text(out / PAGE_NAME, printing_environment().get_template("comparison.html.j2").render(context))
    media.prune()
    return out / PAGE_NAME


def _typeset(text: str) -> str:
    """A sentence with true minus signs before its numbers, as tables have them."""
    return _HYPHEN.sub(MINUS, text)


def _plot(found: Comparison, media: MediaFolder) -> tuple[Plot | None, str]:
    """The plot, or why there is none."""
    try:
        drawn = draw_differences(found, PAGE)
    except NotDrawn as reason:
        return None, str(reason)
    with drawing_on(PAGE):
        svg = as_svg(drawn.figure, drawn.name)
    return plot_of(Drawing(svg, drawn.alt), media, drawn.name, drawn.title, drawn.caption, FIGURES), ""


def _files(table: Table, media: MediaFolder) -> tuple[tuple[str, str], ...]:
    csv = media.add_named(f"{TABLES}/{table.name}.csv", to_csv(table).encode())
    return ("CSV", csv), ("LaTeX", media.add_named(f"{TABLES}/{table.name}.tex", to_latex(table).encode()))


def _markdown(found: Comparison, judged: Sequence[Judged], tables: Sequence[Table]) -> str:
    """Answer, conditions, tables, notes and warnings; texts of anybody stay text."""
    first = found.runs[0].results
    said = [f"{'regression' if one.holds else 'passed'}: {one.text}; {condition_text(found, one)}" for one in judged]
    warned = [f"{names}: {text}" for names, text in warnings(found)]
    shared = f"{first.dataset.name}, {first.pairs.n:,} pairs, protocol {first.protocol} version {first.protocol_version}"
    digests = f"dataset {first.dataset.digest}, pair list {first.pairs.digest}, protocol {first.protocol_digest}"
    parts = [
        f"# {markdown_text(listed([run.name for run in found.runs]))}",
        *map(markdown_text, answer(found)),
        *(["\n".join(markdown_list(said))] if said else []),
        *(to_markdown(table).rstrip() for table in tables),
        *(["**Before you quote a number**", "\n".join(markdown_list(warned))] if warned else []),
        markdown_text(f"{shared}; {digests}."),
    ]
    return "\n\n".join(parts) + "\n"


def _refuse_foreign(out: Path) -> None:
    """Files of earlier pages are replaced and removed; what is not ours must not lose anything."""
    if (out / RESULTS_NAME).exists():
        raise DataError(f"{printable(str(out))} is the folder of a run; choose another one for the comparison with --out")
    taken = [name for name in (PAGE_NAME, "media", FIGURES, TABLES, MARKDOWN_NAME, RECORD_NAME) if os.path.lexists(out / name)]
    if taken and not _is_ours(out / RECORD_NAME):
        raise DataError(f"{printable(str(out))} holds {' and '.join(taken)} of something else; choose another folder with --out")


def _is_ours(path: Path) -> bool:
    """Whether a file is a comparison's record, of whatever schema."""
    try:
        return bool(json.loads(path.read_bytes())["kind"] == KIND)
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return False
