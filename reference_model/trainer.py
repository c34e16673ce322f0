"""The training loop of every trainable method; its only variable part is the objective."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from adis_bench.errors import WeightsError
from adis_bench.files import atomic_path
from adis_bench.progress import say
from reference_model.allocator import keep_memory
from reference_model.batch_norm import share_batch_statistics
from reference_model.data import Batches, Feed, default_workers, scaled
from reference_model.journal import Journal
from reference_model.objective import Loss, Objective, Player, TrainBatch
from reference_model.samples import Samples
from reference_model.settings import TrainerSettings
from reference_model.signals import STOPPING, Signals

CHECKPOINT_NAME = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Training:
    """One training: what is optimised, on which data, by which settings, and where its files go.

    Attributes:
        objective: networks and losses.
        batches: the data; knows how many steps there are.
        settings: of the trainer.
        folder: checkpoint, logs and samples lie here; the same one for all processes.
        name: what the progress bar calls it.
        recipe: digest of what determines the model; a checkpoint of another one is refused.
        workers: threads that feed this process; 0: ``default_workers()``.
    """

    objective: Objective
    batches: Batches
    settings: TrainerSettings
    folder: Path
    name: str
    recipe: str = ""
    workers: int = 0


class Players:
    """The networks as the optimisers see them: plain for files, wrapped for the loop."""

    def __init__(self, objective: Objective, settings: TrainerSettings, fabric: Fabric) -> None:
        """Puts the wrapped ones into ``objective.players``."""
        self.plain: dict[Player, nn.Module] = dict(objective.players)
        self.optimisers: dict[Player, torch.optim.Optimizer] = {}
        self._shares = {"D": settings.discriminator_rate, "G": 1.0}
        for name, player in self.plain.items():
            shared = share_batch_statistics(player.to(memory_format=torch.channels_last).train(), fabric)
            wrapped = fabric.setup_module(shared)
            objective.players[name] = wrapped
            adam = torch.optim.Adam(player.parameters(), settings.learning_rate, (settings.beta1, 0.999), fused=True)
            self.optimisers[name] = fabric.setup_optimizers(adam)  # type: ignore[assignment]

    def set_rate(self, rate: float) -> None:
        """The learning rate of a step, each player's by its share."""
        for name, optimiser in self.optimisers.items():
            for group in optimiser.param_groups:
                group["lr"] = self._shares[name] * rate

    def state(self) -> dict[str, Any]:
        """Networks and optimisers, without the wrappers' prefixes: any number of processes can go on from it."""
        return {
            "networks": {name: player.state_dict() for name, player in self.plain.items()},
            "optimisers": {name: optimiser.state_dict() for name, optimiser in self.optimisers.items()},
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """What ``state`` gave."""
        for name, player in self.plain.items():
            player.load_state_dict(state["networks"][name])
            self.optimisers[name].load_state_dict(state["optimisers"][name])


def train(training: Training, fabric: Fabric) -> list[dict[str, float]]:
    """Train to the end, going on from the checkpoint in the folder where there is one.

    Returns the log, one row of losses per some steps. Afterwards ``objective.inference`` holds the averaged
    weights (where ``ema_decay`` asks for them). Going on after a kill gives the same weights, bit for bit, on
    CPUs with the same number of threads. SIGTERM and SIGINT keep a checkpoint and end the process, SIGUSR1
    keeps one and goes on.

    Raises:
        WeightsError: the checkpoint is damaged or of another model, or the training diverged.
    """
    if fabric.device.type == "cpu":
        keep_memory()
    objective, settings, schedule = training.objective, training.settings, training.batches.schedule
    players = Players(objective, settings, fabric)
    average = _Average(objective.inference, settings.ema_decay)
    journal = Journal(training.folder, training.name, schedule, fabric)
    samples = Samples(objective.inference, training.batches, training.folder, fabric)
    start = _resume(training, players, average, journal)
    feed = Feed(training.batches, start, schedule.n_steps, training.workers or default_workers())
    with journal.open(start, feed), Signals() as signals:
        for step, batch in enumerate(feed, start):
            players.set_rate(schedule.learning_rate(step))
            with journal.meter.counting():
                losses = _step(objective, players, _placed(batch, fabric), settings.accumulate, fabric)
            average.update(step)
            journal.note(step, losses)
            journal.picture(step + 1, samples.after(step + 1))
            signal = signals.heard(fabric, step + 1)
            if signal or (step + 1) % settings.checkpoint_steps == 0 or step + 1 == schedule.n_steps:
                _refuse_divergence(training, step + 1, losses, players, fabric)
            if signal or ((step + 1) % settings.checkpoint_steps == 0 and step + 1 < schedule.n_steps):
                _save(training, step + 1, players, average, journal, fabric)
                if fabric.is_global_zero and signal:
                    say(f"checkpoint kept at step {step + 1} of {schedule.n_steps}: the same command goes on from there")
            if signal in STOPPING:
                journal.close()
                signals.obey(signal)
    average.apply()
    objective.players.update(players.plain)
    objective.inference.eval()
    return journal.rows


def _placed(batch: TrainBatch, fabric: Fabric) -> TrainBatch:
    """The batch on the device, images in [-1, 1], everything that is not an index in the training's precision."""
    moved = batch.mapped(fabric.to_device)
    moved = replace(moved, source=scaled(moved.source), target=scaled(moved.target))
    return moved.mapped(fabric.strategy.precision.convert_input)


def _step(objective: Objective, players: Players, batch: TrainBatch, n_parts: int, fabric: Fabric) -> dict[str, Tensor]:
    """One update of each player, in the objective's order.

    In several parts, each player's turn goes over all of them: the turns before it are computed again from
    the players that have moved since, which costs time, but no memory for what waits.
    """
    found: dict[str, Tensor] = {}
    whole = objective.losses(batch)
    for turn, name in enumerate(objective.players):
        players.optimisers[name].zero_grad(set_to_none=True)
        for index in range(n_parts):
            # Forward and backward: DDP decides in the forward pass whether gradients will be exchanged.
            with fabric.no_backward_sync(objective.players[name], enabled=index < n_parts - 1):  # type: ignore[arg-type]
                losses = whole if n_parts == 1 else _at_turn(objective.losses(batch.part(index, n_parts)), turn, fabric)
                with fabric.autocast():
                    _, total, parts = next(losses)
                fabric.backward(total / n_parts)
            for key, value in parts.items():
                found[key] = found.get(key, 0.0) + value.detach() / n_parts
        players.optimisers[name].step()
    return found


def _at_turn(losses: Iterator[Loss], turn: int, fabric: Fabric) -> Iterator[Loss]:
    """The same iterator, with the turns before ``turn`` behind it."""
    with fabric.autocast():
        for _ in range(turn):
            next(losses)
    return losses


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


def _refuse_divergence(training: Training, step: int, losses: Mapping[str, Tensor], players: Players, fabric: Fabric) -> None:
    """Stop before values that are not finite replace a checkpoint that is good.

    Raises:
        WeightsError: a loss or a weight is not finite, in whatever process.
    """
    weights = {f"weights of {name}": p.detach() for name, player in players.plain.items() for p in player.parameters()}
    broken = [name for name, value in {**losses, **weights}.items() if not value.isfinite().all()]
    n_broken = fabric.all_reduce(fabric.to_device(torch.tensor(float(len(broken)))), reduce_op="max")
    if float(cast(Tensor, n_broken)) == 0:
        return
    path = training.folder / CHECKPOINT_NAME
    kept = f"{path} is of before and stays" if path.is_file() else "no checkpoint was kept yet"
    raise WeightsError(
        f"the training diverged: at step {step} {', '.join(broken[:3]) or 'another process'} is not finite; {kept}; "
        "lower learning_rate, or train in float32"
    )


def _save(training: Training, step: int, players: Players, average: _Average, journal: Journal, fabric: Fabric) -> None:
    """One process writes, since all hold the same; none goes on before the file is there."""
    if fabric.is_global_zero:
        told = {"recipe": training.recipe, "step": step, "average": average.weights, "rows": journal.rows}
        state = {**told, **players.state()}
        with atomic_path(training.folder / CHECKPOINT_NAME) as path:
            torch.save(state, path)
        journal.write()
    fabric.barrier()


def _resume(training: Training, players: Players, average: _Average, journal: Journal) -> int:
    """Load the checkpoint where there is one; the number of steps that lie behind."""
    path = training.folder / CHECKPOINT_NAME
    if not path.is_file():
        return 0
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        if state["recipe"] != training.recipe:
            raise WeightsError(f"{path} is of another recipe (data, settings, resolution or seed); choose another folder or delete it")
        players.load(state)
        for mine, saved in zip(average.weights, state["average"], strict=True):
            mine.copy_(saved)
        journal.rows.extend(state["rows"])
        return int(state["step"])
    except WeightsError:
        raise
    except Exception as error:  # torch raises many kinds for a damaged or foreign file
        raise WeightsError(f"{path} is damaged or of another model ({type(error).__name__}); delete it to train from the start") from error


def forget_checkpoint(folder: Path) -> None:
    """Remove the checkpoint of a finished training."""
    with suppress(FileNotFoundError):
        (folder / CHECKPOINT_NAME).unlink()
