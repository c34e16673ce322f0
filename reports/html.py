"""The HTML report of a run: one folder that opens from disk, without a network and without scripts of others."""

import base64
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from adis_bench.errors import DataError
from adis_bench.files import make_folder, write_text
from adis_bench.printable import printable
from adis_bench.results import REPORT_NAME, RESULTS_NAME
from reports import (
    check_summary,
    examples,
    failures,
    findings,
    gallery,
    human_study,
    run_tables,
    story_answer,
    story_notes,
    story_plots,
    story_sweeps,
)
from reports.data import RunData
from reports.facts import facts
from reports.media import MediaFolder
from reports.own_folder import place_in
from reports.page_parts import FIGURES, MOST_CELLS, MOST_OPEN, TABLES, glued, plot_of
from reports.paper_figures import captions
from reports.style import css_variables, tones
from reports.table_formats import to_csv, to_latex
from reports.table_record import Table, family
from reports.wording import listed, some

PAGE_NAME = "index.html"
GENERATOR = "adis-bench report"
"""In the head of every page, so that a later report knows what it replaces."""
LEADING = 3
"""Ours: examples at the head of the page; they stand beside the answer on a wide screen and fill no phone's."""
LEADING_METHODS = 8
"""Ours: methods that these show; more would be too small to be told apart, and the gallery has all."""
_SIZE = "\N{OBJECT REPLACEMENT CHARACTER}size\N{OBJECT REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Asset:
    """Our own style sheet or script: its text as it stands in the page, and its hash for the page's policy."""

    text: Markup
    hash: str


def write_report(run_dir: Path, *, out: Path | None = None, study: Path | None = None, full_size: bool = False) -> Path:
    """Write ``index.html`` of a run with its media, ``figures/*.svg`` and ``tables/*``, and return its path.

    The page is replaced last and at once: a reader sees the old report or the whole new one.

    Args:
        run_dir: a run folder with results.json, pairs.parquet, outputs/ and scores/.
        out: folder to write to; ``report`` in the run's folder where None.
        study: folder of a study's results; where None, one in the run's folder is taken, if there is one.
        full_size: whether the gallery gets every output at the run's resolution, too.

    Raises:
        IncompleteRunError: the run has no results yet.
        DataError: a file of the run is damaged, ``study`` is about another run, ``out`` holds something else, or a folder beside the
            page is a link to elsewhere.
    """
    run = RunData.open(run_dir)
    path = out / PAGE_NAME if out is not None else place_in(run.folder, Path(REPORT_NAME).parent.name) / PAGE_NAME
    if out is not None:
        _refuse_foreign(out)
    found = human_study.find_study(run, study)
    run.pair_scores(())  # damaged scores are told before anything is written
    make_folder(path.parent)
    media = MediaFolder(path.parent)
    media.begin(FIGURES, TABLES)
    write_text(path, _render(run, media, found, gallery.GalleryOptions(full_size=full_size)))
    media.prune()
    return path


def _refuse_foreign(out: Path) -> None:
    """Files of earlier reports are replaced and removed; folders of these names that are not ours must not lose anything."""
    page = out / PAGE_NAME
    if page.is_file() and f'name="generator" content="{GENERATOR}"' in page.read_text(encoding="utf-8", errors="replace")[:4000]:
        return
    # A first report that was stopped has no page yet, but said that it began.
    names = (PAGE_NAME, RESULTS_NAME, *(() if MediaFolder.was_begun(out) else ("media", FIGURES, TABLES)))
    if taken := [name for name in names if os.path.lexists(out / name)]:
        raise DataError(f"{printable(str(out))} holds {listed(taken)} of something else; choose another folder with --out")


def _render(run: RunData, media: MediaFolder, found: human_study.StudyFound, options: gallery.GalleryOptions) -> str:
    shown = gallery.build_gallery(run, media, options)
    tables = run_tables.run_tables(run)
    check = check_summary.find_check(run)
    study, told, sweeps = found.study, story_answer.told(run), story_sweeps.tell_sweeps(run)
    plots = story_plots.draw_plots(run, media, said_elsewhere=sweeps.in_captions)
    every = (*tables, *([check.table] if check else []), *([replace(study.table, name="study-mean-points")] if study else []))
    # The page says the run's warnings once; a file that is taken from it must have its own.
    on_page = tuple(replace(table, notes=tuple(text for text in table.notes if text not in run.results.warnings)) for table in every)
    context: dict[str, Any] = {
        "run": run,
        "r": run.results,
        "generator": GENERATOR,
        "tones": tones(run.methods),
        "title": f"{some([m.label for m in run.asked] or ['controls'], 'methods')} on {run.results.dataset.name}",
        "told": told.name if told else "",
        "told_file": captions.file_name("", told)[1:] if told else "",
        "answer": story_answer.answer(run),
        "findings": [story_answer.finding(run, m) for m in run.headline],
        "trust": story_notes.trust(run),
        "failing": story_notes.failures_of_metrics(run),
        "pooled": {name: tuple(story_notes.pooled(run, of)) for name, of in (("scores", run.headline), ("secondary", run.beside))},
        "changes": {m.label: findings.trained_differences(m) for m in run.methods},
        "check": check,
        "check_command": findings.check_command(run),
        "facts": facts,
        "family": lambda name: family(on_page, name),
        "common_notes": _common_notes,
        "files": _table_files(every, media),
        "most_open": MOST_OPEN,
        "most_cells": MOST_CELLS,
        "plots": plots,
        "sweeps": sweeps,
        "leading": _leading(run, media),
        "gallery": shown,
        "pair_link": gallery.pair_link,
        "failures": failures.find_failures(run, media),
        "study": study,
        "study_problem": found.problem.rstrip("."),
        "study_plots": _study_plots(study, media) if study else (),
        "styles": [asset("report.css", before=css_variables()), *map(asset, ("story.css", gallery.STYLE))],
        "scripts": [asset(name) for name in ("report.js", *gallery.SCRIPTS)],
        "size": _SIZE,
    }
    page = printing_environment().get_template("index.html.j2").render(context)
    # The page states what the folder weighs, itself included.
    return page.replace(_SIZE, f"{(media.n_bytes + len(page.encode())) / 1e6:.1f} MB")


def _leading(run: RunData, media: MediaFolder) -> tuple[examples.Example, ...]:
    """A few pairs with what the methods made of them; none where only controls were run."""
    few = replace(run.results, methods=run.asked[:LEADING_METHODS])
    pairs = examples.leading(run.pairs, LEADING, run.results.seed)
    return examples.build(RunData(run.folder, few, pairs), media) if few.methods else ()


def _common_notes(tables: Sequence[Table]) -> tuple[str, ...]:
    """What all of several tables say; nothing of one table."""
    return tuple(text for text in tables[0].notes if all(text in table.notes for table in tables)) if len(tables) > 1 else ()


def _table_files(tables: Iterable[Table], media: MediaFolder) -> dict[str, tuple[tuple[str, str], ...]]:
    """Every table as CSV and LaTeX beside the page: name of the table -> (format, address) of its files."""
    made: dict[str, tuple[tuple[str, str], ...]] = {}
    for table in tables:
        made[table.name] = (
            ("CSV", media.add_named(f"{TABLES}/{table.name}.csv", to_csv(table).encode())),
            ("LaTeX", media.add_named(f"{TABLES}/{table.name}.tex", to_latex(table).encode())),
        )
    return made


def _study_plots(study: human_study.HumanStudy, media: MediaFolder) -> tuple[Any, ...]:
    drawn = (("study-points", "Mean points", study.points), ("study-metrics", "Metrics and people", study.agreement))
    return tuple(plot_of(drawing, media, name, title) for name, title, drawing in drawn if drawing is not None)


def environment() -> jinja2.Environment:
    """The templates of the package."""
    # Autoescape everywhere: labels, paths and reasons come from data files of anybody.
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("reports"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    templates.globals |= {"limits": findings.limits, "glued": glued}
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
