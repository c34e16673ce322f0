"""``adis-bench tables``: every table of a run, for papers, pages and programs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adis_bench.cli.options import debug_option
from adis_bench.errors import ConfigError
from reports.commands.names import named

if TYPE_CHECKING:
    from reports.table_record import Table


@click.command(short_help="write a run's tables as HTML, Markdown, LaTeX, CSV and JSON")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the files.  [default: RUN/tables]")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME,...",
    help="html, markdown, latex, csv, json, or several with commas.  [default: all of them]",
)
@click.option(
    "--table",
    "names",
    multiple=True,
    metavar="NAME,...",
    help="Tables to write: scores, say, differences (a table for each metric), or differences-avc.  [default: all of them]",
)
@click.option("--list", "listing", is_flag=True, help="Name the run's tables, and write nothing.")
@debug_option
def command(run: Path, out: Path | None, formats: tuple[str, ...], names: tuple[str, ...], listing: bool) -> None:
    """Write the tables of RUN, a finished run: scores, differences, tests, classes, checks and counts.

    tables.html holds all of them; every other format has a file for each. Numbers in HTML, Markdown and LaTeX are rounded by their own
    uncertainty; CSV and JSON have them unrounded. LaTeX needs the packages booktabs and graphicx.
    """
    from adis_bench.printable import printable
    from adis_bench.progress import say
    from reports.data import RunData
    from reports.own_folder import place_in
    from reports.run_tables import FAMILIES, run_tables
    from reports.table_folder import FORMATS, write_tables

    wanted = named(formats) or FORMATS
    if unknown := [name for name in wanted if name not in FORMATS]:
        raise ConfigError(f"there is no format {printable(unknown[0])!r}; choose from {', '.join(FORMATS)}")
    data = RunData.open(run)
    made = run_tables(data)
    if listing:
        click.echo("\n".join(f"{table.name}  {printable(table.title)}" for table in made))
        return
    chosen = _chosen(made, named(names), FAMILIES)
    written = write_tables(data, made, {table.name for table in chosen}, wanted, out or place_in(data.folder, "tables"))
    if written.removed:
        say(written.removed)
    for path in written.paths:
        click.echo(printable(str(path)))


def _chosen(made: Sequence["Table"], names: Sequence[str], families: dict[str, str]) -> tuple["Table", ...]:
    """The tables of these names or families, in the run's order; all where none is named."""
    from adis_bench.printable import printable
    from reports.table_record import family

    for name in names:
        if not family(made, name):
            there = ", ".join(dict.fromkeys(table.family or table.name for table in made))
            what = f"this run has no {families[name]}" if name in families else f"there is no table {printable(name)!r}"
            raise ConfigError(f"{what}; choose from {there} (`--list` names every one)")
    kept = {table.name for name in names for table in family(made, name)}
    return tuple(table for table in made if not names or table.name in kept)
