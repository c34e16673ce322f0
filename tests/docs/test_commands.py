"""The documentation names only commands and options that there are."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from adis_bench.cli.main import main
from tests.docs.written import PAGES, ROOT, blocks, shell_lines, spans

FOREIGN_OPTIONS = {"--nproc-per-node", "--standalone", "--no-python"}
"""Options of other programs that pages write about."""
_ENDS_A_COMMAND = {"|", ">", "&&", "&", ";", "||"}


def _written(text: str) -> Iterator[list[str]]:
    """Every call of ``adis-bench`` on a page, as words after the program's name."""
    lines = [line for language, block in blocks(text) if language in ("", "sh", "console") for line in shell_lines(block)]
    for line in [*lines, *spans(text)]:
        if not re.search(r"(^|\s)adis-bench\s", line):
            continue
        try:
            words = shlex.split(line.partition("adis-bench ")[2])
        except ValueError:
            words = line.partition("adis-bench ")[2].split()
        end = next((i for i, word in enumerate(words) if word in _ENDS_A_COMMAND or word.endswith(";")), len(words))
        yield words[:end]


def _unknown_in(words: list[str]) -> list[str]:
    """The words that name no command or option where they stand."""
    command: click.Command = main
    context = click.Context(command)
    wrong: list[str] = []
    for i, word in enumerate(words):
        if word.startswith("-") and not re.fullmatch(r"-[\d.]+.*", word):
            if word.partition("=")[0] not in _options(command):
                wrong.append(f"{' '.join(words[:i])}: {word}")
        elif isinstance(command, click.Group) and not wrong:
            found = command.get_command(context, word) if word in command.list_commands(context) else None
            if found is None:
                # A group that may be called itself, or a placeholder such as COMMAND.
                return wrong if word.isupper() or "." in word else [*wrong, " ".join(words[: i + 1])]
            command = found
            context = click.Context(command, parent=context)
    return wrong


def _options(command: click.Command) -> set[str]:
    given = {name for parameter in command.get_params(click.Context(command)) for name in (*parameter.opts, *parameter.secondary_opts)}
    return given | {"--help", "-h"}


@cache
def _all_options() -> frozenset[str]:
    found: set[str] = set()
    waiting: list[click.Command] = [main]
    while waiting:
        command = waiting.pop()
        found |= _options(command)
        if isinstance(command, click.Group):
            context = click.Context(command)
            waiting += [sub for name in command.list_commands(context) if (sub := command.get_command(context, name))]
    return frozenset(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_on_the_page_exists(page: Path):
    """Each ``adis-bench ...`` in a block or a code span names a command and options that it has."""
    assert [wrong for words in _written(page.read_text()) for wrong in _unknown_in(words)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_option_on_the_page_exists(page: Path):
    """Each code span that begins with ``--`` names an option of some command."""
    named = {word for span in spans(page.read_text()) if span.startswith("--") for word in span.split() if word.startswith("--")}
    assert {word.partition("=")[0] for word in named} - _all_options() - FOREIGN_OPTIONS == set()


def test_an_unknown_command_and_an_unknown_option_are_found():
    """The look-up above tells wrong from right."""
    assert _unknown_in(["data", "describe", "D", "--out", "PAGE"]) == []
    assert _unknown_in(["data", "descibe", "D"]) == ["data descibe"]
    assert _unknown_in(["run", "--mehods", "ours"]) == ["run: --mehods"]
    assert list(_written("```\nX=1 adis-bench run --seed 1 # why\n```\nand `adis-bench list\npresets`")) == [
        ["run", "--seed", "1"],
        ["list", "presets"],
    ]
