"""Splits of segments that were cut from videos."""

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adis_bench.datasets.into_the_wild.listed import listed
from adis_bench.datasets.records import Segment
from adis_bench.datasets.video_splits import split_segments
from adis_bench.errors import ConfigError

REASONS = {"unknown": "labels are unknown", "other": "none of the classes"}


def _segments(rows):
    """``(video, label, count)`` as segments."""
    made = []
    numbers = Counter()
    for video, label, count in rows:
        for _ in range(count):
            numbers[video] += 1
            name = f"{video}_clip{numbers[video]}"
            made.append(Segment(name, label, "train", Path(), "", video, (), (), (), 48_000))
    return made


def _wild(seed):
    """The 94 listed videos with their durations, and classes as their flags suggest: several in a video, ocean in a few."""
    rng = np.random.default_rng(seed)
    labels = ["crunching_snow", "rain", "birds_chirping", "gravel", "dirt", "stream", "ocean", "human_speech", "other"]
    weights = {"snow": [30, 0, 0, 0, 0, 0, 0, 1, 1], "rain": [0, 40, 0, 0, 0, 1, 0, 0.5, 0.5]}
    rows = []
    for number, video in enumerate(listed()):
        weight = weights["snow" if video.snow else "rain"] if video.snow or video.rain else [0.1, 0.1, 10, 5, 5, 1.5, 0.1, 1, 4]
        shares = rng.dirichlet(np.array(weight) / 10 + 1e-9)
        if number % 30 == 0:
            shares[labels.index("ocean")] += 0.2
        shares[shares < 0.005] = 0
        counts = rng.multinomial(round(20 * video.minutes), shares / shares.sum())
        rows += [(video.youtube_id, label, int(count)) for label, count in zip(labels, counts, strict=True) if count]
    return _segments(rows)


def _split(segments, **options):
    return split_segments(segments, **{"rule": "video", "test_share": 0.2, "seed": 0, "never_evaluated": REASONS, **options})


def _test_ids(result):
    return {s.segment_id for s in result.segments if s.split == "test"}


def test_a_fifth_of_the_papers_segments_is_the_papers_number():
    """Appendix: 20 % of 56,820 audios are 11,364, drawn from all of them: of each of ten videos about a fifth."""
    segments = _segments([(f"v{k}", "rain", 5_682) for k in range(10)])
    result = _split(segments, rule="segment")
    assert len(_test_ids(result)) == 11_364
    by_video = Counter(s.audio_group for s in result.segments if s.split == "test")
    assert all(0.17 < by_video[f"v{k}"] / 5_682 < 0.23 for k in range(10))
    assert (result.not_evaluated, result.unused_test) == ({}, {})


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_listed_videos_split_near_the_share(seed):
    """94 videos of 1.5 to 223 minutes: a fifth of the segments within a percent, no video on both sides, each class tested."""
    segments = _wild(seed)
    result = _split(segments, seed=seed)
    total, test = Counter(s.label for s in segments), Counter(s.label for s in result.segments if s.split == "test")
    assert 0.19 < test.total() / total.total() < 0.21
    sides = defaultdict(set)
    for segment in result.segments:
        sides[segment.audio_group].add(segment.split)
    assert all(len(found) == 1 for found in sides.values())
    assert result.not_evaluated == {"other": REASONS["other"]}
    assert result.unused_test == {"other": test["other"]}
    shares = {label: test[label] / total[label] for label in total if label != "other"}
    assert all(0.02 < share < 0.5 for share in shares.values()), shares
    assert sum(abs(share - 0.2) for share in shares.values()) / len(shares) < 0.06


rows = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["rain", "ocean", "stream", "other"]), st.integers(1, 9)), min_size=1)


@given(rows=rows, rule=st.sampled_from(["video", "segment"]), seed=st.integers(0, 5), share=st.floats(0.05, 0.9))
def test_the_promises_of_a_split(rows, rule, seed, share):
    """Nothing is lost or moved; a class is evaluated if and only if it has both sides; what serves no pair is counted."""
    segments = _segments(rows)
    result = _split(segments, rule=rule, seed=seed, test_share=share)
    assert [s.segment_id for s in result.segments] == [s.segment_id for s in segments]
    assert {s.split for s in result.segments} <= {"train", "test"}
    sides, videos, unused = defaultdict(set), defaultdict(set), Counter()
    for segment in result.segments:
        sides[segment.label].add(segment.split)
        videos[segment.audio_group].add(segment.split)
        if segment.split == "test" and segment.label in result.not_evaluated:
            unused[segment.label] += 1
    for label, found in sides.items():
        assert (label in result.not_evaluated) == (label == "other" or found != {"train", "test"})
    assert result.unused_test == unused
    if rule == "video":
        assert all(len(found) == 1 for found in videos.values())
    else:
        assert len(_test_ids(result)) == round(share * len(segments))


@pytest.mark.parametrize("rule", ["video", "segment"])
def test_order_does_not_matter_and_the_seed_does(rule):
    """The same segments in another order, with other splits before, go to the same sides; other seeds give other sides."""
    segments = _segments([(f"v{k}", label, 3 + k) for k in range(12) for label in ("rain", "ocean")])
    first = _test_ids(_split(segments, rule=rule))
    again = _split([*reversed(_split(segments, rule=rule, seed=3).segments)], rule=rule)
    assert _test_ids(again) == first
    assert any(_test_ids(_split(segments, rule=rule, seed=seed)) != first for seed in range(1, 4))


def test_two_videos_are_enough_for_a_class():
    """Six classes of two videos among ninety of one: a draw at random would hardly find all; each is tested."""
    rare = [(f"rare{k}{side}", f"class{k}", 5) for k in range(6) for side in "ab"]
    result = _split(_segments([*rare, *((f"v{k}", "rain", 20) for k in range(90))]))
    assert result.not_evaluated == {}


def test_a_class_of_one_video_is_trained_on_and_says_so():
    """The reason names the video and what would help; none of its segments is in the test part."""
    result = _split(_segments([*((f"v{k}", "rain", 10) for k in range(8)), ("alone", "ocean", 10)]))
    assert result.not_evaluated == {"ocean": "its 10 segments come from one video, 'alone': trained on; add another video of this class"}
    assert {s.split for s in result.segments if s.label == "ocean"} == {"train"}
    assert result.unused_test == {}


def test_one_video_cannot_be_split_by_video():
    """Everything is trained on, and each class has the reason; labels that are no classes keep their own."""
    segments = _segments([("film", "rain", 4), ("film", "ocean", 3), ("film", "other", 2)])
    result = _split(segments)
    assert _test_ids(result) == set()
    assert result.not_evaluated == {
        "ocean": "all segments come from one video, 'film': trained on; a split by video needs two",
        "other": REASONS["other"],
        "rain": "all segments come from one video, 'film': trained on; a split by video needs two",
    }
    assert len(_test_ids(_split(segments, rule="segment"))) == 2  # round(0.2 * 9)


def test_untagged_segments_are_split_all_the_same():
    """Without labels a fifth of the videos is held out, and counted as used by no pair."""
    result = _split(_segments([(f"v{k}", "unknown", 10) for k in range(10)]))
    assert len(_test_ids(result)) == 20
    assert result.not_evaluated == {"unknown": REASONS["unknown"]}
    assert result.unused_test == {"unknown": 20}


def test_many_videos_are_split_in_bounded_memory():
    """Five thousand videos of a few segments: the share is met."""
    result = _split(_segments([(f"v{k}", ("rain", "ocean")[k % 2], 1 + k % 3) for k in range(5_000)]))
    assert 0.19 < len(_test_ids(result)) / len(result.segments) < 0.21


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1])
def test_shares_out_of_range_are_refused(share):
    """Nothing to test, or nothing to train on, is no split."""
    with pytest.raises(ConfigError, match="test share must be above 0 and below 1"):
        _split([], test_share=share)


def test_an_unknown_rule_is_refused():
    """The error names both rules."""
    with pytest.raises(ConfigError, match="no split rule 'frame'; there are video and segment"):
        _split([], rule="frame")
