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
    """20,000 images take at most 10 % more than 1,000: moments and small vectors are kept, pictures are not."""
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / "cache"))
    few, many = peak_mib(1_000, tmp_path / "few"), peak_mib(20_000, tmp_path / "many")
    sys.stdout.write(f"\n1,000 images: {few:.0f} MiB, 20,000: {many:.0f} MiB\n")
    assert many < 1.1 * few
