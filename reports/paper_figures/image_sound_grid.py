"""Which images and sounds of a run stand in its grid: those that met each other most."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reports.data import PairRow


@dataclass(frozen=True, slots=True)
class ImageSoundGrid:
    """Images and sounds, and the pairs that they make.

    Attributes:
        images: source images by rows, with their labels.
        sounds: target sounds by columns, with their labels.
        pairs: by (image, sound); where a pair list has none, there is no entry.
    """

    images: dict[Path, str]
    sounds: dict[Path, str]
    pairs: dict[tuple[Path, Path], PairRow]

    @property
    def n_cells(self) -> int:
        """Of the grid, with or without a pair."""
        return len(self.images) * len(self.sounds)


def fullest_grid(pairs: Sequence[PairRow], n_images: int, n_sounds: int, seed: int) -> ImageSoundGrid:
    """Images and sounds that met each other most: the pair list and the seed decide, outputs don't.

    Greedy: of all images and sounds, the one that met the smallest share of the other side goes, until the sizes are
    reached; among equals the one whose class has the most left, then the last in seeded order. The largest full grid is
    not always found (that is as hard as finding a biclique), but a pair list that is itself a full grid gives a full one.

    Args:
        pairs: the pair list.
        n_images: rows at most.
        n_sounds: columns at most.
        seed: decides among equals.
    """
    rng = np.random.default_rng([seed, 0xF164])
    images = {pair.source_path: pair.source_label for pair in pairs}
    sounds = {pair.target_audio_path: pair.target_label for pair in pairs}
    rows, columns = ([names[place] for place in rng.permutation(len(names))] for names in (sorted(images), sorted(sounds)))
    met = np.zeros((len(rows), len(columns)), bool)
    row_of, column_of = ({name: place for place, name in enumerate(names)} for names in (rows, columns))
    for pair in pairs:
        met[row_of[pair.source_path], column_of[pair.target_audio_path]] = True
    labels = [images[name] for name in rows], [sounds[name] for name in columns]
    kept_rows, kept_columns = _peeled(met, labels, (n_images, n_sounds))
    shown_images = _by_label([rows[place] for place in kept_rows], images)
    shown_sounds = _by_label([columns[place] for place in kept_columns], sounds)
    within = {
        (p.source_path, p.target_audio_path): p for p in pairs if p.source_path in shown_images and p.target_audio_path in shown_sounds
    }
    return ImageSoundGrid(shown_images, shown_sounds, within)


def _by_label(names: Sequence[Path], labels: dict[Path, str]) -> dict[Path, str]:
    return {name: labels[name] for name in sorted(names, key=lambda name: labels[name])}


def _peeled(
    met: NDArray[np.bool_], labels: tuple[Sequence[str], Sequence[str]], sizes: tuple[int, int]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of the rows and of the columns that are left."""
    kept = [np.arange(met.shape[0]), np.arange(met.shape[1])]
    degrees = [met.sum(axis=1), met.sum(axis=0)]
    while any(len(places) > size for places, size in zip(kept, sizes, strict=True)):
        offers = []
        for side in (0, 1):
            if len(kept[side]) > sizes[side]:
                share = degrees[side][kept[side]] / len(kept[1 - side])
                at = _weakest(share, [labels[side][int(place)] for place in kept[side]])
                # Among equals the side that has further to go.
                offers.append((share[at], -len(kept[side]) / sizes[side], side, at))
        _, _, side, at = min(offers)
        gone = kept[side][at]
        degrees[1 - side] = degrees[1 - side] - (met[gone] if side == 0 else met[:, gone])
        kept[side] = np.delete(kept[side], at)
    return kept[0], kept[1]


def _weakest(shares: NDArray[np.float64], labels: Sequence[str]) -> int:
    counts = Counter(labels)
    weakest = np.flatnonzero(shares == shares.min())
    return max((int(at) for at in weakest), key=lambda at: (counts[labels[at]], at))
