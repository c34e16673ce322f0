"""``adis-bench pretrain``: the audio encoder, before the model; and a probe of what it has learnt."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from adis_bench.cli.options import debug_option, device_option, json_option

if TYPE_CHECKING:
    from reference_model.pretraining.encoders import IdeaName
    from reference_model.pretraining.probe import Line
    from reference_model.pretraining.selavi import SelaviSettings

Function = TypeVar("Function", bound=Callable[..., Any])
_WIDTH_WITHOUT_TERMINAL = 240  # in a log nothing should be cut off


def _data_options(function: Function) -> Function:
    for option in reversed(
        [
            click.option("--data", type=click.Path(path_type=Path), help="Folder of a dataset.  [default: the demo world]"),
            click.option("--preset", metavar="NAME|FILE.toml", help="Encoder, resolution, steps.  [default: as `adis-bench run`]"),
            click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="As in `adis-bench run`."),
            click.option(
                "--judge-split",
                type=float,
                metavar="SHARE",
                help="Share of the training data kept for the judge, as in `adis-bench run`: the encoder must not hear it.",
            ),
            device_option,
            debug_option,
        ]
    ):
        function = option(function)
    return function


def _training_options(function: Function) -> Function:
    function = click.option(
        "--out", type=click.Path(path_type=Path), help="The encoder's folder.  [default: the cache, where `adis-bench run` finds it]"
    )(function)
    function = click.option("--steps", type=click.IntRange(min=1), help="Optimiser steps.  [default: the preset's pretrain_steps]")(
        function
    )
    return _data_options(function)


@click.group(short_help="pretrain the audio encoder on a dataset's own training data, and probe it")
@debug_option
def command() -> None:
    """Pretrain the audio encoder on the training data of `adis-bench run` with the same options.

    For where the published files of SeLaVi and Wav2CLIP can't be had: the same two ideas, small but real. No label is
    used but for the log. The same command goes on after a kill; losses.csv lies beside the encoder.
    """


@command.command(short_help="contrastive distillation from a frozen image network")
@_training_options
def wav2clip(out: Path | None, steps: int | None, **flags: Any) -> None:
    """Teach the audio encoder by a frozen image network: which sound belongs to which frame (Wav2CLIP's idea)."""
    _pretrain("wav2clip", out, steps, None, flags)


@command.command(short_help="labels that sound and image agree on")
@_training_options
@click.option("--heads", type=click.IntRange(min=1), default=10, show_default=True, help="Labellings that are learnt side by side.")
@click.option("--clusters", type=click.IntRange(min=2), help="Labels of each.  [default: one for every 20 segments, 4 to 256]")
@click.option(
    "--marginals",
    type=click.Choice(["equal", "gaussian"]),
    default="equal",
    show_default=True,
    help="Sizes of the clusters: all equal, or normally distributed around that.",
)
def selavi(
    out: Path | None, steps: int | None, heads: int, clusters: int | None, marginals: Literal["equal", "gaussian"], **flags: Any
) -> None:
    """Label segments so that sound and image agree, by Sinkhorn-Knopp, and learn to tell the labels (SeLaVi's idea)."""
    from reference_model.pretraining.selavi import SelaviSettings

    _pretrain("selavi", out, steps, SelaviSettings(heads, clusters or 0, marginals), flags)


def _pretrain(idea: "IdeaName", out: Path | None, steps: int | None, labelling: "SelaviSettings | None", flags: dict[str, Any]) -> None:
    from adis_bench.spec import Flags
    from reference_model.pretraining.request import PretrainRequest, pretrain
    from reference_model.pretraining.selavi import SelaviSettings

    folder = out.expanduser().resolve() if out else None
    made = pretrain(PretrainRequest(Flags(**flags), idea, folder, steps, labelling or SelaviSettings()))
    click.echo(f"{'already pretrained' if made.found else 'encoder'}: {made.folder}")
    last = made.provenance.get("losses", {})
    if "rank_mean" in last:
        agreement = f"normalised mutual information with the labels {last['nmi']:.2f}"
        ranks = f"the right image is number {last['rank_mean']:.1f} on average (by chance {last['rank_chance']:.1f})"
        click.echo(f"  {made.provenance['n_held_out']} segments held out: {ranks}, {agreement}")
    for line in made.commands:
        click.echo(f"  {line}")


@command.command(short_help="what frozen encoders tell of noisy sounds")
@_data_options
@click.option(
    "--encoder",
    "encoders",
    multiple=True,
    metavar="NAME=random|PATH",
    help="An encoder: a random one, or a folder of `adis-bench pretrain` or `adis-bench train`. Repeatable.  "
    "[default: random, both ideas' (pretrained now, if need be), on the demo world the demo model's]",
)
@click.option(
    "--noise",
    "noises",
    multiple=True,
    metavar="clean|KIND:DB",
    help="white, pink or babble (four other sounds at once) at a signal-to-noise ratio. Repeatable.  "
    "[default: clean, pink:0, pink:-10, babble:0, babble:-6]",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for probe.csv.")
@json_option
def probe(encoders: tuple[str, ...], noises: tuple[str, ...], out: Path | None, as_json: bool, **flags: Any) -> None:
    """Train linear probes on 2, 4 and 8 labelled sounds a class, test them on the test split, and compare encoders.

    Each probe is trained 30 times on other labelled sounds; sounds of both kinds are mixed with noise. Intervals are for
    new labelled sounds and new test recordings, and paired where two encoders are compared.
    """
    from adis_bench.spec import Flags
    from reference_model.pretraining.request import ProbeRequest, run_probe

    probed = run_probe(ProbeRequest(Flags(**flags), encoders, noises, out.expanduser().resolve() if out else None))
    if as_json:
        click.echo(json.dumps(asdict(probed), allow_nan=False))
        return
    _show([line for line in probed.lines if not line.minus], f"{probed.dataset}: accuracy of linear probes, 95 % intervals")
    _show([line for line in probed.lines if line.minus], "paired differences, 95 % intervals")


def _show(lines: "Sequence[Line]", title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    if not lines:
        return
    columns = list(dict.fromkeys((line.encoder, line.minus) for line in lines))
    table = Table(title=title)
    for name in ("noise", "labelled a class", *(f"{encoder} - {minus}" if minus else encoder for encoder, minus in columns)):
        table.add_column(name, justify="left" if name == "noise" else "right")
    for noise, shots in dict.fromkeys((line.noise, line.shots) for line in lines):
        row = {(line.encoder, line.minus): line for line in lines if (line.noise, line.shots) == (noise, shots)}
        table.add_row(noise, str(shots), *(_cell(row[column]) for column in columns))
    console = Console(file=sys.stdout, highlight=False)
    (console if console.is_terminal else Console(file=sys.stdout, highlight=False, width=_WIDTH_WITHOUT_TERMINAL)).print(table)


def _cell(line: "Line") -> str:
    sign = "+" if line.minus else ""
    if line.interval.low is None or line.interval.high is None:
        return f"{line.value:{sign}.3f}"
    return f"{line.value:{sign}.3f} [{line.interval.low:{sign}.3f}, {line.interval.high:{sign}.3f}]"
