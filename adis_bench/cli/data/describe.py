"""``adis-bench data describe``: statistics of a dataset."""

from pathlib import Path
from typing import Any

import click

from adis_bench.cli.options import debug_option, json_option


@click.command(short_help="count what a dataset holds; the paper's Figure 1 for it, and a page")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for a page with figures and samples, description.json and SVGs.")
@json_option
@debug_option
def command(folder: Path, out: Path | None, as_json: bool) -> None:
    """Describe the dataset DIR: segments, images and hours by category and split, durations, sounds, duplicates, what was skipped."""
    import json

    from adis_bench.datasets.describe import describe
    from adis_bench.datasets.description_text import as_text
    from adis_bench.datasets.records import Dataset
    from adis_bench.printable import printable
    from adis_bench.progress import say
    from adis_bench.registry import load

    dataset = Dataset.open(folder.expanduser())
    # The one object of --json has no levels; sounds are not read for nothing.
    description = describe(dataset, loudness=not as_json or out is not None)
    found = _leakage(dataset) if out is not None else None
    click.echo(json.dumps(description.summary(), allow_nan=False) if as_json else as_text(description, [found.sentence] if found else ()))
    if out is not None:
        page = load("reports", "dataset")(dataset, description, out.expanduser(), found)
        say(f"page: {printable(str(page))}")


def _leakage(dataset: Any) -> Any:
    """What the split gives away; None, and a warning, where an image of the dataset is gone: the rest can still be described."""
    from adis_bench.datasets.leakage import leakage
    from adis_bench.errors import DataError
    from adis_bench.progress import say

    try:
        return leakage(dataset)
    except DataError as error:
        say(f"warning: leakage between the splits is not known: {error}")
        return None
