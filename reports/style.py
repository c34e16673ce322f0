"""One palette and one order of methods for every table and figure of a report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adis_bench.results import MethodRecord
from adis_bench.spec import CONTROLS, ORACLE

CONTROL_ORDER = (*CONTROLS, ORACLE)
"""Controls lead every table: the ceiling, the floor, chance, and what a metric blind to the source would praise."""

REFERENCES = ("identity", "shuffled")
"""The controls that every method is compared with, pair by pair."""


@dataclass(frozen=True, slots=True)
class Color:
    """A colour on light and on dark ground, as lower-case hex."""

    light: str
    dark: str


# Okabe and Ito's colour-blind safe set (jfly.uni-koeln.de/color), darkened on white and lightened on
# black until each has a contrast of at least 3 : 1 to its ground (WCAG 2.1, 1.4.11).
METHOD_COLORS = (
    Color("#0072b2", "#5ab6ec"),
    Color("#c85400", "#ff9155"),
    Color("#00855f", "#35c79c"),
    Color("#b3578c", "#e59cc7"),
    Color("#9a6b00", "#eec04d"),
    Color("#5a5fc7", "#a3a8ff"),
)
CONTROL_COLOR = Color("#6a7380", "#98a2af")
INK = Color("#15191e", "#e7eaee")
MUTED = Color("#58626e", "#a3adb8")
LINE = Color("#dfe3e8", "#2b323a")
GROUND = Color("#ffffff", "#14181d")
PANEL = Color("#f6f7f9", "#1b2026")
GOOD = Color("#0a6b4f", "#5ed3ab")
BAD = Color("#a8380b", "#ffa077")

_NAMED = {"ink": INK, "muted": MUTED, "line": LINE, "ground": GROUND, "panel": PANEL, "good": GOOD, "bad": BAD, "control": CONTROL_COLOR}


def ordered(methods: Iterable[MethodRecord]) -> tuple[MethodRecord, ...]:
    """Controls first, in their fixed order, then the methods as they were asked for."""
    return tuple(sorted(methods, key=lambda m: _place(m.label, m.control)))


def ordered_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """The same order where only labels are known: those of controls first."""
    return tuple(sorted(labels, key=lambda label: _place(label, label in CONTROL_ORDER)))


def _place(label: str, control: bool) -> tuple[bool, int]:
    known = label in CONTROL_ORDER
    return not control, (CONTROL_ORDER.index(label) if known else len(CONTROL_ORDER)) if control else 0


def tones(methods: Sequence[MethodRecord]) -> dict[str, str]:
    """The name of every method's colour (``control``, ``m0``, ``m1`` ...), by label; more methods than colours share."""
    return label_tones([m.label for m in methods], [m.label for m in methods if m.control])


def label_tones(labels: Sequence[str], controls: Sequence[str] = CONTROL_ORDER) -> dict[str, str]:
    """The same where only labels are known."""
    asked = [label for label in labels if label not in controls]
    named = {label: f"m{place % len(METHOD_COLORS)}" for place, label in enumerate(asked)}
    return {label: named.get(label, "control") for label in labels}


def color(tone: str) -> Color:
    """The colour of a tone that ``tones`` gave, or of a named part of the page (``ink``, ``line`` ...)."""
    return _NAMED[tone] if tone in _NAMED else METHOD_COLORS[int(tone[1:])]


def css_variables() -> str:
    """The palette as CSS custom properties, light by default, dark where the reader's system asks for it."""
    every = _NAMED | {f"m{place}": value for place, value in enumerate(METHOD_COLORS)}
    light = "".join(f"--{name}:{value.light};" for name, value in every.items())
    dark = "".join(f"--{name}:{value.dark};" for name, value in every.items())
    # `screen`: paper is white, whatever the system's mode.
    return f":root{{color-scheme:light;{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}\n"


def darkened(svg: str) -> str:
    """The same drawing for dark ground: every colour of the light palette replaced by its dark one."""
    pairs = {value.light: value.dark for value in (*_NAMED.values(), *METHOD_COLORS)}
    parts = svg.split("#")
    return parts[0] + "".join(_swapped(part, pairs) for part in parts[1:])


def _swapped(part: str, pairs: dict[str, str]) -> str:
    found = pairs.get(f"#{part[:6]}")
    return f"{found}{part[6:]}" if found else f"#{part}"
