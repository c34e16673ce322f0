"""What each process of ``test_processes`` runs, and the test's own process as well: small trainings that keep their curves.

``torchrun processes_worker.py DATA OUT JOBS``: folder of a dataset, output folder, and a list of jobs as JSON.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from adis_bench.datasets.records import Dataset, Segment
from adis_bench.methods.protocol import MethodOptions
from baselines.cyclegan import CycleGAN
from reference_model.data import Batches, Conditions
from reference_model.objective import Loss, Objective, TrainBatch
from reference_model.ours import Ours
from reference_model.runtime import launched
from reference_model.trainer import Training, train

SETTINGS: Mapping[str, Any] = {
    "width": 4, "n_blocks": 1, "condition_size": 8, "antialias": False, "discriminator_width": 4, "discriminator_layers": 2,
    "steps": 10, "batch_size": 4, "n_patches": 16, "learning_rate": 1e-3, "training_precision": "float64", "checkpoint_steps": 5,
}  # fmt: skip
"""The release's audio encoder and discriminator (so that batch norm matters); all else small."""


class ShortOurs(Ours):
    """Hears a quarter second of each sound: ResNet18 in float64 is slow."""

    def conditions(self, segments: Sequence[Segment]) -> Tensor:
        """Waveforms float32 [N, 4000]."""
        return super().conditions(segments)[:, :4_000]


@dataclass
class Job:
    """One training: where it goes, what differs from ``SETTINGS``, and of which method."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    method: str = "ours"


class Recorded:
    """An objective that keeps the losses of every call."""

    def __init__(self, objective: Objective) -> None:
        self._objective, self.players, self.inference = objective, objective.players, objective.inference
        self.curve: list[dict[str, Tensor]] = []

    def losses(self, batch: TrainBatch) -> Iterator[Loss]:
        """The objective's own."""
        row: dict[str, Tensor] = {}
        self.curve.append(row)
        for loss in self._objective.losses(batch):
            row.update({name: value.detach() for name, value in loss.parts.items()})
            yield loss


def do(job: Job, data: Path, out: Path) -> None:
    """Train in ``out/name``; keep the curve as the mean over the processes, and all weights."""
    kind = {"ours": ShortOurs, "cyclegan": CycleGAN}[job.method]
    method = kind(MethodOptions(resolution=32, settings={**SETTINGS, **job.settings}))
    settings, dataset = method.settings.trainer, Dataset.open(data).split("train")
    method.prepare(dataset)
    fabric = launched("cpu", settings.training_precision)
    process = (fabric.global_rank, fabric.world_size)
    batches = Batches(dataset, Conditions(method.conditions, method.asks_for_sources), 32, settings, 0, process)
    recorded = Recorded(method._fresh_objective())
    train(Training(recorded, batches, settings, out / job.name, "ours", workers=1), fabric)
    curve = torch.tensor([[float(value) for value in row.values()] for row in recorded.curve if len(row) > 2])
    curve = fabric.all_reduce(curve.double(), reduce_op="mean")
    if fabric.is_global_zero:
        weights = {f"{name}.{k}": v for name, player in recorded.players.items() for k, v in player.state_dict().items()}
        torch.save({"curve": curve, "weights": weights}, out / job.name / "result.pt")
    fabric.barrier()


def main(data: str, out: str, jobs: str) -> None:
    """All jobs, one after the other."""
    torch.set_num_threads(1)
    for job in json.loads(jobs):
        do(Job(**job), Path(data), Path(out))


if __name__ == "__main__":
    main(*sys.argv[1:])
