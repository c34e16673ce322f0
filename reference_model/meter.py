"""What a training's step costs: FLOPs, memory, and the share of what the device can do."""

import math
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

import torch
import torch.nn.functional as F
from lightning_fabric import Fabric
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from reference_model.runtime import TrainingPrecision

DTYPES = {"float32": torch.float32, "bf16": torch.bfloat16, "float64": torch.float64}
ENOUGH_S = 0.01
"""A product that takes this long fills the device; the next larger one would only take longer."""
LARGEST_SIDE = 8192
MEASURING_S = 0.3


def synchronize(device: torch.device) -> None:
    """Wait until the device has done what it was told."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


@lru_cache
def peak_flop_per_s(device: torch.device, precision: TrainingPrecision) -> float:
    """FLOP/s of a large matrix product or a large convolution, whichever is faster, in the training's precision.

    Libraries differ: on some processors convolutions run at twice the rate of matrix products. The best of 0.3 s each,
    once per process. On CPUs with as many threads as torch uses here; on GPUs ``float32`` means TF32 where cuDNN may
    use it for convolutions (torch's default), since those are nearly all of the work.
    """
    before = torch.get_float32_matmul_precision()
    if device.type == "cuda" and torch.backends.cudnn.allow_tf32:
        torch.set_float32_matmul_precision("high")
    try:
        with torch.inference_mode():
            return max(_matrix_rate(device, DTYPES[precision]), _convolution_rate(device, DTYPES[precision]))
    finally:
        torch.set_float32_matmul_precision(before)


def _matrix_rate(device: torch.device, dtype: torch.dtype) -> float:
    side = 512
    while (took := _shortest_s(_product(side, device, dtype), device, 0.0)) < ENOUGH_S and side < LARGEST_SIDE:
        side *= 2
    return 2.0 * side**3 / min(took, _shortest_s(_product(side, device, dtype), device, MEASURING_S))


def _product(side: int, device: torch.device, dtype: torch.dtype) -> Callable[[], Tensor]:
    left, right = (_drawn(device, dtype, side, side) for _ in range(2))
    return lambda: left @ right


def _convolution_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Of a residual block's convolution: 3x3, 256 channels, 64x64 places, channels last."""
    n = 4 if device.type == "cpu" else 64
    maps = _drawn(device, dtype, n, 256, 64, 64).contiguous(memory_format=torch.channels_last)
    kernel = _drawn(device, dtype, 256, 256, 3, 3).contiguous(memory_format=torch.channels_last)
    return 2.0 * n * 64**2 * 256**2 * 9 / _shortest_s(lambda: F.conv2d(maps, kernel, padding=1), device, MEASURING_S)


def _drawn(device: torch.device, dtype: torch.dtype, *shape: int) -> Tensor:
    # A generator of its own: a training's random numbers must not depend on being measured.
    return torch.randn(*shape, device=device, dtype=dtype, generator=torch.Generator(device).manual_seed(0))


def _shortest_s(work: Callable[[], Tensor], device: torch.device, budget_s: float) -> float:
    """The shortest of as many runs as fit into a time, one at least; the first, which warms up, doesn't count."""
    work()
    shortest, end = math.inf, time.perf_counter() + budget_s
    while True:
        synchronize(device)
        began = time.perf_counter()
        work()
        synchronize(device)
        now = time.perf_counter()
        shortest = min(shortest, now - began)
        if now > end:
            return shortest


def peak_memory_gib(device: torch.device) -> float:
    """GiB: on a GPU the most that tensors have taken; else the most that the process has held, its cached images too."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**30
    # Linux counts in KiB, macOS in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**30 if sys.platform == "darwin" else 2**20)


class Meter:
    """FLOPs of a step and what share of the peak they make; all processes do equal work on equal devices.

    Attributes:
        peak_flop_per_s: of this process's device.
        flop_per_step: of all processes together, counted by torch's FlopCounterMode while the first step runs
            (matrix products and convolutions; the rest is little); None before, and where nothing was counted.
    """

    def __init__(self, fabric: Fabric, precision: TrainingPrecision) -> None:
        self._n_processes = fabric.world_size
        self._counted = False
        self.peak_flop_per_s = peak_flop_per_s(fabric.device, precision)
        self.flop_per_step: float | None = None
        if fabric.device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(fabric.device)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Around each step: counts the first one, and costs the others nothing."""
        if self._counted:
            yield
            return
        with FlopCounterMode(display=False) as counter:
            yield
        self._counted = True
        self.flop_per_step = float(counter.get_total_flops() * self._n_processes) or None

    def share_of_peak(self, steps_per_s: float) -> float | None:
        """The rate of these steps as a share of all processes' peak, 0 to 1."""
        if self.flop_per_step is None:
            return None
        return self.flop_per_step * steps_per_s / (self.peak_flop_per_s * self._n_processes)
