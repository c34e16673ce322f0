"""``adis-bench checkpoint``: the release's files made into a model, and what is in a model."""

import shlex
from pathlib import Path

import click

from adis_bench.cli.options import debug_option


@click.group(short_help="import the paper's released files; show what a model is")
@debug_option
def command() -> None:
    """Import the paper's released files as a model, and show what a model is."""


@command.command("import", short_help="make a model of the release's files")
@click.argument("files", nargs=-1, required=True, metavar="G.pth AUDIO.pth", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the model.")
@debug_option
def import_(files: tuple[Path, ...], out: Path) -> None:
    """Make a model of the release's latest_net_G.pth and latest_net_Audio.pth.

    Which file is which is told by its entries, so their order and names don't matter. Only weights are read: a
    pickle of anything else is refused.
    """
    from reference_model.released import import_files

    provenance = import_files([file.expanduser() for file in files], out.expanduser())
    for source in provenance["imported_from"]:
        click.echo(f"{source['network']:<5}  {source['file']}  sha256 {source['sha256']}")
    if len(files) > len(provenance["imported_from"]):
        click.echo("The others are whole, but only training needs them: they are not kept.")
    model = shlex.quote(f"ours:{out}")
    click.echo(f"model: {out} ({provenance['n_parameters']:,} parameters, {provenance['resolution']} px); use it with")
    click.echo(f"  adis-bench run --methods {model} --preset released --data DATASET")
    click.echo(f"  adis-bench stylize --method {model} --image IMAGE --audio SOUND --out PICTURE.png")


@command.command(short_help="check a model and print what it is")
@click.argument("folder", type=click.Path(path_type=Path))
@debug_option
def show(folder: Path) -> None:
    """Check a model's weights and print what it is: method, settings that differ from the release, digests."""
    from reference_model import store
    from reference_model.method import open_model

    folder = folder.expanduser()
    told = store.read_provenance(folder)
    method = open_model(f"{told['method']}:{folder}")
    lines = {
        "method": told["method"],
        "settings": "; ".join(method.settings.differences()) or "the release's",
        "resolution": f"{told['resolution']} px",
        "labels": ", ".join(told.get("labels", [])) or None,
        "parameters": f"{told['n_parameters']:,}" if "n_parameters" in told else None,
        "model": told.get("digest"),
        "weights": f"sha256 {told['weights_sha256']}",
        **{f"from {s['network']}": f"{s['file']}, sha256 {s['sha256']}" for s in told.get("imported_from", [])},
    }
    for name, text in lines.items():
        if text is not None:
            click.echo(f"{name:<11} {text}")
