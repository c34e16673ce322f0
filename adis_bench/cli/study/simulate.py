"""``adis-bench study simulate``: what a study of some size would find, tried out on made-up workers."""

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from adis_bench.cli.options import debug_option, json_option
from adis_bench.cli.study.screening_options import RULES, screening_options
from adis_bench.errors import ConfigError

MOST_ITEMS, MOST_WORKERS, MOST_STUDIES = 100_000, 10_000, 100_000
"""Ours, far above any study; the number of rankings has a limit of its own (``simulate_options.py``)."""


@click.command(short_help="try out a study's size on made-up workers: coverage, power, screening")
@click.option(
    "--study",
    "study_folder",
    type=click.Path(path_type=Path),
    metavar="STUDY",
    help="Methods, items, workers and raters of a prepared study; with --out, made-up workers rank its very items.",
)
@click.option("--methods", default="", metavar="A,B,C", help="Names of the methods.  [default: A, B, C, ...]")
@click.option("--n-methods", type=click.IntRange(2, 26), default=4, show_default=True, help="How many methods, where none are named.")
@click.option(
    "--strengths",
    default="",
    metavar="X,Y,Z",
    help="True strength of each method, in units of the noise of a ranking.  [default: evenly from 0.5 to -0.5]",
)
@click.option("--items", type=click.IntRange(1, MOST_ITEMS), default=1000, show_default=True, help="Items that are ranked.")
@click.option("--workers", type=click.IntRange(1, MOST_WORKERS), default=20, show_default=True, help="Workers.")
@click.option(
    "--reading",
    type=click.Choice(["each", "shared"]),
    default="each",
    show_default=True,
    help="Each worker ranks every item, or the workers share the items.",
)
@click.option("--raters", type=click.IntRange(1), help="Rankings of each item, in place of --reading.")
@click.option(
    "--gold-rate",
    type=float,
    help="Items with a known answer, as a share of the items.  [default: 0.05; 0.1 where workers share items; 4 a worker at least]",
)
@click.option("--repeat-rate", type=float, default=0.05, show_default=True, help="Items shown twice, as a share of the items.")
@click.option(
    "--bad-workers",
    type=float,
    default=0.0,
    show_default=True,
    help="Share of the workers who are bad: a quarter each at random, always the same places, at random in no time, best last.",
)
@click.option("--ties", type=float, default=0.0, show_default=True, help="Methods nearer than about this, in units of the noise, are tied.")
@click.option("--worker-sd", type=float, default=0.5, show_default=True, help="How much workers' tastes differ, in units of the noise.")
@click.option("--item-sd", type=float, default=0.5, show_default=True, help="How much a method's luck differs by item, in the same units.")
@screening_options
@click.option(
    "--studies", type=click.IntRange(0, MOST_STUDIES), default=100, show_default=True, help="Studies that are simulated; 0 for none."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of everything random.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE.csv", help="Write one study for `adis-bench study aggregate`.")
@json_option
@debug_option
def command(study_folder: Path | None, studies: int, seed: int, out: Path | None, as_json: bool, **options: Any) -> None:
    """Draw rankings from methods of known strength by made-up workers, and see what a study of this size would say.

    Reports how often the 95 % intervals hold the truth and how often each difference is found, with all workers and without those whom
    the screening rules leave out, and the smallest difference that is found with 80 % power. Spreads of workers and
    items are assumptions: a pilot study tells.
    """
    import json

    from adis_bench.study import simulated_text
    from adis_bench.study.power import smallest_difference
    from adis_bench.study.records import ScreeningRules
    from adis_bench.study.simulate_options import OF_A_STUDY, SimulateOptions, of_study
    from adis_bench.study.simulated_studies import simulated_studies

    items: tuple[str, ...] = ()
    if study_folder is not None:
        _refuse_given(OF_A_STUDY)
        items, size = of_study(study_folder.expanduser())
        options |= size
    rules = {name: options.pop(name) for name in RULES}
    setup = SimulateOptions(**options, rules=ScreeningRules(**rules)).setup()
    if out is not None:
        simulated_text.write_long_csv(out.expanduser(), setup.draw(seed), items)
    design = setup.design
    power = smallest_difference(design.n_items, design.n_workers, design.raters, len(setup.methods), seed, setup.population)
    found = simulated_studies(setup, studies, seed) if studies else None
    if as_json:
        click.echo(json.dumps(simulated_text.as_json(setup, power, found), allow_nan=False))
    else:
        click.echo(simulated_text.as_text(setup, power, found))


def _refuse_given(names: tuple[str, ...]) -> None:
    """Options that a study decides."""
    source = click.get_current_context().get_parameter_source
    given = [f"--{name.replace('_', '-')}" for name in names if source(name) is ParameterSource.COMMANDLINE]
    if given:
        raise ConfigError(f"{' and '.join(given)}: --study decides that already; leave one of the two out")
