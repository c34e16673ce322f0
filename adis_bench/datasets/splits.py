"""Splits: stratified by class and kind, over whole groups, the same for the same content and seed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError
from adis_bench.seeding import generator

Kind = Literal["image", "audio"]
Stratum = tuple[str, Kind]

_DRAWS = 64  # seeded draws of whole groups; the one whose numbers of pieces are nearest to the shares is taken


@dataclass(frozen=True, slots=True)
class Piece:
    """A file (or a segment) that is put on one side of the split.

    Attributes:
        name: unique among the pieces.
        label: its class.
        kind: ``image`` or ``audio``; both kinds of a class are split alike, each with its own shares.
        group: what it was cut from; a group is never on both sides, whatever kinds and classes it holds.
    """

    name: str
    label: str
    kind: Kind
    group: str


@dataclass(frozen=True, slots=True)
class Splits:
    """Where every piece goes.

    Attributes:
        of: name of a piece -> ``train``, ``judge`` or ``test``.
        not_evaluated: label -> reason, for classes without test data.
        divided: class and kind whose train and judge pieces come from the same groups, because it has too few.
        no_judge: labels without judge pieces.
        left_out: names of pieces on the test side of classes that cannot be evaluated.
    """

    of: Mapping[str, str]
    not_evaluated: Mapping[str, str]
    divided: tuple[Stratum, ...]
    no_judge: tuple[str, ...]
    left_out: tuple[str, ...]


def assign(pieces: Sequence[Piece], *, test_share: float, judge_share: float, seed: int) -> Splits:
    """Split pieces into train, judge and test.

    A class with two or more groups of each of its kinds has a group of each on both sides; a class
    with one goes to training and is reported. The judge part is whole groups where at least two are
    left for training, else pieces of the single group are divided (the last by name are held back).

    Args:
        pieces: what to split.
        test_share: share of a class's groups for testing, 0 (no test split) to below 1.
        judge_share: share of what remains for the judge network, 0 (none) to below 1.
        seed: decides which groups.

    Raises:
        ConfigError: a share is out of range.
    """
    for name, share in (("test", test_share), ("judge", judge_share)):
        if not 0.0 <= share < 1.0:
            raise ConfigError(f"the {name} share must be at least 0 and below 1, not {share}")
    strata = _strata(pieces)
    few = _too_few_groups(strata) if test_share > 0 else {}
    side: dict[str, str] = {}
    # Those with the least choice come first; what need not be tested takes what the others left.
    n_groups = {stratum: len(_groups(members)) for stratum, members in strata.items()}
    for stratum in sorted(strata, key=lambda s: (s[0] in few and n_groups[s] > 1, n_groups[s], s)):
        shares = 0.0 if stratum[0] in few else test_share, judge_share
        _assign_groups(Counter(p.group for p in strata[stratum]), side, shares, generator("split", seed, *stratum))
    of = {p.name: side[p.group] for p in pieces}
    divided = tuple(s for s in sorted(strata) if judge_share > 0 and _divide(strata[s], of, judge_share))
    return _settled(strata, of, few, divided, evaluated=test_share > 0)


def _strata(pieces: Iterable[Piece]) -> dict[Stratum, list[Piece]]:
    strata: dict[Stratum, list[Piece]] = defaultdict(list)
    for piece in sorted(pieces, key=lambda p: p.name):
        strata[piece.label, piece.kind].append(piece)
    return dict(strata)


def _groups(pieces: Iterable[Piece]) -> set[str]:
    return {piece.group for piece in pieces}


def _too_few_groups(strata: Mapping[Stratum, Sequence[Piece]]) -> dict[str, str]:
    few: dict[str, list[str]] = defaultdict(list)
    for (label, kind), pieces in sorted(strata.items()):
        if len(_groups(pieces)) < 2:
            few[label].append(f"all {len(pieces)} {'images' if kind == 'image' else 'sounds'} come from one source")
    return {label: f"{' and '.join(reasons)}: all of it is used for training" for label, reasons in few.items()}


def _assign_groups(sizes: Mapping[str, int], side: dict[str, str], shares: tuple[float, float], rng: np.random.Generator) -> None:
    """Give the stratum's groups a side where another stratum has not done so yet."""
    n_test, n_judge = _group_counts(len(sizes), *shares)
    taken = Counter(side[group] for group in sizes if group in side)
    free = sorted(group for group in sizes if group not in side)
    room = len(free) - (0 if taken["train"] else 1)
    n_test = max(0, min(n_test - taken["test"], room))
    n_judge = max(0, min(n_judge - taken["judge"], room - n_test))
    counts = np.array([sizes[group] for group in free], dtype=np.int64)
    orders = rng.permuted(np.tile(np.arange(len(free)), (_DRAWS, 1)), axis=1)
    test = counts[orders[:, :n_test]].sum(axis=1)
    judge = counts[orders[:, n_test : n_test + n_judge]].sum(axis=1)
    cost = abs(test - shares[0] * counts.sum()) + abs(judge - shares[1] * (counts.sum() - test))
    best = orders[np.argmin(cost)]
    for rank, place in enumerate(best):
        side[free[place]] = "test" if rank < n_test else "judge" if rank < n_test + n_judge else "train"


def _group_counts(n: int, test_share: float, judge_share: float) -> tuple[int, int]:
    """How many of ``n`` groups are for test and judge: at least one where wanted, and one left to train."""
    wants_judge = judge_share > 0
    n_test = min(max(1, round(test_share * n)), max(1, n - 1 - wants_judge)) if test_share > 0 and n > 1 else 0
    rest = n - n_test
    n_judge = min(max(1, round(judge_share * rest)), rest - 1) if wants_judge and rest > 1 else 0
    return n_test, n_judge


def _divide(pieces: Sequence[Piece], of: dict[str, str], judge_share: float) -> bool:
    """Without a judge group, hold back the last training pieces by name: neighbours in a recording stay together."""
    train = [p for p in pieces if of[p.name] == "train"]
    if len(train) < 2 or any(of[p.name] == "judge" for p in pieces):
        return False
    n_judge = min(max(1, round(judge_share * len(train))), len(train) - 1)
    of.update((piece.name, "judge") for piece in train[-n_judge:])
    return True


def _settled(
    strata: Mapping[Stratum, Sequence[Piece]], of: dict[str, str], few: Mapping[str, str], divided: tuple[Stratum, ...], *, evaluated: bool
) -> Splits:
    """Keep only what both kinds of a class have: a sound without an image of its split is of no use."""
    labels = sorted({label for label, _ in strata})
    has = {label: [{of[p.name] for p in members} for (name, _), members in strata.items() if name == label] for label in labels}
    no_judge = tuple(label for label in labels if not all("judge" in sides for sides in has[label]))
    not_evaluated: dict[str, str] = {}
    for label in labels if evaluated else []:
        if not all({"train", "test"} <= sides for sides in has[label]):
            not_evaluated[label] = few.get(label, "its sources are shared with other classes, so that one side of the split stays empty")
    left_out = []
    for (label, _), members in strata.items():
        for piece in members:
            if of[piece.name] == "judge" and label in no_judge:
                of[piece.name] = "train"
            if of[piece.name] == "test" and label in not_evaluated:
                left_out.append(piece.name)
                del of[piece.name]
    kept = tuple(stratum for stratum in divided if stratum[0] not in no_judge)
    return Splits(of, not_evaluated, kept, no_judge, tuple(sorted(left_out)))


def linked(keys: Sequence[Sequence[str]]) -> list[int]:
    """Number the connected components: two items with a key in common have the same number.

    Args:
        keys: the keys of every item.
    """
    numbers: dict[str, int] = {}
    rows = [row for row, names in enumerate(keys) for _ in names]
    columns = [len(keys) + numbers.setdefault(name, len(numbers)) for names in keys for name in names]
    size = len(keys) + len(numbers)
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(size, size))
    return [int(number) for number in connected_components(graph, directed=False)[1][: len(keys)]]


def hold_back(train: Dataset, share: float, seed: int) -> tuple[Dataset, Dataset]:
    """Hold back a judge split from a training split: segments that share a sound or frame group stay together.

    Where a class is one such group, its segments are divided; ``notes["hold_back"]`` of both parts says
    for which classes, and which have no judge segments.

    Args:
        train: the training split.
        share: share of every class to hold back, 0 to below 1.
        seed: decides which groups.

    Returns:
        The rest of the training split, and the judge split.

    Raises:
        ConfigError: the share is out of range.
    """
    segments = sorted((s for s in train.segments if s.split == "train"), key=lambda s: s.segment_id)
    groups = linked([[f"audio {s.audio_group}", *(f"frame {group}" for group in s.frame_groups)] for s in segments])
    pieces = [Piece(s.segment_id, s.label, "audio", str(group)) for s, group in zip(segments, groups, strict=True)]
    splits = assign(pieces, test_share=0.0, judge_share=share, seed=seed)
    note = {"share": share, "seed": seed, "divided": [label for label, _ in splits.divided], "no_judge": list(splits.no_judge)}
    noted = replace(train, notes={**train.notes, "hold_back": note})
    judge = [replace(s, split="judge") for s in segments if splits.of[s.segment_id] == "judge"]
    return noted.with_segments(s for s in segments if splits.of[s.segment_id] == "train"), noted.with_segments(judge)
