"""The embedding cache: what it keeps, what it finds again, and what it does not believe."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from adis_bench.datasets.media import write_png, write_wav
from adis_bench.errors import DataError
from adis_bench.extractors.cache import EmbeddingStore, embed_files, image_loader, sound_loader


class CountingExtractor:
    """Mean colour and corner colour of an image; counts what it is shown and can die on the way."""

    name = "counting"
    description = "test double"
    modality = "image"
    sample_rate_hz = 0
    batch_size = 4

    def __init__(self, digest: str = "d1", dies_after: int | None = None) -> None:
        self._digest, self._dies_after, self.shapes = digest, dies_after, []

    def prepare(self, judge: Any) -> None:
        """Nothing to load."""

    @property
    def digest(self) -> str:
        """As given."""
        return self._digest

    def embed(self, batch):
        """Mean and corner, unless it is time to die."""
        if self._dies_after is not None and len(self.shapes) >= self._dies_after:
            raise KeyboardInterrupt
        self.shapes.append(batch.shape)
        return np.concatenate([batch.mean(axis=(1, 2)), batch[:, 0, 0]], axis=1).astype(np.float32)

    def facts(self) -> Mapping[str, Any]:
        """None."""
        return {}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "embeddings"


def _images(folder: Path, count: int) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = [folder / f"{index}.png" for index in range(count)]
    for path in paths:
        write_png(path, rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
    return paths


def _shards(cache: Path) -> list[Path]:
    return sorted(cache.rglob("*.npy"))


@pytest.mark.usefixtures("cache")
def test_order_and_values_are_the_files_own(tmp_path: Path) -> None:
    """Row i belongs to path i, in whatever order and however often files are named."""
    paths = _images(tmp_path, 3)
    for index, path in enumerate(paths):
        write_png(path, np.full((8, 8, 3), 10 * (index + 1), np.uint8))
    found = embed_files(CountingExtractor(), [paths[2], paths[0], paths[2], paths[1]], image_loader(8))
    assert found.dtype == np.float32
    assert found.tolist() == [[30.0] * 6, [10.0] * 6, [30.0] * 6, [20.0] * 6]


@pytest.mark.usefixtures("cache")
def test_every_batch_has_the_constant_shape(tmp_path: Path) -> None:
    """Five files in batches of four are two full batches: the second is padded."""
    extractor = CountingExtractor()
    assert embed_files(extractor, _images(tmp_path, 5), image_loader(8)).shape == (5, 6)
    assert extractor.shapes == [(4, 8, 8, 3)] * 2


@pytest.mark.usefixtures("cache")
def test_nothing_is_embedded_twice(tmp_path: Path) -> None:
    """A second call, a copy under another name and a known digest are all found by content."""
    paths = _images(tmp_path, 4)
    first = embed_files(CountingExtractor(), paths, image_loader(8))
    copies = [path.rename(path.with_name(f"copy-{path.name}")) for path in paths]
    again = CountingExtractor()
    assert np.array_equal(embed_files(again, copies, image_loader(8)), first)
    assert again.shapes == []


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("change", ["bytes", "extractor", "resolution"])
def test_a_change_is_embedded_anew(tmp_path: Path, change: str) -> None:
    """Other bytes under the old name, another extractor digest and another resolution miss the cache."""
    paths = _images(tmp_path, 4)
    embed_files(CountingExtractor(), paths, image_loader(8))
    if change == "bytes":
        write_png(paths[0], np.zeros((8, 8, 3), np.uint8))
    extractor = CountingExtractor("d2" if change == "extractor" else "d1")
    found = embed_files(extractor, paths, image_loader(4 if change == "resolution" else 8))
    assert len(extractor.shapes) == 1
    assert change != "bytes" or found[0].tolist() == [0.0] * 6


def test_a_killed_run_goes_on_with_the_same_numbers(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written before the kill is not embedded again, and the result equals an uninterrupted one's."""
    monkeypatch.setattr("adis_bench.extractors.cache._SHARD_ROWS", 4)
    paths = _images(tmp_path, 11)
    whole = embed_files(CountingExtractor("whole"), paths, image_loader(8))
    with pytest.raises(KeyboardInterrupt):
        embed_files(CountingExtractor(dies_after=2), paths, image_loader(8))
    assert len(_shards(cache / "d1")) == 2
    rest = CountingExtractor()
    assert np.array_equal(embed_files(rest, paths, image_loader(8)), whole)
    assert len(rest.shapes) == 1


@pytest.mark.parametrize("damage", ["truncated", "emptied", "one bit", "no array", "pickle"])
def test_damaged_shards_are_computed_again(tmp_path: Path, cache: Path, damage: str) -> None:
    """A shard that was cut, emptied, altered by one bit, or is something else altogether is not believed."""
    paths = _images(tmp_path, 4)
    first = embed_files(CountingExtractor(), paths, image_loader(8))
    (shard,) = _shards(cache)
    content = shard.read_bytes()
    if damage == "pickle":
        np.save(shard, np.array([{"key": 1}], dtype=object), allow_pickle=True)
    else:
        flipped = content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]
        shard.write_bytes({"truncated": content[:-5], "emptied": b"", "one bit": flipped, "no array": b"no array"}[damage])
    extractor = CountingExtractor()
    assert np.array_equal(embed_files(extractor, paths, image_loader(8)), first)
    assert len(extractor.shapes) == 1


def test_one_altered_row_costs_only_itself(tmp_path: Path) -> None:
    """The checksum is per row: its neighbours in the shard are still found."""
    store = EmbeddingStore(tmp_path)
    store.add(["a" * 64, "b" * 64], np.ones((2, 3), np.float32))
    store.flush()
    (shard,) = _shards(tmp_path)
    shard.write_bytes(shard.read_bytes()[:-1] + b"\x00")
    again = EmbeddingStore(tmp_path)
    assert "a" * 64 in again
    assert "b" * 64 not in again


@pytest.mark.usefixtures("cache")
def test_an_unreadable_file_is_named_and_the_rest_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A corrupt image stops the run with its path; batches before it are in the cache."""
    monkeypatch.setattr("adis_bench.extractors.cache._SHARD_ROWS", 4)
    paths = _images(tmp_path, 6)
    paths[5].write_bytes(b"not a picture")
    with pytest.raises(DataError, match=r"5\.png is not a readable image"):
        embed_files(CountingExtractor(), paths, image_loader(8))
    extractor = CountingExtractor()
    embed_files(extractor, paths[:4], image_loader(8))
    assert extractor.shapes == []


@pytest.mark.usefixtures("cache")
def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path without a file is a DataError, not a traceback."""
    with pytest.raises(DataError, match=r"gone\.png cannot be read"):
        embed_files(CountingExtractor(), [tmp_path / "gone.png"], image_loader(8))


@pytest.mark.usefixtures("cache")
def test_embeddings_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    """NaN is never kept as an embedding."""

    class Broken(CountingExtractor):
        def embed(self, batch):
            return np.full((len(batch), 2), np.nan, np.float32)

    with pytest.raises(DataError, match="not finite"):
        embed_files(Broken(), _images(tmp_path, 1), image_loader(8))


def test_no_paths_are_no_rows(cache: Path) -> None:
    """An empty list gives an empty array and touches no file."""
    assert embed_files(CountingExtractor(), [], image_loader(8)).shape == (0, 0)
    assert not cache.exists()


def test_sounds_are_repeated_to_three_seconds(tmp_path: Path) -> None:
    """A one-second sound at 8 kHz is loaded as 24,000 samples, three times the same."""
    path = tmp_path / "one.wav"
    write_wav(path, np.linspace(-0.5, 0.5, 8000, dtype=np.float32), 8000)
    loaded = sound_loader(SimpleNamespace(sample_rate_hz=8000)).read(path)
    assert loaded.shape == (24000,)
    assert np.array_equal(loaded[:8000], loaded[16000:])


def test_an_extractor_may_bring_its_own_resampler(tmp_path: Path) -> None:
    """Its sounds go through it, and are kept under another key than those of soxr."""
    path = tmp_path / "one.wav"
    write_wav(path, np.linspace(-0.5, 0.5, 8000, dtype=np.float32), 8000)
    plain = SimpleNamespace(sample_rate_hz=16000)
    own = SimpleNamespace(sample_rate_hz=16000, resampler="zeros", resample=lambda wave, rate, wanted: np.zeros(16000, np.float32))
    assert not sound_loader(own).read(path).any()
    assert sound_loader(plain).read(path).any()
    assert sound_loader(own).key != sound_loader(plain).key
