"""``adis-bench check``: what is installed and what stands in the way; and whether the metrics measure what they say."""

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from adis_bench.cli.options import debug_option, device_option, json_option


@click.group(invoke_without_command=True, short_help="look at the installation; `check metrics` looks at the metrics")
@debug_option
@click.pass_context
def command(context: click.Context) -> None:
    """Show versions, device, cache, weights, and plug-ins or packages that are shadowed or cannot be imported.

    Exits with 2 if something stands in the way of `adis-bench run`.
    """
    if context.invoked_subcommand is not None:
        return
    from adis_bench.diagnosis import diagnose

    findings = diagnose()
    for finding in findings:
        mark = click.style("ok  ", fg="green") if finding.fine else click.style("look", fg="yellow", bold=True)
        click.echo(f"{mark}  {finding.what}: {finding.text}")
    broken = [finding for finding in findings if not finding.fine]
    if broken:
        raise click.ClickException(f"{len(broken)} of {len(findings)} checks need a look")


@command.command("metrics", short_help="do the metrics tell right from wrong on this dataset")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of a dataset (see `adis-bench data`).  [default: the demo world]")
@click.option("--protocol", default="auto", show_default=True, metavar="NAME|FILE.toml", help="Choice of extractors and metrics.")
@click.option("--preset", metavar="NAME|FILE.toml", help="Resolution and pairs.  [default: demo on the demo world, small elsewhere]")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the result.  [default: runs/check-<dataset>-<preset>-<digest>]")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the pairs and of everything else random.")
@click.option(
    "--seeds",
    "n_seeds",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Draws of the pairs, and trainings of the judge, for the spread.",
)
@click.option("--judge-split", type=float, metavar="SHARE", help="Share of the training data kept for the judge, as in `adis-bench run`.")
@device_option
@json_option
@debug_option
def metrics(as_json: bool, n_seeds: int, **flags: Any) -> None:
    """Check every metric of a protocol on real images.

    Does it put the right images ahead of those of another class, what does it say of blurred, noisy, compressed and
    darkened ones, and how far does it move with another draw of the pairs? The page says it with pictures.
    """
    from adis_bench.cli.output import show_check
    from adis_bench.registry import load
    from adis_bench.selfcheck.check import check_metrics
    from adis_bench.spec import Flags, resolve

    spec = resolve(Flags(**flags))
    if flags["out"] is None:
        spec = spec.model_copy(update={"out": spec.out.with_name(f"check-{spec.out.name}")})
    check = check_metrics(spec, n_seeds, shlex.join(["adis-bench", *sys.argv[1:]]))
    page = load("reports", "metric_check")(spec.out)
    show_check(check, page, as_json)
