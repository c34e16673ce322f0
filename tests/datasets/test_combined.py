"""Test data of one dataset, training data of another."""

from dataclasses import replace
from pathlib import Path

import pytest

from adis_bench.datasets.combined import combined, n_sources_within, refuse_one_sided, train_data_of
from adis_bench.datasets.pairs import make_pairs, read_pairs, write_pairs
from adis_bench.errors import DataError
from tests.datasets.grids import grid


@pytest.fixture
def training(tiny_dataset):
    """Three classes in three splits."""
    return tiny_dataset()


def test_every_split_is_that_of_its_own_dataset(training):
    """Train and judge are found under the digests they have alone, and the pairs don't depend on what was trained on."""
    test = grid({"forest": 2}, {"rain": 2, "thunder": 1})
    both = combined(test, training, training.digest)
    for name in ("train", "judge"):
        assert both.split(name) == training.split(name)
        assert both.split(name).digest == training.split(name).digest
    assert make_pairs(both.split("test"), 6, 0) == make_pairs(test, 6, 0)
    assert (both.name, both.pairing, both.labels) == ("grid on tiny", "grid", ("ocean", "rain", "stream", "thunder", "forest"))
    assert {s.split for s in both.segments} == {"train", "judge", "test"}
    assert len(both.segments) == 12 + 5


def test_the_digest_is_over_both(training):
    """Another training dataset, or another test dataset, is another combination."""
    test = grid({"forest": 2}, {"rain": 2})
    other = grid({"forest": 2}, {"rain": 3})
    fewer = training.with_segments(training.segments[1:])
    assert len({combined(t, d, d.digest).digest for t in (test, other) for d in (training, fewer)}) == 4


def test_notes_say_what_was_trained_on(training):
    """Name, place and digest of the training data, and how much of the test data it holds; its own split notes hold."""
    held = replace(training, notes={"hold_back": {"share": 0.5}, "n_images": 7})
    test = replace(grid({"forest": 1}, {"rain": 1}), notes={"hold_back": {"share": 0.1}, "n_sounds": 1})
    leaked = replace(training.split("train").segments[0], segment_id="leaked", split="test")
    notes = combined(test.with_segments([*test.segments, leaked]), held, "d" * 64).notes
    assert notes["hold_back"] == {"share": 0.5}
    assert notes["n_sounds"] == 1
    assert "n_images" not in notes
    told = train_data_of(notes)
    assert told is not None
    assert (told["name"], told["path"], told["digest"]) == ("tiny", str(training.root), "d" * 64)
    assert (told["n_test_sounds_in_it"], told["n_test_images_in_it"]) == (1, 1)
    assert n_sources_within(told) == 0  # it has a sound: in a grid its frame is no source
    assert n_sources_within({"n_test_images_in_it": 3}) == 3
    assert train_data_of(training.notes) is None


def test_pairs_are_read_of_the_test_split(training, tmp_path):
    """A training segment of the same id as a test segment doesn't stand in for it."""
    test = grid({"forest": 2}, {"rain": 2})
    twin = replace(training.segments[0], segment_id=test.segments[0].segment_id)
    both = combined(test, training.with_segments([twin, *training.segments[1:]]), "")
    pairs = make_pairs(test, 4, 0)
    write_pairs(pairs, tmp_path / "pairs.parquet")
    assert read_pairs(tmp_path / "pairs.parquet", both) == pairs


def test_training_data_has_both_sides(training):
    """A training segment without sound or without frames is refused with its name; a test segment may lack either."""
    refuse_one_sided(training)
    refuse_one_sided(grid({"forest": 1}, {"rain": 1}))
    first = training.segments[0]
    deaf = replace(first, audio_path=Path(), audio_sha256="", audio_group="")
    with pytest.raises(DataError, match=f"1 of 12 segments for training have no sound, first: {first.segment_id}"):
        refuse_one_sided(training.with_segments([deaf, *training.segments[1:]]))
    blind = replace(first, frame_paths=(), frame_sha256=(), frame_groups=())
    with pytest.raises(DataError, match=f"have no frames, first: {first.segment_id}.*--train-data D"):
        refuse_one_sided(training.with_segments([blind, *training.segments[1:]]))
