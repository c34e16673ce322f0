"""Small pieces of sentences that every report writes alike."""

from collections.abc import Sequence

from adis_bench.results.score_text import listed as listed
from adis_bench.results.score_text import p_text as p_text

NAMED = 4
"""Ours: names that one sentence lists; more are a list to be skipped."""


def some(names: Sequence[str], what: str = "others") -> str:
    """The names, or only their number where they are more than ``NAMED``."""
    return listed(names) if len(names) <= NAMED else f"{len(names)} {what}"


def capital(text: str) -> str:
    """The text as the beginning of a sentence; what follows keeps its case."""
    return text[:1].upper() + text[1:]
