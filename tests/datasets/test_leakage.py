"""What a split gives away."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adis_bench.datasets.leakage import NEAR_BITS, leakage
from adis_bench.datasets.media import read_image
from adis_bench.datasets.phash import perceptual_hash
from adis_bench.datasets.records import Dataset, Segment
from adis_bench.datasets.video_splits import split_segments
from adis_bench.errors import ConfigError

WILD_MINI = Path(__file__).parents[3] / "shared" / "data" / "wild-mini"
ROOT = Path("/data")


def _segment(video, number, split, hashes, label="rain"):
    name = f"{video}_clip{number}"
    paths = tuple(ROOT / "frames" / video / f"{name}-{k}.jpg" for k in range(1, len(hashes) + 1))
    n = len(hashes)
    details = {"phash": [f"{value:016x}" for value in hashes]}
    audio = ROOT / "audio" / f"{name}.wav"
    return Segment(name, label, split, audio, f"sound {name}", video, paths, ("x",) * n, (video,) * n, 48_000, details)


def _dataset(segments, **recipe):
    return Dataset(ROOT, "films", {"kind": "videos", **recipe}, "recorded", {"rain": "rain"}, tuple(segments))


A, B, C = 0x0F0F0F0F0F0F0F0F, 0x00FF00FF00FF00FF, 0x3333333333333333  # 32 bits apart from each other
FEW, MANY = 0x3FF, 0x7FF  # 10 and 11 bits


def test_shares_counted_by_hand():
    """Four test segments: one with a near frame of its own video, one of another's, one just too far away, one of a lone video."""
    segments = [
        _segment("a", 1, "train", [A, A]),
        _segment("b", 1, "train", [B]),
        _segment("a", 2, "test", [A ^ FEW, C]),  # 10 bits from a_clip1: near, of its own video
        _segment("b", 2, "test", [A ^ 1, A ^ 3]),  # near a_clip1 twice; its own video is trained on too
        _segment("a", 3, "test", [A ^ MANY]),  # 11 bits: not near
        _segment("c", 1, "test", [C, 0]),  # another video; and black
    ]
    found = leakage(_dataset(segments, split="segment", test_share=0.5, seed=0))
    assert found.own.rule == "segment"
    assert (found.own.n_test, found.own.n_train, found.own.n_trained_video) == (4, 2, 3)
    assert (found.own.n_test_frames, found.own.n_near_frames, found.own.n_near_segments, found.own.n_flat_frames) == (7, 3, 2, 1)
    assert found.own.shares == {"trained_video": 3 / 4, "near_segments": 2 / 4, "near_frames": 3 / 7}
    pairs = [(pair.test, pair.train, pair.bits, pair.same_video) for pair in found.examples]
    assert pairs == [
        ("frames/b/b_clip2-1.jpg", "frames/a/a_clip1-1.jpg", 1, False),
        ("frames/a/a_clip2-1.jpg", "frames/a/a_clip1-1.jpg", 10, True),
        ("frames/b/b_clip2-2.jpg", "frames/a/a_clip1-1.jpg", 2, False),
    ]
    assert found.sentence.startswith(
        "Split by segment, 75.0 % of 4 test segments are of videos that are trained on, "
        "and 50.0 % (42.9 % of the frames) have a near-duplicate among the training frames."
    )


def test_black_frames_on_both_sides_are_not_counted():
    """Frames of one colour are equal in any two videos."""
    segments = [_segment("a", 1, "train", [0, 1 << 63]), _segment("b", 1, "test", [0, 1 << 63])]
    own = leakage(_dataset(segments)).own
    assert (own.n_near_frames, own.n_flat_frames) == (0, 2)
    assert perceptual_hash(np.zeros((64, 64, 3), np.uint8)) == f"{0:016x}"
    assert perceptual_hash(np.full((64, 64, 3), 90, np.uint8)) == f"{1 << 63:016x}"


@pytest.mark.parametrize(("rule", "other"), [("segment", "video"), ("video", "segment")])
def test_the_other_rule_is_the_split_that_the_importer_would_make(rule, other):
    """Videos that stand still: by segment all test frames have been seen, by video none; share and seed are the recipe's."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 1 << 63, 10, np.uint64)
    segments = [_segment(f"v{k}", n, "train", [int(pictures[k])] * 2) for k in range(10) for n in range(1, 11)]
    options = {"test_share": 0.3, "seed": 5}
    dataset = _dataset(split_segments(segments, rule=rule, **options).segments, split=rule, **options)
    found = leakage(dataset)
    assert (found.own.rule, found.other.rule) == (rule, other)
    by = {leak.rule: leak for leak in (found.own, found.other)}
    assert by["segment"].shares == {"trained_video": 1.0, "near_segments": 1.0, "near_frames": 1.0}
    assert by["video"].shares == {"trained_video": 0.0, "near_segments": 0.0, "near_frames": 0.0}
    assert by["segment"].n_test == by["video"].n_test == 30
    again = dataset.with_segments(split_segments(dataset.segments, rule=other, **options).segments)
    assert leakage(replace(again, recipe={**dataset.recipe, "split": other})).own == found.other
    assert f"this dataset is split by {rule}" in found.sentence


def test_one_video_has_no_split_by_video():
    """The comparison says so instead of dividing by nothing."""
    segments = [_segment("a", n, "test" if n == 1 else "train", [A]) for n in range(1, 6)]
    found = leakage(_dataset(segments, split="segment", test_share=0.2, seed=0))
    assert found.other.shares == {"trained_video": None, "near_segments": None, "near_frames": None}
    assert "A split by video has nothing to test here" in found.sentence


def test_datasets_of_other_sources_report_their_own_split(tiny_dataset):
    """Without a split rule nothing is compared; a copied photograph is found; the result is JSON."""
    dataset = tiny_dataset(labels=2, per_split=2)
    clean = leakage(dataset)
    assert (clean.own.rule, clean.other, clean.own.n_near_frames, clean.examples) == ("own", None, 0, ())
    by_id = {s.segment_id: s for s in dataset.segments}
    seen = by_id["train-ocean-1"]
    shown = replace(by_id["test-rain-0"], frame_paths=seen.frame_paths, frame_sha256=seen.frame_sha256)
    found = leakage(dataset.with_segments(shown if s.segment_id == shown.segment_id else s for s in dataset.segments))
    assert (found.own.n_near_frames, found.own.n_trained_video) == (1, 0)
    assert found.sentence == (
        "0 of 4 test segments share a recording or a photograph with training, and 1 of 4 test frames have a near-duplicate there."
    )
    assert json.loads(json.dumps(found.to_json()))["examples"] == [
        {"test": "frames/train-ocean-1.png", "train": "frames/train-ocean-1.png", "bits": 0, "same_video": False}
    ]


def test_a_grid_has_nothing_to_leak_into():
    """Pictures without sound, sounds without pictures, and no training part."""
    picture = replace(_segment("a", 1, "test", [A]), audio_path=Path(), audio_sha256="", audio_group="")
    found = leakage(_dataset([picture, _segment("b", 1, "test", [])]))
    assert (found.own.n_test, found.own.n_test_frames, found.own.n_near_frames) == (2, 1, 0)
    assert found.sentence == "There is no training part beside a test part, so nothing can leak."
    assert leakage(_dataset([])).own.shares == {"trained_video": None, "near_segments": None, "near_frames": None}


def test_a_distance_out_of_range_is_refused():
    """A hash has 64 bits."""
    with pytest.raises(ConfigError, match="0 to 64, not 65"):
        leakage(_dataset([]), 65)


@pytest.mark.skipif(not WILD_MINI.is_dir(), reason="the shared test data (../shared/data/wild-mini) is not there")
def test_the_threshold_finds_the_same_scene_and_no_other():
    """Of the photographs of wild-mini exactly these pairs of different sources are near: seen to be one scene each."""
    images = sorted((WILD_MINI / "images").glob("*/*.jpg"))
    hashes = {path.stem: int(perceptual_hash(read_image(path)), 16) for path in images}
    names = sorted(hashes)
    near = {(a, b) for k, a in enumerate(names) for b in names[k + 1 :] if (hashes[a] ^ hashes[b]).bit_count() <= NEAR_BITS}
    assert near == {
        ("mwd_cloudy153", "mwd_cloudy174"),
        ("mwd_shine158", "mwd_shine218"),
        ("mwd_shine24", "mwd_shine26"),
        ("pyorc_geul_control_2", "pyorc_geul_gcps_2"),
    }
