"""Perceptual hashes and the search for near ones."""

import json
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import scipy.fft
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adis_bench.datasets import phash
from adis_bench.datasets.phash import hashes_of, nearest_within, perceptual_hash
from adis_bench.errors import DataError


def _picture(seed: int, side: int = 96) -> np.ndarray:
    """Smooth shapes, as photographs have: noise of 6 x 6, enlarged."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(noise).resize((side, side), Image.Resampling.BICUBIC))


def _bits(first: str, second: str) -> int:
    return (int(first, 16) ^ int(second, 16)).bit_count()


def test_the_hash_is_the_published_one():
    """The signs of the 8 x 8 lowest frequencies of the grey 32 x 32 image against their median, row by row."""
    rgb = _picture(1)
    grey = np.asarray(Image.fromarray(rgb).convert("L").resize((32, 32), Image.Resampling.LANCZOS), float)
    low = scipy.fft.dctn(grey, type=2)[:8, :8]
    expected = "".join("1" if value > np.median(low) else "0" for value in low.ravel())
    assert perceptual_hash(rgb) == f"{int(expected, 2):016x}"


def test_near_duplicates_have_near_hashes():
    """Another size, a strong JPEG and a little more light stay within the threshold's 10 bits; other pictures are far away."""
    rgb = _picture(1)
    buffer = BytesIO()
    Image.fromarray(rgb).save(buffer, format="JPEG", quality=40)
    again = [
        np.asarray(Image.open(buffer)),
        np.asarray(Image.fromarray(rgb).resize((70, 50))),
        np.minimum(rgb.astype(int) + 12, 255).astype(np.uint8),
    ]
    assert all(_bits(perceptual_hash(rgb), perceptual_hash(other)) <= 10 for other in again)
    assert all(_bits(perceptual_hash(rgb), perceptual_hash(_picture(seed))) > 10 for seed in range(2, 12))


@given(
    queries=st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 63), max_size=12),
    others=st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 63), max_size=12),
    limit=st.integers(0, 64),
)
def test_nearest_is_what_comparing_all_gives(queries, others, limit):
    """The first of the nearest others, where it is near enough; -1 and 65 where none is."""
    places, distances = nearest_within(np.array(queries, np.uint64), np.array(others, np.uint64), limit)
    for query, place, distance in zip(queries, places, distances, strict=True):
        least, first = min((((query ^ other).bit_count(), k) for k, other in enumerate(others)), default=(65, -1))
        assert (place, distance) == ((first, least) if least <= limit else (-1, 65))


def test_blocks_and_parts_do_not_matter(monkeypatch):
    """With blocks of three and parts of two the answer is the same, and so it is without NumPy 2's count of bits."""
    rng = np.random.default_rng(0)
    queries, others = rng.integers(0, 1 << 16, 50, np.uint64), rng.integers(0, 1 << 16, 80, np.uint64)
    expected = nearest_within(queries, others, 3)
    monkeypatch.setattr(phash, "_ROWS", 2)
    monkeypatch.setattr(phash, "_BLOCK", 3)
    monkeypatch.delattr(np, "bitwise_count", raising=False)
    found = nearest_within(queries, others, 3)
    assert (expected[0] >= 0).any()
    assert (expected[0] < 0).any()
    np.testing.assert_array_equal(found, expected)


def test_noted_hashes_are_taken_and_others_computed_once(tiny_dataset, monkeypatch):
    """Segments cut from videos carry their hashes, and no image of theirs is opened; a shared image is read once."""
    dataset = tiny_dataset(labels=2, per_split=1)
    first, second, third, *rest = dataset.segments
    first.frame_paths[0].unlink()
    shared = {"frame_paths": third.frame_paths * 2, "frame_sha256": third.frame_sha256 * 2, "frame_groups": third.frame_groups * 2}
    changed = [replace(first, details={"phash": ["00000000000000ff"]}), replace(second, **shared), third, *rest]
    read = []
    original = phash.read_image
    monkeypatch.setattr(phash, "read_image", lambda path: read.append(path) or original(path))
    hashes = hashes_of(dataset.with_segments(changed))
    expected = perceptual_hash(original(third.frame_paths[0]))
    assert hashes[:4].tolist() == [0xFF, *[int(expected, 16)] * 3]
    assert len(hashes) == len(dataset.segments) + 1
    assert len(read) == len(set(read)) == len(dataset.segments) - 2


@pytest.mark.parametrize("noted", [["ff"], ["zz00000000000000"], ["00000000000000ff"] * 2, "00000000000000ff", [255], None])
def test_notes_that_are_no_hashes_are_not_trusted(tiny_dataset, noted):
    """A hash of another length, or not one for each frame: the image is read instead."""
    dataset = tiny_dataset(labels=2, per_split=1)
    wrong = [replace(s, details=json.loads(json.dumps({"phash": noted}))) for s in dataset.segments]
    np.testing.assert_array_equal(hashes_of(dataset.with_segments(wrong)), hashes_of(dataset))


def test_an_image_that_cannot_be_read_is_named(tiny_dataset):
    """The error names the file."""
    dataset = tiny_dataset(labels=2, per_split=1)
    dataset.segments[2].frame_paths[0].write_bytes(b"text")
    with pytest.raises(DataError, match=dataset.segments[2].frame_paths[0].name):
        hashes_of(dataset)
