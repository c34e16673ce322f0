"""What people answered, sorted by what it is for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adis_bench.study.rankings import Rankings
from adis_bench.study.rejection import Rejection


@dataclass(frozen=True, slots=True)
class GoldAnswer:
    """A worker on an item with a known answer; ``passed`` where the right image stands above the wrong one."""

    worker: str
    item: str
    passed: bool


@dataclass(frozen=True, slots=True)
class RepeatAnswer:
    """A worker on an item that was shown again; ``item`` is the first showing, ``ranks`` are in the order of the methods."""

    worker: str
    item: str
    ranks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Comment:
    """What a worker wrote; untrusted text."""

    worker: str
    item: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """A file of answers, read and checked.

    Attributes:
        rankings: those that are analysed: of items to be ranked, neither gold nor repeats.
        rejected: answers of all kinds that are left out, by reason: a gold answer or a repeat that cannot be read is counted here like
            a ranking. As read, ``len(rankings.ranks) + len(gold) + len(repeats)`` and the rejected ones are all answers of the file.
        slot_ranks: float64 [n, k], the rows of ``rankings`` by place on the page; None where places are unknown (a long CSV).
        gold: one for each answer to a gold item, passed or not; none of a long CSV, where they are rejected as ``unknown_item``.
        repeats: one for each second ranking of a repeated item; the first one is in ``rankings``, if it was given.
        comments: of the answers that count. Gold, repeats and comments have the worker's id as in ``rankings``.

    Screening takes gold and repeats of the workers it leaves out away without counting them as rejected: to tell how many were read,
    count them before.
    """

    rankings: Rankings
    rejected: tuple[Rejection, ...] = ()
    slot_ranks: NDArray[np.float64] | None = None
    gold: tuple[GoldAnswer, ...] = ()
    repeats: tuple[RepeatAnswer, ...] = ()
    comments: tuple[Comment, ...] = ()
