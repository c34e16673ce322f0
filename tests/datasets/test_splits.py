"""Splits over whole groups."""

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adis_bench.datasets.splits import Piece, assign, hold_back, linked
from adis_bench.errors import ConfigError

SHARES = {"test_share": 0.25, "judge_share": 0.25}


def _pieces(label, kind, sizes):
    return [Piece(f"{kind}/{label}/{g}-{k}", label, kind, f"{label}-{kind}-{g}") for g, size in enumerate(sizes) for k in range(size)]


def _sides(pieces, splits):
    sides = defaultdict(set)
    for piece in pieces:
        if piece.name in splits.of:
            sides[piece.group].add(splits.of[piece.name])
    return sides


sizes = st.lists(st.integers(1, 6), min_size=1, max_size=8)


@given(classes=st.lists(st.tuples(sizes, sizes), min_size=1, max_size=4), seed=st.integers(0, 20))
def test_the_promises_of_a_split(classes, seed):
    """No group is in test and elsewhere; two groups of each kind are enough for both sides; one is reported, whole in training."""
    pieces = [
        p for k, (images, sounds) in enumerate(classes) for p in _pieces(f"c{k}", "image", images) + _pieces(f"c{k}", "audio", sounds)
    ]
    splits = assign(pieces, **SHARES, seed=seed)
    assert set(splits.of) == {p.name for p in pieces}
    assert splits.left_out == ()
    for group, sides in _sides(pieces, splits).items():
        assert sides == {"test"} or "test" not in sides, group
    for k, (images, sounds) in enumerate(classes):
        label = f"c{k}"
        enough = min(len(images), len(sounds)) >= 2
        assert (label in splits.not_evaluated) == (not enough)
        for kind in ("image", "audio"):
            found = {splits.of[p.name] for p in pieces if (p.label, p.kind) == (label, kind)}
            assert ("test" in found) == enough
            assert "train" in found
            assert ("judge" in found) == (label not in splits.no_judge)


@given(images=st.lists(st.integers(1, 6), min_size=3, max_size=8), sounds=st.lists(st.integers(1, 6), min_size=3, max_size=8))
def test_three_groups_keep_all_three_splits_apart(images, sounds):
    """With three groups of each kind nothing is divided: every group is in one split."""
    pieces = _pieces("c", "image", images) + _pieces("c", "audio", sounds)
    splits = assign(pieces, **SHARES, seed=0)
    assert splits.divided == ()
    assert splits.no_judge == ()
    assert all(len(sides) == 1 for sides in _sides(pieces, splits).values())


def test_a_single_training_group_is_divided_at_its_end():
    """Two groups of six and two: the two are tested, and the last pieces of the six are held back for the judge."""
    pieces = _pieces("c", "image", [1] * 8) + _pieces("c", "audio", [6, 2])
    splits = assign(pieces, **SHARES, seed=0)
    assert [splits.of[f"audio/c/0-{k}"] for k in range(6)] == ["train"] * 4 + ["judge"] * 2  # round(0.25 * 6) = 2
    assert {splits.of["audio/c/1-0"], splits.of["audio/c/1-1"]} == {"test"}
    assert splits.divided == (("c", "audio"),)


def test_shares_are_met_in_pieces_where_groups_allow():
    """One group of twelve and eleven of one: the draw leaves the large one in training, as the shares ask."""
    pieces = _pieces("c", "image", [12] + [1] * 11) + _pieces("c", "audio", [1] * 12)
    splits = assign(pieces, **SHARES, seed=0)
    assert splits.of["image/c/0-0"] == "train"
    sounds = [splits.of[p.name] for p in pieces if p.kind == "audio"]
    assert [sounds.count(side) for side in ("train", "judge", "test")] == [7, 2, 3]  # 12 / 4 = 3; round(9 / 4) = 2


def test_a_class_without_a_second_source_says_why():
    """The reason names the kind, the number and what happens."""
    splits = assign(_pieces("c", "image", [4]) + _pieces("c", "audio", [2, 2]), **SHARES, seed=0)
    assert splits.not_evaluated == {"c": "all 4 images come from one source: all of it is used for training"}


def test_a_group_of_two_classes_stays_whole():
    """A recording that holds rain and stream is on one side for both classes."""
    pieces = [Piece(f"{label}-{g}-{k}", label, "audio", f"g{g}") for label in ("rain", "stream") for g in range(4) for k in range(2)]
    pieces += _pieces("rain", "image", [1] * 4) + _pieces("stream", "image", [1] * 4)
    for seed in range(20):
        splits = assign(pieces, **SHARES, seed=seed)
        assert all(len(sides) == 1 for sides in _sides(pieces, splits).values())
        assert splits.not_evaluated == {}


def test_classes_that_starve_each_other_are_reported_not_lost_silently():
    """Where shared groups leave a class without sounds to test, it is reported and its test images are listed."""
    shared = [Piece(f"rain-{g}", "rain", "audio", f"g{g}") for g in range(2)]
    shared += [
        Piece("stream-0", "stream", "audio", "g0"),
        Piece("stream-1", "stream", "audio", "g0"),
        Piece("stream-2", "stream", "audio", "g2"),
    ]
    pieces = shared + _pieces("rain", "image", [1] * 4) + _pieces("stream", "image", [1] * 4)
    splits = assign(pieces, **SHARES, seed=0)
    for label in ("rain", "stream"):
        evaluated = {kind: {splits.of.get(p.name) for p in pieces if (p.label, p.kind) == (label, kind)} for kind in ("image", "audio")}
        assert (label in splits.not_evaluated) == (not all({"train", "test"} <= sides for sides in evaluated.values()))
    assert set(splits.of) | set(splits.left_out) == {p.name for p in pieces}


def test_order_does_not_matter_and_the_seed_does():
    """The same pieces in another order are split alike; seeds give other splits; a new class changes no other."""
    pieces = _pieces("c", "image", [1] * 9) + _pieces("c", "audio", [1] * 9)
    first = assign(pieces, **SHARES, seed=1).of
    assert assign(pieces[::-1], **SHARES, seed=1).of == first
    assert any(assign(pieces, **SHARES, seed=seed).of != first for seed in range(2, 6))
    more = assign([*pieces, *_pieces("d", "image", [1] * 3), *_pieces("d", "audio", [1] * 3)], **SHARES, seed=1).of
    assert {name: more[name] for name in first} == first


def test_shares_out_of_range_are_refused():
    """A share of one would leave nothing to train on."""
    with pytest.raises(ConfigError, match="test share must be at least 0 and below 1, not 1"):
        assign([], test_share=1.0, judge_share=0.2, seed=0)


def test_linked_items_have_the_same_number():
    """Items are linked through any chain of common keys."""
    numbers = linked([["a"], ["b", "c"], ["c", "a"], ["d"], []])
    assert numbers[0] == numbers[1] == numbers[2]
    assert len({numbers[0], numbers[3], numbers[4]}) == 3


def test_hold_back_keeps_recordings_whole(tiny_dataset):
    """The judge part is of other recordings and photographs, of every class, and nothing is lost."""
    train = tiny_dataset(labels=3, per_split=8).split("train")
    rest, judge = hold_back(train, 0.25, 0)
    assert {s.split for s in judge.segments} == {"judge"}
    assert {s.split for s in rest.segments} == {"train"}
    assert {s.label for s in judge.segments} == set(train.labels)
    assert len(judge.segments) == 6  # a quarter of eight, three classes
    assert {s.segment_id for s in rest.segments} | {s.segment_id for s in judge.segments} == {s.segment_id for s in train.segments}
    assert not {s.audio_group for s in rest.segments} & {s.audio_group for s in judge.segments}
    assert judge.notes["hold_back"]["divided"] == []
    assert rest.digest != train.digest


def test_hold_back_divides_a_class_of_one_recording(tiny_dataset):
    """Where all sounds of a class are of one recording, its segments are divided and the note says so."""
    train = tiny_dataset(labels=2, per_split=4).split("train")
    train = train.with_segments(replace(s, audio_group="one") if s.label == "rain" else s for s in train.segments)
    rest, judge = hold_back(train, 0.25, 0)
    assert sum(s.label == "rain" for s in judge.segments) == 1
    assert sum(s.label == "rain" for s in rest.segments) == 3
    assert judge.notes["hold_back"]["divided"] == ["rain"]
    assert rest.notes == judge.notes
