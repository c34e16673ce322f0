"""Perceptual hashes of frames: 64 bits that near-duplicates have nearly in common."""

import re
from collections.abc import Iterable
from pathlib import Path

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from adis_bench.datasets.media import Images, read_image
from adis_bench.datasets.parallel import in_order
from adis_bench.datasets.records import Dataset, Segment

Hashes = NDArray[np.uint64]

N_BITS = 64
_WRITTEN = re.compile(r"[0-9a-f]{16}")


def perceptual_hash(rgb: Images) -> str:
    """The hash of an image as 16 hex digits.

    Source: ``imagehash.phash`` of ImageHash 4.3 at its defaults: grey, resized to 32 x 32 by Lanczos, the 8 x 8
    lowest frequencies of its DCT compared with their median. Half of the bits are therefore set in any
    picture, and distances are even.

    Args:
        rgb: uint8 [H, W, 3].
    """
    return str(imagehash.phash(Image.fromarray(rgb)))


def hashes_of(dataset: Dataset) -> Hashes:
    """The hashes of all frames, segment by segment in the dataset's order, as uint64 [n_frames].

    Segments that carry ``details["phash"]`` (those cut from videos) cost nothing; the images of others are read, each
    once, in threads and with progress.

    Raises:
        DataError: an image that can't be read.
    """
    written = [_written(segment) for segment in dataset.segments]
    unread: dict[str, None] = {}
    paths: dict[str, Path] = {}
    for segment, found in zip(dataset.segments, written, strict=True):
        if found is None:
            unread.update(dict.fromkeys(segment.frame_sha256))
            paths.update(zip(segment.frame_sha256, segment.frame_paths, strict=True))
    read = dict(zip(unread, in_order(lambda sha256: perceptual_hash(read_image(paths[sha256])), list(unread), "hash frames"), strict=True))
    return _numbers(
        text
        for segment, found in zip(dataset.segments, written, strict=True)
        for text in (found if found is not None else [read[sha256] for sha256 in segment.frame_sha256])
    )


def _written(segment: Segment) -> list[str] | None:
    """The hashes that the importer noted, where there is one for each frame."""
    noted = segment.details.get("phash")
    if not isinstance(noted, list) or len(noted) != len(segment.frame_paths):
        return None
    return noted if all(isinstance(text, str) and _WRITTEN.fullmatch(text) for text in noted) else None


def _numbers(texts: Iterable[str]) -> Hashes:
    return np.fromiter((int(text, 16) for text in texts), np.uint64)


def nearest_within(queries: Hashes, others: Hashes, max_distance: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each query the nearest of the others, where it differs in at most ``max_distance`` bits.

    Every pair is compared: at the paper's size (90,912 frames with 363,648) that is 33 billion, in blocks that
    stay in the processor's cache.

    Args:
        queries: uint64 [Q].
        others: uint64 [N].
        max_distance: 0 to 64.

    Returns:
        Its place in ``others`` (the first of equals; -1 where none is near enough) and its distance in bits
        (65 there), both int64 [Q].
    """
    unique, back = np.unique(queries, return_inverse=True)
    candidates, first = np.unique(others, return_index=True)
    parts = [unique[start : start + _ROWS] for start in range(0, len(unique), _ROWS)]
    found = list(in_order(lambda part: _nearest(part, candidates, first, max_distance), parts, "compare frames"))
    if not found:
        return np.full(len(queries), -1), np.full(len(queries), N_BITS + 1)
    places, distances = (np.concatenate(column) for column in zip(*found, strict=True))
    return places[back], distances[back]


_ROWS, _BLOCK = 256, 1 << 15  # a block of candidates is 256 KiB: it stays in the second-level cache for all rows of a part


def _nearest(part: Hashes, candidates: Hashes, first: NDArray[np.int64], max_distance: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    places, distances = np.full(len(part), -1), np.full(len(part), N_BITS + 1)
    for start in range(0, len(candidates), _BLOCK):
        block = candidates[start : start + _BLOCK]
        differing = np.empty_like(block)
        for row, query in enumerate(part):
            bits = _n_bits(np.bitwise_xor(block, query, out=differing))
            least = int(bits.min())
            if least > max_distance or least > distances[row]:
                continue
            place = int(first[start + np.flatnonzero(bits == least)].min())
            if least < distances[row] or place < places[row]:
                places[row], distances[row] = place, least
    return places, distances


def _n_bits(words: Hashes) -> NDArray[np.uint8]:
    """Bits set in each word, as uint8 of the same shape."""
    if hasattr(np, "bitwise_count"):
        return np.bitwise_count(words)
    # NumPy 1 cannot count bits: a table of bytes is right and several times slower.
    counted: NDArray[np.uint8] = _BITS_OF_BYTE[words.view(np.uint8)].reshape(-1, 8).sum(axis=1, dtype=np.uint8)
    return counted


_BITS_OF_BYTE = np.array([value.bit_count() for value in range(256)], np.uint8)
