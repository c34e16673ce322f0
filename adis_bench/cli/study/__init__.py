"""``adis-bench study``: rankings by people; one module per command."""

import importlib

import click

COMMANDS = ("aggregate",)
"""In the order of the help page; each is the module of its name."""


class StudyGroup(click.Group):
    """Imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; its module keeps heavy imports inside."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"{__name__}.{cmd_name}").command
        command.name = cmd_name
        return command


@click.command(cls=StudyGroup)
def command() -> None:
    """Human studies: people rank the methods' images by how well they fit the sound."""
