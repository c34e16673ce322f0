"""``adis-bench run``: the main job."""

import os
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from adis_bench.cli.options import debug_option, device_option, json_option
from adis_bench.errors import ConfigError


def _names(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


@click.command()
@click.option(
    "--methods",
    callback=_names,
    default="",
    metavar="A,B,C",
    help="Methods by name, such as ours,cut,cyclegan; controls come on their own.",
)
@click.option(
    "--method",
    "labelled",
    multiple=True,
    metavar="LABEL=NAME[:VARIANT-or-PATH]",
    help="A method under a label of its own, such as mine=folder:outputs; may be repeated.",
)
@click.option("--data", type=click.Path(path_type=Path), help="Folder of a dataset (see `adis-bench data`).  [default: the demo world]")
@click.option(
    "--train-data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Another dataset that methods and judge are trained on; --data gives the test data only.",
)
@click.option(
    "--protocol",
    default="auto",
    show_default=True,
    metavar="NAME|FILE.toml",
    help="Choice of extractors and metrics; auto is paper where its weight files are here, else offline.",
)
@click.option("--preset", metavar="NAME|FILE.toml", help="Budget of the run.  [default: demo on the demo world, small elsewhere]")
@click.option(
    "--out", type=click.Path(path_type=Path), help="The run's folder.  [default: runs/<dataset>-<preset>-<digest of the options>]"
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of pairs, training and everything else random.")
@device_option
@click.option("--precision", default="float32", show_default=True, help="float32 or bf16.")
@click.option(
    "--judge-split",
    type=float,
    metavar="SHARE",
    help="Share of the training data kept for the judge, where the dataset has no judge split of its own.",
)
@click.option("--retrain", is_flag=True, help="Train the methods anew, also those that came with the package or lie in the cache.")
@json_option
@debug_option
def command(as_json: bool, **flags: Any) -> None:
    """Train or load methods, make their outputs for one list of pairs, score them beside controls, write a report.

    The same command finds its run again and goes on where it was, also after a kill.
    """
    from adis_bench.cli.output import show
    from adis_bench.pipeline import run
    from adis_bench.spec import Flags, resolve

    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise ConfigError(
            "a run is one process; train in several with torchrun and `adis-bench train`, then start the run without torchrun"
        )
    outcome = run(resolve(Flags(**flags)), shlex.join(["adis-bench", *sys.argv[1:]]))
    show(outcome.results, as_json)
    outcome.raise_failures()
