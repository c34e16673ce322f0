"""Published weight files as tables of tensors, whatever they are packed in; no code in them is run."""

import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from torch.serialization import get_unsafe_globals_in_checkpoint, safe_globals

from adis_bench.errors import WeightsError
from adis_bench.state_dicts import Shapes, compare, read_table, shapes_of, unusable_entries


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """A weight file's tensors by dotted name; of a TorchScript archive the data alone are read.

    An archive is a zip file with a program and its objects. ``torch.jit.load`` would compile the program, and run what
    it attaches to loading; here its objects go through ``torch.load(weights_only=True)`` with every class of the
    program replaced by one that has attributes and no behaviour.

    Raises:
        WeightsError: not readable as either.
    """
    try:
        content = _objects_of(_without_program(path)) if zipfile.is_zipfile(path) else read_table(path)
    except Exception as error:  # torch raises many kinds for a damaged file
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise WeightsError(f"{path} is not readable as weights ({reason}); delete it and fetch it again") from error
    tensors = dict(_tensors(content))
    if not tensors:
        raise WeightsError(f"{path} holds no weights by name; fetch it again")
    return tensors


def refuse_others(path: Path, what: str, wanted: Shapes, found: Mapping[str, torch.Tensor]) -> None:
    """Refuse a file that doesn't hold exactly the weights of a network.

    Raises:
        WeightsError: weights are missing, unknown, of another shape or kind, or not finite; the first ones are named.
    """
    if problem := compare(wanted, shapes_of(found)) or unusable_entries(found):
        raise WeightsError(f"{path} is not {what}: {problem}; give the published file of this model")


def _objects_of(data: BytesIO) -> Any:
    classes = get_unsafe_globals_in_checkpoint(data)
    replaced: list[Any] = [(_Part, name) for name in classes if name.startswith("__torch__.")]
    replaced += [(_first, name) for name in classes if name.startswith("torch.jit._pickle.")]
    data.seek(0)
    with safe_globals(replaced):
        return read_table(data)


class _Part:
    """What an archive holds of one module: its attributes."""


def _first(value: Any, *_: Any) -> Any:
    """Stands for the functions that mark lists with their type: the list itself."""
    return value


def _without_program(path: Path) -> BytesIO:
    """A copy of a zip file without what makes it a TorchScript archive: its code and the code's constants.

    Only records that are stored as they are get copied, so that a few bytes can't become gigabytes.
    """
    copy = BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as data:
        for info in archive.infolist():
            inner = info.filename.partition("/")[2]
            if info.compress_type == zipfile.ZIP_STORED and inner != "constants.pkl" and not inner.startswith(("code/", "constants/")):
                data.writestr(info.filename, archive.read(info))
    copy.seek(0)
    return copy


def _tensors(content: Any) -> Iterator[tuple[str, torch.Tensor]]:
    """Every tensor with its dotted name; a part that is found twice, as in a circle, counts once."""
    waiting: list[tuple[str, Any]] = [("", content)]
    seen: set[int] = set()
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, torch.Tensor):
            yield name, value
        elif isinstance(value, _Part | Mapping) and id(value) not in seen:
            seen.add(id(value))
            inner = value if isinstance(value, Mapping) else vars(value)
            waiting += [(f"{name}.{key}" if name else str(key), part) for key, part in inner.items()]
