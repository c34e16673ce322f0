"""The sample sheet of a dataset: a few segments of every class, with what they show and how they sound."""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from adis_bench.datasets.dealing import interleaved
from adis_bench.datasets.description import Category
from adis_bench.datasets.leakage import NearPair
from adis_bench.datasets.media import read_image
from adis_bench.datasets.records import Dataset, Segment
from adis_bench.datasets.video_splits import NO_CLASSES
from adis_bench.errors import DataError
from adis_bench.seeding import generator
from reports.media import MAX_SIDE, MediaFolder, Picture, Sound

MOST_SAMPLES, LEAST_SAMPLES, ALL_SAMPLES = 6, 2, 60
"""Per class at most, at least, and on the page where it has few classes: three rows of a wide window, and some 10 MB of sounds."""
MOST_CLASSES = 40
"""Classes on the sheet; datasets of hundreds would make a page of hundreds of MB."""
MOSAIC = 12
"""Pictures at the head of the page."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A segment on the sheet; of data with images and sounds of different sources one of each, drawn separately.

    Attributes:
        split: split.
        image_of, sound_of: segment that each comes from; empty where there is none.
        picture, sound: None where they are gone, or were never there.
    """

    split: str
    image_of: str
    sound_of: str
    picture: Picture | None
    sound: Sound | None


@dataclass(frozen=True, slots=True)
class ClassSheet:
    """The samples of one class."""

    category: Category
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class NearPictures:
    """Two frames that look alike, and their pictures."""

    pair: NearPair
    test: Picture | None
    train: Picture | None


@dataclass(frozen=True, slots=True)
class _Shown:
    """Brings media of a dataset into the page's folder.

    A damaged file leaves a gap that is named; `adis-bench data check` finds all of them. So does a link out of the dataset's
    folder: a dataset may come from anybody, and a page that is passed on must not hold files of whoever wrote it.
    """

    root: Path
    media: MediaFolder

    def picture(self, path: Path) -> Picture | None:
        try:
            return self.media.image(path, min(MAX_SIDE, max(read_image(path).shape[:2]))) if self._is_inside(path) else None
        except DataError:
            return None

    def sound(self, path: Path) -> Sound | None:
        try:
            return self.media.sound(path) if self._is_inside(path) else None
        except DataError:
            return None

    def _is_inside(self, path: Path) -> bool:
        return Path(os.path.realpath(path)).is_relative_to(self.root)


def _shown(dataset: Dataset, media: MediaFolder) -> _Shown:
    return _Shown(Path(os.path.realpath(dataset.root)), media)


def sheets(dataset: Dataset, categories: Sequence[Category], media: MediaFolder, seed: int = 0) -> tuple[ClassSheet, ...]:
    """Draw samples of every class and bring their media into the page's folder.

    (dataset digest, class, seed) decide; every recording of a class has a sample before one has two.
    """
    members: dict[str, list[Segment]] = defaultdict(list)
    for segment in dataset.segments:
        members[segment.label].append(segment)
    n = max(LEAST_SAMPLES, min(MOST_SAMPLES, ALL_SAMPLES // max(len(categories), 1)))
    found, shown = [], _shown(dataset, media)
    for category in categories[:MOST_CLASSES]:
        rng = generator("samples", dataset.digest, category.label, seed)
        found.append(ClassSheet(category, tuple(_drawn(members[category.label], n, rng, shown))))
    return tuple(found)


def _drawn(members: Sequence[Segment], n: int, rng: np.random.Generator, shown: _Shown) -> Iterator[Sample]:
    whole = [segment for segment in members if segment.has_frames and segment.has_sound]
    for segment in interleaved(whole, _recording, rng)[:n]:
        yield _sample(segment, segment, shown)
    n -= len(whole)
    if n > 0:
        images = interleaved([segment for segment in members if not segment.has_sound], _photograph, rng)[:n]
        sounds = interleaved([segment for segment in members if not segment.has_frames], _recording, rng)[:n]
        for image, sound in zip_longest(images, sounds):
            yield _sample(image, sound, shown)


def _recording(segment: Segment) -> str:
    return segment.audio_group


def _photograph(segment: Segment) -> str:
    return segment.frame_groups[0]


def _sample(image: Segment | None, sound: Segment | None, shown: _Shown) -> Sample:
    return Sample(
        split=next(segment.split for segment in (image, sound) if segment),
        image_of=image.segment_id if image else "",
        sound_of=sound.segment_id if sound else "",
        picture=shown.picture(image.frame_paths[0]) if image else None,
        sound=shown.sound(sound.audio_path) if sound else None,
    )


def mosaic(drawn: Sequence[ClassSheet]) -> tuple[tuple[str, Picture], ...]:
    """A picture of each of the most frequent categories, for the head of the page; none where there are fewer than two."""
    found = [
        (sheet.category.display, picture)
        for sheet in drawn
        if sheet.category.label not in NO_CLASSES and (picture := next((s.picture for s in sheet.samples if s.picture), None))
    ]
    return tuple(found[:MOSAIC]) if len(found) > 1 else ()


def near_pairs(dataset: Dataset, examples: Sequence[NearPair], media: MediaFolder) -> tuple[NearPictures, ...]:
    """Frames of both sides of a split that look alike, for people to judge."""
    shown = _shown(dataset, media)
    return tuple(NearPictures(p, shown.picture(dataset.root / p.test), shown.picture(dataset.root / p.train)) for p in examples)
