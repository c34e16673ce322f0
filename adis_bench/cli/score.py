"""``adis-bench score``: saved outputs, scored again."""

import shlex
import sys
from pathlib import Path

import click

from adis_bench.cli.options import debug_option, json_option


@click.command()
@click.argument("run_dir", metavar="RUN", type=click.Path(path_type=Path))
@json_option
@debug_option
def command(run_dir: Path, as_json: bool) -> None:
    """Score the saved outputs of RUN again and write its report; nothing is trained, no output is made.

    Outputs that are missing are counted, and named in a warning.
    """
    from adis_bench.cli.output import show
    from adis_bench.pipeline import refuse_unscored, score

    results = score(run_dir, shlex.join(["adis-bench", *sys.argv[1:]]))
    show(results, as_json)
    refuse_unscored(results)
