"""Files of networks that others trained: read as tables of weights, and brought under our names."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from adis_bench.errors import WeightsError
from adis_bench.state_dicts import compare, read_table, shapes_of, unusable_entries

Entries = Mapping[str, tuple[str, tuple[int, ...]]]
"""Another's name of each entry of a network, with our name and the shape."""


def read_state(path: Path) -> dict[str, Tensor]:
    """Entries of a checkpoint by their released names, without a leading ``module.`` and without fixed buffers.

    Raises:
        WeightsError: no file there, or no plain table of weights.
    """
    if not path.is_file():
        raise WeightsError(f"no checkpoint at {path}")
    with path.open("rb") as stream:
        start = stream.read(64).lstrip().lower()
    if not start or start.startswith((b"<!doctype", b"<html")):
        raise WeightsError(f"{path} is {'a web page' if start else 'empty'}, not a checkpoint; download it again")
    try:
        state = read_table(path)
    except Exception as error:  # torch raises many kinds for a damaged file, and one for code in a pickle
        raise WeightsError(
            f"{path} cannot be read as a table of weights ({type(error).__name__}): it is damaged, or holds more than weights, "
            "which is not opened because such a file can run code"
        ) from error
    if not isinstance(state, Mapping) or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in state.items()):
        raise WeightsError(f"{path} holds a {type(state).__name__}, not a table of weights by name; give the release's *_net_*.pth files")
    if unusable := unusable_entries(state):
        raise WeightsError(f"{path}: {unusable}")
    return {name: value for full, value in state.items() if not _is_fixed(name := full.removeprefix("module."))}


def entries_of(build: Callable[[], nn.Module], names: Mapping[str, str]) -> Entries:
    """A network's entries by the names that another implementation gives them.

    Args:
        build: makes the network.
        names: beginnings of the other's names, with those of ours.
    """
    with torch.device("meta"):  # names and shapes only, no memory
        network = build()
    found = {}
    for name, value in network.state_dict().items():
        if not _is_fixed(name):
            theirs, ours = next((t, o) for t, o in names.items() if name.startswith(f"{o}."))
            found[theirs + name.removeprefix(ours)] = (name, tuple(value.shape))
    return found


def translated(state: Mapping[str, Tensor], expected: Entries, path: Path, what: str) -> dict[str, Tensor]:
    """A checkpoint's entries under our names.

    Raises:
        WeightsError: not exactly the entries that are expected of ``what``.
    """
    if difference := compare({name: shape for name, (_, shape) in expected.items()}, shapes_of(state)):
        raise WeightsError(f"{path} is not {what}: {difference}")
    return {expected[name][0]: value for name, value in state.items()}


def _is_fixed(name: str) -> bool:
    """Buffers that hold no weights: blur filters, the STFT's kernels, counters."""
    return name.startswith("stft.") or name.endswith((".filt", "num_batches_tracked"))
