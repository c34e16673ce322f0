"""``adis-bench list``: what there is, one line each, and what presets change."""

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import click

from adis_bench.cli.options import debug_option
from adis_bench.registry import GROUPS, Group

_OWN = ("presets", "protocols")


@click.command()
@click.argument("kind", required=False, type=click.Choice([*GROUPS, *_OWN]))
@debug_option
def command(kind: str | None) -> None:
    """Show what there is, of one kind or of all, one line each; what cannot be imported is named with its cause.

    Under each preset stands what it changes of the published methods.
    """
    for group in GROUPS:
        if kind in (None, group):
            _section(group, _plugin_lines(group))
    if kind in (None, "presets"):
        _presets()
    if kind in (None, "protocols"):
        _section("protocols", _protocol_lines())


def _section(title: str, lines: list[tuple[str, str]], details: Mapping[str, list[str]] = MappingProxyType({})) -> None:
    """One line per name, and under it the paragraphs that belong to it."""
    click.secho(title, bold=True)
    width = max((len(name) for name, _ in lines), default=0)
    for name, text in lines:
        click.echo(f"  {name:<{width}}  {text}")
        for paragraph in details.get(name, []):
            click.echo(_wrapped(paragraph))
    if not lines:
        click.echo("  none")


def _wrapped(paragraph: str, indent: int = 6) -> str:
    columns = max(40, shutil.get_terminal_size().columns)
    return textwrap.fill(paragraph, columns, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2), break_on_hyphens=False)


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


def _presets() -> None:
    differences, always = _preset_differences()
    _section("presets", _preset_lines(), differences)
    for paragraph in always:
        click.echo(_wrapped(f"in every preset, {paragraph}", indent=2))


def _preset_lines() -> list[tuple[str, str]]:
    from adis_bench.configuration import load_preset, names_in
    from adis_bench.spec import DATA_PRESET, DEMO_PRESET

    defaults = {DEMO_PRESET: " (default of runs without --data)", DATA_PRESET: " (default of runs with --data)"}
    return [(name, load_preset(name).description + defaults.get(name, "")) for name in names_in("presets")]


def _preset_differences() -> tuple[dict[str, list[str]], list[str]]:
    """By preset, what its methods change of the published ones; and what they change whatever the preset says."""
    from adis_bench.configuration import load_preset, names_in, settings_for

    presets = {preset: load_preset(preset).methods for preset in names_in("presets")}
    tables = {preset: {name: settings_for(methods, name) for name in methods} for preset, methods in presets.items()}
    always = {method: _differences(method, {}) for methods in tables.values() for method in methods}
    found = {
        preset: _paragraphs({method: _without(_differences(method, table), always[method]) for method, table in methods.items()})
        for preset, methods in tables.items()
    }
    return found, _paragraphs({method: phrases for method, phrases in always.items() if phrases})


def _without(phrases: Sequence[str], known: Sequence[str]) -> list[str]:
    return [phrase for phrase in phrases if phrase not in known] or ["no differences"]


def _paragraphs(phrases_of: Mapping[str, Sequence[str]]) -> list[str]:
    """Methods with a difference in common share its paragraph."""
    methods_of: dict[str, list[str]] = {}
    for method, phrases in phrases_of.items():
        for phrase in phrases:
            methods_of.setdefault(phrase, []).append(method)
    shared: dict[str, list[str]] = {}
    for phrase, methods in methods_of.items():
        shared.setdefault(", ".join(methods), []).append(phrase)
    return [f"{methods}: {'; '.join(phrases)}" for methods, phrases in shared.items()]


def _differences(method: str, table: Mapping[str, Any]) -> list[str]:
    from adis_bench.errors import ConfigError
    from adis_bench.methods.protocol import TellsDifferences
    from adis_bench.registry import load

    try:
        kind = load("methods", method)
        return kind.differences(table) if isinstance(kind, TellsDifferences) else [f"{name}: {value}" for name, value in table.items()]
    except ConfigError as error:
        return [f"CANNOT BE USED: {error}"]


def _protocol_lines() -> list[tuple[str, str]]:
    from adis_bench.configuration import load_protocol, names_in

    return [(name, f"version {(p := load_protocol(name)).version}: {p.description}") for name in names_in("protocols")]
