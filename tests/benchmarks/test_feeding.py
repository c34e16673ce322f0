"""Feeding a training: what one core decodes, enlarges, crops and flips, beside what one GPU would eat.

A step of the released settings takes 1.54 TFLOP per pair (two images and two sounds). Estimates, not measured: an A100
at 30 % of TF32's 156 TFLOP/s would train 30 pairs/s and eat 61 images/s, an H100 at 30 % of bf16's 989 TFLOP/s
193 pairs/s and 385 images/s, as docs/training.md has them (FLOPs counted, shares guessed: performance.md 1).
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from adis_bench.datasets.demo.world import make
from adis_bench.datasets.media import segment_audio
from adis_bench.datasets.records import Dataset
from reference_model import data
from reference_model.data import Batches
from reference_model.settings import NetworkSettings, TrainerSettings

RESOLUTION, BATCH = 256, 16
TFLOP_PER_PAIR = 1.54
EATEN = {"a100": 2 * 0.30 * 156 / TFLOP_PER_PAIR, "h100": 2 * 0.30 * 989 / TFLOP_PER_PAIR}
"""Images per second of one GPU, estimated (see above)."""


@pytest.fixture(autouse=True)
def one_thread():
    """Rates are per core."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """64 demo sounds with a JPEG each at 256 px (quality 90): smooth colours under fine noise, about 20 kB."""
    world = make(tmp_path_factory.mktemp("world"), n_train=64, n_judge=8, n_test=8).split("train")
    folder, rng = tmp_path_factory.mktemp("jpegs"), np.random.default_rng(0)
    return world.with_segments(replace(s, frame_paths=(photograph(folder / f"{s.segment_id}.jpg", rng),)) for s in world.segments)


def photograph(path: Path, rng: np.random.Generator) -> Path:
    """Write a picture that costs a decoder about what a photograph does."""
    smooth = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).resize((RESOLUTION, RESOLUTION), Image.Resampling.BICUBIC)
    noisy = np.asarray(smooth).astype(np.int16) + rng.integers(-12, 13, (RESOLUTION, RESOLUTION, 3))
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(path, quality=90)
    return path


@pytest.mark.parametrize("kept", [False, True], ids=["from JPEG and WAV files", "from memory"])
def test_one_core(kept: bool, benchmark, photographs: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of 16 pairs at 256 px, enlarged to 286 and cropped, with their sounds."""
    if not kept:
        monkeypatch.setattr(data, "CACHE_BYTES", 0)
    network = NetworkSettings()
    conditions = data.Conditions(lambda segments: data.sounds(segments, network))
    batches = Batches(photographs, conditions, RESOLUTION, TrainerSettings(batch_size=BATCH), seed=0)
    for step in range(8 if kept else 1):
        batches(step)

    def forget() -> None:
        if not kept:
            segment_audio.cache_clear()

    made = benchmark.pedantic(batches, (2,), setup=forget, rounds=15)
    assert made.source.shape == made.target.shape == (BATCH, 3, RESOLUTION, RESOLUTION)
    assert made.condition.shape == (BATCH, 48_000)
    if not benchmark.enabled:
        return
    rate = 2 * BATCH / benchmark.stats.stats.median
    benchmark.extra_info |= {"images_per_s_per_core": rate} | {
        f"cores_for_one_{gpu}_estimated": eaten / rate for gpu, eaten in EATEN.items()
    }
