"""``adis-bench table1``: the paper's Table 1, trained anew."""

import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adis_bench.cli.options import debug_option, device_option, json_option
from adis_bench.errors import ConfigError

if TYPE_CHECKING:
    from reports.table1_rows import Table1

_WIDTH_WITHOUT_TERMINAL = 240
"""In a log nothing should be cut off."""


@click.command(short_help="train the paper's Table 1 anew: from scratch, + SeLaVi, + Wav2CLIP")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of a dataset (see `adis-bench data`).  [default: the demo world]")
@click.option(
    "--protocol",
    default="auto",
    show_default=True,
    metavar="NAME|FILE.toml",
    help="Choice of extractors and metrics; auto is paper where its weight files are here, else offline.",
)
@click.option("--preset", metavar="NAME|FILE.toml", help="Budget of each training.  [default: demo on the demo world, small elsewhere]")
@click.option("--seeds", "n_seeds", type=click.IntRange(1, 20), default=3, show_default=True, help="Trainings of each variant.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for the table and its run.  [default: runs/table1-<dataset>-<preset>-<digest of the options>]",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the pairs and of the judge; trainings have 0, 1, 2 ..."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    help="Trainings side by side, each with its share of the cores.  [default: one per core; on a GPU one]",
)
@device_option
@click.option("--precision", default="float32", show_default=True, help="float32 or bf16.")
@click.option("--judge-split", type=float, metavar="SHARE", help="Share of the training data kept for the judge, as in `adis-bench run`.")
@json_option
@debug_option
def command(as_json: bool, n_seeds: int, jobs: int | None, **flags: Any) -> None:
    """Train the three variants of the paper's Table 1, score them on the same pairs, and write the table.

    The variants are `ours` from scratch, and with a sound encoder that begins as SeLaVi's or Wav2CLIP's. The table comes as
    HTML, Markdown, LaTeX and CSV. The same command goes on where it was, and more --seeds keep the trainings that are there.
    """
    from adis_bench.pipeline import run
    from adis_bench.progress import say
    from adis_bench.spec import Flags
    from reports.table1 import summary, table1_spec, write_table1
    from reports.table1_training import jobs_for, train_side_by_side

    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise ConfigError(
            "table1 is no job for torchrun; train each variant with torchrun and `adis-bench train --method ours:selavi --training-seed 1` "
            "first, with the same other options: it finds them"
        )
    spec = table1_spec(Flags(**flags), n_seeds)
    if (n_jobs := jobs or jobs_for(spec)) > 1:
        train_side_by_side(spec, n_jobs)
    outcome = run(spec, shlex.join(["adis-bench", *sys.argv[1:]]))
    made = write_table1(spec.out.parent)
    for warning in outcome.results.warnings:
        say(f"warning: {warning}")
    if as_json:
        click.echo(json.dumps(summary(made.scores), allow_nan=False))
    else:
        _show(made, spec.out.parent)
    outcome.raise_failures()


def _show(made: "Table1", out: Path) -> None:
    """The table with its notes, and where the files are."""
    from rich.console import Console

    from reports.table_formats import to_terminal

    console = Console(file=sys.stdout, highlight=False)
    if not console.is_terminal:
        console = Console(file=sys.stdout, highlight=False, width=_WIDTH_WITHOUT_TERMINAL)
    console.print(to_terminal(made.table))
    for note in made.table.notes:
        click.echo(f"- {note}")
    if made.published is not None:
        click.echo(f"- The published numbers stand apart, in the files: {' '.join(made.published.notes)}")
    click.echo(f"table: {out / 'table1.html'} (and .md, .tex, .csv, .json)")
