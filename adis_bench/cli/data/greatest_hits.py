"""``adis-bench data greatest-hits``: a dataset from the archive of Greatest Hits."""

from pathlib import Path
from typing import Any

import click

from adis_bench.cli.data.told import tell
from adis_bench.cli.data.video_options import cut_of, cut_options, split_of, split_options
from adis_bench.cli.options import debug_option


@click.command(short_help="import Greatest Hits: outdoor materials, 3 s around every event")
@click.option("--root", type=click.Path(path_type=Path), required=True, help="Folder that vis-data-256.zip unpacks to.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the new dataset.")
@click.option(
    "--segments",
    type=click.Choice(["events", "fixed"]),
    default="events",
    show_default=True,
    help="events: 3 s around each event of an outdoor material; fixed: every 3 s, by the most frequent material.",
)
@cut_options("uniform", 4, "256")
@split_options(0.15)
@click.option("--name", default="greatest_hits", show_default=True, help="The dataset's name.")
@debug_option
def command(root: Path, out: Path, **options: Any) -> None:
    """Make a dataset of dirt, grass, gravel, leaf and water from the archive of Greatest Hits (Owens et al., 2016).

    The same command continues where it stopped. How the paper cut its 8,043 audios is unknown; `adis-bench data describe`
    says what is known about that.
    """
    from adis_bench.datasets.greatest_hits.importer import Options
    from adis_bench.registry import load

    chosen = Options(
        segments=options["segments"],
        cut=cut_of(options),
        split=split_of(options),
        processes=options["processes"],
        name=options["name"],
    )
    tell(load("datasets", "greatest_hits")(root.expanduser(), out.expanduser(), chosen))
