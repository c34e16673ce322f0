"""What several packages' tests share: small datasets with real media, made in a temporary folder."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from adis_bench.datasets.media import write_png, write_wav
from adis_bench.datasets.records import Dataset, Segment
from adis_bench.files import digest_file
from adis_bench.results import Results

# No test may fail because the machine is busy, or because of the hour's random numbers.
settings.register_profile("adis_bench", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("adis_bench")

TINY_RATE_HZ = 8000
SPLITS = ("train", "judge", "test")


def _segment(root: Path, label: str, pitch_hz: float, split: str, number: int, side: int) -> Segment:
    name = f"{split}-{label}-{number}"
    rng = np.random.default_rng([SPLITS.index(split), int(pitch_hz), number])
    audio, frame = root / "audio" / f"{name}.wav", root / "frames" / f"{name}.png"
    times = np.arange(3 * TINY_RATE_HZ) / TINY_RATE_HZ
    noise = rng.normal(size=times.size)
    write_wav(audio, (0.4 * np.sin(2 * np.pi * pitch_hz * times) + 0.02 * noise).astype(np.float32), TINY_RATE_HZ)
    write_png(frame, rng.integers(0, 256, (side, side, 3), dtype=np.uint8))
    digests = digest_file(audio), (digest_file(frame),)
    return Segment(name, label, split, audio, digests[0], f"sound-{name}", (frame,), digests[1], (f"photo-{name}",), TINY_RATE_HZ)


@pytest.fixture
def tiny_dataset(tmp_path: Path) -> Callable[..., Dataset]:
    """Make a saved dataset of pure tones with noise images: ``tiny_dataset(labels=3, per_split=2)``."""

    def make(labels: int = 3, per_split: int = 2, side: int = 16) -> Dataset:
        root = tmp_path / "tiny"
        names = ["ocean", "rain", "stream", "gravel"][:labels]
        segments = [
            _segment(root, name, 400.0 * (k + 1), split, number, side)
            for k, name in enumerate(names)
            for split in SPLITS
            for number in range(per_split)
        ]
        dataset = Dataset(root, "tiny", {"kind": "test"}, "recorded", {name: name for name in names}, tuple(segments))
        dataset.save()
        return dataset

    return make


@dataclass(frozen=True)
class TinyRun:
    """A finished run of the tiny preset on the demo world, and the cache that it filled."""

    folder: Path
    cache: Path
    results: Results


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    """One run with a trained method; read it, or copy it before changing anything."""
    from adis_bench.pipeline import run
    from adis_bench.spec import Flags, resolve

    base = tmp_path_factory.mktemp("tiny-run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADIS_BENCH_CACHE", str(base / "cache"))
        outcome = run(resolve(Flags(preset="tiny", methods=("ours",), device="cpu", out=base / "run")), "adis-bench run --preset tiny")
    assert outcome.failures == ()
    return TinyRun(base / "run", base / "cache", outcome.results)
