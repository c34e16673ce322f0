"""The training loop of every trainable method; its only variable part is the objective."""

import csv
import time
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from adis_bench.errors import WeightsError
from adis_bench.files import atomic_path
from adis_bench.progress import Bar, bar
from reference_model.data import Batches
from reference_model.objective import Objective, TrainBatch
from reference_model.settings import TrainerSettings

CHECKPOINT_NAME = "checkpoint.pt"
LOG_NAME = "losses.csv"
LOG_STEPS = 25


def train(
    objective: Objective, batches: Batches, settings: TrainerSettings, folder: Path, *, device: str, precision: str, name: str
) -> list[dict[str, float]]:
    """Train to the end, going on from the checkpoint in ``folder`` where there is one.

    Returns the log: one row of losses per ``LOG_STEPS`` steps. Afterwards ``objective.inference`` holds the
    averaged weights (where ``ema_decay`` asks for them). Going on after a kill gives the same weights, bit
    for bit, with the same number of threads.

    Raises:
        WeightsError: the checkpoint is damaged or of another model.
    """
    networks = objective.networks.to(device).to(memory_format=torch.channels_last).train()
    optimisers = _optimisers(objective, settings)
    average = _Average(objective.inference, settings.ema_decay)
    start, log = _resume(folder / CHECKPOINT_NAME, networks, optimisers, average)
    with bar(f"train {name}", settings.steps) as running:
        running.advance(start)
        began = time.monotonic()
        for step in range(start, settings.steps):
            _set_rate(optimisers, learning_rate(step, settings), settings.discriminator_rate)
            losses = _step(objective, _moved(batches(step), device), optimisers, precision)
            average.update(step)
            if (step + 1) % LOG_STEPS == 0 or step + 1 == settings.steps:
                log.append({"step": step + 1, **{k: round(v.item(), 5) for k, v in losses.items()}})
                _note(running, log[-1], (step + 1 - start) * settings.batch_size / (time.monotonic() - began))
            running.advance()
            if (step + 1) % settings.checkpoint_steps == 0 and step + 1 < settings.steps:
                _save_checkpoint(folder, step + 1, networks, optimisers, average, log)
    average.apply()
    networks.eval()
    _write_log(folder / LOG_NAME, log)
    return log


def learning_rate(step: int, settings: TrainerSettings) -> float:
    """Constant, then falling linearly to zero. Source: protocol.md A.2 / B.1 row 2 (the appendix's ending)."""
    begin = settings.decay_from * settings.steps
    return settings.learning_rate * min(1.0, (settings.steps - step) / max(settings.steps - begin, 1.0))


def _optimisers(objective: Objective, settings: TrainerSettings) -> list[torch.optim.Adam]:
    """The discriminator's and the generator's, in the order of ``Objective.losses``."""
    discriminator = list(objective.discriminator_parameters())
    ids = {id(p) for p in discriminator}
    rest = [p for p in objective.networks.parameters() if id(p) not in ids]
    return [torch.optim.Adam(group, settings.learning_rate, (settings.beta1, 0.999)) for group in (discriminator, rest)]


def _set_rate(optimisers: list[torch.optim.Adam], rate: float, discriminator_share: float) -> None:
    for optimiser, share in zip(optimisers, (discriminator_share, 1.0), strict=True):
        for group in optimiser.param_groups:
            group["lr"] = share * rate


def _moved(batch: TrainBatch, device: str) -> TrainBatch:
    moved = {f.name: getattr(batch, f.name).to(device, non_blocking=True) for f in fields(batch) if f.name != "generator"}
    return replace(batch, **moved)


def _step(objective: Objective, batch: TrainBatch, optimisers: list[torch.optim.Adam], precision: str) -> dict[str, Tensor]:
    """One update of the discriminator, then one of the generator."""
    found: dict[str, Tensor] = {}
    device = batch.source.device.type
    losses = objective.losses(batch)
    for optimiser in optimisers:
        with torch.autocast(device, torch.bfloat16, enabled=precision == "bf16"):
            total, parts = next(losses)
        optimiser.zero_grad(set_to_none=True)
        # The generator's loss also reaches the discriminator's weights: those gradients are thrown away
        # by the next zero_grad, as in the release.
        torch.autograd.backward(total)
        optimiser.step()
        found |= {name: value.detach() for name, value in parts.items()}
    return found


def _note(running: Bar, row: dict[str, float], rate: float) -> None:
    running.note(" ".join(f"{k} {v:.3f}" for k, v in row.items() if k != "step") + f" · {rate:.0f} images/s")


class _Average:
    """Exponential average of the inference networks; early steps weigh less, so that it warms up."""

    def __init__(self, live: nn.Module, decay: float) -> None:
        self._live, self._decay = live, decay
        self.weights = [p.detach().clone() for p in live.parameters()] if decay else []

    def update(self, step: int) -> None:
        if self.weights:
            decay = min(self._decay, (1 + step) / (10 + step))
            torch._foreach_lerp_(self.weights, [p.detach() for p in self._live.parameters()], 1 - decay)

    def apply(self) -> None:
        with torch.no_grad():
            for parameter, value in zip(self._live.parameters(), self.weights, strict=False):
                parameter.copy_(value)


def _save_checkpoint(
    folder: Path, step: int, networks: nn.Module, optimisers: list[torch.optim.Adam], average: _Average, log: list[dict[str, float]]
) -> None:
    state = {
        "step": step,
        "networks": networks.state_dict(),
        "optimisers": [o.state_dict() for o in optimisers],
        "average": average.weights,
        "log": log,
    }
    with atomic_path(folder / CHECKPOINT_NAME) as path:
        torch.save(state, path)


def _resume(path: Path, networks: nn.Module, optimisers: list[torch.optim.Adam], average: _Average) -> tuple[int, list[dict[str, float]]]:
    if not path.is_file():
        return 0, []
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        networks.load_state_dict(state["networks"])
        for optimiser, saved in zip(optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        for mine, saved in zip(average.weights, state["average"], strict=True):
            mine.copy_(saved)
        return int(state["step"]), list(state["log"])
    except Exception as error:  # torch raises many kinds for a damaged or foreign file
        raise WeightsError(f"{path} is damaged or of another model ({type(error).__name__}); delete it to train from the start") from error


def _write_log(path: Path, log: list[dict[str, float]]) -> None:
    if not log:
        return
    with atomic_path(path) as temporary, temporary.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(log[0]))
        writer.writeheader()
        writer.writerows(log)


def forget_checkpoint(folder: Path) -> None:
    """Remove the checkpoint of a finished training."""
    with suppress(FileNotFoundError):
        (folder / CHECKPOINT_NAME).unlink()
