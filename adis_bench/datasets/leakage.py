"""What a split gives away: test segments whose video is trained on, and frames that training has nearly seen."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.phash import Hashes, hashes_of, nearest_within
from adis_bench.datasets.records import Dataset, Segment
from adis_bench.datasets.video_splits import NO_CLASSES, Rule, split_segments
from adis_bench.errors import ConfigError

NEAR_BITS = 10
"""Frames whose hashes differ in at most so many of 64 bits count as near-duplicates.

Ours, measured on this project's test data: of 2,752 pairs of frames of different videos none is nearer than 14 bits. Of
28,227 pairs of photographs of different sources those within 10 bits are four, each of them one picture saved twice or
one camera place a moment later; the next, at 12 bits, are different places under the same kind of sky. Within a segment of
a hand-held video 29 % of the frames are within 10 bits of each other (a still camera: all), between neighbouring
segments 1 %: a camera that moves soon sees something else, so this counts less than people would call the same place.
"""
_FLAT = (0, 1 << 63)
"""Hashes of frames of one colour (black, and any other): equal, and no sign of a common source."""
N_EXAMPLES = 6


@dataclass(frozen=True, slots=True)
class NearPair:
    """A test frame and the training frame nearest to it.

    Attributes:
        test: path of the test frame, relative to the dataset.
        train: path of the training frame.
        bits: in how many of 64 bits their hashes differ.
        same_video: whether both come from one video.
    """

    test: str
    train: str
    bits: int
    same_video: bool


@dataclass(frozen=True, slots=True)
class SplitLeak:
    """What one split gives away.

    Attributes:
        rule: ``video`` or ``segment``; ``own`` where the dataset's sources were not videos.
        n_test: test segments.
        n_train: training segments.
        n_trained_video: test segments with a video (recording or photograph) that training has pieces of.
        n_test_frames: frames of test segments.
        n_near_frames: those with a near-duplicate among the training frames.
        n_near_segments: test segments with such a frame.
        n_flat_frames: test frames of one colour, which are left out of that.
    """

    rule: Literal["video", "segment", "own"]
    n_test: int
    n_train: int
    n_trained_video: int
    n_test_frames: int
    n_near_frames: int
    n_near_segments: int
    n_flat_frames: int

    @property
    def shares(self) -> dict[str, float | None]:
        """``trained_video`` and ``near_segments`` of the test segments, ``near_frames`` of the test frames; None of nothing."""
        return {
            "trained_video": self.n_trained_video / self.n_test if self.n_test else None,
            "near_segments": self.n_near_segments / self.n_test if self.n_test else None,
            "near_frames": self.n_near_frames / self.n_test_frames if self.n_test_frames else None,
        }


@dataclass(frozen=True, slots=True)
class Leakage:
    """What the dataset's split gives away, beside the split by the other rule.

    Attributes:
        threshold: hashes that differ in at most so many of 64 bits are near-duplicates.
        own: the dataset's split.
        other: the same segments, share and seed by the other rule; None where the sources are not videos.
        examples: the nearest pairs of the dataset's split, from as many test videos as there are, for people to look at.
        sentence: what it says.
    """

    threshold: int
    own: SplitLeak
    other: SplitLeak | None
    examples: tuple[NearPair, ...]
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """All of it as a JSON object, with the shares."""
        sides = {name: side and {**asdict(side), "shares": side.shares} for name, side in (("own", self.own), ("other", self.other))}
        return {"threshold": self.threshold, **sides, "examples": [asdict(pair) for pair in self.examples], "sentence": self.sentence}


def leakage(dataset: Dataset, threshold: int = NEAR_BITS) -> Leakage:
    """Count what test and training have in common, for the dataset's split and for the alternative to it.

    Args:
        dataset: any dataset; one cut from videos (``recipe["split"]``) is compared with the other rule.
        threshold: frames whose hashes differ in at most so many of 64 bits are near-duplicates.

    Raises:
        DataError: an image that can't be read.
        ConfigError: no such number of bits.
    """
    if not 0 <= threshold <= 64:
        raise ConfigError(f"hashes have 64 bits, so a distance is 0 to 64, not {threshold}")
    hashes = hashes_of(dataset)
    rule = dataset.recipe.get("split")
    if rule not in ("video", "segment"):
        own, examples = _measured(dataset, hashes, "own", threshold)
        return Leakage(threshold, own, None, examples, _alone(own))
    own, examples = _measured(dataset, hashes, rule, threshold)
    other_rule: Rule = "video" if rule == "segment" else "segment"
    other, _ = _measured(_split_by(dataset, other_rule), hashes, other_rule, threshold)
    return Leakage(threshold, own, other, examples, _compared(own, other))


def _split_by(dataset: Dataset, rule: Rule) -> Dataset:
    """The same segments by the other rule, with the share and the seed that the import used."""
    segments = dataset.segments
    share = dataset.recipe.get("test_share")
    if not isinstance(share, float) or not 0.0 < share < 1.0:
        share = min(0.5, max(1, sum(s.split == "test" for s in segments)) / max(2, len(segments)))
    no_classes = {label: why for label, why in dataset.not_evaluated.items() if label in NO_CLASSES}
    split = split_segments(segments, rule=rule, test_share=share, seed=int(dataset.recipe.get("seed", 0)), never_evaluated=no_classes)
    return dataset.with_segments(split.segments)


@dataclass(frozen=True, slots=True)
class _Frames:
    """The frames of one side.

    Attributes:
        paths: of the files.
        groups: video or photograph of each.
        owners: place of each one's segment in the dataset, int64 [n].
        hashes: uint64 [n].
    """

    paths: Sequence[Path]
    groups: Sequence[str]
    owners: NDArray[np.int64]
    hashes: Hashes


def _measured(
    dataset: Dataset, hashes: Hashes, rule: Literal["video", "segment", "own"], threshold: int
) -> tuple[SplitLeak, tuple[NearPair, ...]]:
    """The counts of a split, and its nearest pairs."""
    test, train = (_frames(dataset, hashes, split) for split in ("test", "train"))
    flat = np.isin(test.hashes, np.array(_FLAT, np.uint64))
    places, bits = nearest_within(test.hashes, train.hashes, threshold)
    near = np.flatnonzero((places >= 0) & ~flat)
    trained = {source for s in dataset.segments if s.split == "train" for source in _sources(s)}
    tested = [s for s in dataset.segments if s.split == "test"]
    leak = SplitLeak(
        rule=rule,
        n_test=len(tested),
        n_train=sum(s.split == "train" for s in dataset.segments),
        n_trained_video=sum(not trained.isdisjoint(_sources(s)) for s in tested),
        n_test_frames=len(test.hashes),
        n_near_frames=len(near),
        n_near_segments=len(np.unique(test.owners[near])),
        n_flat_frames=int(flat.sum()),
    )
    nearest = near[np.argsort(bits[near], kind="stable")].tolist()
    examples = []
    for row in _varied(nearest, test.groups)[:N_EXAMPLES]:
        place = int(places[row])
        same = test.groups[row] == train.groups[place]
        examples.append(NearPair(_name(test.paths[row], dataset), _name(train.paths[place], dataset), int(bits[row]), same))
    return leak, tuple(examples)


def _sources(segment: Segment) -> set[tuple[str, str]]:
    """What a segment was cut from; a recording and a photograph of one name are two things."""
    sounds = {("sound", segment.audio_group)} if segment.has_sound else set()
    return sounds | {("frame", group) for group in segment.frame_groups}


def _frames(dataset: Dataset, hashes: Hashes, split: str) -> _Frames:
    counts = [len(s.frame_paths) for s in dataset.segments]
    owners = np.repeat(np.arange(len(counts)), counts)
    chosen = np.array([s.split == split for s in dataset.segments], np.bool_)[owners]
    kept = [s for s in dataset.segments if s.split == split]
    return _Frames(
        paths=[path for s in kept for path in s.frame_paths],
        groups=[group for s in kept for group in s.frame_groups],
        owners=owners[chosen],
        hashes=hashes[chosen],
    )


def _varied(rows: Sequence[int], groups: Sequence[str]) -> list[int]:
    """One row of every group first, then the second of every group, each time in the order given."""
    seen: Counter[str] = Counter()
    rounds: list[tuple[int, int]] = []
    for row in rows:
        rounds.append((seen[groups[row]], row))
        seen[groups[row]] += 1
    return [row for _, row in sorted(rounds, key=lambda entry: entry[0])]


def _name(path: Path, dataset: Dataset) -> str:
    return path.relative_to(dataset.root).as_posix()


def _compared(own: SplitLeak, other: SplitLeak) -> str:
    by_segment, by_video = (own, other) if own.rule == "segment" else (other, own)
    if not by_video.n_test:
        return f"{_told(by_segment)} A split by video has nothing to test here: all segments, or those of each class, are of one video."
    return (
        f"{_told(by_segment)} {_told(by_video)} "
        "The difference is what a method can score from memory on the split by segment; this dataset is split by "
        + ("segment, as the paper's was." if own.rule == "segment" else "video.")
    )


def _told(leak: SplitLeak) -> str:
    shares = {name: "none" if share is None else f"{100 * share:.1f} %" for name, share in leak.shares.items()}
    return (
        f"Split by {leak.rule}, {shares['trained_video']} of {leak.n_test:,} test segments are of videos that are trained on, "
        f"and {shares['near_segments']} ({shares['near_frames']} of the frames) have a near-duplicate among the training frames."
    )


def _alone(own: SplitLeak) -> str:
    if not own.n_test or not own.n_train:
        return "There is no training part beside a test part, so nothing can leak."
    return (
        f"{own.n_trained_video:,} of {own.n_test:,} test segments share a recording or a photograph with training, "
        f"and {own.n_near_frames:,} of {own.n_test_frames:,} test frames have a near-duplicate there."
    )
