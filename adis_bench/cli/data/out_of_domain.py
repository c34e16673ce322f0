"""``adis-bench data out-of-domain``: any images x any sounds, such as Places365 and VGG-Sound."""

from pathlib import Path
from typing import Any

import click

from adis_bench.cli.data.told import tell
from adis_bench.cli.options import debug_option


@click.command(short_help="pair any images with any sounds, such as Places365 with VGG-Sound, as test data")
@click.option("--places", type=click.Path(path_type=Path), metavar="DIR", help="Places365: its outdoor categories give the images.")
@click.option("--images", type=click.Path(path_type=Path), metavar="DIR", help="Or any folder of images; sub-folders are classes.")
@click.option(
    "--vggsound", type=click.Path(path_type=Path), metavar="DIR|CSV", help="VGG-Sound's list, or the folder that holds it and the files."
)
@click.option(
    "--sounds", type=click.Path(path_type=Path), metavar="DIR", help="Or any folder of sounds or videos; sub-folders are classes."
)
@click.option(
    "--media", type=click.Path(path_type=Path), metavar="DIR", help="Folder of VGG-Sound's files.  [default: where its list lies]"
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the new dataset.")
@click.option(
    "--categories",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="Which categories of Places365 and classes of VGG-Sound, in the form of the package's choices.toml.",
)
@click.option("--places-split", type=click.Choice(["val", "train"]), default="val", show_default=True, help="Of Places365.")
@click.option(
    "--vggsound-split",
    type=click.Choice(["test", "train", "all"]),
    default="test",
    show_default=True,
    help="Of VGG-Sound; pretrained audio encoders may have heard the training split.",
)
@click.option("--n-images", type=int, default=1000, show_default=True, help="Images at most, evenly of all classes.")
@click.option("--n-sounds", type=int, default=1000, show_default=True, help="Sounds at most, evenly of all classes.")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides which images and sounds.")
@click.option("--name", help="The dataset's name.  [default: made of the sources' names]")
@debug_option
def command(out: Path, **options: Any) -> None:
    """Make test data of images and sounds that have nothing to do with each other, for methods trained elsewhere.

    Score methods on it with `adis-bench run --data OUT --train-data D`. Sounds are the first 3 s of each file; files that can't
    be used are listed in the dataset's notes, and others take their place.
    """
    from adis_bench.datasets.out_of_domain.importer import Request
    from adis_bench.registry import load

    given: dict[str, Any] = {key: value.expanduser() if isinstance(value, Path) else value for key, value in options.items()}
    dataset = load("datasets", "out_of_domain")(Request(**given), out.expanduser())
    tell(dataset)
    notes = dataset.notes
    click.echo(f"{notes['n_images']} images, {notes['n_sounds']} sounds, {notes['n_sounds_with_frame']} of them with a frame")
    if notes["n_absent"]:
        click.echo(f"absent: {notes['n_absent']} of {notes['sounds']['n_listed']} listed sounds have no file")
