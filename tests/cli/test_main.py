"""The command line finds commands by name, starts light, and turns errors into one line and an exit code."""

import errno
import subprocess
import sys
from collections.abc import Callable

import click
import pytest
from click.testing import Result

from adis_bench.cli import main as module
from adis_bench.cli.main import CORE
from adis_bench.errors import DataError

HEAVY = ("torch", "numpy", "pyarrow", "scipy", "pydantic", "matplotlib", "soundfile", "PIL")


def test_help_lists_commands_without_heavy_imports():
    """`--help` names every command and imports nothing heavy."""
    code = (
        "import sys; from adis_bench.cli.main import main\n"
        "try: main(['--help'])\n"
        f"finally: print('HEAVY', sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in done.stderr
    for name in CORE:
        assert f"  {name} " in done.stdout


@pytest.mark.parametrize("name", list(CORE))
def test_every_command_has_help(invoke: Callable[..., Result], name: str):
    """Every core command is there, with a help page under its own name."""
    result = invoke(name, "--help")
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: adis-bench {name} ")


def test_version(invoke: Callable[..., Result]):
    """`--version` prints the version."""
    result = invoke("--version")
    assert (result.exit_code, result.output) == (0, "adis-bench, version 0.1.0\n")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["runn"], "adis-bench: unknown command 'runn'; did you mean run? (see `adis-bench --help`)\n"),
        (["run", "--bogus"], "adis-bench: No such option"),
        (["run", "--methods", "idenity"], "adis-bench: unknown method 'idenity'; did you mean identity?\n"),
        (["list", "method"], "adis-bench: Invalid value for "),
        (["score"], "adis-bench: Missing argument 'RUN'. (see `adis-bench score --help`)\n"),
    ],
)
def test_user_errors_are_one_line(invoke: Callable[..., Result], arguments: list[str], line: str):
    """What the user typed wrong is one line on stderr with what to do, exit code 2, and nothing on stdout."""
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(line)
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1


class _Entry:
    """A command that raises."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __call__(self) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (DataError("no images under x"), 2, "adis-bench: no images under x\n"),
        (ValueError("odd"), 1, "adis-bench: failed: ValueError: odd (run with --debug for the traceback)\n"),
        (OSError(errno.ENOSPC, "No space left on device", "out/a.png"), 2, "adis-bench: cannot write or read out/a.png: No space left"),
        (PermissionError(errno.EACCES, "Permission denied", "out"), 2, "adis-bench: cannot write or read out: Permission denied"),
        (OSError(errno.EROFS, "Read-only file system", "out"), 2, "adis-bench: cannot write or read out: Read-only"),
        (OSError(errno.EIO, "Input/output error", "out"), 1, "adis-bench: failed: OSError"),
        (KeyboardInterrupt(), 130, "\nadis-bench: interrupted; the same command starts over\n"),
    ],
)
def test_exit_codes(invoke: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, line: str):
    """Errors of the user and full or read-only folders give 2, failures 1, Ctrl-C 130; each is one line."""
    command = click.Command("list", callback=_Entry(error))
    monkeypatch.setattr(module.AdisBench, "get_command", lambda *_: command)
    result = invoke("list")
    assert result.exit_code == code
    assert result.stderr.startswith(line)
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "--out", "list"], "goes on from here"),
        (["study", "prepare", "RUN"], "goes on from here"),
        (["study", "aggregate", "a.csv"], "starts over"),
        (["study", "report", "--json", "a.csv"], "starts over"),
    ],
)
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device", "out")])
def test_commands_that_start_over_say_so(
    invoke: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str, error: BaseException
):
    """After Ctrl-C or a full disk only commands that keep something of the call say that they go on."""
    settings = {"ignore_unknown_options": True, "allow_extra_args": True}
    command = click.Command("any", callback=_Entry(error), context_settings=settings)
    monkeypatch.setattr(module.AdisBench, "get_command", lambda *_: command)
    result = invoke(*arguments)
    assert result.stderr.endswith(f" {told}\n")


def test_debug_shows_the_traceback(invoke: Callable[..., Result], monkeypatch: pytest.MonkeyPatch):
    """With --debug, before or after the command's name, the error itself comes out."""
    command = click.Command("list", callback=_Entry(DataError("x")), params=[click.Option(["--debug"], is_flag=True, expose_value=False)])
    monkeypatch.setattr(module.AdisBench, "get_command", lambda *_: command)
    for arguments in (["--debug", "list"], ["list", "--debug"]):
        assert isinstance(invoke(*arguments).exception, DataError)
