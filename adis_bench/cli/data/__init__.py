"""``adis-bench data``: make, import, look at and check datasets; one module per command."""

import importlib

import click

COMMANDS = ("folder", "into-the-wild", "greatest-hits", "out-of-domain", "demo", "check", "describe", "export")
"""In the order of the help page; each is the module of its name, with ``_`` for ``-``."""


class DataGroup(click.Group):
    """Imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; its module keeps heavy imports inside."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"{__name__}.{cmd_name.replace('-', '_')}").command
        command.name = cmd_name
        return command


@click.command(cls=DataGroup)
def command() -> None:
    """Datasets: segments of sound with their frames, in splits."""
