"""What commands of this package read alike."""

from collections.abc import Sequence


def named(given: Sequence[str]) -> tuple[str, ...]:
    """Names from an option that can be repeated and hold several with commas, each once."""
    return tuple(dict.fromkeys(name.strip() for text in given for name in text.split(",") if name.strip()))
