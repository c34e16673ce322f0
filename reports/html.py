"""The HTML report of a run: one folder that opens from disk, without a network and without scripts of others."""

import base64
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from adis_bench.files import write_text
from adis_bench.printable import printable
from adis_bench.results import REPORT_NAME
from reports import examples, figures, findings, tables
from reports.data import RunData
from reports.media import MediaFolder
from reports.style import css_variables, tones

LEADING = 3
"""Examples at the head of the page."""


@dataclass(frozen=True, slots=True)
class Asset:
    """Our own style sheet or script: its text as it stands in the page, and its hash for the page's policy."""

    text: Markup
    hash: str


def write_report(run_dir: Path) -> Path:
    """Write ``report/index.html`` of a run and return its path.

    The page is replaced last and at once: a reader sees the old report or the whole new one.

    Args:
        run_dir: a run folder with results.json, pairs.parquet, outputs/ and scores/.

    Raises:
        IncompleteRunError: the run has no results yet.
        DataError: a file of the run is damaged.
    """
    run = RunData.open(run_dir)
    path = run.folder / REPORT_NAME
    media = MediaFolder(path.parent)
    page = _render(run, examples.build(run, media), media)
    write_text(path, page)
    media.prune()
    return path


def _render(run: RunData, shown: tuple[examples.Example, ...], media: MediaFolder) -> str:
    context: dict[str, Any] = {
        "run": run,
        "r": run.results,
        "tones": tones(run.methods),
        "style": asset("report.css", before=css_variables()),
        "script": asset("report.js"),
        "title": _title(run),
        "answer": findings.answer(run),
        "findings": [findings.finding(run, m) for m in run.headline],
        "notes": findings.notes(run),
        "references": findings.references(run),
        "changes": {m.label: findings.trained_differences(m) for m in run.methods},
        "headline_rows": tables.score_rows(run, run.headline),
        "beside_rows": tables.score_rows(run, run.beside),
        "difference_rows": {m.name: tables.difference_rows(run, m) for m in run.headline},
        "versus_rows": {m.name: tables.versus_rows(run, m) for m in run.headline},
        "size_tables": tables.size_tables(run),
        "heat_maps": tables.heat_maps(run),
        "check_command": findings.check_command(run),
        "least_pairs": tables.LEAST_PAIRS,
        "facts": tables.facts,
        "score_panels": figures.score_panels(run, media),
        "difference_panels": figures.difference_panels(run, media),
        "examples": shown,
        "leading": examples.leading(shown, LEADING),
    }
    # Last: the figures are media, too.
    return environment().get_template("index.html.j2").render(context, media_bytes=media.n_bytes)


def _title(run: RunData) -> str:
    names = [m.label for m in run.asked] or ["controls"]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed} on {run.results.dataset.name}"


def environment() -> jinja2.Environment:
    """The templates of the package."""
    # Autoescape everywhere: labels, paths and reasons come from data files of anybody.
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("reports"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    templates.globals["limits"] = findings.limits
    return templates


def printing_environment() -> jinja2.Environment:
    """The templates with every text on one line and encodable: names of files, methods and classes come from anybody's disk."""
    return environment().overlay(
        finalize=lambda value: printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
    )


def asset(name: str, before: str = "") -> Asset:
    """A file of ``static``, with text before it."""
    text = before + (files("reports") / "static" / name).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    # Markup: the text is the package's own; nothing of the run goes into it.
    return Asset(Markup(text), f"'sha256-{digest}'")
