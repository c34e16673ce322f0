"""``adis-bench compare``: runs in one table, and a gate against regressions."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adis_bench.cli.options import debug_option, json_option

if TYPE_CHECKING:
    from adis_bench.comparing.comparison import Comparison
    from adis_bench.comparing.conditions import Judged

REGRESSION = 1
"""Exit code where a condition of --fail-if holds; what fails in another way has it, too, but no last line ``regression: ...``."""


@click.command()
@click.argument("runs", metavar="RUN RUN ...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--fail-if",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help="Exit with 1 if the last RUN's value minus the first's is so, like 'avc:ours < -0.01'; can be repeated.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write it there, too: a page, Markdown, LaTeX, CSV and JSON.")
@json_option
@debug_option
def command(runs: tuple[Path, ...], conditions: tuple[str, ...], out: Path | None, as_json: bool) -> None:
    """Compare runs of the same data, pairs and protocol, pair by pair; others are refused, digest by digest.

    A method whose outputs differ between runs is called run:method. Every difference is the later run's value minus the earlier
    one's. Exit codes: 0 compared, 2 not comparable, 1 a condition holds: then the last line on stderr is 'regression: ...'.
    """
    import json

    from adis_bench.comparing.comparison import compare
    from adis_bench.comparing.conditions import Condition
    from adis_bench.comparing.record import record
    from adis_bench.comparing.runs import open_runs
    from adis_bench.printable import printable

    asked = [Condition.read(text) for text in conditions]
    opened = open_runs(runs)
    found = compare(opened)
    judged = sorted((condition.check(opened) for condition in asked), key=lambda one: one.holds)
    page = _write(found, judged, out) if out else None
    if as_json:
        click.echo(json.dumps({**record(found, judged), "page": page and str(page)}, allow_nan=False))
    else:
        _show(found)
        if page:
            click.echo(f"page: {printable(str(page))}")
    _judge(found, judged)


def _write(found: "Comparison", judged: "Sequence[Judged]", out: Path) -> Path:
    import shlex
    import sys

    from adis_bench.registry import load

    page: Path = load("reports", "comparison")(found, judged, out.expanduser().resolve(), shlex.join(["adis-bench", *sys.argv[1:]]))
    return page


def _judge(found: "Comparison", judged: "Sequence[Judged]") -> None:
    """Say what became of the conditions, those that hold last; with one of them the exit code is 1."""
    from adis_bench.comparing.words import condition_text
    from adis_bench.printable import printable

    for one in judged:
        click.echo(printable(f"{'regression' if one.holds else 'passed'}: {one.text}; {condition_text(found, one)}"), err=True)
    if any(one.holds for one in judged):
        raise click.exceptions.Exit(REGRESSION)


def _show(found: "Comparison") -> None:
    from adis_bench.cli.output import console, score_table
    from adis_bench.comparing.answer import answer
    from adis_bench.comparing.words import FAILING, warnings
    from adis_bench.printable import printable
    from adis_bench.progress import say
    from adis_bench.results.score_text import listed

    # Labels and names of metrics come from the runs' files: nothing of them may move the cursor.
    for sentence in answer(found):
        click.echo(printable(sentence))
    first = found.runs[0].results
    title = f"{listed([run.name for run in found.runs])}: {first.dataset.name}, {first.pairs.n} pairs, protocol {first.protocol}"
    rows = {one.label: one.method.control for one in found.contenders}
    columns = {metric.name: found.column(metric.name) for metric in found.headline}
    click.echo()
    console().print(score_table(title, found.headline, rows, columns, found.failures.keys()))
    _show_differences(found)
    if found.failures:
        click.echo(FAILING)
    if found.not_everywhere:
        click.echo(printable(f"not in every run: {', '.join(found.not_everywhere)}"))
    click.echo()
    for names, warning in warnings(found):
        say(printable(f"warning of {names}: {warning}"))


def _show_differences(found: "Comparison") -> None:
    """Metric by metric; nothing where no two methods are there."""
    from adis_bench.comparing.words import SIGNS, VERDICTS, difference_digits, difference_text, section_head
    from adis_bench.printable import printable
    from adis_bench.results.verdicts import verdict

    if found.differences:
        click.echo(SIGNS)
    for metric in found.headline if found.differences else ():
        digits = difference_digits(found, metric.name)
        click.echo(f"\n{printable(section_head(found, metric))}:")
        for one in found.differences_in(metric.name):
            said = VERDICTS[verdict(one.value, metric.higher_is_better)]
            click.echo(printable(f"  {one.later.label} - {one.earlier.label}: {difference_text(one.value, digits, said)}"))
