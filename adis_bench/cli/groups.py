"""Groups of commands that import a command when it is asked for."""

import importlib
from typing import Any

import click


class LazyGroup(click.Group):
    """Commands that are modules of one package, each exposing ``command``; ``_`` in a module's name is ``-`` in its command's."""

    def __init__(self, *args: Any, package: str, names: tuple[str, ...], **extra: Any) -> None:
        super().__init__(*args, **extra)
        self._package, self._names = package, names

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, in the order of the help page."""
        return list(self._names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; its module keeps heavy imports inside."""
        if cmd_name not in self._names:
            return None
        command: click.Command = importlib.import_module(f"{self._package}.{cmd_name.replace('-', '_')}").command
        command.name = cmd_name
        return command
