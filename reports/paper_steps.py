"""The steps of ``adis-bench paper``, done one after the other in processes of their own."""

import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adis_bench.progress import say
from reports.paper import Step

SUCCESS, FAILURE = 0, 1


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a step.

    Attributes:
        step: the step.
        code: exit code of the command that failed, or 0.
        failed: that command, or nothing.
        waits_for: steps whose failure kept this one from being tried; empty where it was tried.
        seconds: wall-clock time of its commands.
    """

    step: Step
    code: int = SUCCESS
    failed: str = ""
    waits_for: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def worked(self) -> bool:
        """Whether all its commands did."""
        return not self.failed and not self.waits_for


def do_all(steps: Sequence[Step], run: Callable[[Sequence[str]], int] | None = None) -> tuple[Done, ...]:
    """Do every step that can be done: one that fails stops only those that need it.

    Args:
        steps: in their order.
        run: gives a command's exit code; by default ``run_command``.
    """
    run, found = run or run_command, list[Done]()
    for place, step in enumerate(steps):
        say(f"{place + 1} of {len(steps)}: {step.title}")
        broken = tuple(one.step.name for one in found if not one.worked and one.step.name in step.needs)
        found.append(Done(step, waits_for=broken) if broken else _done(step, run))
    return tuple(found)


def _done(step: Step, run: Callable[[Sequence[str]], int]) -> Done:
    started = time.monotonic()
    for command in step.commands:
        said = as_text(command)
        say(said)
        if code := run(command):
            return Done(step, code, said, seconds=time.monotonic() - started)
    return Done(step, seconds=time.monotonic() - started)


def as_text(command: Sequence[str]) -> str:
    """A command as one gives it in a shell."""
    return shlex.join(["adis-bench", *command])


def run_command(command: Sequence[str]) -> int:
    """The exit code of one command; what it prints goes to stderr, since stdout is for where the page is.

    Each has a process of its own: what one holds in memory is given back, and a crash takes nothing else along.
    """
    entry = "from adis_bench.cli.main import main; main()"
    code = subprocess.run([sys.executable, "-c", entry, *command], stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode
    if code in (130, -2):
        raise KeyboardInterrupt
    return code if code >= 0 else FAILURE
