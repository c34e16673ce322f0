"""The header of a dataset, ``dataset.json``: it may come from anybody."""

from typing import Any

_TEXTS = ("name", "digest", "pairing")
_OBJECTS = ("recipe", "displays", "not_evaluated", "notes")
_OF_TEXTS = ("displays", "not_evaluated")


def checked_header(header: Any) -> dict[str, Any]:
    """The header, if its parts are of the kinds that all commands rely on.

    Args:
        header: the file's JSON.

    Raises:
        ValueError: another kind.
        KeyError: a part is missing.
    """
    if not isinstance(header, dict):
        raise ValueError("dataset.json holds no object")
    for name in _TEXTS:
        if not isinstance(header[name], str):
            raise ValueError(f"{name} in dataset.json is no text")
    for name in _OBJECTS:
        if not isinstance(header[name], dict):
            raise ValueError(f"{name} in dataset.json is no object")
    for name in _OF_TEXTS:
        if not all(isinstance(text, str) for text in header[name].values()):
            raise ValueError(f"{name} in dataset.json holds other things than texts")
    return header
