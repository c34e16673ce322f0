"""Embeddings kept by content: what was embedded once is never embedded again, whatever run asks for it."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.media import read_image, resampled, segment_audio
from adis_bench.datasets.records import SEGMENT_S
from adis_bench.errors import DataError
from adis_bench.extractors.protocol import Embeddings, Extractor, Resamples
from adis_bench.files import atomic_path, cache_dir, digest_bytes, digest_file
from adis_bench.progress import bar

Array = NDArray[Any]

_DECODERS = 2  # decoding releases the GIL; more threads than that only take the cores from the network
_SHARD_BYTES = 8 << 20  # a kill loses at most what fits into one shard, seconds of work; larger shards keep the files few
_SHARD_ROWS = 256


@dataclass(frozen=True, slots=True)
class Loader:
    """How a file becomes the array that an extractor takes.

    Attributes:
        key: names the preprocessing; part of the cache key.
        read: decodes one file; may be called from several threads.
    """

    key: str
    read: Callable[[Path], Array]


def image_loader(resolution: int) -> Loader:
    """Images as uint8 [resolution, resolution, 3]."""
    return Loader(f"image-{resolution}", lambda path: read_image(path, resolution))


def sound_loader(extractor: Extractor) -> Loader:
    """Sounds as float32 [3 s * the extractor's rate] by the released rule (repeat, then cut), by its own resampler if it has one."""
    rate_hz = extractor.sample_rate_hz
    key, resample = f"sound-{rate_hz}", resampled
    if isinstance(extractor, Resamples):
        key, resample = f"{key}-{extractor.resampler}", extractor.resample
    return Loader(key, lambda path: segment_audio(path, rate_hz, round(SEGMENT_S * rate_hz), resample))


def embed_files(
    extractor: Extractor, paths: Sequence[Path], loader: Loader, digests: Sequence[str] | None = None, description: str | None = None
) -> Embeddings:
    """Embed files through the cache ``<cache>/embeddings/<extractor digest>``.

    A file's key is the sha256 of its bytes with the loader's key, so copies are embedded once and a file
    that changed is embedded anew. Every batch has the extractor's constant shape (the last one is padded
    with its own first item), so the numbers don't depend on what the cache held or where a run was killed.

    Args:
        extractor: prepared.
        paths: N files; may repeat.
        loader: ``image_loader`` or ``sound_loader``.
        digests: sha256 (hex) of the files' bytes where known, else they are computed.
        description: text of the progress bar.

    Returns:
        float32 [N, D] ([0, 0] where there are no paths).

    Raises:
        DataError: a file that can't be read; what was embedded before stays in the cache.
    """
    if not paths:
        return np.empty((0, 0), np.float32)
    digests = [_digest(path) for path in paths] if digests is None else digests
    keys = [digest_bytes(f"{loader.key}:{digest}".encode()) for digest in digests]
    store = EmbeddingStore(cache_dir() / "embeddings" / extractor.digest)
    missing = {key: path for key, path in zip(keys, paths, strict=True) if key not in store}
    if missing:
        with bar(description or f"embedding with {extractor.name}", len(missing)) as running:
            for batch_keys, vectors in _embedded(extractor, missing, loader):
                store.add(batch_keys, vectors)
                running.advance(len(batch_keys))
        store.flush()
    return store.read(keys)


def _digest(path: Path) -> str:
    try:
        return digest_file(path)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); see `adis-bench data check`") from error


def _embedded(extractor: Extractor, missing: dict[str, Path], loader: Loader) -> Iterator[tuple[list[str], Embeddings]]:
    """Yield (keys, vectors) batch by batch, while the next batch is being decoded."""
    size = extractor.batch_size
    keys = list(missing)
    batches = [keys[start : start + size] for start in range(0, len(keys), size)]
    with ThreadPoolExecutor(_DECODERS) as pool:

        def submit(index: int) -> list[Future[Array]]:
            return [pool.submit(loader.read, missing[key]) for key in batches[index]] if index < len(batches) else []

        upcoming = submit(0)
        for index, batch in enumerate(batches):
            items, upcoming = upcoming, submit(index + 1)
            arrays = [item.result() for item in items]
            padded = np.stack(arrays + [arrays[0]] * (size - len(arrays)))
            yield batch, extractor.embed(padded)[: len(batch)]


class EmbeddingStore:
    """Vectors by key in append-only shards: structured ``.npy`` files of (key, checksum, vector) rows.

    Shards are written atomically under the digest of their keys; a shard that can't be read, and a row
    whose checksum is wrong, count as absent. Two processes may add to the same folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._where: dict[str, tuple[Array, int]] = {}
        self._pending: dict[str, NDArray[np.float32]] = {}
        for path in sorted(folder.glob("*.npy")):
            if not path.name.startswith("."):
                self._index(path)

    def __contains__(self, key: str) -> bool:
        return key in self._where or key in self._pending

    def _index(self, path: Path) -> None:
        try:
            rows = np.load(path, mmap_mode="r", allow_pickle=False)
            keys, checks, vectors = rows["key"], rows["check"], rows["vector"]
        except (OSError, ValueError, IndexError, EOFError, SyntaxError):  # a header that isn't one fails in several ways
            return
        for index, (key, check) in enumerate(zip(keys.tolist(), checks.tolist(), strict=True)):
            if check == _check(key, vectors[index]):
                self._where[key.decode("ascii")] = (rows, index)

    def add(self, keys: Sequence[str], vectors: Embeddings) -> None:
        """Keep vectors float32 [N, D]; they are on disk after the next full shard, or ``flush``."""
        if not np.isfinite(vectors).all():
            raise DataError("an extractor gave embeddings that are not finite; its input or its weights are damaged")
        self._pending.update(zip(keys, np.array(vectors, np.float32), strict=True))
        if len(self._pending) >= min(_SHARD_ROWS, max(1, _SHARD_BYTES // vectors[0].nbytes)):
            self.flush()

    def flush(self) -> None:
        """Write what is pending as one shard."""
        if not self._pending:
            return
        width = next(iter(self._pending.values())).shape[0]
        rows = np.empty(len(self._pending), np.dtype([("key", "S64"), ("check", "<u4"), ("vector", "<f4", (width,))]))
        for index, (key, vector) in enumerate(self._pending.items()):
            rows[index] = (key.encode("ascii"), _check(key.encode("ascii"), vector), vector)
        path = self._folder / f"{digest_bytes(rows['key'].tobytes())}.npy"
        with atomic_path(path) as temporary:
            np.save(temporary, rows, allow_pickle=False)
        self._where.update({key: (rows, index) for index, key in enumerate(self._pending)})
        self._pending.clear()

    def read(self, keys: Sequence[str]) -> Embeddings:
        """float32 [N, D] for keys that were added and flushed."""
        return np.stack([np.asarray(rows[index]["vector"], np.float32) for rows, index in (self._where[key] for key in keys)])


def _check(key: bytes, vector: NDArray[np.float32]) -> int:
    return zlib.crc32(np.ascontiguousarray(vector, "<f4").tobytes(), zlib.crc32(key))
