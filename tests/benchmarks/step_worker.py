"""A process that trains step by step when asked: its memory is its own, and so is how it takes memory.

``python -m tests.benchmarks.step_worker VARIANT``: for each line on stdin one step, for each step one JSON line on stdout.
"""

import json
import resource
import sys
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from adis_bench.environment import set_threads
from reference_model.allocator import keep_memory
from reference_model.audio import DiscriminatorPicture, audio_encoder
from reference_model.meter import peak_flop_per_s
from reference_model.objective import Contrastive, TrainBatch
from reference_model.released import NAMES
from reference_model.runtime import launched
from reference_model.settings import Settings
from reference_model.trainer import Players, _step
from tests.benchmarks.straightforward import Step

RESOLUTION, N_PAIRS = 256, 1
Row = dict[str, float]


def batch() -> TrainBatch:
    """One seeded batch of noise."""
    generator = torch.Generator().manual_seed(0)
    source, target = torch.rand(2, N_PAIRS, 3, RESOLUTION, RESOLUTION, generator=generator) * 2 - 1
    waveform = 0.2 * torch.randn(N_PAIRS, 48_000, generator=generator)
    return TrainBatch(source, target, None, waveform, patch_seed=0)


def objective() -> Contrastive:
    """The released model with seeded weights of unit scale.

    From the release's own initial weights (gain 0.02) gradients are so small that Adam's first step, which divides by
    them, makes whole steps of rounding: no two orders of summation would agree.
    """
    torch.manual_seed(0)
    made = Contrastive(Settings(), audio_encoder(Settings().network), DiscriminatorPicture(RESOLUTION))
    for player in made.players.values():
        for parameter in player.parameters():
            if parameter.ndim > 1:
                nn.init.normal_(parameter, std=parameter[0].numel() ** -0.5)
    return made


def straightforward() -> Callable[[], Row]:
    """The straightforward step, with our weights."""
    ours, step, data = objective(), Step(RESOLUTION), batch()
    parts = {"G": ours.made.generator, "D": ours.judge.net, "F": ours.made.sampler}
    for name, network in parts.items():
        assert isinstance(network, nn.Module)
        copied = {_released(name, key): value for key, value in network.state_dict().items()}
        missing = step.networks[name].load_state_dict(copied, strict=False).missing_keys
        assert all(key.endswith("filt") for key in missing)
    step.networks["Audio"].load_state_dict(ours.made.encoder.state_dict())
    return lambda: step(data)


def _released(kind: str, key: str) -> str:
    released, name = next((r, o) for r, o in NAMES[kind].items() if key.startswith(f"{o}."))
    return released + key.removeprefix(name)


def ours(precision: str) -> Callable[[], Row]:
    """The trainer's own step."""
    keep_memory()
    model, fabric = objective(), launched("cpu", precision)
    players = Players(model, Settings().trainer, fabric)
    data = batch()

    def step() -> Row:
        return {name: value.item() for name, value in _step(model, players, data, 1, fabric).items()}

    return step


def main(variant: str) -> None:
    """Say what the step costs in FLOPs (its first run), then step on demand."""
    set_threads()
    if variant == "straightforward, memory kept":
        keep_memory()
    precision = "bf16" if variant.endswith("bf16") else "float32"
    step = ours(precision) if variant.startswith("ours") else straightforward()
    with FlopCounterMode(display=False) as counter:
        losses = step()
    facts = {"gflop": counter.get_total_flops() / 1e9, "peak_gflop_per_s": peak_flop_per_s(torch.device("cpu"), precision) / 1e9}
    sys.stdout.write(json.dumps({**facts, **losses}) + "\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        began = time.perf_counter()
        losses = step()
        seconds = time.perf_counter() - began
        told = {"seconds": seconds, "memory_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, **losses}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
