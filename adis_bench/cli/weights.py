"""``adis-bench weights``: the files of published networks."""

import json
from pathlib import Path

import click

from adis_bench.cli.options import debug_option, json_option


@click.group(short_help="fetch, import and check the weight files of published networks")
@debug_option
def command() -> None:
    """Fetch, import and check the weight files of published networks, which the `paper` protocol needs."""


@command.command("list", short_help="show all files, and which are here")
@json_option
@debug_option
def list_(as_json: bool) -> None:
    """Show all files with licence, size and digest, and which are here."""
    from dataclasses import asdict

    from adis_bench.extractors.weights import catalogue, state_of, weights_dir

    states = {name: state_of(weight) for name, weight in catalogue().items()}
    if as_json:
        rows = [{**asdict(weight), "state": states[name]} for name, weight in catalogue().items()]
        click.echo(json.dumps({"folder": str(weights_dir()), "files": rows}))
        return
    click.echo(f"folder: {weights_dir()}")
    for name, weight in catalogue().items():
        size = f"{weight.n_bytes / 1e6:.0f} MB" if weight.n_bytes else "size unknown"
        click.echo(f"{name:25}{states[name]:19}{size:13} {weight.purpose}")
        limits = {"no": ", NOT for commercial use", "unknown": ", commercial use unknown"}.get(weight.commercial_use, "")
        click.echo(f"{'':25}licence {weight.licence}{limits}; {weight.published or 'no digest published'}")
        click.echo(f"{'':25}{weight.url or 'no direct address'}")


@command.command(short_help="fetch files from where they are published")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--protocol", metavar="NAME|FILE.toml", help="All files that this protocol needs.")
@debug_option
def fetch(names: tuple[str, ...], protocol: str | None) -> None:
    """Fetch files by NAME, or all that a protocol needs; each is checked by its digest before it is kept."""
    from adis_bench.errors import ConfigError
    from adis_bench.extractors.needed import weights_of
    from adis_bench.extractors.weight_store import fetch as fetched

    wanted = [*names, *(weights_of(protocol) if protocol else ())]
    if not wanted:
        raise ConfigError("nothing to fetch: give names (`adis-bench weights list`), or --protocol paper")
    for name in dict.fromkeys(wanted):
        click.echo(f"{name}: {fetched(name)}")


@command.command("import", short_help="take a file that was got by hand")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "name", metavar="NAME", help="Which file it is.  [default: told by its digest, else by its name]")
@click.option("--allow-unverified", is_flag=True, help="Take it with another digest than the published one; all results will say so.")
@debug_option
def import_(file: Path, name: str | None, allow_unverified: bool) -> None:
    """Copy a file that was got by hand into the folder, if its digest is the published one."""
    from adis_bench.extractors.weight_store import import_file
    from adis_bench.extractors.weights import place, state_of

    weight = import_file(file.expanduser(), name, allow_unverified)
    click.echo(f"{weight.name}: {place(weight)} ({state_of(weight)})")


@command.command(short_help="check the digests of all files that are here")
@json_option
@debug_option
@click.pass_context
def verify(context: click.Context, as_json: bool) -> None:
    """Check the digests of all files that are here; exits with 1 if one is wrong."""
    from adis_bench.extractors.weights import catalogue, digests_of, place, state_of

    rows = [
        {"name": name, "state": state, "sha256": digests_of(place(weight)).sha256, "published": weight.published or None}
        for name, weight in catalogue().items()
        if (state := state_of(weight)) != "missing"
    ]
    if as_json:
        click.echo(json.dumps({"files": rows}))
    else:
        for row in rows:
            click.echo(f"{row['name']}: {row['state']}, sha256 {row['sha256']}, published: {row['published'] or 'none'}")
        if not rows:
            click.echo("no weight files are here; see `adis-bench weights list`")
    if any(row["state"] == "wrong digest" for row in rows):
        context.exit(1)


@command.command(short_help="print the folder, or where a file lies")
@click.argument("name", required=False)
@debug_option
def path(name: str | None) -> None:
    """Print the folder of weight files, or the path of one that is here and may be opened."""
    from adis_bench.extractors.weights import located, weights_dir

    click.echo(located(name).path if name else weights_dir())
