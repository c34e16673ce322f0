"""The controls that stand first in every table: what a number means is seen from them."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.dealing import interleaved
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
    match with the sound, not other images. Where some target sounds have no frame, those of the others come in turn;
    where none has one, training frames do, those of classes that the training data doesn't evaluate (``unknown``, say)
    only if there are no others, since they might fit.
    """

    name = "shuffled"
    description = "the frames of 'target', dealt among the pairs so that the class is always wrong: chance"

    def __init__(self, options: MethodOptions) -> None:
        super().__init__(options)
        self._frames: dict[str, Path] = {}
        self._pairs: Sequence[Pair] = ()
        self._pairs_digest = self._train_digest = ""

    def plan(self, pairs: Sequence[Pair]) -> None:
        """Deal the targets' frames over all pairs of the run; where there are none, ``fit`` deals training frames."""
        self._pairs, self._pairs_digest, self._frames = pairs, pairs_digest(pairs), {}
        framed = [pair for pair in pairs if pair.target.has_frames]
        rng = generator("shuffled", self._pairs_digest, self.seed)
        if not framed:
            self.description = "training frames, dealt among the pairs so that the class is never the target sound's: chance"
        elif len(framed) < len(pairs):
            shown = [framed[place].target for place in rng.permutation(len(framed))]
            self._frames = _in_turn(pairs, [(target.label, target.frame_paths[0]) for target in shown])
        else:
            labels = np.unique([pair.target.label for pair in pairs], return_inverse=True)[1]
            # With a single target class there is no frame of another one among the targets; the source is of another.
            self._frames = {
                pair.pair_id: pair.source_path if place is None else pairs[place].target.frame_paths[0]
                for pair, place in zip(pairs, deal_other_labels(labels, rng), strict=True)
            }

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Deal training frames where no planned pair's target has one; nothing to do elsewhere."""
        if not self._frames and self._pairs:
            self._train_digest = train.digest
            rng = generator("shuffled", self._pairs_digest, train.digest, self.seed)
            self._frames = _in_turn(self._pairs, _training_frames(train, rng))

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield the frames dealt by ``plan`` or ``fit``; without a plan, ``pairs`` is taken for the whole list."""
        if not self._pairs:
            self.plan(pairs)
        unknown = [pair.pair_id for pair in pairs if pair.pair_id not in self._frames]
        if unknown and not self._frames:
            raise ConfigError("'shuffled' was asked for images before `fit`: target sounds without frames get training frames")
        if unknown:
            raise ConfigError(
                f"{len(unknown)} of {len(pairs)} pairs were not in the plan of 'shuffled', first: {unknown[0]}; plan all pairs first"
            )
        return (read_image(self._frames[pair.pair_id], self.resolution) for pair in pairs)

    def _facts(self) -> dict[str, Any]:
        return {"seed": self.seed, "pairs": self._pairs_digest, **({"train": self._train_digest} if self._train_digest else {})}


def _in_turn(pairs: Sequence[Pair], frames: Sequence[tuple[str, Path]]) -> dict[str, Path]:
    """For each pair the frame (label, path) of another class than its target that has waited longest; the source without any."""
    waiting, dealt = deque(frames), {}
    for pair in pairs:
        place = next((k for k, (label, _) in enumerate(waiting) if label != pair.target.label), None)
        if place is None:
            dealt[pair.pair_id] = pair.source_path
            continue
        frame = waiting[place]
        del waiting[place]
        waiting.append(frame)
        dealt[pair.pair_id] = frame[1]
    return dealt


def _training_frames(train: Dataset, rng: np.random.Generator) -> list[tuple[str, Path]]:
    """Label and path of every distinct training frame in seeded order, one of every photograph or video first."""
    named = [segment for segment in train.segments if segment.label not in train.not_evaluated]
    found: dict[str, tuple[str, Path, str]] = {}
    for segment in sorted(named or train.segments, key=lambda s: s.segment_id):
        for path, digest, group in zip(segment.frame_paths, segment.frame_sha256, segment.frame_groups, strict=True):
            found.setdefault(digest, (segment.label, path, group))
    return [(label, path) for label, path, _ in interleaved(list(found.values()), lambda frame: frame[2], rng)]


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
