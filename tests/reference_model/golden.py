"""The release's numbers, which lie beside a checkout of the project (never in it), and its weights, made by rule."""

import json
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

FOLDER = Path(__file__).parents[3] / "shared" / "golden" / "avstyle"
SEED = 20220510
"""Source: the golden data's README."""
needs_golden = pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared golden data of the release is not beside this checkout")


@cache
def shapes() -> dict[str, dict[str, tuple[int, ...]]]:
    """Per network of the release the names and shapes of its checkpoint's entries."""
    table = json.loads((FOLDER / "shapes.json").read_text())
    return {kind: {name: tuple(shape) for name, shape in entries.items()} for kind, entries in table.items()}


def state(kind: str) -> dict[str, Tensor]:
    """The golden weights of one network under the release's names."""
    made = {}
    for name, shape in shapes()[kind].items():
        rng = np.random.default_rng([SEED, zlib.crc32(f"{kind}.{name}".encode())])
        if name.endswith("running_var") or (name.endswith("weight") and len(shape) == 1):
            value = rng.uniform(0.5, 1.5, shape)
        elif len(shape) >= 2:
            value = rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
        else:
            value = 0.1 * rng.standard_normal(shape)
        made[name] = torch.from_numpy(value.astype(np.float32))
    return made


@cache
def reference() -> dict[str, NDArray[np.float64]]:
    """Inputs and results of the release's own code."""
    with np.load(FOLDER / "reference.npz") as file:
        return {name: file[name] for name in file.files}
