"""``adis-bench``: looks commands up by name, and turns errors into one line and an exit code."""

import errno
import importlib
import sys
from typing import Any, NoReturn

import click

import adis_bench
from adis_bench.errors import AdisBenchError, ConfigError, is_storage_error
from adis_bench.registry import Plugin, load, plugins, unknown

CORE = {
    "run": "train or load methods, make their outputs, score them, write a report",
    "score": "score the saved outputs of a run again, without training",
    "report": "write the report of a run again",
    "sweep": "whether louder, softer and mixed sounds change the pictures of a run predictably",
    "compare": "put runs of the same data and pairs into one table; or fail if one got worse",
    "results": "check results.json, or print its JSON Schema",
    "data": "make, import and check datasets",
    "pairs": "give the pair list and its media to anybody's code",
    "study": "what people say: rankings become statistics",
    "list": "show methods, metrics, extractors, datasets, presets and protocols",
    "weights": "fetch, import and check the weight files of published networks",
    "check": "show what is installed and what stands in the way; `check metrics`: whether metrics tell right from wrong",
}
"""The core's commands, each in the module of its name, in the order of the help page."""

STARTS_OVER = (
    ("report",),
    ("compare",),
    ("results",),
    ("list",),
    ("check",),
    ("data", "check"),
    ("data", "describe"),
    ("study", "aggregate"),
    ("study", "report"),
    ("study", "simulate"),
    ("study", "export"),
)
"""Commands that keep nothing of a call that was cut short; what others made is used by the same command."""

USER_ERROR, FAILURE, INTERRUPTED = 2, 1, 130


class AdisBench(click.Group):
    """The root command: the core's commands, then those that packages registered under ``adis_bench.commands``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, without importing any."""
        return [*CORE, *(plugin.name for plugin in plugins("commands") if plugin.name not in CORE)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name in CORE:
            command = importlib.import_module(f"adis_bench.cli.{cmd_name}").command
        else:
            command = load("commands", cmd_name) if cmd_name in self.list_commands(ctx) else None
        return command if isinstance(command, click.Command) or command is None else _not_a_command(cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown name suggests near ones."""
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            raise click.UsageError(unknown("command", args[0], self.list_commands(ctx)), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands; those of other packages by name and package, so that the help needs no imports of theirs."""
        others = [(plugin.name, _described(plugin)) for plugin in plugins("commands") if plugin.name not in CORE]
        with formatter.section("Commands"):
            formatter.write_dl([*CORE.items(), *others])

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run, and exit with 0, 2 (the user can mend it), 1 (a failure) or 130 (interrupted)."""
        given = args[0] if args else extra.pop("args", None)
        arguments = list(sys.argv[1:] if given is None else given)
        try:
            code = super().main(arguments, prog_name="adis-bench", standalone_mode=False)
        except Exception as error:
            if "--debug" in arguments and not isinstance(error, click.exceptions.Abort):
                raise
            code = _explain(error, arguments)
        sys.exit(code if isinstance(code, int) else 0)


def _described(plugin: Plugin) -> str:
    """Our own commands keep their heavy imports inside, so that asking them costs milliseconds."""
    if not plugin.distribution.startswith("adis-bench "):
        return f"from {plugin.distribution}"
    try:
        return str(load("commands", plugin.name).get_short_help_str(limit=200))
    except ConfigError as error:
        return f"CANNOT BE USED: {error}"


def _not_a_command(name: str) -> NoReturn:
    raise click.ClickException(f"the plug-in command {name!r} is not a click command")


def _what_next(arguments: list[str]) -> str:
    """What the same command does after a call that was cut short."""
    words = tuple(argument for argument in arguments if not argument.startswith("-"))
    return "starts over" if any(words[: len(command)] == command for command in STARTS_OVER) else "goes on from here"


def _explain(error: Exception, arguments: list[str]) -> int:
    """Print an error as one line on stderr and return the exit code."""
    if isinstance(error, click.exceptions.Abort):
        click.echo(f"adis-bench: interrupted; the same command {_what_next(arguments)}", err=True)
        return INTERRUPTED
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        hint = f" (see `{context.command_path} --help`)" if context else ""
        click.echo(f"adis-bench: {error.format_message()}{hint}", err=True)
        return USER_ERROR
    if isinstance(error, AdisBenchError):
        click.echo(f"adis-bench: {error}", err=True)
        return USER_ERROR
    if isinstance(error, OSError) and is_storage_error(error):
        where = error.filename or error.filename2 or "the output folder"
        mend = "free space or " if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        click.echo(
            f"adis-bench: cannot write or read {where}: {error.strerror}; {mend}choose another folder with --out "
            f"(or ADIS_BENCH_CACHE for the cache), then run the same command: it {_what_next(arguments)}",
            err=True,
        )
        return USER_ERROR
    click.echo(f"adis-bench: failed: {type(error).__name__}: {error} (run with --debug for the traceback)", err=True)
    return FAILURE


@click.command(cls=AdisBench, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(adis_bench.__version__, prog_name="adis-bench")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
def main() -> None:
    """Evaluation suite for audio-driven image stylization (ADIS).

    `adis-bench run` trains or loads methods, makes their outputs for one fixed list of pairs, scores them beside
    controls, and writes a report. Without options it does so on the built-in demo world.
    """
