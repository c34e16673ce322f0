"""Which classes of a test split meet in pairs, and in which order they are dealt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from adis_bench.datasets.records import Dataset, Segment
from adis_bench.errors import DataError


@dataclass(frozen=True, slots=True)
class Sides:
    """The test segments that pairs are made of.

    Attributes:
        sources: segments whose frames are source images, in the order of their ids.
        targets: segments whose sounds are targets, in the order of their ids.
    """

    sources: tuple[Segment, ...]
    targets: tuple[Segment, ...]

    @property
    def source_labels(self) -> list[str]:
        """Classes of the sources, sorted."""
        return sorted({segment.label for segment in self.sources})

    @property
    def target_labels(self) -> list[str]:
        """Classes of the targets, sorted."""
        return sorted({segment.label for segment in self.targets})

    @property
    def n_class_pairs(self) -> int:
        """Ordered pairs of a source class and another target class."""
        sources, targets = self.source_labels, self.target_labels
        return len(sources) * len(targets) - len(set(sources) & set(targets))


def sides_of(test: Dataset) -> Sides:
    """Sources and targets of the test split; classes that are not evaluated take no part.

    On a grid the sources are the pictures without sound, and the targets all sounds (which may have a frame of
    their own); elsewhere a segment is both.
    """
    segments = sorted((s for s in test.segments if s.split == "test" and s.label not in test.not_evaluated), key=lambda s: s.segment_id)
    of_grid = test.pairing == "grid"
    return Sides(
        sources=tuple(s for s in segments if s.has_frames and not (of_grid and s.has_sound)),
        targets=tuple(s for s in segments if s.has_sound),
    )


def refuse_without_pairs(test: Dataset, sides: Sides) -> None:
    """Raise where no source class meets another target class.

    Raises:
        DataError: which classes there are, and what to do.
    """
    if sides.n_class_pairs:
        return
    left_out = "".join(f"; class {label} is not evaluated: {reason}" for label, reason in test.not_evaluated.items())
    if test.pairing == "grid":
        n_sources, n_targets = len(sides.sources), len(sides.targets)
        raise DataError(
            f"{test.root}: {n_sources} images of {_named(sides.source_labels)} and {n_targets} sounds of {_named(sides.target_labels)}; "
            f"a grid needs images and sounds of different classes: add some, and import again{left_out}"
        )
    labels = sorted({*sides.source_labels, *sides.target_labels})
    raise DataError(
        f"{test.root}: {len(labels)} of {len(test.labels)} classes have test data ({', '.join(labels) or 'none'}), a pair needs two; "
        f"add photographs and recordings from other sources to the classes that have one only, and import again{left_out}"
    )


def _named(labels: Sequence[str]) -> str:
    return f"{len(labels)} classes" if len(labels) > 3 else f"class {', '.join(labels)}" if labels else "no class"


def class_rounds(sources: Sequence[str], targets: Sequence[str], rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Every pair of a source class and another target class once, in seeded order.

    Where sources and targets have the same classes, every stretch of as many pairs as classes holds each of them
    once on either side. Elsewhere a stretch as long as the side with more classes holds each of those once, and
    each class of the other side as often as the others, to within one (equal labels are skipped).
    """
    if list(sources) == list(targets):
        yield from _among(sources, rng)
    else:
        yield from _across(sources, targets, rng)


def _among(labels: Sequence[str], rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    order = [labels[i] for i in rng.permutation(len(labels))]
    for shift in rng.permutation(np.arange(1, len(labels))):
        for place, label in enumerate(order):
            yield label, order[(place + shift) % len(order)]


def _across(sources: Sequence[str], targets: Sequence[str], rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    swapped = len(sources) < len(targets)
    long, short = (targets, sources) if swapped else (sources, targets)
    long_order, short_order = ([labels[i] for i in rng.permutation(len(labels))] for labels in (long, short))
    for shift in rng.permutation(len(short)):
        for place, label in enumerate(long_order):
            other = short_order[(place + shift) % len(short)]
            if label != other:
                yield (other, label) if swapped else (label, other)
