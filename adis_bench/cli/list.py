"""``adis-bench list``: what there is, one line each."""

import click

from adis_bench.cli.options import debug_option
from adis_bench.registry import GROUPS, Group

_OWN = ("presets", "protocols")


@click.command()
@click.argument("kind", required=False, type=click.Choice([*GROUPS, *_OWN]))
@debug_option
def command(kind: str | None) -> None:
    """Show what there is, of one kind or of all, one line each; what cannot be imported is named with its cause."""
    for group in GROUPS:
        if kind in (None, group):
            _section(group, _plugin_lines(group))
    if kind in (None, "presets"):
        _section("presets", _preset_lines())
    if kind in (None, "protocols"):
        _section("protocols", _protocol_lines())


def _section(title: str, lines: list[tuple[str, str]]) -> None:
    click.secho(title, bold=True)
    width = max((len(name) for name, _ in lines), default=0)
    for name, text in lines:
        click.echo(f"  {name:<{width}}  {text}")
    if not lines:
        click.echo("  none")


def _plugin_lines(group: Group) -> list[tuple[str, str]]:
    from adis_bench.errors import ConfigError
    from adis_bench.registry import load, plugins

    lines = []
    for plugin in plugins(group):
        try:
            text = _one_line(load(group, plugin.name))
        except ConfigError as error:
            text = f"CANNOT BE USED: {error}"
        own = plugin.distribution.startswith("adis-bench ")
        lines.append((plugin.name, text if own else f"{text} [{plugin.distribution}]"))
    return lines


def _one_line(plugin: object) -> str:
    """A plug-in's ``description``, else the first line of its docstring."""
    text = getattr(plugin, "description", None) or getattr(plugin, "help", None) or plugin.__doc__ or ""
    return str(text).strip().partition("\n")[0]


def _preset_lines() -> list[tuple[str, str]]:
    from adis_bench.spec import load_preset, names_in

    return [(name, load_preset(name).description) for name in names_in("presets")]


def _protocol_lines() -> list[tuple[str, str]]:
    from adis_bench.spec import load_protocol, names_in

    return [(name, f"version {(p := load_protocol(name)).version}: {p.description}") for name in names_in("protocols")]
