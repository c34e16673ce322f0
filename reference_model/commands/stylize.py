"""``adis-bench stylize``: images restyled by sounds, with a trained or imported model."""

import json
from pathlib import Path
from typing import Any

import click

from adis_bench.cli.options import debug_option, device_option, json_option


@click.command(short_help="restyle images by sounds with a trained model")
@click.option(
    "--method",
    default="ours",
    show_default=True,
    metavar="NAME[:PATH]",
    help="A model's folder, such as ours:MODEL; just a name: the demo model.",
)
@click.option("--image", type=click.Path(path_type=Path), required=True, help="Image, or a folder of them.")
@click.option("--audio", type=click.Path(path_type=Path), help="Sound of any rate and length, or a folder of them.")
@click.option("--label", metavar="NAME", help="Instead of --audio, where the model was trained on labels (cut, cyclegan).")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="PNG file; with folders: the folder of <image>--<sound>.png.")
@click.option(
    "--gain", metavar="DB,DB,...", help="Write a strip: the source, then one picture per gain of the sound, such as -30,-20,-10,0."
)
@click.option(
    "--mix",
    metavar="FILE:W,W,...",
    help="Write a strip: one picture per weight W (0 to 1) of this second sound; 1 - W is --audio's weight.",
)
@click.option(
    "--start", "start_s", type=float, default=0.0, show_default=True, metavar="SECONDS", help="Where the 3 s begin in each sound."
)
@click.option(
    "--size", type=int, metavar="PIXELS", help="Side of the pictures, a multiple of 4.  [default: the model's training resolution]"
)
@click.option("--keep-aspect", is_flag=True, help="Keep each image's aspect ratio: --size is its shorter side.")
@click.option("--batch-size", type=int, default=8, show_default=True, help="Pictures at a time.")
@device_option
@click.option("--precision", type=click.Choice(["float32", "bf16"]), default="float32", show_default=True, help="Of the computation.")
@click.option("--overwrite", is_flag=True, help="Replace pictures that are there already.")
@json_option
@debug_option
def command(as_json: bool, gain: str | None, mix: str | None, **options: Any) -> None:
    """Restyle images so that they fit sounds, with a model that was trained or imported.

    With a folder for --image or --audio every image meets every sound, and the same call goes on after a kill.
    With --gain or --mix one image and one sound give a strip that shows what louder, softer or mixed sounds do.
    """
    from reference_model.stylize_request import Request, parse_gains, parse_mix
    from reference_model.stylizing import stylize

    for name in ("image", "audio", "out"):
        options[name] = options[name].expanduser() if options[name] else None
    gains = parse_gains(gain) if gain is not None else ()
    outcome = stylize(Request(gains_db=gains, mix=parse_mix(mix) if mix is not None else None, **options))
    if as_json:
        click.echo(json.dumps(outcome.summary(), allow_nan=False))
    else:
        _tell(outcome.n_skipped, [str(record["path"]) for record in outcome.outputs], options["out"])
    outcome.raise_failures()


def _tell(n_skipped: int, paths: list[str], out: Path) -> None:
    there = f" ({n_skipped} more were there already)" if n_skipped else ""
    click.echo(paths[0] if paths == [str(out)] else f"{len(paths)} pictures in {out}{there}")
