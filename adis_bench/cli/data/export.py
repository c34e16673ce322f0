"""``adis-bench data export``: a dataset for other programs."""

from pathlib import Path

import click

from adis_bench.cli.options import debug_option


def _labels(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(filter(None, (part.strip() for part in value.split(","))))


@click.command(short_help="write WebDataset shards, or the folder that the paper's code trains on")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--format", "layout", type=click.Choice(["webdataset", "release"]), required=True, help="What to write.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the export.")
@click.option("--shard-size", metavar="N|NMB", help="webdataset: segments of a shard, or megabytes (250MB).  [default: 1000]")
@click.option("--a", metavar="LABELS", callback=_labels, help="release: labels of the images to restyle, with commas.  [default: all]")
@click.option("--b", metavar="LABELS", callback=_labels, help="release: labels of the sounds that say how.  [default: all]")
@debug_option
def command(folder: Path, layout: str, out: Path, shard_size: str | None, a: tuple[str, ...] | None, b: tuple[str, ...] | None) -> None:
    """Write the dataset DIR for other programs; DIR stays as it is, and a call that was stopped is continued.

    webdataset: tar shards by split, for the library of that name. release: lists, images and sounds as the code of the paper
    (Tinglok/avstyle) reads them, with a README.txt that says how to call it.
    """
    from adis_bench.datasets.export.release import Sides, export_release
    from adis_bench.datasets.export.webdataset import ShardSize, export_webdataset
    from adis_bench.datasets.records import Dataset
    from adis_bench.errors import ConfigError
    from adis_bench.printable import printable

    strange = [name for name, value in (("--a", a), ("--b", b)) if value is not None] if layout == "webdataset" else []
    strange += ["--shard-size"] if layout == "release" and shard_size is not None else []
    if strange:
        raise ConfigError(f"--format {layout} has no {' and no '.join(strange)}")
    dataset, out = Dataset.open(folder.expanduser()), out.expanduser()
    if layout == "webdataset":
        done = export_webdataset(dataset, out, ShardSize.parse(shard_size if shard_size is not None else "1000"))
    else:
        done = export_release(dataset, out, Sides(a, b))
    click.echo(f"{printable(dataset.name)}: {done.facts}")
    for line in done.left_out:
        click.echo(f"left out: {line}")
    click.echo(f"export: {printable(str(done.root))}")
