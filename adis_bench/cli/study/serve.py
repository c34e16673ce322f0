"""``adis-bench study serve``: a server of one's own."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from adis_bench.cli.options import debug_option
from adis_bench.errors import ConfigError

if TYPE_CHECKING:
    from adis_bench.study.records import Study
    from adis_bench.study.server.database import Database
    from adis_bench.study.server.store import Store

NO_KEY = "no key.json here: items that are shown again are given to anybody, and tell nothing of self-agreement"


@click.command(short_help="let people rank on a server of one's own, by link")
@click.argument("folder", metavar="STUDY", type=click.Path(path_type=Path))
@click.option(
    "--database",
    "database_url",
    metavar="URL",
    help="postgresql://user:password@host/name, or another SQLite file; by default answers.sqlite in STUDY.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all of this machine.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option(
    "--links", default=0, metavar="N", type=click.IntRange(0, 10_000), help="Invite N participants: prints a personal link for each, once."
)
@click.option("--invited-only", is_flag=True, help="Nobody joins without a personal link; --links does so too.")
@click.option(
    "--lease-minutes",
    default=15.0,
    show_default=True,
    type=click.FloatRange(0.01, 1440),
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
    invited_only: bool,
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
    from adis_bench.study.records import open_study
    from adis_bench.study.server.app import Site, make_app
    from adis_bench.study.server.database import open_database
    from adis_bench.study.server.guard import to_stderr
    from adis_bench.study.server.serving import address, bind, serve
    from adis_bench.study.server.store import Store

    study_folder = folder.expanduser()
    study = open_study(study_folder)
    database = open_database(study_folder, database_url)
    if status_only:
        _print_status(database, study)
        return
    public, prefix = _reached(public_url, root_path)
    bound = bind(host, port)  # first: a port that is taken must not cost links that were shown once
    database.prepare(study, _repeats(study_folder))
    store = Store(database, study, 60 * lease_minutes)
    closed = invited_only or links > 0
    _print_links(address(bound, public, prefix), store, links, closed)
    serve(make_app(study, study_folder, store, Site(prefix, public, closed, to_stderr if access_log else None)), bound, database)


def _print_status(database: "Database", study: "Study") -> None:
    from adis_bench.study.server.status import read_status

    database.open(study)
    click.echo(read_status(database).text())


def _reached(public_url: str, root_path: str) -> tuple[str, str]:
    """The public address and the prefix, neither with a slash at its end."""
    public, prefix = public_url.rstrip("/"), root_path.rstrip("/")
    parts = urlsplit(public)
    if public and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
        raise ConfigError(f"--public-url {public_url!r} is no address like https://lab.example.org/study")
    if prefix and not prefix.startswith("/"):
        raise ConfigError(f"--root-path {root_path!r} must begin with a slash")
    return public, prefix or parts.path


def _repeats(folder: Path) -> dict[str, str]:
    """Which items show which again; nothing else of the key goes any further."""
    from adis_bench.progress import say
    from adis_bench.study.records import KEY_NAME, open_key

    if not (folder / KEY_NAME).exists():
        say(NO_KEY)
        return {}
    return {item_id: item.repeats for item_id, item in open_key(folder).items.items() if item.kind == "repeat"}


def _print_links(begin: str, store: "Store", links: int, closed: bool) -> None:
    """On stdout, so that they can be kept in a file."""
    for _ in range(links):
        click.echo(f"{begin}/p/{store.join(consented=False)}")
    if links:
        click.echo(f"{links:,} personal links, shown this once; give each to one person", err=True)
    elif closed:
        click.echo(f"serving on {begin} for those who were invited", err=True)
    else:
        click.echo(f"{begin}/join/{store.join_code()}")
        click.echo("Give this link to your participants. Each gets a link of their own, with which they can go on later.", err=True)
