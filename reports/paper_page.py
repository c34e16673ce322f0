"""The page of ``adis-bench paper``: every figure and table that was made, with its commands and what is made up in it."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import adis_bench
from adis_bench.errors import DataError
from adis_bench.files import write_json, write_text
from adis_bench.printable import printable
from adis_bench.results import RESULTS_NAME
from reports.data import RunData
from reports.html import asset, printing_environment
from reports.paper import Plan
from reports.paper_steps import Done, as_text
from reports.style import css_variables
from reports.table1_rows import table1_of
from reports.table_record import Table

PAGE_NAME, RECORD_NAME = "index.html", "paper.json"
FIGURES_NAME = "figures.json"
"""What ``adis-bench figures`` writes beside its files."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure on the page; addresses are relative to it."""

    svg: str
    pdf: str
    title: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A step as the page shows it.

    Attributes:
        done: what became of it.
        commands: as one gives them in a shell, with the plan's folder as ``OUT``.
        pictures: its figures that are there.
        links: what else it left, by name.
        table: Table 1, where this is its step.
    """

    done: Done
    commands: tuple[str, ...]
    pictures: tuple[Picture, ...]
    links: dict[str, str]
    table: Table | None = None


def refuse_foreign(out: Path) -> None:
    """A page that is not ours must not be replaced, least of all after hours of work.

    Raises:
        DataError: the folder has one, or is a run's.
    """
    if (out / RESULTS_NAME).exists():
        raise DataError(f"{printable(str(out))} is the folder of a run; choose another one with --out")
    if os.path.lexists(out / PAGE_NAME) and not (out / RECORD_NAME).is_file():
        raise DataError(f"{printable(str(out))} holds {PAGE_NAME} of something else; choose another folder with --out")


def write_page(plan: Plan, done: Sequence[Done]) -> Path:
    """Write ``index.html`` and ``paper.json`` and return the page's path; the page is replaced last and at once.

    Raises:
        DataError: a file that a step left is damaged.
    """
    write_json(plan.out / RECORD_NAME, record(done))
    context = {
        "steps": [_shown(plan, one) for one in done],
        "n_done": sum(one.worked for one in done),
        "seconds": sum(one.seconds for one in done),
        "version": adis_bench.__version__,
        "demo": plan.data is None,
        "style": asset("paper.css", before=str(asset("report.css", before=css_variables()).text)),
    }
    write_text(plan.out / PAGE_NAME, printing_environment().get_template("paper.html.j2").render(context))
    return plan.out / PAGE_NAME


def record(done: Sequence[Done]) -> dict[str, Any]:
    """What became of every step, JSON-compatible."""
    return {
        "steps": [
            {
                "name": one.step.name,
                "title": one.step.title,
                "state": "done" if one.worked else "failed" if one.failed else "not tried",
                "commands": [as_text(command) for command in one.step.commands],
                "failed_command": one.failed or None,
                "exit_code": one.code,
                "waits_for": list(one.waits_for),
                "seconds": round(one.seconds, 1),
            }
            for one in done
        ]
    }


def _shown(plan: Plan, done: Done) -> Shown:
    step = done.step
    commands = tuple(as_text(command).replace(str(plan.out), "OUT") for command in step.commands)
    if not done.worked:
        return Shown(done, commands, (), {})
    table = table1_of(RunData.open(plan.out / "table1" / "run")).table if step.name == "table-1" else None
    return Shown(done, commands, _pictures(plan.out, step.pictures), step.links, table)


def _pictures(out: Path, folder: str) -> tuple[Picture, ...]:
    if not folder:
        return ()
    found = json.loads((out / folder / FIGURES_NAME).read_bytes())["figures"]

    def address(figure: dict[str, Any], suffix: str) -> str:
        return f"{folder}/{quote(figure['name'])}.{suffix}"

    return tuple(Picture(address(f, "svg"), address(f, "pdf"), f["title"], f["alt"], f["caption"]) for f in found)
