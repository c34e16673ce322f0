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
        rankings: those that are analysed.
        rejected: what is left out, by reason.
        slot_ranks: float64 [n, k], the rows of ``rankings`` by place on the page; None where places are unknown (a long CSV).
        gold, repeats, comments: the rest, each with the worker's id as in ``rankings``.
    """

    rankings: Rankings
    rejected: tuple[Rejection, ...] = ()
    slot_ranks: NDArray[np.float64] | None = None
    gold: tuple[GoldAnswer, ...] = ()
    repeats: tuple[RepeatAnswer, ...] = ()
    comments: tuple[Comment, ...] = ()
