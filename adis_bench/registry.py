"""Look-up of plug-ins by entry point; our own parts register like anybody else's."""

import difflib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from adis_bench.errors import ConfigError

Group = Literal["methods", "metrics", "extractors", "datasets", "commands", "reports"]
GROUPS: tuple[Group, ...] = ("methods", "metrics", "extractors", "datasets", "commands", "reports")


@dataclass(frozen=True, slots=True)
class Plugin:
    """A name that a group knows, not yet imported.

    Attributes:
        name: the name users type.
        value: ``module:attribute``.
        distribution: the package that registered it, with its version.
    """

    name: str
    value: str
    distribution: str


@cache
def _entries(group: Group) -> dict[str, EntryPoint]:
    # The first one wins, as everywhere in importlib.metadata; `adis-bench check` names shadowed ones.
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=f"adis_bench.{group}"):
        found.setdefault(entry.name, entry)
    return found


def plugins(group: Group) -> list[Plugin]:
    """All names of a group in alphabetical order, without importing any."""
    return [
        Plugin(entry.name, entry.value, f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown")
        for _, entry in sorted(_entries(group).items())
    ]


def load(group: Group, name: str) -> Any:
    """Import the plug-in ``name`` of a group.

    Raises:
        ConfigError: unknown name (near ones are suggested), or it cannot be imported (with the cause).
    """
    entries = _entries(group)
    if name not in entries:
        raise ConfigError(unknown(f"{group[:-1]}", name, list(entries)))
    try:
        return entries[name].load()
    except Exception as error:  # a plug-in may fail in any way; name it and its cause
        raise ConfigError(f"{group[:-1]} {name!r} ({entries[name].value}) cannot be imported: {type(error).__name__}: {error}") from error


def unknown(kind: str, name: str, known: list[str]) -> str:
    """The message for an unknown name, with near ones suggested."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(sorted(known)) or 'none'}"
    return f"unknown {kind} {name!r}; {hint}"
