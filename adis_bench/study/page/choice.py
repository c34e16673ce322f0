"""A page of words with buttons under them: go on, withdraw, keep or delete."""

from collections.abc import Sequence
from dataclasses import dataclass

from adis_bench.study.page.render import render_page
from adis_bench.study.records import Study


@dataclass(frozen=True, slots=True)
class Button:
    """A button that leads to ``action``; with a ``name`` it posts ``name=value`` there."""

    label: str
    action: str
    name: str = ""
    value: str = ""


def render_choice(study: Study, title: str, text: str, buttons: Sequence[Button]) -> str:
    """A page of words, as ``render_message``, with buttons; the first one stands out."""
    return render_page("choice.html.j2", study, "text", title=title, text=text, buttons=buttons)
