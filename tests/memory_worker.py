"""A process that embeds and scores N images with a tiny extractor and prints its peak memory in MiB.

``python -m tests.memory_worker N FOLDER``
"""

import resource
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch  # noqa: F401 - every real extractor brings it in

from adis_bench.datasets.media import write_png
from adis_bench.extractors.cache import embed_files, image_loader
from adis_bench.metrics.evaluate import evaluate
from adis_bench.metrics.fid import FID
from adis_bench.metrics.kid import KernelInceptionDistance
from adis_bench.metrics.label_similarity import LabelSimilarity
from adis_bench.metrics.protocol import Batch, Reference

N_CLASSES = 8


class Tiny:
    """Mean colours of the four quarters: 12 values."""

    name, description, modality, batch_size, sample_rate_hz, digest = "tiny", "", "image", 64, 0, "tiny"

    def embed(self, batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """float32 [N, 12]."""
        return batch.reshape(len(batch), 2, 4, 2, 4, 3).mean(axis=(2, 4)).reshape(len(batch), -1).astype(np.float32)


def main(n: int, folder: Path) -> None:
    """Make, embed and score."""
    rng = np.random.default_rng(0)
    paths = [folder / f"{index}.png" for index in range(n)]
    for path in paths:
        write_png(path, rng.integers(0, 256, (8, 8, 3), np.uint8))
    vectors = embed_files(Tiny(), paths, image_loader(8))
    labels = np.arange(n) % N_CLASSES
    frames = rng.normal(128, 30, (400, 12)).astype(np.float32)
    reference = Reference(frames, np.arange(400) % N_CLASSES, np.arange(400), N_CLASSES)
    batches = {
        name: Batch(np.roll(vectors, shift, axis=0), labels) for shift, name in enumerate(("target", "identity", "shuffled", "ours"))
    }
    for metric in (LabelSimilarity(), FID(), KernelInceptionDistance()):
        found = evaluate(metric, batches, reference, np.arange(n), np.arange(n), seed=0)
        assert found.values["ours"].ci_low is not None
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.1f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
