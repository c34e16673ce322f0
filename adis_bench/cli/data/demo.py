"""``adis-bench data demo``: the demo world."""

from pathlib import Path
from typing import Any

import click

from adis_bench.cli.data.told import tell
from adis_bench.cli.options import debug_option


@click.command(short_help="make the demo world: scenes with sound whose exact answers are known")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the new dataset.")
@click.option("--resolution", type=int, default=64, show_default=True, help="Side of the frames in pixels, 64 to 256.")
@click.option("--train", "n_train", type=int, default=640, show_default=True, help="Scenes for the methods.")
@click.option("--judge", "n_judge", type=int, default=200, show_default=True, help="Scenes for the judge.")
@click.option("--test", "n_test", type=int, default=240, show_default=True, help="Scenes for the pairs.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of everything random.")
@debug_option
def command(out: Path, **options: Any) -> None:
    """Make a demo world; `adis-bench run` without --data makes its own, of the preset's size, in the cache."""
    from adis_bench.registry import load

    tell(load("datasets", "demo")(out.expanduser(), **options))
