"""The options of screening, for the commands that fix its rules and that try them out."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])
RULES = ("min_gold", "min_seconds", "max_same_order", "min_agreement")
"""Names of the parameters that ``screening_options`` adds; fields of ``ScreeningRules``."""
_HELP = {
    "min_gold": ("0.75", "least share of gold items answered right."),
    "min_seconds": ("4.0", "least median time on an item."),
    "max_same_order": ("0.8", "largest share of answers with one order of places."),
    "min_agreement": ("off", "least mean Kendall's tau with all others. It picks workers by the outcome: intervals no longer hold."),
}


def screening_options(function: Function) -> Function:
    """``--min-gold``, ``--min-seconds``, ``--max-same-order`` and ``--min-agreement``: a number each, or None for off."""
    for name in reversed(RULES):
        default, says = _HELP[name]
        option = f"--{name.replace('_', '-')}"
        decorate = click.option(
            option, callback=_number_or_off, metavar="NUMBER|off", default=default, show_default=True, help=f"Screening: {says}"
        )
        function = decorate(function)
    return function


def _number_or_off(context: click.Context, parameter: click.Parameter, value: str) -> float | None:
    if value.lower() == "off":
        return None
    try:
        return float(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is neither a number nor off", context, parameter) from None
