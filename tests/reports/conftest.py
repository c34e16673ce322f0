"""A synthetic run folder, written with the very codec of the pipeline."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adis_bench.datasets.media import write_png, write_wav
from adis_bench.results import (
    ClassPairs,
    ClassScore,
    DatasetRecord,
    Difference,
    ExtractorRecord,
    MethodRecord,
    MetricRecord,
    PairScore,
    PairsRecord,
    Results,
    Score,
    write_results,
)
from tests.reports.browsing import open_browser

LABELS = {"crunching_snow": "crunching snow", "rain": "rain", "ocean": "ocean", "human_speech": "human speech"}
CONTROLS = ("target", "identity", "shuffled", "retrieval", "oracle")
METHODS = (*CONTROLS, "ours", "cut", "cyclegan")
SIDE = 64
RATE_HZ = 16_000
N_PAIRS = 12

# Values at about the scale of real ones, by metric, in the order of METHODS.
VALUES = {
    "avc": (0.61, -0.08, -0.07, 0.58, 0.6, 0.37, 0.31, 0.22),
    "avc_raw": (0.8, 0.3, 0.3, 0.78, 0.8, 0.6, 0.55, 0.5),
    "label_similarity": (0.55, -0.1, -0.09, 0.5, 0.54, 0.3, 0.32, -0.08),
    "fd_by_class": (12.5, 71.3, 69.0, 14.0, 13.1, 33.7, 30.2, 45.1),
    "fd": (3.1, 2.9, 3.3, 4.0, 3.2, 12.9, 13.5, 20.4),
    "structure_similarity": (0.41, 1.0, 0.42, 0.4, 0.83, 0.78, 0.8, 0.7),
}
NOT_SCORED = ("cyclegan", "label_similarity")


def half_width(metric: str) -> float:
    """Half of every interval: 8 % of the metric's largest value."""
    return 0.08 * max(map(abs, VALUES[metric]))


def results_of(run_dir: Path, n: int, labels: Mapping[str, str]) -> Results:
    """All records of a run, with the numbers of ``VALUES``."""
    return Results(
        schema_version=2,
        run=str(run_dir),
        report=str(run_dir / "report" / "index.html"),
        protocol="offline",
        protocol_version=1,
        protocol_digest="b" * 64,
        preset="demo",
        seed=0,
        resolution=SIDE,
        created="2026-11-23T20:15:00+00:00",
        command="adis-bench run --methods ours,cut,cyclegan --out runs/demo",
        device="cpu",
        precision="float32",
        threads=2,
        versions={"adis-bench": "0.1.0", "torch": "2.14.1", "numpy": "2.4.6", "python": "3.12.4"},
        git_commit="a" * 40,
        git_dirty=False,
        dataset=_dataset(labels),
        pairs=PairsRecord(n, "e" * 64, n_source_groups=40, n_sound_groups=38, class_pairs=ClassPairs(12, 12)),
        methods=tuple(_method(label, n) for label in METHODS),
        extractors=(
            ExtractorRecord("efficientnet_lite0", "EfficientNet-Lite0", "1" * 64, {"n_features": 1280}),
            ExtractorRecord(
                "l3_image",
                "image tower of the L3 network",
                "2" * 64,
                {"steps": 900, "retrieval_accuracy": {"value": 0.87, "ci_low": 0.82, "ci_high": 0.91}},
            ),
        ),
        metrics=tuple(map(_metric, VALUES)),
        scores=tuple(_scores(n)),
        differences=tuple(_differences()),
        class_scores=tuple(_class_scores(labels)),
        warnings=("Intervals rest on 38 sound groups; more recordings would narrow them.", "1 of 5 classes is not evaluated: stream."),
        seconds={"dataset": 9.1, "judge": 61.0, "method:ours": 3.2, "embeddings": 20.5, "scores": 7.7},
    )


def _dataset(labels: Mapping[str, str]) -> DatasetRecord:
    return DatasetRecord(
        name="demo",
        path="data/demo",
        digest="d" * 64,
        recipe={"kind": "demo", "version": 1, "seed": 0},
        pairing="class",
        displays={**labels, "stream": "stream"},
        not_evaluated={"stream": "one group only, so it went to training"},
        notes={"n_silent": 0, "n_clipped": 2},
        n_segments={"train": 640, "judge": 320, "test": 200},
    )


def _method(label: str, n: int) -> MethodRecord:
    control = label in CONTROLS
    return MethodRecord(
        label=label,
        name=label,
        description=f"what {label} does",
        citation="" if control else "An Author, A Venue 2022",
        conditions_on="sound" if label == "ours" else "nothing" if control else "label",
        control=control,
        provenance={"digest": label[0] * 64, "differences": [] if control else ["16 channels, not 64", "4,000 steps, not 300 epochs"]},
        n_outputs=n,
        n_missing=0,
    )


def _metric(name: str) -> MetricRecord:
    return MetricRecord(
        name=name,
        description=f"what {name} measures, and what it can't see",
        source="protocol.md, B.2",
        unit="cosine" if name.startswith(("avc", "label")) else "",
        higher_is_better=not name.startswith("fd"),
        beside="avc" if name == "avc_raw" else None,
        image_extractor="efficientnet_lite0",
        audio_extractor="l3_audio" if name.startswith("avc") else None,
        kind="set" if name.startswith("fd") else "pair",
        checked_by={"fd": ("target", ""), "structure_similarity": ("identity", "shuffled")}.get(name, ("target", "shuffled")),
    )


def _scores(n: int) -> Iterator[Score]:
    for metric, values in VALUES.items():
        half = half_width(metric)
        for method, value in zip(METHODS, values, strict=True):
            if (method, metric) == NOT_SCORED:
                yield Score(method, metric, None, None, None, 0, n, "no prototypes")
            else:
                yield Score(method, metric, value, value - half, value + half, n, 0, None)


def _differences() -> Iterator[Difference]:
    for metric, values in VALUES.items():
        half, by_method = half_width(metric), dict(zip(METHODS, values, strict=True))
        for method in METHODS:
            for against in ("identity", "shuffled"):
                if method != against:
                    value = by_method[method] - by_method[against]
                    yield Difference(method, against, metric, value, value - half, value + half)


def _class_scores(labels: Mapping[str, str]) -> Iterator[ClassScore]:
    for metric in ("avc", "label_similarity", "structure_similarity"):
        for method, value in zip(METHODS, VALUES[metric], strict=True):
            for row, label in enumerate(labels):
                yield ClassScore(method, metric, label, value + half_width(metric) * (row - 2) / 3, 6)


def build_run(run_dir: Path) -> None:
    """Write a run folder with random images and sounds; every file that a report reads."""
    rng = np.random.default_rng(7)
    for name in LABELS:
        write_png(run_dir / "media" / f"{name}.png", rng.integers(0, 255, (96, 80, 3), np.uint8))
        write_wav(run_dir / "media" / f"{name}.wav", rng.normal(0, 0.1, 3 * RATE_HZ).astype(np.float32), RATE_HZ)
    rows = pair_rows(run_dir)
    for method in METHODS:
        for row in rows:
            write_png(run_dir / "outputs" / method / f"{row['pair_id']}.png", rng.integers(0, 255, (SIDE, SIDE, 3), np.uint8))
    per_pair = [
        PairScore(row["pair_id"], method, metric, value, None)
        for metric, values in VALUES.items()
        if not metric.startswith("fd")
        for method, value in zip(METHODS, values, strict=True)
        for row in rows
    ]
    write_results(run_dir, results_of(run_dir, N_PAIRS, LABELS), per_pair)


def pair_rows(run_dir: Path) -> list[dict[str, str]]:
    """Every ordered pair of two classes once."""
    media = run_dir / "media"
    return [
        {
            "pair_id": f"{source}-to-{target}-0",
            "source_label": source,
            "source_path": str(media / f"{source}.png"),
            "target_label": target,
            "target_audio_path": str(media / f"{target}.wav"),
        }
        for source in LABELS
        for target in LABELS
        if source != target
    ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One headless Chromium for all tests of a file."""
    driver = open_browser()
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run that every test copies: writing its images takes longer than most tests."""
    folder = tmp_path_factory.mktemp("template") / "run"
    build_run(folder)
    return folder


@pytest.fixture
def run_dir(template: Path, tmp_path: Path) -> Path:
    """A complete run folder of its own."""
    folder = shutil.copytree(template, tmp_path / "run")
    pq.write_table(pa.Table.from_pylist(pair_rows(folder)), folder / "pairs.parquet")
    return folder


@pytest.fixture
def edit_results(run_dir: Path) -> Callable[[Callable[[dict[str, Any]], None]], Path]:
    """Change ``results.json`` of the run and give back its folder."""

    def edit(change: Callable[[dict[str, Any]], None]) -> Path:
        path = run_dir / "results.json"
        results = json.loads(path.read_text())
        change(results)
        path.write_text(json.dumps(results))
        return run_dir

    return edit
