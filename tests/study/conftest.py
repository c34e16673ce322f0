"""A run to make studies of, without training: written by the product's own codec, in a second."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adis_bench.datasets.media import write_png, write_wav
from adis_bench.results import Results, read_results, write_results
from tests.reports.conftest import METHODS, SIDE, results_of

CLASSES = ("birds", "dirt", "gravel", "ocean", "rain", "snow", "speech", "stream")
PER_CLASS = 5
SOUND_S, RATE_HZ = 3, 8000


@dataclass(frozen=True)
class SmallRun:
    """A run's folder and its results."""

    folder: Path
    results: Results


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> SmallRun:
    """40 pairs, five of each class of sounds, with outputs of all methods and controls; read it, or copy it before changing anything."""
    base = tmp_path_factory.mktemp("small-run")
    folder, rng = base / "run", np.random.default_rng(5)
    times = np.arange(SOUND_S * RATE_HZ) / RATE_HZ
    for number, name in enumerate(CLASSES):
        for i in range(PER_CLASS):
            write_png(base / "frames" / f"{name}-{i}.png", rng.integers(0, 256, (SIDE + 16, SIDE + 32, 3), np.uint8))
            pitch = 200.0 * (1 + number) + 20 * i
            write_wav(base / "audio" / f"{name}-{i}.wav", (0.3 * np.sin(2 * np.pi * pitch * times)).astype(np.float32), RATE_HZ)
    rows = [_row(base, number) for number in range(len(CLASSES) * PER_CLASS)]
    for method in METHODS:
        for row in rows:
            write_png(folder / "outputs" / method / f"{row['pair_id']}.png", rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8))
    pq.write_table(pa.Table.from_pylist(rows), folder / "pairs.parquet")
    write_results(folder, results_of(folder, len(rows), {name: name for name in CLASSES}), [])
    return SmallRun(folder, read_results(folder))


def _row(base: Path, number: int) -> dict[str, str]:
    """A pair: sounds class by class, sources of the class before."""
    place, i = divmod(number, PER_CLASS)
    source, target = f"{CLASSES[place - 1]}-{i}", f"{CLASSES[place]}-{i}"
    return {
        "pair_id": f"{CLASSES[place - 1]}-to-{target}",
        "source_label": CLASSES[place - 1],
        "source_path": str(base / "frames" / f"{source}.png"),
        "source_group": source,
        "target_label": CLASSES[place],
        "target_audio_path": str(base / "audio" / f"{target}.wav"),
        "target_group": target,
    }
