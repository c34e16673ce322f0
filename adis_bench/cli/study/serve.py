"""``adis-bench study serve``: a server of one's own."""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from adis_bench.cli.options import debug_option
from adis_bench.errors import ConfigError

if TYPE_CHECKING:
    from adis_bench.study.records import Study
    from adis_bench.study.server.database import Database
    from adis_bench.study.server.filling import Roles
    from adis_bench.study.server.places import Places
    from adis_bench.study.server.store import Store

DATABASE_VARIABLE = "ADIS_BENCH_DATABASE"
STOPPED = "adis-bench: interrupted; all answers are kept, and links printed before stay valid: start it without --links to go on"
_PATH = re.compile(r"(/[\w.~-]*[\w~-][\w.~-]*)*", re.ASCII)  # no "..": browsers take such parts out
_PLACE = re.compile(r"([\w.-]+|\[[0-9a-fA-F:.]+\])(:\d+)?", re.ASCII)


def _no_nan(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if math.isnan(value):  # click's range lets it pass
        raise click.BadParameter("it is not a number")
    return value


@click.command(short_help="let people rank on a server of one's own, by link")
@click.argument("folder", metavar="STUDY", type=click.Path(path_type=Path))
@click.option(
    "--database",
    "database_url",
    metavar="URL",
    envvar=DATABASE_VARIABLE,
    help="postgresql://user:password@host/name, or another SQLite file; by default answers.sqlite in STUDY. "
    f"In the variable {DATABASE_VARIABLE} the password is seen by nobody else.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all of this machine.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option(
    "--links", default=0, metavar="N", type=click.IntRange(0, 10_000), help="Invite N participants: prints a personal link for each, once."
)
@click.option(
    "--invited-only/--open-link",
    default=None,
    help="Nobody joins without a personal link, or everybody with the open one; kept over restarts. --links closes the open link too.",
)
@click.option(
    "--participants",
    metavar="N",
    type=click.IntRange(0),
    help="How many may take part by the open link; 0 for no limit. By default the study's workers where each ranks every item, else 0.",
)
@click.option(
    "--lease-minutes",
    default=15.0,
    show_default=True,
    type=click.FloatRange(0.01, 1440),
    callback=_no_nan,
    help="An item goes to somebody else when its page stays open for so long.",
)
@click.option("--public-url", default="", metavar="URL", help="Address that participants see, where a proxy stands before the server.")
@click.option(
    "--root-path", default="", metavar="/PATH", help="Prefix of all addresses behind a proxy; by default the path of --public-url."
)
@click.option("--access-log", is_flag=True, help="Log a line per request on stderr, without links and addresses of people.")
@click.option("--status", "status_only", is_flag=True, help="Print how far the study is, and serve nothing.")
@debug_option
def command(
    folder: Path,
    database_url: str | None,
    host: str,
    port: int,
    links: int,
    invited_only: bool | None,
    participants: int | None,
    lease_minutes: float,
    public_url: str,
    root_path: str,
    access_log: bool,
    status_only: bool,
) -> None:
    """Serve the study in the folder STUDY: participants come by link, and each item gets exactly as many answers as the study wants.

    Answers are kept from the moment they are given, and a server that is stopped goes on where it was. Several servers may share one
    database. `adis-bench study export` writes the answers.
    """
    from adis_bench.progress import say
    from adis_bench.study.records import open_study
    from adis_bench.study.server.app import Site, make_app
    from adis_bench.study.server.database import open_database
    from adis_bench.study.server.guard import to_stderr
    from adis_bench.study.server.places import places_of
    from adis_bench.study.server.serving import EVERYWHERE, address, bind, serve
    from adis_bench.study.server.status import ROLES_UNKNOWN
    from adis_bench.study.server.stopping import noted
    from adis_bench.study.server.store import Store
    from adis_bench.study.server.telling import Seldom

    study_folder = folder.expanduser()
    study = open_study(study_folder)
    public, prefix = _reached(public_url, root_path)
    database, places = open_database(study_folder, database_url), places_of(study, participants)
    if status_only:
        _print_status(database, study, places)
        return
    with noted() as stop:
        bound = bind(host, port)  # first: a port that is taken must not cost links that were shown once
        if not database.prepare(study, _roles(study_folder)):
            say(ROLES_UNKNOWN)
        store = Store(database, study, 60 * lease_minutes, places=places)
        site = Site(prefix, public, to_stderr if access_log else None, Seldom(to_stderr))
        app = make_app(study, study_folder, store, site)
        with _until_stopped():
            with database.told():
                _print_links(address(bound, public, prefix), store, links, invited_only)
            if host in EVERYWHERE and not public:
                click.echo("Others may know this machine by another name; --public-url puts it into the links.", err=True)
            serve(app, bound, database, stop)


@contextmanager
def _until_stopped() -> Iterator[None]:
    """Not click's own end at Ctrl-C: that says to give the same command, which with --links would invite as many people again."""
    from adis_bench.cli.main import INTERRUPTED

    try:
        yield
    except KeyboardInterrupt:
        click.echo(STOPPED, err=True)
        click.get_current_context().exit(INTERRUPTED)


def _print_status(database: "Database", study: "Study", places: "Places") -> None:
    from adis_bench.study.server.status import read_status

    database.open(study)
    with database.told():
        click.echo(read_status(database, places).text())


def _reached(public_url: str, root_path: str) -> tuple[str, str]:
    """The public address and the prefix, neither with a slash at its end."""
    public, prefix = public_url.rstrip("/"), root_path.rstrip("/")
    if public and not _is_address(public):
        raise ConfigError(f"--public-url {public_url!r} is no address like https://lab.example.org/study")
    if not _PATH.fullmatch(prefix):
        raise ConfigError(f"--root-path {root_path!r} must begin with a slash and hold letters, digits and - . _ ~ only, like /study")
    return public, prefix or urlsplit(public).path


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port  # raises ValueError, as urlsplit does for "http://["
    except ValueError:
        return False
    plain = url == f"{parts.scheme}://{parts.netloc}{parts.path}"  # no query, no fragment; and nothing that urlsplit takes out
    return (
        plain and parts.scheme in ("http", "https") and bool(_PLACE.fullmatch(parts.netloc) and _PATH.fullmatch(parts.path)) and port != 0
    )


def _roles(folder: Path) -> "Roles | None":
    """Which items show which again, and which are spread evenly: those of gold; nothing else of the key goes any further."""
    from adis_bench.study.records import KEY_NAME, open_key
    from adis_bench.study.server.filling import Roles

    if not (folder / KEY_NAME).exists():
        return None
    items = open_key(folder).items
    repeats = {item_id: item.repeats for item_id, item in items.items() if item.kind == "repeat"}
    return Roles(repeats, frozenset(item_id for item_id, item in items.items() if item.kind == "gold"))


def _print_links(begin: str, store: "Store", links: int, invited_only: bool | None) -> None:
    """Open or close the door, and print links: on stdout, so that they can be kept in a file."""
    if links or invited_only is not None:
        store.close(closed=links > 0 if invited_only is None else invited_only)
    before = store.invited() if links else 0
    for _ in range(links):
        click.echo(f"{begin}/p/{store.join(consented=False)}")
    if links:
        others = f"; {before:,} that were given out before and not opened yet stay valid too" if before else ""
        click.echo(f"{links:,} personal links, shown this once; give each to one person{others}", err=True)
    elif store.is_closed():
        click.echo(f"serving on {begin} for those who were invited; --open-link lets everybody in who has the open link", err=True)
    else:
        click.echo(f"{begin}/join/{store.join_code()}")
        click.echo("Give this link to your participants. Each gets a link of their own, with which they can go on later.", err=True)
