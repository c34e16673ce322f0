"""``adis-bench data folder``: anybody's images and sounds by class."""

from pathlib import Path
from typing import Any

import click

from adis_bench.cli.data.told import tell
from adis_bench.cli.options import debug_option


@click.command(short_help="import images/<class>/* and audio/<class>/*")
@click.argument("src", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the new dataset.")
@click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    help="CSV with path, kind, class, source_id.  [default: SRC/manifest.csv where there is one]",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Decides the splits and which images go with which sound.")
@click.option(
    "--test-split",
    "test_share",
    type=float,
    default=0.25,
    show_default=True,
    metavar="SHARE",
    help="Share of each class's sources for testing.",
)
@click.option(
    "--judge-split", "judge_share", type=float, default=0.25, show_default=True, metavar="SHARE", help="Share of the rest for the judge."
)
@click.option("--skip-bad", is_flag=True, help="Leave out what is damaged or incomplete, and list it in the dataset's notes.")
@click.option("--name", help="The dataset's name.  [default: the folder's]")
@debug_option
def command(src: Path, out: Path, **options: Any) -> None:
    """Import SRC/images/<class>/* and SRC/audio/<class>/*; SRC stays as it is.

    Sounds and images of such a folder were not recorded together: each sound is joined with images of its class.
    Files with the same source_id in the manifest stay on one side of the split.
    """
    from adis_bench.registry import load

    tell(load("datasets", "folder")(src.expanduser(), out.expanduser(), **options))
