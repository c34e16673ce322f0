"""``adis-bench pairs``: the pair list for anybody's code."""

from pathlib import Path

import click

from adis_bench.cli.options import debug_option


@click.group()
def command() -> None:
    """The pair list: which source image is to be restyled after which sound."""


@command.command(short_help="write pairs.csv with the source images and the target sounds")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of a dataset.  [default: the demo world]")
@click.option("--preset", metavar="NAME|FILE.toml", help="Decides the resolution and the number of pairs.  [default: as in `run`]")
@click.option("--seed", type=int, default=0, show_default=True, help="The run's seed.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
@debug_option
def export(data: Path | None, preset: str | None, seed: int, out: Path) -> None:
    """Write the pairs of the run with the same --data, --preset and --seed, and their media.

    Make one image per pair, named <pair_id>.png, in one folder, and score it with
    `adis-bench run --method mine=folder:THAT_FOLDER`, with --train-data D where the dataset has no training data.
    """
    from adis_bench.datasets.pairs import export_pairs
    from adis_bench.pipeline import made_pairs, open_dataset
    from adis_bench.spec import Flags, resolve

    spec = resolve(Flags(data=data, preset=preset, seed=seed))
    dataset = open_dataset(spec)
    pairs = made_pairs(spec, dataset)
    out = out.expanduser().resolve()
    export_pairs(pairs, out, spec.resolution, trains=bool(dataset.split("train").segments))
    click.echo(f"{len(pairs)} pairs: {out / 'pairs.csv'}")
