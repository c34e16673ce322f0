"""The loop of both ideas: seeded steps, a log beside the model, and a checkpoint that a killed run goes on from."""

import csv
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from adis_bench.errors import WeightsError
from adis_bench.files import atomic_path
from adis_bench.progress import bar
from reference_model.allocator import keep_memory
from reference_model.journal import LOG_NAME
from reference_model.pretraining.idea import Idea
from reference_model.pretraining.material import Batch, Material
from reference_model.pretraining.quality import quality
from reference_model.schedule import Schedule
from reference_model.settings import TrainerSettings
from reference_model.trainer import CHECKPOINT_NAME

BATCH_SIZE = 128
"""Source: descriptinc/lyrebird-wav2clip ab72f31, conf/distillation_args.yaml; SeLaVi's is 16 a GPU on 64 of them."""
LEARNING_RATE = 1e-3
"""Source: the same file."""
WEIGHT_DECAY = 1e-2
CHECKPOINT_STEPS = 250
N_LOOKS = 20
"""Rows of the log, spread over the steps: each one looks at the held-out segments."""


@dataclass(frozen=True, slots=True)
class Pupil:
    """One pretraining: what learns, from what, for how long, and where its files go.

    Attributes:
        idea: encoder and towers.
        material: what it learns from.
        held_out: segments that the log is about; None where there are none.
        steps: optimiser steps.
        seed: of every draw.
        folder: checkpoint and log lie here.
        recipe: digest of what determines the encoder; a checkpoint of another one is refused.
        name: what the progress bar calls it.
    """

    idea: Idea
    material: Material
    held_out: Material | None
    steps: int
    seed: int
    folder: Path
    recipe: str
    name: str


@dataclass(slots=True)
class Log:
    """How far a pretraining is, and what it said on the way.

    Attributes:
        step: steps that lie behind.
        rows: one before the first step and one each some steps: ``step``, mean ``loss`` since the last row, what the idea says,
            and the held-out segments' quality.
        losses: of the steps since the last row.
        told: what the idea said last.
    """

    step: int = 0
    rows: list[dict[str, float]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    told: dict[str, float] = field(default_factory=dict)

    def look(self, pupil: Pupil) -> None:
        """Add a row, and write all of them beside the model."""
        looked = quality(pupil.idea, pupil.held_out) if pupil.held_out is not None else {}
        loss = {"loss": float(np.mean(self.losses))} if self.losses else {}
        self.rows.append({"step": self.step, **loss, **self.told, **looked})
        self.losses = []
        names = list(dict.fromkeys(name for row in reversed(self.rows) for name in row))
        with atomic_path(pupil.folder / LOG_NAME) as temporary, temporary.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, names, restval="")
            writer.writeheader()
            writer.writerows(self.rows)


def learn(pupil: Pupil) -> list[dict[str, float]]:
    """Train to the end, going on from the folder's checkpoint; the log, one row each some steps.

    A killed run ends with the same bits as one that was not, on CPUs with the same number of threads.

    Raises:
        WeightsError: the checkpoint is damaged or of another recipe, or the training diverged.
    """
    idea, schedule = pupil.idea, Schedule(TrainerSettings(steps=pupil.steps, learning_rate=LEARNING_RATE, ending="zero"), 1)
    if idea.device.type == "cpu":
        keep_memory()
    optimiser = torch.optim.AdamW(idea.parameters(), weight_decay=WEIGHT_DECAY)
    log = _resume(pupil, optimiser)
    idea.train()
    if not log.step:
        log.look(pupil)
    with bar(f"pretrain {pupil.name}", pupil.steps) as running:
        running.advance(log.step)
        for step in range(log.step, pupil.steps):
            for group in optimiser.param_groups:
                group["lr"] = schedule.learning_rate(step)
            log.told |= idea.prepare(step, pupil.material)
            log.losses.append(_step(pupil, optimiser, step))
            log.step = step + 1
            running.advance()
            looks = log.step % max(1, pupil.steps // N_LOOKS) == 0 or log.step == pupil.steps
            saves = log.step % CHECKPOINT_STEPS == 0 and log.step < pupil.steps
            if looks or saves:
                _refuse_divergence(pupil, log)
            if looks:
                log.look(pupil)
                running.note(" ".join(f"{name} {value:.3g}" for name, value in log.rows[-1].items() if name != "step"))
            if saves:
                _save(pupil, optimiser, log)
    idea.eval()
    return log.rows


def _step(pupil: Pupil, optimiser: torch.optim.Optimizer, step: int) -> float:
    """One update; the loss."""
    batch, device = pupil.material.draw(BATCH_SIZE, np.random.default_rng([pupil.seed, 3, step])), pupil.idea.device
    loss = pupil.idea.loss(Batch(*(part.to(device) for part in (batch.rows, batch.pictures, batch.features, batch.belongs))))
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return float(loss.detach())


def _refuse_divergence(pupil: Pupil, log: Log) -> None:
    """Stop before values that are not finite are kept.

    Raises:
        WeightsError: a loss or a weight is not finite.
    """
    if not np.isfinite(log.losses).all() or not all(p.isfinite().all() for p in pupil.idea.parameters()):
        raise WeightsError(
            f"the pretraining {pupil.name} diverged by step {log.step}: a loss or weights are not finite; no encoder was made of it"
        )


def _save(pupil: Pupil, optimiser: torch.optim.Optimizer, log: Log) -> None:
    state = {"recipe": pupil.recipe, "idea": pupil.idea.state_dict(), "optimiser": optimiser.state_dict(), "log": asdict(log)}
    with atomic_path(pupil.folder / CHECKPOINT_NAME) as path:
        torch.save(state, path)


def _resume(pupil: Pupil, optimiser: torch.optim.Optimizer) -> Log:
    """What the folder's checkpoint holds, put into the networks and the optimiser; an empty log where there is none."""
    path = pupil.folder / CHECKPOINT_NAME
    if not path.is_file():
        return Log()
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        if state["recipe"] != pupil.recipe:
            raise WeightsError(f"{path} is of another recipe (data, settings, resolution or seed); choose another folder or delete it")
        pupil.idea.load_state_dict(state["idea"])
        optimiser.load_state_dict(state["optimiser"])
        return Log(**state["log"])
    except WeightsError:
        raise
    except Exception as error:  # torch raises many kinds for a damaged or foreign file
        raise WeightsError(f"{path} is damaged or of another model ({type(error).__name__}); delete it to train from the start") from error
