"""``adis-bench paper``: every figure and table of the paper's appendix, anew."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from adis_bench.cli.options import debug_option, device_option, json_option


@click.command(short_help="make every figure and table of the paper's appendix anew, on one page")
@click.option("--out", type=click.Path(path_type=Path), default=Path("paper"), show_default=True, help="Folder for everything.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of a dataset.  [default: the demo world]")
@click.option("--preset", default="demo", show_default=True, metavar="NAME|FILE.toml", help="Of the run.")
@click.option("--table1-preset", default="quick", show_default=True, metavar="NAME|FILE.toml", help="Budget of each training of Table 1.")
@click.option("--seeds", "n_seeds", type=click.IntRange(1, 20), default=2, show_default=True, help="Trainings of each variant of Table 1.")
@click.option("--images", type=click.Path(path_type=Path), help="Folder of images for Figure 4.  [default: another demo world]")
@click.option("--sounds", type=click.Path(path_type=Path), help="Folder of sounds for Figure 4; sub-folders are classes.")
@click.option("--column", default="eccv", show_default=True, help="Width of the figures: eccv, cvpr or cvpr-wide.")
@click.option("--samples", "n_samples", type=click.IntRange(1), default=40, show_default=True, help="Pairs of the study.")
@click.option("--workers", "n_workers", type=click.IntRange(2), default=20, show_default=True, help="Made-up workers of the study.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of everything random.")
@click.option("--list", "only_list", is_flag=True, help="Print the commands, and do nothing.")
@device_option
@json_option
@debug_option
def command(out: Path, only_list: bool, as_json: bool, **options: Any) -> None:
    """Make Figures 1 to 4 and Table 1 in the form of the paper's appendix, the human study's page and scores, and a page that shows all.

    Each step is one or more commands of this tool, which --list prints: give them yourself for other data. Table 1 takes longest: six
    trainings at its defaults. The same command goes on where it was; a step that fails stops only those that need it.
    """
    import json

    from reports.paper import Plan, make_stand_in, steps
    from reports.paper_page import record, refuse_foreign, write_page
    from reports.paper_steps import do_all

    for name in ("data", "images", "sounds"):
        options[name] = options[name] and options[name].expanduser().resolve()
    plan = Plan(out=out.expanduser().resolve(), **options)
    planned = steps(plan)
    if only_list:
        _list(planned, as_json)
        return
    refuse_foreign(plan.out)
    if plan.images is None:
        make_stand_in(plan)
    found = do_all(planned)
    page = write_page(plan, found)
    click.echo(json.dumps({"page": str(page), **record(found)}, allow_nan=False) if as_json else page)
    _raise_failures(found)


def _list(planned: Sequence[Any], as_json: bool) -> None:
    """The commands of every step, to be given one by one."""
    import json

    from reports.paper_steps import as_text

    if as_json:
        listed = [{"name": step.name, "title": step.title, "commands": [list(command) for command in step.commands]} for step in planned]
        click.echo(json.dumps({"steps": listed}))
        return
    for step in planned:
        before = [f"# before: {step.before}"] if step.before else []
        click.echo("\n".join([f"# {step.title}", *before, *map(as_text, step.commands), ""]))


def _raise_failures(found: Any) -> None:
    """Exit with what the failed commands said: 2 if all of it can be mended by the user, else 1."""
    failed = [one for one in found if not one.worked]
    if not failed:
        return
    codes = {one.code for one in failed if one.failed}
    for one in failed:
        why = f"`{one.failed}` ended with {one.code}" if one.failed else f"not tried, since {', '.join(one.waits_for)} failed"
        click.echo(f"adis-bench: {one.step.title}: {why}", err=True)
    raise click.exceptions.Exit(2 if codes == {2} else 1)
