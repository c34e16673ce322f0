"""``adis-bench report``: the report of a scored run, written again."""

from pathlib import Path
from typing import Any

import click

from adis_bench.cli.options import debug_option


@click.command()
@click.argument("run_dir", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--format", "report_name", default="html", show_default=True, help="A report that `adis-bench list reports` shows.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to write to; an earlier report in it is replaced.  [default: RUN/report]"
)
@click.option(
    "--study", type=click.Path(path_type=Path), help="Folder of `adis-bench study report` about RUN.  [default: RUN/study, if any]"
)
@click.option("--full-size", is_flag=True, help="Add every output without loss at the run's resolution, for the large view.")
@debug_option
def command(run_dir: Path, report_name: str, **options: Any) -> None:
    """Write the report of RUN from its saved results, and print where it is.

    The report is a folder that opens without a network and can be sent as it is. Its page tells the run from the answer down; plots
    are beside it as figures/*.svg, tables as tables/*.csv and *.tex.
    """
    from adis_bench.printable import printable

    given = {name: value.expanduser().resolve() if isinstance(value, Path) else value for name, value in options.items() if value}
    page: Path = _writer(report_name, given)(run_dir.expanduser().resolve(), **given)
    files = [path for path in page.parent.rglob("*") if path.is_file()]
    click.echo(printable(str(page)))
    # Beside the path, for people: a script reads the path alone.
    click.echo(f"{sum(path.stat().st_size for path in files) / 1e6:.1f} MB in {len(files):,} files", err=True)


def _writer(name: str, given: dict[str, Any]) -> Any:
    """The report of this name, if it is one of a run and takes what was given."""
    import inspect

    from adis_bench.errors import ConfigError
    from adis_bench.registry import load

    write = load("reports", name)
    try:
        inspect.signature(write).bind(Path(), **given)
    except TypeError:
        options = " ".join(f"--{option.replace('_', '-')}" for option in given)
        wanted = f"does not take {options}" if options else "is not made of a run"
        raise ConfigError(f"the report {name!r} {wanted}; `adis-bench report RUN` writes the report of a run") from None
    return write
