"""Splits of segments that were cut from videos: by whole videos, or by segments at random as the paper did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.records import Segment
from adis_bench.datasets.splits import Piece, assign
from adis_bench.errors import ConfigError
from adis_bench.seeding import generator

Rule = Literal["video", "segment"]
NO_CLASSES = ("unknown", "other")
"""Labels that say that a segment has no class: not tagged, or tagged and none of the classes."""

Sides = NDArray[np.bool_]

_DRAWS = 4096  # enough that the best of the appendix's 94 videos is within a few percent of the share for every class
_CELLS = 4 << 20  # draws x videos at most: thousands of videos balance out in few draws


@dataclass(frozen=True, slots=True)
class SplitSegments:
    """Segments with their sides.

    Attributes:
        segments: in the order given, ``split`` set to ``train`` or ``test``.
        not_evaluated: label -> reason, for classes that can't be tested.
        unused_test: label -> number of test segments of those classes: kept, and in no pair.
    """

    segments: tuple[Segment, ...]
    not_evaluated: dict[str, str]
    unused_test: dict[str, int]


def split_segments(
    segments: Sequence[Segment], *, rule: Rule, test_share: float, seed: int, never_evaluated: Mapping[str, str] | None = None
) -> SplitSegments:
    """Split segments into train and test; what they are and the seed decide, not their order.

    ``segment`` tests ``round(test_share * n)`` of the n segments, drawn at random. Source: the appendix holds out
    20 % of 56,820 audios, 11,364. Pieces of one video are then on both sides.

    ``video`` (recommended) never has pieces of one video (``audio_group``) on both sides. Of many seeded draws it takes
    the one that leaves the fewest classes untested and is then nearest to the share, of all segments and of every
    class. A class that lies in one video is trained on and not evaluated.

    Args:
        segments: what to split; ``split`` as it is does not matter.
        rule: ``video`` or ``segment``.
        test_share: share of the segments to test, above 0 and below 1.
        seed: decides which.
        never_evaluated: label -> reason, for labels that are no classes (``unknown``, ``other``); they are split with
            the rest, for methods may train on them.

    Raises:
        ConfigError: the share is out of range, or no such rule.
    """
    if not 0.0 < test_share < 1.0:
        raise ConfigError(f"the test share must be above 0 and below 1, not {test_share}")
    if rule not in ("video", "segment"):
        raise ConfigError(f"no split rule {rule!r}; there are video and segment")
    reasons = {label: why for label, why in (never_evaluated or {}).items() if any(s.label == label for s in segments)}
    ordered = sorted(segments, key=lambda s: s.segment_id)
    if rule == "segment":
        places = generator("split segments", seed).permutation(len(ordered))[: round(test_share * len(ordered))]
        test = {ordered[place].segment_id for place in places}
    else:
        videos = _test_videos([s for s in ordered if s.label not in reasons], ordered, test_share, seed)
        test = {s.segment_id for s in ordered if s.audio_group in videos}
    divided = tuple(replace(s, split="test" if s.segment_id in test else "train") for s in segments)
    reasons |= _untested(divided, reasons, rule)
    unused = Counter(s.label for s in divided if s.split == "test" and s.label in reasons)
    return SplitSegments(divided, dict(sorted(reasons.items())), dict(sorted(unused.items())))


def _untested(segments: Sequence[Segment], known: Mapping[str, str], rule: Rule) -> dict[str, str]:
    """The reasons of classes that lack a side."""
    videos = {s.audio_group for s in segments}
    found = {}
    for label in sorted({s.label for s in segments} - set(known)):
        members = [s for s in segments if s.label == label]
        sides = {s.split for s in members}
        if sides == {"train", "test"}:
            continue
        come = "comes" if len(members) == 1 else "come"
        size, of = f"{len(members)} segment{'s' if len(members) > 1 else ''}", {s.audio_group for s in members}
        trained = "trained on" if sides == {"train"} else "in the test part, and nothing to train on"
        if rule == "segment":
            found[label] = f"its {size} fell on one side of the random split: {trained}; add videos of this class"
        elif len(videos) == 1:
            found[label] = f"all segments come from one video, {min(videos)!r}: {trained}; a split by video needs two"
        elif len(of) == 1:
            found[label] = f"its {size} {come} from one video, {min(of)!r}: {trained}; add another video of this class"
        else:
            found[label] = f"its {len(of)} videos hold other classes too, so that one side of the split stays empty: {trained}"
    return found


def _test_videos(classed: Sequence[Segment], ordered: Sequence[Segment], share: float, seed: int) -> set[str]:
    """The videos to test."""
    videos = sorted({s.audio_group for s in ordered})
    if len(videos) < 2:
        return set()
    labels = sorted({s.label for s in classed})
    counts = np.zeros((len(videos), len(labels)))
    place = {video: row for row, video in enumerate(videos)}
    for segment in classed:
        counts[place[segment.audio_group], labels.index(segment.label)] += 1
    sizes = np.zeros(len(videos))
    np.add.at(sizes, [place[s.audio_group] for s in ordered], 1.0)
    balance = _Balance(counts, sizes, share)
    sides = _drawn(sizes, share, generator("split videos", seed))
    if labels:
        # Rare classes first: a draw at random may miss what exists in two of a hundred videos.
        pieces = [Piece(s.segment_id, s.label, "audio", s.audio_group) for s in classed]
        of = assign(pieces, test_share=share, judge_share=0.0, seed=seed).of
        careful = {s.audio_group for s in classed if of[s.segment_id] == "test"}
        sides = np.vstack([sides, [[video in careful for video in videos]]])
    best = balance.improved(balance.best(sides))
    return {video for video, tested in zip(videos, best, strict=True) if tested}


def _drawn(sizes: NDArray[np.float64], share: float, rng: np.random.Generator) -> Sides:
    """Draws of whole videos, bool [draws, videos]: in random order until the share of the segments is nearest."""
    n = max(64, min(_DRAWS, _CELLS // len(sizes)))
    orders = rng.permuted(np.tile(np.arange(len(sizes)), (n, 1)), axis=1)
    filled = sizes[orders].cumsum(axis=1)[:, :-1]
    last = np.abs(filled - share * sizes.sum()).argmin(axis=1)
    sides = np.zeros((n, len(sizes)), np.bool_)
    np.put_along_axis(sides, orders, np.arange(len(sizes)) <= last[:, None], axis=1)
    return sides


@dataclass(frozen=True, slots=True)
class _Balance:
    """How good a draw is.

    Attributes:
        counts: segments of every video and class, float64 [videos, classes].
        sizes: segments of every video, those of no class too, float64 [videos].
        share: wanted of each.
    """

    counts: NDArray[np.float64]
    sizes: NDArray[np.float64]
    share: float

    def costs(self, sides: Sides) -> NDArray[np.float64]:
        """Classes without both sides count first (each more than everything else together), then shares; float64 [draws]."""
        of_all: NDArray[np.float64] = np.abs(sides @ self.sizes / self.sizes.sum() - self.share)
        if not self.counts.shape[1]:
            return of_all
        totals = self.counts.sum(axis=0)
        tested = sides @ self.counts
        untested = (tested == 0) | (tested == totals)
        lost = (tested * untested).sum(axis=1) / self.sizes.sum()  # test segments that serve no pair
        off = np.where(untested, 0.0, np.abs(tested / totals - self.share)).mean(axis=1)
        of_all += 3.0 * untested.sum(axis=1) + off + lost  # each of the three is below 1
        return of_all

    def best(self, sides: Sides) -> Sides:
        """The draw of least cost, bool [videos]."""
        best: Sides = sides[self.costs(sides).argmin()]
        return best

    def improved(self, side: Sides) -> Sides:
        """Move one video at a time to the other side for as long as that is better; thousands are balanced as drawn."""
        while len(side) ** 2 <= _CELLS:
            moved = self.best(np.vstack([side, side ^ np.eye(len(side), dtype=np.bool_)]))
            if (moved == side).all():
                break
            side = moved
        return side
