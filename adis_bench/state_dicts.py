"""Tables of weights by name, as anybody's file holds them: read without running code, and compared entry by entry."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

Shapes = Mapping[str, tuple[int, ...]]
N_NAMED = 10
"""Entries of each kind that a message about a foreign file names."""


def read_table(source: Path | BytesIO) -> Any:
    """What a file of weights holds; code in it isn't run, and torch's warnings about it aren't shown.

    Raises:
        Exception: many kinds, for a damaged file or one that holds more than weights.
    """
    with warnings.catch_warnings(action="ignore"):
        return torch.load(source, map_location="cpu", weights_only=True)


def shapes_of(state: Mapping[str, torch.Tensor]) -> dict[str, tuple[int, ...]]:
    """Shape by name."""
    return {name: tuple(value.shape) for name, value in state.items()}


def shapes_built(build: Callable[[], nn.Module]) -> dict[str, tuple[int, ...]]:
    """Shape by name of a network's weights, without the memory that they would take and without drawing them."""
    with torch.device("meta"), _Undrawn():
        return shapes_of(build().state_dict())


class _Undrawn(TorchFunctionMode):
    """Normal weights aren't drawn: on "meta" there is nothing to draw, and torch would import its compiler for it, for seconds."""

    def __torch_function__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        given = kwargs or {}
        if func in (torch.Tensor.normal_, nn.init.normal_):
            return args[0] if args else given["tensor"]
        return func(*args, **given)


def unusable_entries(state: Mapping[str, torch.Tensor]) -> str:
    """Which entries are no plain floating-point tables of finite numbers, counted, the first ones named; "" for none."""
    strange = [name for name, value in state.items() if not _is_plain(name, value)]
    if strange:
        kinds = ", ".join(f"{name} {state[name].dtype} {state[name].layout}" for name in strange[:N_NAMED]).replace("torch.", "")
        return f"{len(strange)} of {len(state)} entries are no dense floating-point weights ({kinds})"
    broken = [name for name, value in state.items() if not value.isfinite().all()]
    if broken:
        return f"{len(broken)} of {len(state)} entries hold values that are not finite ({_first(broken)})"
    negative = [name for name, value in state.items() if name.endswith("running_var") and (value < 0).any()]
    return f"{len(negative)} of {len(state)} entries hold negative variances ({_first(negative)})" if negative else ""


def _is_plain(name: str, value: torch.Tensor) -> bool:
    counts = name.endswith("num_batches_tracked")
    return value.layout == torch.strided and not value.is_meta and (value.is_floating_point() or counts)


def compare(expected: Shapes, found: Shapes) -> str:
    """What differs between the entries (name to shape) of two models, each kind counted, its first ones named; "" for nothing."""
    shared = expected.keys() & found.keys()
    kinds = (
        ("missing", len(expected), [f"{k} {list(v)}" for k, v in expected.items() if k not in found]),
        ("unexpected", len(found), [f"{k} {list(v)}" for k, v in found.items() if k not in expected]),
        (
            "of another shape",
            len(shared),
            [f"{k} {list(found[k])} for {list(v)}" for k, v in expected.items() if k in shared and found[k] != v],
        ),
    )
    return "; ".join(f"{len(names)} of {n} entries {kind} ({_first(names)})" for kind, n, names in kinds if names)


def _first(names: Sequence[str]) -> str:
    return ", ".join([*names[:N_NAMED], "..."] if len(names) > N_NAMED else names)
