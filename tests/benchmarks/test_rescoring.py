"""Scoring again from cached embeddings: 10,000 pairs, four controls and a method, every pair metric of the paper protocol."""

import numpy as np
import pytest

from adis_bench.configuration import load_protocol
from adis_bench.metrics.evaluate import evaluate
from adis_bench.metrics.protocol import Batch, PairMetric, Reference
from adis_bench.registry import load

N_PAIRS, N_JUDGE, N_CLASSES = 10_000, 1_000, 8
DIMENSIONS = {"openl3_image": 512, "clip_vit_b32": 512, "efficientnet_lite0": 1280, "efficientnet_lite0_structure": 2016, "lab": 48}
LABELS = ("target", "identity", "shuffled", "retrieval", "ours")


@pytest.fixture(scope="module")
def embedded() -> dict[str, tuple[dict[str, Batch], Reference]]:
    """Embeddings of every extractor, as a run has them after the cache was read."""
    rng = np.random.default_rng(0)
    labels, judge_labels = np.arange(N_PAIRS) % N_CLASSES, np.arange(N_JUDGE) % N_CLASSES
    found = {}
    for name, d in DIMENSIONS.items():

        def drawn(n: int, width: int) -> np.ndarray:
            return rng.standard_normal((n, width), np.float32) + 1

        sounds, sources = drawn(N_PAIRS, 1024), drawn(N_PAIRS, d)
        batches = {label: Batch(drawn(N_PAIRS, d), labels, np.arange(N_PAIRS) // 2, sources, sources, sounds, sources) for label in LABELS}
        judge = drawn(N_JUDGE, d)
        reference = Reference(
            judge, judge_labels, np.arange(N_JUDGE), N_CLASSES, drawn(N_JUDGE, 1024), judge_labels, label_texts=judge[:N_CLASSES]
        )
        found[name] = batches, reference
    return found


def test_pair_metrics(benchmark, embedded: dict[str, tuple[dict[str, Batch], Reference]]) -> None:
    """All pair metrics with intervals, tests and effects; the bar is 10 s."""
    metrics = [metric for name in load_protocol("paper").metrics if isinstance(metric := load("metrics", name)(), PairMetric)]
    sources, sounds = np.arange(N_PAIRS) // 4, np.arange(N_PAIRS) // 5

    def score() -> int:
        for metric in metrics:
            batches, reference = embedded[metric.image_extractor]
            evaluate(metric, batches, reference, sources, sounds, seed=0)
        return len(metrics)

    n_metrics = benchmark.pedantic(score, rounds=2)
    benchmark.extra_info["metrics"] = n_metrics
    assert n_metrics > 5
