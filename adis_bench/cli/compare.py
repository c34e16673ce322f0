"""``adis-bench compare``: runs in one table, and a gate against regressions."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adis_bench.cli.options import debug_option, json_option

if TYPE_CHECKING:
    from adis_bench.comparing.comparison import Comparison
    from adis_bench.metrics.comparison import Compared

REGRESSION = 1
"""Exit code where a condition of --fail-if holds."""
_WIDTH_WITHOUT_TERMINAL = 240  # in a log nothing should be cut off


@click.command()
@click.argument("runs", metavar="RUN RUN ...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--fail-if",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help="Exit with 1 if the last RUN's value minus the first's is so, like 'avc:ours < -0.01'; can be repeated.",
)
@json_option
@debug_option
def command(runs: tuple[Path, ...], conditions: tuple[str, ...], as_json: bool) -> None:
    """Compare runs of the same data, pairs and protocol, pair by pair; others are refused, digest by digest.

    A method whose outputs differ between runs is called run:method. Exit codes: 0 compared, 2 not comparable, 1 a condition holds.
    """
    import json

    from adis_bench.comparing.comparison import compare
    from adis_bench.comparing.conditions import Condition
    from adis_bench.comparing.runs import open_runs

    asked = [Condition.read(text) for text in conditions]
    opened = open_runs(runs)
    found = compare(opened)
    judged = [(condition, *condition.check(opened)) for condition in asked]
    if as_json:
        failed = [{"condition": condition.text, "holds": holds, **_record(value)} for condition, holds, value in judged]
        click.echo(json.dumps({**_summary(found), "conditions": failed}, allow_nan=False))
    else:
        _show(found)
    for condition, holds, value in judged:
        said = "regression" if holds else "passed"
        click.echo(f"{said}: {condition.text}; the last run minus the first is {_words(value)}", err=True)
    if any(holds for _, holds, _ in judged):
        raise click.exceptions.Exit(REGRESSION)


def _record(value: "Compared") -> dict[str, Any]:
    return {
        "value": value.value,
        "ci_low": value.ci_low,
        "ci_high": value.ci_high,
        "p": value.p,
        "p_holm": value.p_holm,
        "n": value.n,
        "reason": value.reason or None,
    }


def _summary(found: "Comparison") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "runs": list(found.runs),
        "methods": [
            {"label": c.label, "run": found.runs[c.run], "method": c.method.label, "control": c.method.control} for c in found.contenders
        ],
        "scores": [{**asdict(score), "method": label} for (label, _), score in found.scores.items()],
        "differences": [
            {"metric": one.metric, "method": one.method, "against": one.against, **_record(one.value)} for one in found.differences
        ],
        "not_in_every_run": list(found.not_everywhere),
    }


def _words(value: "Compared") -> str:
    if value.value is None:
        return f"not known: {value.reason}"
    text = f"{value.value:+.4g}"
    if value.ci_low is not None and value.ci_high is not None:
        text += f" [{value.ci_low:+.4g}, {value.ci_high:+.4g}]"
    if value.p_holm is not None:
        text += ", p below 0.0001" if value.p_holm < 1e-4 else f", p {value.p_holm:.4f}"
    return f"{text} ({value.reason})" if value.reason else text


def _show(found: "Comparison") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from adis_bench.cli.output import score_cell

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH_WITHOUT_TERMINAL)
    headline = [metric for metric in found.metrics if metric.beside is None]
    table = Table(
        title=Text(" and ".join(found.runs)),  # names of folders are no markup
        caption="95 % intervals: they cover the sampling of test pairs, not of training seeds",
    )
    table.add_column("method")
    for metric in headline:
        table.add_column(f"{metric.name} {'↑' if metric.higher_is_better else '↓'}{' ⚠' if metric.failure else ''}", justify="right")
    for contender in found.contenders:
        cells = [score_cell(found.scores.get((contender.label, metric.name)), 3) for metric in headline]
        table.add_row(f"({contender.label})" if contender.method.control else contender.label, *cells)
    console.print(table, markup=False)
    for metric in headline:
        direction = "higher" if metric.higher_is_better else "lower"
        click.echo(f"{metric.name} ({direction} is better), differences on the same pairs, p after Holm's correction:")
        for one in found.differences:
            if one.metric == metric.name:
                click.echo(f"  {one.method} - {one.against}: {_words(one.value)}")
    if found.not_everywhere:
        click.echo(f"not in every run: {', '.join(found.not_everywhere)}")
