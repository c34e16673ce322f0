"""A folder of JPEGs of 256 px to Inception features: the product's path, cold cache included, beside Clean-FID's own pipeline."""

import json
import os
import statistics
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from adis_bench.extractors.cache import embed_files, image_loader
from adis_bench.extractors.inception import InceptionClean
from adis_bench.extractors.protocol import ExtractorOptions
from adis_bench.metrics._frechet import frechet_distance, state_of
from tests.extractors.inception_files import admit, random_program, write_program

N_IMAGES = int(os.environ.get("ADIS_BENCH_N_IMAGES", "512"))
"""Images in all, a multiple of 8; fewer are faster, and the ratio is the same."""
ROUNDS = 4
SIDE = 256
CLEAN_FIDS_BATCH = 32
"""Default of clean-fid's compute_fid; its 12 loaders become as many as there are cores, which is faster here."""
Features = NDArray[np.float32]


@dataclass
class Race:
    """Both pipelines take turns over the parts of a folder."""

    parts: list[list[Path]]
    extractor: InceptionClean
    clean_fid: torch.nn.Module
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"ours": [], "theirs": []})
    features: dict[str, list[Features]] = field(default_factory=lambda: {"ours": [], "theirs": []})

    def ours(self) -> None:
        """Digests, decoding, resize, network, cache."""
        part = self.parts[len(self.features["ours"])]
        self._timed("ours", lambda: embed_files(self.extractor, part, image_loader(SIDE)))

    def theirs(self, batch_size: int) -> None:
        """Clean-FID's function from files to features."""
        from cleanfid import fid

        part = [str(path) for path in self.parts[len(self.features["theirs"])]]
        options = {"num_workers": os.cpu_count(), "batch_size": batch_size, "device": torch.device("cpu"), "verbose": False}
        self._timed("theirs", lambda: fid.get_files_features(part, self.clean_fid, **options))

    def _timed(self, whose: str, work) -> None:
        began = time.perf_counter()
        features = work()
        self.seconds[whose].append(time.perf_counter() - began)
        self.features[whose].append(features)

    def frechet(self, whose: str) -> float:
        """Distance between the first and the second half of the folder."""
        halves = np.array_split(np.concatenate(self.features[whose]).astype(np.float64), 2)
        return frechet_distance(*(state_of(half) for half in halves))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """JPEGs of colour patches, the second half of them with less contrast and more noise; and the weights."""
    folder = tmp_path_factory.mktemp("inception")
    rng = np.random.default_rng(0)
    for index in range(N_IMAGES):
        second = index >= N_IMAGES // 2
        patches = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        pixels = np.asarray(patches) * (0.6 if second else 1.0) + rng.normal(0, 20 if second else 10, (SIDE, SIDE, 3))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{index:05d}.jpg", quality=90)
    write_program(random_program(), folder / "inception-2015-12-05.pt")
    return folder


@pytest.fixture
def race(folder: Path, tmp_path: Path, monkeypatch, request) -> Iterator[Race]:
    """Both warm, our cache empty."""
    networks = pytest.importorskip("cleanfid.inception_torchscript")
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path))
    monkeypatch.setenv("ADIS_BENCH_WEIGHTS", str(folder))
    admit("clean-fid-inception", folder / "inception-2015-12-05.pt")
    extractor = InceptionClean(ExtractorOptions(SIDE, precision=request.getfixturevalue("precision")))
    extractor.prepare(SimpleNamespace())
    paths = sorted(folder.glob("*.jpg"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # clean-fid's libraries deprecate what it uses
        clean_fid = networks.InceptionV3W(str(folder), download=False).eval()
        race = Race([paths[:8]] * 2, extractor, clean_fid)
        for _ in range(2):  # TorchScript compiles at its first two calls
            race.theirs(8)
        extractor.embed(np.zeros((extractor.batch_size, SIDE, SIDE, 3), np.uint8))  # past the cache, which stays empty
        yield Race([list(part) for part in np.array_split(np.array(paths), ROUNDS)], extractor, clean_fid)


@pytest.mark.parametrize(
    ("precision", "batch_size", "enough"),
    [
        pytest.param("float32", CLEAN_FIDS_BATCH, 2.0, id="float32"),
        pytest.param("bf16", CLEAN_FIDS_BATCH, 2.0, id="bf16"),
        pytest.param("float32", 8, 1.0, id="float32 against clean-fid at our batch size"),
    ],
)
def test_folder_to_features(benchmark, race: Race, precision: str, batch_size: int, enough: float):
    """In float32 we are at least twice as fast as Clean-FID as it is, and the Fréchet distance is its own to 1e-3.

    Both go over each part of the folder one after the other, and the median of the parts' ratios counts: where
    others take a core for a while, what is measured at nearly the same time can still be compared.
    """
    benchmark.group = f"{N_IMAGES} JPEGs of {SIDE} px to Inception features"
    benchmark.pedantic(race.ours, setup=lambda: race.theirs(batch_size), rounds=ROUNDS)
    ratio = statistics.median(theirs / ours for ours, theirs in zip(race.seconds["ours"], race.seconds["theirs"], strict=True))
    distances = {whose: race.frechet(whose) for whose in race.features}
    shift = abs(distances["ours"] / distances["theirs"] - 1)
    rates = {whose: round(N_IMAGES / sum(seconds), 2) for whose, seconds in race.seconds.items()}
    ours, theirs = (np.concatenate(race.features[whose]) for whose in ("ours", "theirs"))
    benchmark.extra_info |= {
        "img/s": rates["ours"],
        f"clean-fid, batch {batch_size}, img/s": rates["theirs"],
        "times as fast": round(ratio, 2),
        "relative shift of the Fréchet distance": float(f"{shift:.1e}"),
        "relative shift of the features": float(f"{np.linalg.norm(ours - theirs) / np.linalg.norm(theirs):.1e}"),
    }
    sys.stdout.write(f"\n{precision}: {json.dumps(benchmark.extra_info, ensure_ascii=False)}\n")
    assert ratio >= enough
    if precision == "float32":
        assert shift < 1e-3
