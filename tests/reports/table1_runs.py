"""A synthetic run of Table 1's trainings, with numbers that can be worked out by hand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from adis_bench.datasets.media import write_png
from adis_bench.results import Difference, MethodRecord, Results, Score
from adis_bench.statistics.clustered import student_t
from tests.reports.conftest import CONTROLS, LABELS, N_PAIRS, SIDE, pair_rows, results_of

VARIANTS = ("scratch", "selavi", "wav2clip")
METHODS = {"scratch": "ours", "selavi": "ours:selavi", "wav2clip": "ours:wav2clip"}
DEGREES = 37
"""Of the synthetic run's 40 source groups and 38 sound groups, less one."""
ERROR = {"avc": 0.01, "label_similarity": 0.01, "fd_by_class": 0.4, "fd": 0.2, "structure_similarity": 0.005, "avc_raw": 0.01}
"""Standard error over pairs of every training, and of every difference."""
VALUES: dict[str, dict[str, tuple[float, ...]]] = {
    "avc": {"scratch": (0.30, 0.32, 0.31), "selavi": (0.33, 0.30, 0.315), "wav2clip": (0.41, 0.43, 0.42)},
    "label_similarity": {"scratch": (0.30, 0.30, 0.30), "selavi": (0.28, 0.34, 0.31), "wav2clip": (0.31, 0.33, 0.32)},
    "fd_by_class": {"scratch": (34.0, 35.0, 36.0), "selavi": (33.0, 33.5, 34.0), "wav2clip": (25.0, 26.0, 27.0)},
    "fd": {"scratch": (12.0, 12.5, 13.0), "selavi": (12.0, 12.5, 13.0), "wav2clip": (12.1, 12.4, 13.0)},
    "structure_similarity": {"scratch": (0.80, 0.81, 0.82), "selavi": (0.79, 0.80, 0.81), "wav2clip": (0.78, 0.79, 0.80)},
    "avc_raw": {"scratch": (0.60, 0.62, 0.61), "selavi": (0.63, 0.60, 0.615), "wav2clip": (0.71, 0.73, 0.72)},
}


def table1_results(run_dir: Path, n_seeds: int = 3) -> Results:
    """The records of a run of ``3 * n_seeds`` trainings, with the numbers of ``VALUES`` and ``ERROR``."""
    base = results_of(run_dir, N_PAIRS, LABELS)
    labels = [(variant, seed) for seed in range(n_seeds) for variant in VARIANTS]
    return replace(
        base,
        methods=(*(m for m in base.methods if m.control), *(_method(variant, seed) for variant, seed in labels)),
        scores=(*(s for s in base.scores if s.method in CONTROLS), *_scores(labels)),
        differences=(*(d for d in base.differences if d.method in CONTROLS), *_differences(labels)),
        class_scores=(),
    )


def _method(variant: str, seed: int) -> MethodRecord:
    said = {"scratch": "random weights", "selavi": "trained here for 600 steps", "wav2clip": "the published file"}[variant]
    provenance = {"digest": f"{variant}{seed}", "differences": ["1,267 steps, not 300 epochs"], "audio_init": said}
    return MethodRecord(f"{variant}-{seed}", METHODS[variant], f"what {variant} does", "", "sound", False, provenance, N_PAIRS, 0)


def _half(metric: str) -> float:
    return ERROR[metric] * student_t(DEGREES)


def _scores(labels: list[tuple[str, int]]) -> Iterator[Score]:
    for metric, values in VALUES.items():
        for variant, seed in labels:
            value = values[variant][seed]
            yield Score(f"{variant}-{seed}", metric, value, value - _half(metric), value + _half(metric), N_PAIRS, 0, None)


def _differences(labels: list[tuple[str, int]]) -> Iterator[Difference]:
    for metric, values in VALUES.items():
        for place, (variant, seed) in enumerate(labels):
            for other, other_seed in labels[place + 1 :]:
                value = values[variant][seed] - values[other][other_seed]
                names = f"{variant}-{seed}", f"{other}-{other_seed}"
                yield Difference(*names, metric, value, value - _half(metric), value + _half(metric))


def without(results: Results, label: str, reason: str) -> Results:
    """The same run in which one training failed."""
    scores = (replace(s, value=None, ci_low=None, ci_high=None, n=0, reason=reason) if s.method == label else s for s in results.scores)
    empty = {"value": None, "ci_low": None, "ci_high": None}
    differences = (replace(d, **empty) if label in (d.method, d.against) else d for d in results.differences)
    return replace(results, scores=tuple(scores), differences=tuple(differences))


def with_scores(results: Results, change: Callable[[Score], Mapping[str, object]]) -> Results:
    """The same run with some fields of its scores changed."""
    return replace(results, scores=tuple(replace(score, **change(score)) for score in results.scores))


def add_outputs(run_dir: Path, n_seeds: int) -> None:
    """Random outputs of every training."""
    rng = np.random.default_rng(3)
    for variant in VARIANTS:
        for seed in range(n_seeds):
            for row in pair_rows(run_dir):
                picture = rng.integers(0, 255, (SIDE, SIDE, 3), np.uint8)
                write_png(run_dir / "outputs" / f"{variant}-{seed}" / f"{row['pair_id']}.png", picture)
