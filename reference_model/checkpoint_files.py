"""Files of networks that others trained: read as tables of weights, and brought under our names."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from torch import Tensor, nn
from torch.serialization import safe_globals

from adis_bench.errors import WeightsError
from adis_bench.state_dicts import compare, read_table, shapes_built, shapes_of, unusable_entries

Entries = Mapping[str, tuple[str, tuple[int, ...]]]
"""Another's name of each entry of a network, with our name and the shape."""


def read_state(path: Path, key: str | None = None, unused: tuple[str, ...] = ()) -> dict[str, Tensor]:
    """Entries of a checkpoint by their released names, without a leading ``module.`` and without fixed buffers.

    Args:
        path: the file.
        key: where a training's dictionary has the table among other things; a file of the table alone is taken, too.
        unused: beginnings of names that nobody will use: their values aren't checked.

    Raises:
        WeightsError: no file there, or no plain table of weights.
    """
    # A training's dictionary holds its optimiser and options, too.
    content = _opened(path, _STANDS_FOR if key else ())
    state = content.get(key, content) if isinstance(content, Mapping) else content
    if not isinstance(state, Mapping) or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in state.items()):
        raise WeightsError(
            f"{path} holds a {type(state).__name__}, not a table of weights by name; give the file that its authors published"
        )
    named = {full.removeprefix("module."): value for full, value in state.items()}
    if unusable := unusable_entries({name: value for name, value in named.items() if not name.startswith(unused)}):
        raise WeightsError(f"{path}: {unusable}")
    return {name: value for name, value in named.items() if not is_fixed(name)}


class _Opaque:
    """Stands for a class that a file names: takes what it would be made of, keeps nothing, does nothing."""

    def __new__(cls, *_: Any) -> Self:
        """Make one of anything."""
        return super().__new__(cls)

    def __setstate__(self, _: Any) -> None:
        """Forget what it would be filled with."""


_STANDS_FOR = (
    "argparse.Namespace",  # a training's options: SeLaVi's save_checkpoint (utils.py) puts them beside the weights
    # A number that numpy computed, such as a scheduled learning rate in an optimiser's state: its maker under
    # both of its names, and its type.
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "numpy.dtype",
)
"""Classes that a training's dictionary may name beside its tensors.

Not even these are made: ``_Opaque`` stands in for them, so that opening a file runs no code but torch's and that of two
empty methods (numpy's own would parse what the file says of a type's layout). The weights are tensors, so nothing is lost.
"""


def _opened(path: Path, allowed: tuple[str, ...]) -> Any:
    """What a file holds; classes other than torch's tables and tensors only where they are allowed, and then opaque."""
    if not path.is_file():
        raise WeightsError(f"no checkpoint at {path}")
    with path.open("rb") as stream:
        start = stream.read(64).lstrip().lower()
    if not start or start.startswith((b"<!doctype", b"<html")):
        raise WeightsError(f"{path} is {'a web page' if start else 'empty'}, not a checkpoint; download it again")
    try:
        with safe_globals([(_Opaque, name) for name in allowed]):
            return read_table(path)
    except Exception as error:  # torch raises many kinds for a damaged file, and one for code in a pickle
        if refused := re.search(r"GLOBAL (\S+)", str(error)):
            raise WeightsError(f"{path} holds more than weights ({refused[1]}) and is not opened: such a file can run code") from error
        raise WeightsError(
            f"{path} cannot be read as a table of weights ({type(error).__name__}): it is damaged, or holds more than weights, "
            "which is not opened because such a file can run code"
        ) from error


def entries_of(build: Callable[[], nn.Module], names: Mapping[str, str]) -> Entries:
    """A network's entries by the names that another implementation gives them.

    Args:
        build: makes the network.
        names: beginnings of the other's names, with those of ours.
    """
    found = {}
    for name, shape in shapes_built(build).items():
        if not is_fixed(name):
            theirs, ours = next((t, o) for t, o in names.items() if name.startswith(f"{o}."))
            found[theirs + name.removeprefix(ours)] = (name, shape)
    return found


def translated(state: Mapping[str, Tensor], expected: Entries, path: Path, what: str) -> dict[str, Tensor]:
    """A checkpoint's entries under our names.

    Raises:
        WeightsError: not exactly the entries that are expected of ``what``.
    """
    if difference := compare({name: shape for name, (_, shape) in expected.items()}, shapes_of(state)):
        raise WeightsError(f"{path} is not {what}: {difference}")
    return {expected[name][0]: value for name, value in state.items()}


def is_fixed(name: str) -> bool:
    """Buffers that hold no weights: blur filters, the STFT's kernels, counters."""
    return name.startswith("stft.") or name.endswith((".filt", "num_batches_tracked"))
