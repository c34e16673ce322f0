"""Statistics of a dataset: ``adis-bench data describe``."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from adis_bench.datasets.description import (
    Appendix,
    Availability,
    Beside,
    Category,
    Description,
    Durations,
    Repeats,
    Source,
)
from adis_bench.datasets.histogram import histogram
from adis_bench.datasets.import_notes import duration, noted_by, skipped_by, sources_of
from adis_bench.datasets.loudness import levels, summarized
from adis_bench.datasets.published_counts import QUANTITIES, published_counts
from adis_bench.datasets.records import SEGMENT_S, Dataset, Segment
from adis_bench.datasets.video_splits import NO_CLASSES
from adis_bench.errors import DataError
from adis_bench.printable import printable

SPLIT_RULES = {
    "video": "by video: all segments of a video are in one split",
    "segment": "by segment, at random: segments of one video are on both sides",
}
"""``recipe["split"]`` of datasets from videos, in words."""
_GROUPS_SHOWN, _SEGMENTS_SHOWN = 5, 4
_MINUTES_FROM_S = 120.0


def describe(dataset: Dataset, *, loudness: bool = True) -> Description:
    """Count what a dataset holds.

    Args:
        dataset: all of its segments, not one split's.
        loudness: whether levels are wanted; where the importer did not note them, every sound is read for that.

    Raises:
        DataError: the notes of the dataset's header, or the details of its segments, are not as importers write them.
    """
    segments = dataset.segments
    try:
        skipped, noted, sources = skipped_by(dataset.notes), noted_by(dataset.notes), sources_of(dataset.notes)
        availability, durations = _availability(dataset.notes), _durations(segments, sources)
        found = levels(segments) if loudness else (None,) * len(segments)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        shown = printable(str(dataset.root))
        raise DataError(f"the notes or details of {shown} cannot be read ({printable(repr(error))}); import the dataset again") from error
    heard = [place for place, segment in enumerate(segments) if segment.has_sound]
    splits = Counter(segment.split for segment in segments)
    categories = _categories(dataset, found)
    frames = _repeats(segments, (segment.frame_sha256 for segment in segments))
    counted = Description(
        name=dataset.name,
        digest=dataset.digest,
        kind=_kind(dataset.recipe),
        pairing=dataset.pairing,
        labels_from=dataset.labels_from,
        split_rule=SPLIT_RULES.get(str(dataset.recipe.get("split"))),
        n_segments=len(segments),
        n_frames=frames.n_listed,
        n_images=len({path for segment in segments for path in segment.frame_paths}),
        hours=len(heard) * SEGMENT_S / 3600,
        categories=categories,
        empty_labels=tuple(text for label, text in dataset.displays.items() if label not in {c.label for c in categories}),
        splits={"train": 0, **({"judge": 0} if splits["judge"] else {}), "test": 0, **dict(sorted(splits.items()))},
        skipped=skipped,
        noted=noted,
        durations=durations,
        sources=sources,
        sample_rates=dict(sorted(Counter(segments[place].sample_rate_hz for place in heard).items())),
        loudness=summarized([found[place] for place in heard]) if loudness else None,
        frame_repeats=frames,
        sound_repeats=_repeats(segments, ((segment.audio_sha256,) if segment.has_sound else () for segment in segments)),
        not_evaluated={dataset.displays.get(label, label): reason for label, reason in dataset.not_evaluated.items()},
        availability=availability,
        appendix=None,
    )
    return _beside(counted)


def _kind(recipe: Mapping[str, object]) -> str:
    """What made it: newer importers note a kind, the folder importer and the demo world their own name."""
    return str(recipe.get("kind") or recipe.get("importer") or str(recipe.get("generator", "unknown")).removeprefix("adis_bench."))


def _categories(dataset: Dataset, found: Sequence[float | None]) -> tuple[Category, ...]:
    members: dict[str, list[int]] = defaultdict(list)
    for place, segment in enumerate(dataset.segments):
        members[segment.label].append(place)
    categories = [_category(dataset, label, places, found) for label, places in members.items()]
    return tuple(sorted(categories, key=lambda c: (c.label in NO_CLASSES, -c.n, c.label)))


def _category(dataset: Dataset, label: str, places: Sequence[int], found: Sequence[float | None]) -> Category:
    segments = [dataset.segments[place] for place in places]
    known = [level for place in places if (level := found[place]) is not None and np.isfinite(level)]
    return Category(
        label=label,
        display=dataset.displays.get(label, label),
        n=len(segments),
        share=len(segments) / len(dataset.segments),
        splits=dict(Counter(segment.split for segment in segments)),
        n_sounds=sum(segment.has_sound for segment in segments),
        n_images=len({path for segment in segments for path in segment.frame_paths}),
        n_recordings=len({segment.audio_group for segment in segments if segment.has_sound}),
        median_db=float(np.median(known)) if known else None,
        not_evaluated=dataset.not_evaluated.get(label),
    )


def _durations(segments: Sequence[Segment], sources: Sequence[Source]) -> Durations | None:
    """Lengths of the videos; where they are not known, of the recordings as far as the segments hold them."""
    seconds: dict[str, float] = defaultdict(float)
    for segment in () if sources else filter(_has_sound, segments):
        seconds[segment.audio_group] += duration(segment.details.get("seconds", SEGMENT_S))
    lengths = [source.seconds for source in sources] or list(seconds.values())
    if not lengths:
        return None
    in_minutes = max(lengths) >= _MINUTES_FROM_S
    shown = histogram([length / 60 for length in lengths] if in_minutes else lengths, "min" if in_minutes else "s")
    return Durations(
        of="videos" if sources else "recordings",
        n=len(lengths),
        total_s=sum(lengths),
        shortest_s=min(lengths),
        median_s=float(np.median(lengths)),
        longest_s=max(lengths),
        histogram=shown,
    )


def _has_sound(segment: Segment) -> bool:
    return segment.has_sound


def _repeats(segments: Sequence[Segment], digests: Iterable[Sequence[str]]) -> Repeats:
    """Count digests that several segments list.

    Args:
        segments: the segments.
        digests: the digests that each of them lists.
    """
    first: dict[str, int] = {}
    several: dict[str, list[int]] = {}
    n_listed = 0
    for place, listed in enumerate(digests):
        n_listed += len(listed)
        for digest in dict.fromkeys(listed):
            seen = first.setdefault(digest, place)
            if seen != place:
                several.setdefault(digest, [seen]).append(place)
    across = sum(len({segments[place].split for place in places}) > 1 for places in several.values())
    # Frames of the same few segments are one example, not many.
    groups = list(dict.fromkeys(tuple(places) for places in several.values()))[:_GROUPS_SHOWN]
    examples = tuple(tuple(segments[place].segment_id for place in group[:_SEGMENTS_SHOWN]) for group in groups)
    return Repeats(n_listed, len(first), len(several), across, examples)


def _availability(notes: Mapping[str, object]) -> Availability | None:
    raw = notes.get("availability")
    if raw is None:
        return None
    if not isinstance(raw, Mapping):
        raise TypeError(f"availability is {type(raw).__name__}")
    hours = raw.get("hours")
    return Availability(int(raw["listed"]), int(raw["present"]), None if hours is None else duration(hours))


def _beside(counted: Description) -> Description:
    """The description with the appendix's counts, where the appendix counts such a dataset."""
    published = published_counts(counted.kind)
    if published is None:
        return counted
    n_test = counted.splits["test"]
    ours = {
        "videos": f"{len(counted.sources):,}" if counted.sources else None,
        "audios": f"{counted.n_segments:,}",
        # The appendix's numbers are products of audios and frames, so equal frames count each.
        "images": f"{counted.n_frames:,}",
        "test_audios": f"{n_test:,}",
        "test_share": f"{100 * n_test / counted.n_segments:.1f} %" if counted.n_segments else None,
        "hours": f"{counted.hours:.2f}",
    }
    counts = tuple(Beside(QUANTITIES[key], digits, ours[key]) for key, digits in published.counts.items())
    return replace(counted, appendix=Appendix(published.name, published.source, counts, published.remarks))
