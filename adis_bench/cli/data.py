"""``adis-bench data``: make, import and check datasets."""

from pathlib import Path
from typing import Any

import click

from adis_bench.cli.options import debug_option


@click.group()
def command() -> None:
    """Datasets: segments of sound with their frames, in splits."""


@command.command(short_help="import images/<class>/* and audio/<class>/*")
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
def folder(src: Path, out: Path, **options: Any) -> None:
    """Import SRC/images/<class>/* and SRC/audio/<class>/*; SRC stays as it is.

    Sounds and images of such a folder were not recorded together: each sound is joined with images of its class.
    Files with the same source_id in the manifest stay on one side of the split.
    """
    from adis_bench.registry import load

    _describe(load("datasets", "folder")(src.expanduser(), out.expanduser(), **options))


@command.command(short_help="make the demo world: scenes with sound whose exact answers are known")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the new dataset.")
@click.option("--resolution", type=int, default=64, show_default=True, help="Side of the frames in pixels, 64 to 256.")
@click.option("--train", "n_train", type=int, default=640, show_default=True, help="Scenes for the methods.")
@click.option("--judge", "n_judge", type=int, default=200, show_default=True, help="Scenes for the judge.")
@click.option("--test", "n_test", type=int, default=240, show_default=True, help="Scenes for the pairs.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of everything random.")
@debug_option
def demo(out: Path, **options: Any) -> None:
    """Make a demo world; `adis-bench run` without --data makes its own, of the preset's size, in the cache."""
    from adis_bench.registry import load

    _describe(load("datasets", "demo")(out.expanduser(), **options))


@command.command(short_help="look for unreadable, empty, duplicate and leaking files")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@debug_option
def check(folder: Path) -> None:
    """Examine every file of the dataset DIR, or of a folder to import; exits with 2 if something must be mended."""
    from adis_bench.datasets.check import check_dataset

    report = check_dataset(folder.expanduser())
    click.echo(str(report))
    if not report.ok:
        raise click.ClickException(f"{len(report.faults)} faults in {report.root}")


def _describe(dataset: Any) -> None:
    counts = {name: len(dataset.split(name).segments) for name in ("train", "judge", "test")}
    sizes = ", ".join(f"{n} {name}" for name, n in counts.items())
    click.echo(f"{dataset.name}: {len(dataset.labels)} classes, {sizes} segments, pairing {dataset.pairing}")
    for label, reason in dataset.not_evaluated.items():
        click.echo(f"not evaluated: {dataset.displays.get(label, label)}: {reason}")
    click.echo(f"dataset: {dataset.root}")
