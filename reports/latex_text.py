"""Text as LaTeX takes it: without meaning, and with a word on characters that pdflatex has no glyph for."""

import unicodedata

from adis_bench.printable import printable
from reports.findings import MINUS
from reports.table_record import FAILS

_GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega"
_CAPITALS = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
LATEX = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "{}$&#_%"},
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    MINUS: "$-$",
    "±": r"$\pm$",
    "\N{INFINITY}": r"$\infty$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≠": r"$\neq$",
    "≈": r"$\approx$",
    "·": r"$\cdot$",
    "µ": r"$\mu$",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "←": r"$\leftarrow$",
    "→": r"$\rightarrow$",
    "↔": r"$\leftrightarrow$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    **{unicodedata.lookup(f"GREEK SMALL LETTER {name.replace('lambda', 'lamda')}"): rf"$\{name}$" for name in _GREEK.split()},
    **{unicodedata.lookup(f"GREEK CAPITAL LETTER {name.replace('Lambda', 'Lamda')}"): rf"$\{name}$" for name in _CAPITALS.split()},
    # After a \\ they would be taken for a length and a star.
    "[": "{[}",
    "*": "{*}",
    FAILS: r"$^{\dagger}$",
}
"""What a character of a text becomes."""
PDFLATEX = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA1, 0x180)))) - frozenset("ĦħĸĿŀŉŦŧſ") | frozenset("\nȘșȚț‘’‚“”„†‡•‰‹›€™")
"""Characters that pdflatex has by itself with T1, all others are named: LaTeX's base, t1enc.dfu and ts1enc.dfu, as of 2020 and later."""
_MOST = 8
"""Ours: characters that are named; more would make no line."""


def to_latex_text(text: str) -> str:
    """Text without meaning to LaTeX, on one line; accents are put on their letters, and what LaTeX has as a command becomes one."""
    line = unicodedata.normalize("NFC", printable(" ".join(text.split())))
    return "".join(LATEX.get(character, character) for character in line)


def with_engine(source: str) -> str:
    """LaTeX with a comment in front that names the characters that pdflatex would stop at; without one where it has all.

    Args:
        source: whole lines of LaTeX.
    """
    lacking = sorted(set(source) - PDFLATEX)
    if not lacking:
        return source
    named = ", ".join(f"U+{ord(character):04X}" for character in lacking[:_MOST])
    more = f" and {len(lacking) - _MOST} more" if len(lacking) > _MOST else ""
    return (
        f"% has characters that pdflatex lacks ({named}{more}): take LuaLaTeX or XeLaTeX with fontspec and a font that has them\n{source}"
    )
