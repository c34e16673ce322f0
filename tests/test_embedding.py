"""Every file is embedded once per extractor, and rows belong to pairs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from adis_bench.datasets.media import read_image, write_png
from adis_bench.datasets.pairs import make_pairs
from adis_bench.datasets.records import Dataset
from adis_bench.embedding import RunEmbeddings, frames_of, sounds_of, text_labels
from adis_bench.metrics.avc import AVC
from adis_bench.metrics.structure_similarity import StructureSimilarity
from adis_bench.outputs import OutputFolder
from tests.datasets.grids import grid

SIDE = 16


class MeanColour:
    """An extractor whose embedding is the mean colour (or the mean level of a sound); it counts what it sees."""

    name = "mean"
    description = "mean"
    batch_size = 4

    def __init__(self, modality: Literal["image", "audio"]) -> None:
        self.modality = modality
        self.sample_rate_hz = 0 if modality == "image" else 8000
        self.digest = f"mean-{modality}"
        self.n_seen = 0

    def prepare(self, judge: Dataset) -> None:
        """Nothing to load."""

    def embed(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """float32 [N, 3] or [N, 1]."""
        self.n_seen += len(batch)
        axes = (1, 2) if self.modality == "image" else (1,)
        return batch.mean(axis=axes, dtype=np.float64).astype(np.float32).reshape(len(batch), -1)

    def facts(self) -> Mapping[str, Any]:
        """None."""
        return {}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Embeddings of these tests lie in a cache of their own."""
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / "cache"))


def test_rows_belong_to_pairs(tiny_dataset: Callable[..., Dataset], tmp_path: Path):
    """Row i is the i-th pair's output, source and sound; a missing output is NaN, and its neighbours stay in place."""
    dataset = tiny_dataset(labels=3, per_split=2)
    pairs = make_pairs(dataset.split("test"), 6, seed=0)
    folder = OutputFolder(tmp_path / "outputs")
    for number, pair in enumerate(pairs):
        if number != 2:
            write_png(folder.image_path(pair), np.full((SIDE, SIDE, 3), number, np.uint8))
    image, audio = MeanColour("image"), MeanColour("audio")
    metrics = [AVC(), StructureSimilarity()]
    extractors = {"l3_image": image, "l3_audio": audio, StructureSimilarity.image_extractor: image}
    embeddings = RunEmbeddings(dataset, pairs, {"mine": folder}, extractors, metrics, SIDE)
    assert embeddings.present["mine"].tolist() == [True, True, False, True, True, True]

    batch = embeddings.batch(metrics[0], "mine")
    assert np.isnan(batch.outputs[2]).all()
    np.testing.assert_array_equal(np.delete(batch.outputs, 2, axis=0)[:, 0], [0, 1, 3, 4, 5])
    assert [dataset.labels[label] for label in batch.labels] == [pair.target.label for pair in pairs]
    assert batch.sources is None
    assert batch.sounds is not None
    assert batch.sounds.shape == (6, 1)

    sources = embeddings.batch(metrics[1], "mine").sources
    expected = [read_image(pair.source_path).mean(axis=(0, 1)) for pair in pairs]
    np.testing.assert_allclose(sources, expected, rtol=1e-6)


def test_the_reference_is_the_metrics_split(tiny_dataset: Callable[..., Dataset], tmp_path: Path):
    """A metric of the judge split is given all frames and sounds of that split and of no other."""
    dataset = tiny_dataset(labels=3, per_split=2)
    pairs = make_pairs(dataset.split("test"), 4, seed=0)
    extractors = {"l3_image": MeanColour("image"), "l3_audio": MeanColour("audio")}
    embeddings = RunEmbeddings(dataset, pairs, {}, extractors, [AVC()], SIDE)
    reference = embeddings.reference(AVC())
    assert reference is not None
    judge = dataset.split("judge").segments
    np.testing.assert_allclose(reference.images, [read_image(s.frame_paths[0]).mean(axis=(0, 1)) for s in judge], rtol=1e-6)
    assert reference.image_labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert reference.sounds is not None
    assert (len(reference.sounds), reference.n_classes) == (6, 3)


def test_shared_media_count_once(tiny_dataset: Callable[..., Dataset]):
    """A frame or sound that several segments have is one row, in the order of its first segment."""
    dataset = tiny_dataset(labels=2, per_split=2)
    first, second, *others = dataset.split("train").segments
    twin = replace(
        second,
        frame_paths=(*second.frame_paths, *first.frame_paths),
        frame_sha256=(*second.frame_sha256, *first.frame_sha256),
        frame_groups=(*second.frame_groups, *first.frame_groups),
        audio_path=first.audio_path,
        audio_sha256=first.audio_sha256,
    )
    shared = dataset.with_segments([first, twin, *others])
    assert frames_of(shared, "train").paths == (*first.frame_paths, *second.frame_paths, *(s.frame_paths[0] for s in others))
    assert sounds_of(shared, "train").paths == (first.audio_path, *(s.audio_path for s in others))
    assert frames_of(shared, "train").labels.tolist() == [0, 0, 1, 1]
    assert len(set(frames_of(shared, "train").groups.tolist())) == 4


def test_an_empty_split_is_empty(tiny_dataset: Callable[..., Dataset]):
    """A split without segments gives no rows instead of an error."""
    dataset = tiny_dataset().split("train")
    assert frames_of(dataset, "judge").paths == ()
    assert sounds_of(dataset, "judge").labels.shape == (0,)


def test_what_is_cached_is_not_embedded_again(tiny_dataset: Callable[..., Dataset]):
    """A second run over the same media asks the extractors for nothing."""
    dataset = tiny_dataset(labels=3, per_split=2)
    pairs = make_pairs(dataset.split("test"), 4, seed=0)
    for expected in (True, False):
        extractors = {"l3_image": MeanColour("image"), "l3_audio": MeanColour("audio")}
        RunEmbeddings(dataset, pairs, {}, extractors, [AVC()], SIDE)
        assert [extractor.n_seen > 0 for extractor in extractors.values()] == [expected, expected]


def test_names_of_sounds_alone_are_compared_with_images():
    """On a grid a class of images, and a folder's name that is no class, have no text; elsewhere all classes have one."""
    of_folders = replace(grid({"forest": 1, "rain": 1}, {"rain": 1, "sounds": 1}), notes={"no_category": ["sounds"]})
    assert text_labels(of_folders) == ["rain"]
    assert text_labels(replace(of_folders, pairing="class", notes={})) == ["rain", "sounds", "forest"]


def test_a_grid_has_sounds_without_frames(tiny_dataset: Callable[..., Dataset]):
    """Pictures are no sounds, sounds no pictures."""
    test = grid({"forest": 2}, {"rain": 3})
    assert len(sounds_of(test, "test").paths) == 3
    assert len(frames_of(test, "test").paths) == 2
