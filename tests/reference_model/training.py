"""Short trainings for the tests of journal, meter and samples."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from adis_bench.datasets.records import Dataset
from adis_bench.methods.protocol import MethodOptions
from baselines.cut import Cut
from reference_model import trainer
from reference_model.data import Batches, Conditions
from reference_model.method import TrainedMethod
from reference_model.ours import Ours
from reference_model.runtime import launched
from reference_model.trainer import Training
from tests.reference_model.conftest import TINY

KINDS: Mapping[str, type[TrainedMethod]] = {"ours": Ours, "cut": Cut}


def training(world: Dataset, folder: Path, kind: str = "ours", **settings: Any) -> Training:
    """A tiny one at 64 px, freshly initialised from seed 0."""
    method = KINDS[kind](MethodOptions(resolution=64, settings={**TINY, **settings}))
    train = world.split("train")
    method.prepare(train)
    batches = Batches(train, Conditions(method.conditions), 64, method.settings.trainer, 0)
    return Training(method._fresh_objective(), batches, method.settings.trainer, folder, kind, workers=1)


def run(made: Training, fabric: Any = None) -> tuple[list[dict[str, float]], dict[str, torch.Tensor]]:
    """Train to the end: the log, and the weights of all networks."""
    rows = trainer.train(made, fabric or launched("cpu", made.settings.training_precision))
    players = made.objective.players
    return rows, {f"{name}.{key}": value for name, net in players.items() for key, value in net.state_dict().items()}


def run_and_die(made: Training, at: int, monkeypatch: Any) -> None:
    """Train, and be interrupted when ``at`` steps lie behind."""
    real, steps = trainer._step, []

    def dying(*args: Any) -> Any:
        steps.append(1)
        if len(steps) > at:
            raise KeyboardInterrupt
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "_step", dying)
        try:
            run(made)
        except KeyboardInterrupt:
            return
    raise AssertionError(f"was not interrupted at step {at}")


def equal(a: Mapping[str, torch.Tensor], b: Mapping[str, torch.Tensor]) -> bool:
    """Whether two sets of weights are the same, bit for bit."""
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
