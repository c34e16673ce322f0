"""``adis-bench data into-the-wild``: a dataset from videos."""

from pathlib import Path
from typing import Any

import click

from adis_bench.cli.data.told import tell
from adis_bench.cli.data.video_options import cut_of, cut_options, split_of, split_options
from adis_bench.cli.options import debug_option


@click.command(short_help="cut videos into segments, tag their sounds, split them")
@click.option(
    "--videos", type=click.Path(path_type=Path), required=True, help="Folder of videos; --download puts the 94 listed ones there."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the new dataset.")
@click.option("--tails", type=click.Choice(["repeat", "drop"]), default="repeat", show_default=True, help="A last piece of less than 3 s.")
@cut_options("uniform", 8)
@split_options(0.2)
@click.option("--name", help="The dataset's name.  [default: into_the_wild for listed videos, else the folder's]")
@click.option("--download", is_flag=True, help="First fetch the paper's 94 videos that are not there yet (needs adis-bench[video]).")
@click.option(
    "--address",
    default="https://www.youtube.com/watch?v={id}",
    show_default=True,
    help="Where --download finds a video, for labs that keep copies.",
)
@click.option("--pause", type=float, nargs=2, default=(10.0, 20.0), show_default=True, help="Seconds that --download waits between videos.")
@click.option("--ask-again", is_flag=True, help="Let --download ask once more for videos that had vanished.")
@debug_option
def command(videos: Path, out: Path, **options: Any) -> None:
    """Make a dataset of the videos in --videos: segments of 3 s with frames and sound, labels by YAMNet's tags.

    What cannot be used is counted and listed, the rest goes on. The same command continues where it stopped. Labels are
    unknown where YAMNet is not here (`adis-bench weights list`).
    """
    from adis_bench.datasets.into_the_wild.importer import Options
    from adis_bench.registry import load

    videos, out = videos.expanduser(), out.expanduser()
    if options["download"]:
        _download(videos, options["address"], options["pause"], options["ask_again"])
    chosen = Options(
        cut=cut_of(options), tails=options["tails"], split=split_of(options), processes=options["processes"], name=options["name"]
    )
    tell(load("datasets", "into_the_wild")(videos, out, chosen))


def _download(videos: Path, address: str, pause: tuple[float, float], ask_again: bool) -> None:
    from adis_bench.datasets.into_the_wild.download import download
    from adis_bench.datasets.into_the_wild.download_record import availability_table
    from adis_bench.datasets.into_the_wild.listed import listed

    rows = download([video.youtube_id for video in listed()], videos, address=address, pause_s=pause, ask_again=ask_again)
    click.echo(availability_table(rows), err=True)
