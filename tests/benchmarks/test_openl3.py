"""OpenL3's speed as a share of what convolutions reach on this machine, front end included; a plain network beside it."""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from adis_bench.extractors.openl3 import OpenL3Audio, OpenL3Image
from adis_bench.extractors.openl3_network import INPUT_SIZES
from adis_bench.extractors.openl3_pixels import pixels
from adis_bench.extractors.openl3_sound import spectrograms, windows
from reference_model.meter import peak_flop_per_s
from tests.extractors.openl3_plain import plain_features, random_layers, write_layers

ROUNDS = 5
N_ITEMS = {"audio": 26, "image": 16}
"""Windows of a 3-s segment at hop 0.1 s, and images of 256 px."""
LAYERS = {tower: random_layers(tower) for tower in N_ITEMS}
ENOUGH = {"plain": 0.0, "float32": 0.6, "bf16": 0.35}
"""Share of the peak that must be reached. Source: issue 4, "Speed", for float32; the figure for bf16 is the project's bar for CPUs."""


@dataclass(frozen=True)
class Job:
    """What is timed: from numpy to numpy."""

    work: Callable[[], object]
    precision: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Both towers' files."""
    path = tmp_path_factory.mktemp("openl3")
    for tower, layers in LAYERS.items():
        write_layers(path / f"{tower}.h5", layers)
    return path


def gflop(tower: str) -> float:
    """GFLOP of all items: of the convolutions alone, counted by torch."""
    channels = LAYERS[tower][0][0].size
    with FlopCounterMode(display=False) as counter:
        plain_features(torch.zeros(1, channels, *INPUT_SIZES[tower]), LAYERS[tower], tower)
    return counter.get_total_flops() * N_ITEMS[tower] / 1e9


def made(folder: Path, tower: str, variant: str) -> Job:
    """A variant's job on noise."""
    rng = np.random.default_rng(0)
    sound = rng.uniform(-0.3, 0.3, 3 * 48_000).astype(np.float32)
    images = rng.integers(0, 256, (N_ITEMS["image"], 256, 256, 3), dtype=np.uint8)
    if variant == "plain":

        def plain() -> None:
            if tower == "audio":
                maps = spectrograms(torch.from_numpy(windows(sound).copy()))
            else:
                maps = torch.from_numpy(pixels(images)).permute(0, 3, 1, 2)
            for few in maps.split(8):
                plain_features(few, LAYERS[tower], tower)

        return Job(plain, "float32")
    if tower == "audio":
        audio = OpenL3Audio.from_h5(folder / "audio.h5", precision=variant)
        return Job(lambda: audio.embed(sound), variant)
    image = OpenL3Image.from_h5(folder / "image.h5", precision=variant)
    return Job(lambda: image.embed(images), variant)


@pytest.mark.parametrize("variant", ["plain", "float32", "bf16"])
@pytest.mark.parametrize("tower", list(N_ITEMS))
def test_openl3(benchmark, folder, tower: str, variant: str):
    """Float32 reaches 60 % of the convolution peak and bf16 35 % of its own, audio with its front end and images with their crop.

    Each round is held against the peak measured just before and just after it, and the median counts: where others
    take a core for a while, what is measured at nearly the same time can still be compared.
    """
    benchmark.group = f"OpenL3 {tower}, {N_ITEMS[tower]} {'windows' if tower == 'audio' else 'images'}"
    job, work = made(folder, tower, variant), gflop(tower)
    seconds: list[float] = []
    peaks: list[float] = []

    def timed() -> None:
        began = time.perf_counter()
        job.work()
        seconds.append(time.perf_counter() - began)

    def measure_peak() -> None:
        peak_flop_per_s.cache_clear()
        peaks.append(peak_flop_per_s(torch.device("cpu"), job.precision) / 1e9)

    job.work()
    benchmark.pedantic(timed, setup=measure_peak, rounds=ROUNDS)
    measure_peak()
    share = statistics.median(work / took / max(peaks[k : k + 2]) for k, took in enumerate(seconds))
    benchmark.extra_info |= {
        "GFLOP": round(work),
        "GFLOP/s": round(work / min(seconds)),
        "peak GFLOP/s": round(max(peaks)),
        "share of peak": round(share, 3),
        "items/s": round(N_ITEMS[tower] / min(seconds), 2),
    }
    sys.stdout.write(f"\n{benchmark.group}, {variant}: {benchmark.extra_info}\n")
    assert share >= ENOUGH[variant]
