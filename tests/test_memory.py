"""Memory of scoring."""

import subprocess
import sys
from pathlib import Path

import pytest


def peak_mib(n: int, folder: Path) -> float:
    """Of a process that embeds and scores ``n`` images."""
    folder.mkdir()
    command = [sys.executable, "-m", "tests.memory_worker", str(n), str(folder)]
    ended = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True)
    return float(ended.stdout)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """6,000 and 20,000 images take at most 10 % more than 1,000: moments and small vectors are kept, pictures are not."""
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / "cache"))
    peaks = {n: peak_mib(n, tmp_path / str(n)) for n in (1_000, 6_000, 20_000)}
    sys.stdout.write("\n" + ", ".join(f"{n:,} images: {peak:.0f} MiB" for n, peak in peaks.items()) + "\n")
    assert max(peaks.values()) < 1.1 * peaks[1_000]
