"""``adis-bench sweep``: louder, softer and mixed sounds on a finished run."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adis_bench.cli.options import debug_option, json_option
from adis_bench.sweeps.defaults import GAINS, N_PAIRS, WEIGHTS

if TYPE_CHECKING:
    from adis_bench.sweeps.records import Curve, Sweep


@click.command()
@click.argument("run_dir", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--kind", "kinds", default="volume,mix", show_default=True, metavar="KIND,KIND", help="What to change: volume, mix.")
@click.option(
    "--methods", default="", metavar="A,B,C", help="Methods by their labels in the run; identity comes on its own.  [default: all]"
)
@click.option("--pairs", "n_pairs", type=int, default=N_PAIRS, show_default=True, help="Pairs of the run, the target classes in turn.")
@click.option("--gains", default=GAINS, show_default=True, metavar="DB,DB,...", help="Gains of a volume sweep.")
@click.option("--weights", default=WEIGHTS, show_default=True, metavar="W,W,...", help="Weights of the second sound of a mix sweep.")
@click.option("--seed", type=int, help="Of the choice of pairs and second sounds, and of resamples.  [default: the run's]")
@click.option("--device", help="Torch device; auto takes a GPU where there is one.  [default: the run's]")
@click.option(
    "--reading",
    default="auto",
    show_default=True,
    metavar="auto|network|file",
    help="How a sound reaches a method: past its own loading, or as a changed file; auto is network where the method allows it.",
)
@json_option
@debug_option
def command(run_dir: Path, kinds: str, methods: str, gains: str, weights: str, as_json: bool, **options: Any) -> None:
    """Change the volume of target sounds, and mix them, and measure whether the pictures' scores follow.

    RUN is a finished run. Pictures and numbers go to RUN/sweeps; a call that was cut short goes on, and a finished one is shown again.
    RUN has one sweep of each kind: another one takes its place.
    """
    import json

    from adis_bench.sweeps.records import CODEC
    from adis_bench.sweeps.request import request_of
    from adis_bench.sweeps.sweep import raise_failures, sweep

    request = request_of(kinds, methods, gains, weights, **options)
    found = sweep(run_dir, request, shlex.join(["adis-bench", *sys.argv[1:]]))
    if as_json:
        click.echo(json.dumps({"run": str(run_dir), "sweeps": [CODEC.dump_python(one, mode="json") for one in found]}, allow_nan=False))
    else:
        for one in found:
            _show(one)
    raise_failures(found)


def _show(sweep: "Sweep") -> None:
    from rich.table import Table
    from rich.text import Text

    from adis_bench.cli.output import console

    steps = f"{sweep.steps[0].text} to {sweep.steps[-1].text}{' dB' if sweep.kind == 'volume' else ''}"
    table = Table(
        title=Text(f"{sweep.kind}: {len(sweep.pairs)} pairs, {len(sweep.steps)} steps of {steps}, seed {sweep.seed}"),
        caption="rank correlation of step and score: mean over pairs with 95 % interval; shuffled: where chance orders the steps",
    )
    for name in ("method", "metric", "correlation", "shuffled", "p", "rising / falling", "not defined", "last - first"):
        table.add_column(name, justify="left" if name in ("method", "metric") else "right")
    headline = {metric.name: " ⚠" if metric.failure else "" for metric in sweep.metrics if metric.beside is None}
    for method in sweep.methods:
        name = f"({method.label})" if method.control else method.label
        if method.curves and all(curve.trend.rho is None for curve in method.curves):
            table.add_row(name, "every metric", *_cells(method.curves[0])[:-1], "")
            continue
        for curve in method.curves:
            if curve.metric in headline:
                table.add_row(name, f"{_about(curve)}{headline[curve.metric]}", *_cells(curve))
    console().print(table, markup=False)
    for method in sweep.methods:
        if method.state != "swept":
            click.echo(f"{method.label}: {method.state}: {method.reason}")
        elif method.warning:
            click.echo(f"warning: {method.label}: {method.warning}", err=True)


def _about(curve: "Curve") -> str:
    return curve.metric if curve.toward == "target" else f"{curve.metric}, {curve.toward}"


def _cells(curve: "Curve") -> list[str]:
    trend = curve.trend
    return [
        _value(trend.rho, trend.ci_low, trend.ci_high) if trend.rho is not None else "not defined",
        "" if trend.null_low is None or trend.null_high is None else f"{trend.null_low:+.2f} to {trend.null_high:+.2f}",
        "" if trend.p is None else "< 0.0001" if trend.p < 1e-4 else f"{trend.p:.4f}",
        f"{trend.n_rising} / {trend.n_falling} of {trend.n_complete}",
        str(trend.n_undefined),
        _value(trend.change, trend.change_low, trend.change_high, 3),
    ]


def _value(value: float | None, low: float | None, high: float | None, digits: int = 2) -> str:
    if value is None:
        return ""
    text = f"{value:+.{digits}f}"
    return text if low is None or high is None else f"{text} [{low:+.{digits}f}, {high:+.{digits}f}]"
