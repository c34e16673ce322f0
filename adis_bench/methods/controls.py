"""The controls that stand first in every table: what a number means is seen from them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.media import Images, read_image
from adis_bench.datasets.pairs import pairs_digest
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_json
from adis_bench.methods.protocol import Conditioning, MethodOptions
from adis_bench.seeding import generator

_VERSION = 1  # raised when a control gives other images


class Control:
    """What the controls share: no settings, no variant, nothing to train."""

    name: str
    description: str
    citation = ""
    conditions_on: Conditioning = "nothing"

    def __init__(self, options: MethodOptions) -> None:
        given = [*options.settings, *([options.variant] if options.variant is not None else [])]
        if given:
            raise ConfigError(
                f"method {self.name!r} takes no settings and no variant, but got {', '.join(map(repr, given))}; leave them out"
            )
        self.resolution = options.resolution
        self.seed = options.seed

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Nothing to train."""

    def provenance(self) -> Mapping[str, Any]:
        """The facts that determine the images, and their digest."""
        facts = {"method": self.name, "version": _VERSION, "resolution": self.resolution, **self._facts()}
        return {**facts, "digest": digest_json(facts), "differences": []}

    def _facts(self) -> dict[str, Any]:
        return {}


class Identity(Control):
    """The source image unchanged: the best structure there is, and no style."""

    name = "identity"
    description = "the source image unchanged: the ceiling of structure, the floor of style"

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield the source images at the run's resolution."""
        return (read_image(pair.source_path, self.resolution) for pair in pairs)


class Target(Control):
    """The target segment's own first frame: what a perfect style looks like, in another scene."""

    name = "target"
    description = "the target segment's own frame: the ceiling of style, the source's scene is gone"
    conditions_on: Conditioning = "sound"

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield the targets' first frames at the run's resolution."""
        return (read_image(pair.target.frame_paths[0], self.resolution) for pair in pairs)


class Shuffled(Control):
    """Real frames of segments of another class than the target: chance.

    The frames are those of ``target``, dealt anew among the pairs so that no pair gets its own class.
    Every frame comes as often as in ``target``, thus a set metric that tells the two apart sees the
    match with the sound, not other images.
    """

    name = "shuffled"
    description = "the frames of 'target', dealt among the pairs so that the class is always wrong: chance"

    def __init__(self, options: MethodOptions) -> None:
        super().__init__(options)
        self._frames: dict[str, Path] = {}
        self._pairs_digest = ""

    def plan(self, pairs: Sequence[Pair]) -> None:
        """Deal the frames over all pairs of the run."""
        self._pairs_digest = pairs_digest(pairs)
        labels = np.unique([pair.target.label for pair in pairs], return_inverse=True)[1]
        dealt = deal_other_labels(labels, generator("shuffled", self._pairs_digest, self.seed))
        # With a single target class there is no frame of another one among the targets; the source is of another.
        self._frames = {
            pair.pair_id: pair.source_path if place is None else pairs[place].target.frame_paths[0]
            for pair, place in zip(pairs, dealt, strict=True)
        }

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield the frames dealt by ``plan``; without it, ``pairs`` is taken for the whole list."""
        if not self._frames:
            self.plan(pairs)
        unknown = [pair.pair_id for pair in pairs if pair.pair_id not in self._frames]
        if unknown:
            raise ConfigError(
                f"{len(unknown)} of {len(pairs)} pairs were not in the plan of 'shuffled', first: {unknown[0]}; plan all pairs first"
            )
        return (read_image(self._frames[pair.pair_id], self.resolution) for pair in pairs)

    def _facts(self) -> dict[str, Any]:
        return {"seed": self.seed, "pairs": self._pairs_digest}


def deal_other_labels(labels: NDArray[np.intp], rng: np.random.Generator) -> list[int | None]:
    """For each of n places another place with another label: a permutation where no label has more than half of the places.

    Where one has more, some of its places share; None where there is no other label at all.

    Args:
        labels: integers [n].
        rng: decides the order.
    """
    order = rng.permutation(len(labels))
    shared: dict[int, int | None] = {}
    for place in range(len(labels)):
        own = labels[place]
        if labels[order[place]] != own:
            continue
        # Both ends of such a swap are right afterwards; there is one unless `own` has more than half of the places.
        candidates = np.flatnonzero((labels != own) & (labels[order] != own))
        if candidates.size:
            other = rng.choice(candidates)
            order[[place, other]] = order[[other, place]]
        else:
            others = np.flatnonzero(labels != own)
            shared[place] = int(rng.choice(others)) if others.size else None
    return [shared[place] if place in shared else int(order[place]) for place in range(len(labels))]


class Oracle(Control):
    """The exact answer, which the demo world can render: the source's layout in the target's style."""

    name = "oracle"
    description = "demo world only: the source's scene rendered in the target's style, the exact answer"
    conditions_on: Conditioning = "sound"

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield the rendered answers.

        Raises:
            DataError: the dataset does not know layouts and styles.
        """
        lacking = [pair for pair in pairs if "layout" not in pair.source.details or "style" not in pair.target.details]
        if lacking:
            raise DataError(
                f"method 'oracle' needs the demo world: {len(lacking)} of {len(pairs)} pairs have no layout or style, "
                f"first: {lacking[0].pair_id}; leave 'oracle' out on this dataset"
            )
        return self._render(pairs)

    def _render(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        from adis_bench.datasets.demo.render import render  # only the demo world needs its renderer

        for pair in pairs:
            yield render(pair.source.details["layout"], pair.target.details["style"], self.resolution)
