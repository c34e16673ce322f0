"""What is known of a dataset as a whole: the record that text, JSON, figures and page are made from."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from adis_bench.datasets.histogram import Histogram
from adis_bench.datasets.loudness import Loudness
from adis_bench.datasets.published_counts import Remark
from adis_bench.datasets.skipped import SKIP_REASONS, Skipped, SkipReason
from adis_bench.datasets.video_splits import NO_CLASSES

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Source:
    """A video that segments were cut from; None for what its importer did not note."""

    name: str
    seconds: float
    n_segments: int | None
    width: int | None
    height: int | None
    fps: float | None
    audio_rate_hz: int | None


@dataclass(frozen=True, slots=True)
class Durations:
    """How long the sources are.

    Attributes:
        of: ``videos`` with their whole length, or ``recordings`` with the part that the segments hold, where that is all that is known.
        n: how many.
        total_s, shortest_s, median_s, longest_s: in seconds.
        histogram: in minutes, or in seconds where none reaches two minutes.
    """

    of: Literal["videos", "recordings"]
    n: int
    total_s: float
    shortest_s: float
    median_s: float
    longest_s: float
    histogram: Histogram


@dataclass(frozen=True, slots=True)
class Category:
    """One class.

    Attributes:
        label: machine form.
        display: form that people read.
        n: segments.
        share: of all segments.
        splits: split -> segments.
        n_sounds: of these, with a sound.
        n_images: files of frames, each counted once.
        n_recordings: recordings that its sounds come from.
        median_db: median level of its segments in dBFS; None where it was not measured.
        not_evaluated: why it is left out of pairs; None where it isn't.
    """

    label: str
    display: str
    n: int
    share: float
    splits: Mapping[str, int]
    n_sounds: int
    n_images: int
    n_recordings: int
    median_db: float | None
    not_evaluated: str | None


@dataclass(frozen=True, slots=True)
class Share:
    """A class's part of all sounds.

    Attributes:
        label, display: the class.
        n: its sounds.
        share: of all.
    """

    label: str
    display: str
    n: int
    share: float


@dataclass(frozen=True, slots=True)
class Repeats:
    """Files of one kind with the very same bytes.

    Attributes:
        n_listed: files as the segments list them.
        n_distinct: different ones among them.
        n_shared: different ones that more than one segment lists.
        n_across_splits: of those, listed by segments of more than one split.
        examples: segments of the first few shared ones.
    """

    n_listed: int
    n_distinct: int
    n_shared: int
    n_across_splits: int
    examples: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Noted:
    """What the importer remarked of files that it kept, or of things that are no files.

    Attributes:
        text: in words, without the number.
        n: how many.
        names: the first few, or all with their numbers.
        n_unnamed: how many are not among the names, where those are some of many.
    """

    text: str
    n: int
    names: tuple[str, ...] = ()
    n_unnamed: int = 0


@dataclass(frozen=True, slots=True)
class Beside:
    """A count of the paper's appendix and ours.

    Attributes:
        what: is counted.
        published: digits as they were printed.
        ours: in the same form; None where the dataset doesn't know.
    """

    what: str
    published: str
    ours: str | None


@dataclass(frozen=True, slots=True)
class Appendix:
    """The appendix's counts beside ours, and what is known to contradict them."""

    name: str
    source: str
    counts: tuple[Beside, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Availability:
    """How much of a published list of videos is still there.

    Attributes:
        listed: videos of the list.
        present: of those, in this dataset.
        hours: their length; None where it is not noted.
    """

    listed: int
    present: int
    hours: float | None


@dataclass(frozen=True, slots=True)
class Description:
    """Statistics of a dataset, JSON-compatible by ``to_json``.

    Attributes:
        name, digest, kind, pairing, labels_from, split_rule: what it is; ``split_rule`` is None where none was noted.
        n_segments: segments.
        n_frames: frames as the segments list them.
        n_images: files among them, each counted once, however many segments list it; ``frame_repeats`` says how many differ.
        hours: of sound: 3 s for each segment that has one.
        categories: classes with segments, the most frequent first, then those that are no categories (unknown, other).
        empty_labels: display forms of classes without segments.
        splits: split -> segments; ``train`` and ``test`` always, ``judge`` where there is one.
        skipped: files that were left out.
        noted: remarks of the importer.
        durations: of the sources.
        sources: the videos; empty where the dataset doesn't know any.
        sample_rates: sample rate in Hz -> segments.
        loudness: None where it was not measured.
        frame_repeats, sound_repeats: duplicates.
        not_evaluated: display form of a class -> why it is left out of pairs.
        availability: None where there is no published list.
        appendix: None for datasets that the appendix doesn't count.
    """

    name: str
    digest: str
    kind: str
    pairing: str
    labels_from: str
    split_rule: str | None
    n_segments: int
    n_frames: int
    n_images: int
    hours: float
    categories: tuple[Category, ...]
    empty_labels: tuple[str, ...]
    splits: Mapping[str, int]
    skipped: tuple[Skipped, ...]
    noted: tuple[Noted, ...]
    durations: Durations | None
    sources: tuple[Source, ...]
    sample_rates: Mapping[int, int]
    loudness: Loudness | None
    frame_repeats: Repeats
    sound_repeats: Repeats
    not_evaluated: Mapping[str, str]
    availability: Availability | None
    appendix: Appendix | None

    @property
    def all_audible(self) -> bool:
        """Whether every segment has a sound; in test data of images and sounds of different sources, most have one of them."""
        return sum(category.n_sounds for category in self.categories) == self.n_segments

    @property
    def audios_by_category(self) -> tuple[Share, ...]:
        """What the paper's Figure 1b draws: the shares of sounds, the largest first, then of what is no category."""
        total = sum(category.n_sounds for category in self.categories)
        shares = [Share(c.label, c.display, c.n_sounds, c.n_sounds / total) for c in self.categories if c.n_sounds]
        return tuple(sorted(shares, key=lambda share: (share.label in NO_CLASSES, -share.n, share.label)))

    @property
    def skipped_by_reason(self) -> dict[SkipReason, int]:
        """Files left out by reason, in the order of the closed list; only reasons that occur."""
        counts = Counter(entry.reason for entry in self.skipped)
        return {reason: counts[reason] for reason in SKIP_REASONS if counts[reason]}

    def summary(self) -> dict[str, Any]:
        """What ``adis-bench data describe --json`` prints."""
        return {
            "name": self.name,
            "digest": self.digest,
            "n_segments": self.n_segments,
            "n_images": self.n_images,
            "hours": self.hours,
            "by_label": {category.label: category.n for category in self.categories},
            "splits": dict(self.splits),
            "skipped": [{"path": entry.path, "reason": entry.reason} for entry in self.skipped],
        }

    def to_json(self) -> dict[str, Any]:
        """Everything, for ``description.json``."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self), "skipped_by_reason": self.skipped_by_reason}
