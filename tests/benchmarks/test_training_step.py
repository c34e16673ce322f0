"""One training step of the released model at 256 px: ours in float32 and bf16, against the straightforward one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

VARIANTS = ["straightforward", "straightforward, memory kept", "ours, float32", "ours, bf16"]
ROUNDS = 3
STRUCTURE = ("D_real", "D_fake", "G_GAN", "NCE", "NCE_Y")
first_losses: dict[str, dict[str, float]] = {}


class Worker:
    """A process of its own that steps on demand."""

    def __init__(self, variant: str) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.step_worker", variant]
        root = Path(__file__).parents[2]
        self.process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.facts: dict[str, float] = json.loads(self.process.stdout.readline())

    def step(self) -> dict[str, float]:
        """One step, with its own time, the most memory so far, and its losses."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.mark.parametrize("variant", VARIANTS)
def test_step(benchmark, variant: str):
    """Seconds, GFLOP, share of the measured peak and memory; the first step's losses are those of the straightforward one."""
    benchmark.group = "training step, 256 px, one pair"
    worker = Worker(variant)
    try:
        told = benchmark.pedantic(worker.step, rounds=ROUNDS, warmup_rounds=2)
        facts = worker.facts
        best = benchmark.stats.stats.min
        rate = facts["gflop"] / best
        benchmark.extra_info |= {
            "GFLOP": round(facts["gflop"]),
            "GFLOP/s": round(rate),
            "share of peak": round(rate / facts["peak_gflop_per_s"], 3),
            "memory GiB": round(told["memory_gib"], 2),
        }
        sys.stdout.write(f"\n{variant}: {best:.2f} s, {json.dumps(benchmark.extra_info)}\n")
    finally:
        worker.process.kill()
        worker.process.wait()
    first_losses[variant] = {name: facts[name] for name in STRUCTURE}
    reference = first_losses.get("straightforward")
    if reference is not None:
        assert first_losses[variant] == pytest.approx(reference, rel=0.02 if variant.endswith("bf16") else 1e-4, abs=1e-5)
