"""Which pairs of a run are swept, and which second sound each is mixed with."""

from collections import deque
from collections.abc import Sequence

from adis_bench.datasets.dealing import interleaved
from adis_bench.datasets.pairs import pairs_digest
from adis_bench.datasets.records import Dataset, Pair, Segment
from adis_bench.errors import DataError
from adis_bench.seeding import generator

N_SHOWN = 3
"""Pairs whose sounds are kept for figures (ours): a page holds about three strips."""


def chosen_pairs(pairs: Sequence[Pair], n: int, seed: int) -> list[Pair]:
    """``n`` pairs in seeded order, or all where there are fewer; target classes differ in count by one at most while they last.

    Within a class, one pair of every recording comes first.
    """
    rng = generator("sweep", pairs_digest(pairs), seed)
    labels = sorted({pair.target.label for pair in pairs})
    waiting = [
        deque(interleaved([p for p in pairs if p.target.label == label], lambda pair: pair.target.audio_group, rng)) for label in labels
    ]
    dealt: list[Pair] = []
    while len(dealt) < min(n, len(pairs)):
        for place in rng.permutation(len(waiting)):
            if waiting[place] and len(dealt) < n:
                dealt.append(waiting[place].popleft())
    return dealt


def shown_pairs(pairs: Sequence[Pair]) -> list[Pair]:
    """The first pairs of different target classes: those that figures show."""
    first: dict[str, Pair] = {}
    for pair in pairs:
        first.setdefault(pair.target.label, pair)
    return list(first.values())[:N_SHOWN]


def second_sounds(pairs: Sequence[Pair], dataset: Dataset, seed: int) -> list[Segment]:
    """For each pair a test sound of a third class, neither the source's nor the target's; sounds come again only after all others.

    Raises:
        DataError: the test split has no such sound for a pair.
    """
    test = dataset.split("test")
    heard = [s for s in test.segments if s.has_sound and s.label not in test.not_evaluated and s.label not in test.nameless]
    rng = generator("sweep-mix", dataset.digest, seed)
    waiting = deque(interleaved(sorted(heard, key=lambda s: s.segment_id), lambda segment: segment.audio_group, rng))
    found = []
    for pair in pairs:
        taken = {pair.source.label, pair.target.label}
        place = next((k for k, segment in enumerate(waiting) if segment.label not in taken), None)
        if place is None:
            raise DataError(
                f"no test sound of a third class to mix into {pair.pair_id}: the test split has sounds of "
                f"{len({s.label for s in heard})} classes; sweep the volume alone with --kind volume"
            )
        segment = waiting[place]
        del waiting[place]
        waiting.append(segment)
        found.append(segment)
    return found
