"""``adis-bench figures``: every figure of a run, for a paper's column."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adis_bench.cli.options import debug_option, json_option
from adis_bench.errors import ConfigError, DataError
from reports.commands.names import named

if TYPE_CHECKING:
    from reports.data import RunData
    from reports.drawing import Medium
    from reports.figure_folder import FigureFolder
    from reports.figure_record import FiguresRecord
    from reports.paper_figures.catalogue import FigureKind


@click.command(short_help="draw a run's figures for a paper's column, as SVG and PDF")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--figure",
    "names",
    multiple=True,
    metavar="NAME,...",
    help="Figures to draw: scores, wins, qualitative ... (`--list` names all).  [default: all that the run has something for]",
)
@click.option("--column", default="eccv", show_default=True, help="Width of the figures: eccv, cvpr or cvpr-wide.")
@click.option("--format", "formats", multiple=True, metavar="NAME,...", help="svg, pdf or both.  [default: both]")
@click.option("--rows", type=click.IntRange(1, 100), help="Rows of the qualitative grid.")
@click.option("--images", type=click.IntRange(2, 100), help="Images of the generalization grid, at most; fewer where no more fit.")
@click.option("--sounds", type=click.IntRange(2, 100), help="Sounds of the generalization grid, at most; fewer where no more fit.")
@click.option("--seed", type=click.IntRange(min=0), help="Of what the qualitative and the generalization grid show.  [default: the run's]")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the files.  [default: RUN/figures/COLUMN]")
@click.option("--list", "listing", is_flag=True, help="Name the figures, and draw nothing.")
@json_option
@debug_option
def command(
    run: Path,
    names: tuple[str, ...],
    column: str,
    formats: tuple[str, ...],
    rows: int | None,
    images: int | None,
    sounds: int | None,
    seed: int | None,
    out: Path | None,
    listing: bool,
    as_json: bool,
) -> None:
    """Draw the figures of RUN, a finished run: each as SVG and PDF with its fonts inside, as wide as a column of ECCV or CVPR.

    Beside them are index.html (all of them with captions), figures.tex (to paste) and figures.json (captions, alternative texts, digests).
    The same run gives the same bytes.
    """
    import json

    from adis_bench.printable import printable
    from adis_bench.progress import say
    from reports.data import RunData
    from reports.drawing import FORMATS, PAPER_MEDIA
    from reports.figure_folder import PAGE_NAME, FigureFolder
    from reports.own_folder import place_in
    from reports.paper_figures.catalogue import CATALOGUE, kinds_named

    asked = named(names)
    kinds = kinds_named(asked) if asked else CATALOGUE
    if listing:
        click.echo("\n".join(f"{kind.name}  {kind.what}" for kind in kinds))
        return
    medium, wanted = PAPER_MEDIA[_known("column", [column], list(PAPER_MEDIA))[0]], _known("format", named(formats), list(FORMATS))
    options = {"rows": rows, "images": images, "sounds": sounds, "seed": seed}
    _check_options(options, kinds)
    data = RunData.open(run)
    out = out or place_in(data.folder, "figures", medium.name)
    folder = FigureFolder(data, medium, [one for one in FORMATS if one in (wanted or FORMATS)], out)
    not_drawn = _draw(data, kinds, medium, options, folder)
    written = folder.finish([kind.name for kind in CATALOGUE], [kind.name for kind in kinds], not_drawn)
    for name, reason in () if asked else not_drawn:
        say(f"not drawn: {name}: {printable(reason)}")
    if written.missing:
        say(f"{len(written.missing)} characters are not in the figures' font and are boxes there: {printable(written.missing)}")
    if written.removed:
        say(printable(written.removed))
    place = out / PAGE_NAME
    if as_json:
        click.echo(json.dumps({"page": str(place), **written.record.to_json()}, allow_nan=False))
    else:
        _tell(written.record, {kind.name for kind in kinds}, printable(str(place)))
    _raise_missing(asked, not_drawn, len(kinds))


def _known(what: str, names: Sequence[str], known: list[str]) -> Sequence[str]:
    """The names, once all of them are known."""
    from adis_bench.registry import unknown

    for name in names:
        if name not in known:
            raise ConfigError(unknown(what, name, known))
    return names


def _check_options(options: dict[str, Any], kinds: Sequence["FigureKind"]) -> None:
    from reports.paper_figures.catalogue import CATALOGUE

    for name, value in options.items():
        if value is not None and not any(name in kind.takes for kind in kinds):
            takers = " and ".join(kind.name for kind in CATALOGUE if name in kind.takes)
            raise ConfigError(f"--{name} is for {takers}, which --figure leaves out; name it there, or leave out --{name}")


def _draw(
    run: "RunData", kinds: Sequence["FigureKind"], medium: "Medium", options: dict[str, Any], folder: "FigureFolder"
) -> list[tuple[str, str]]:
    """Draw and save kind by kind: open figures of pictures are large, and none needs another one."""
    from adis_bench.progress import bar
    from reports.paper_figures.catalogue import drawings

    missing: list[tuple[str, str]] = []
    with bar("figures", len(kinds)) as running:
        for kind in kinds:
            running.note(kind.name)
            drawn, reasons = drawings(run, [kind], medium, options)
            for figure in drawn:
                folder.add(kind.name, figure)
            missing += reasons
            running.advance()
    return missing


def _tell(record: "FiguresRecord", kinds: set[str], place: str) -> None:
    made = [figure for figure in record.figures if figure.kind in kinds]
    for figure in made:
        click.echo(f"{figure.title}: {', '.join(figure.files)}")
    click.echo(f"{len(made)} figure{'s' if len(made) != 1 else ''}, {record.width_in:.2f} in wide: {place}")


def _raise_missing(asked: Sequence[str], not_drawn: Sequence[tuple[str, str]], n_kinds: int) -> None:
    """Those that were asked for by name are missed; of all, only if nothing at all was drawn."""
    from adis_bench.printable import printable

    if not_drawn and (asked or len(not_drawn) == n_kinds):
        reasons = "; ".join(f"{name} ({printable(reason)})" for name, reason in not_drawn)
        raise DataError(f"{len(not_drawn)} of {n_kinds} kinds of figures could not be drawn: {reasons}")
