"""Options that several commands share; those of plug-in packages too."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def debug_option(function: Function) -> Function:
    """``--debug`` after the command's name too; ``main`` looks for it in the arguments."""
    return click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")(function)


def json_option(function: Function) -> Function:
    """``--json``: one object on stdout and nothing else."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout, and nothing else there.")(function)


def device_option(function: Function) -> Function:
    """``--device``."""
    return click.option("--device", default="auto", show_default=True, help="Torch device; auto takes a GPU where there is one.")(function)
