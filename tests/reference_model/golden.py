"""Numbers of the original implementations, which lie beside a checkout of the project (never in it), and weights made by rule."""

import json
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor

from reference_model.objective import Objective, TrainBatch
from reference_model.settings import TrainerSettings
from reference_model.trainer import Players

FOLDER = Path(__file__).parents[3] / "shared" / "golden"
SEED = 20220510
"""Source: the golden data's README."""
needs_golden = pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared golden data of the release is not beside this checkout")


@cache
def shapes(model: str = "avstyle") -> dict[str, dict[str, tuple[int, ...]]]:
    """Per network of the release, of ``cut`` or of ``cyclegan`` the names and shapes of its checkpoint's entries."""
    table = json.loads((FOLDER / model / "shapes.json").read_text())
    return {kind: {name: tuple(shape) for name, shape in entries.items()} for kind, entries in table.items()}


def state(kind: str, model: str = "avstyle") -> dict[str, Tensor]:
    """The golden weights of one network under its original names."""
    made = {}
    for name, shape in shapes(model)[kind].items():
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
def reference(model: str = "avstyle") -> dict[str, NDArray[np.float64]]:
    """Inputs and results of the original code."""
    with np.load(FOLDER / model / "reference.npz") as file:
        return {name: file[name] for name in file.files}


def steps(objective: Objective, trainer: TrainerSettings, batch: TrainBatch, n: int = 3) -> Iterator[dict[str, float]]:
    """Updates by the product's objective and optimisers on one batch: each step's losses, and each player's total by its name."""
    fabric = Fabric(accelerator="cpu", devices=1)
    players = Players(objective, trainer, fabric)
    for _ in range(n):
        row: dict[str, float] = {}
        for player, total, parts in objective.losses(batch):
            players.optimisers[player].zero_grad(set_to_none=True)
            fabric.backward(total)
            players.optimisers[player].step()
            row |= {player: total.item(), **{name: value.item() for name, value in parts.items()}}
        yield row


def norm(x: Tensor | None) -> float:
    """Euclidean norm, in float64."""
    assert x is not None
    return x.detach().double().norm().item()
