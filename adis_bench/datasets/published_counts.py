"""The counts that the paper's appendix gives for its datasets, for standing beside ours."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

QUANTITIES = {
    "videos": "videos",
    "audios": "audios",
    "images": "images",
    "test_audios": "test audios",
    "test_share": "share of audios for testing",
    "hours": "hours of sound",
}
"""What the appendix counts, in its words; an audio is a segment here."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is known to contradict or to explain the counts.

    Attributes:
        text: in words.
        source: where that is known from.
    """

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class PublishedCounts:
    """What the appendix counts of one dataset.

    Attributes:
        name: of the paper's dataset.
        source: where the counts stand.
        counts: key of ``QUANTITIES`` -> digits as they were printed.
        remarks: known contradictions and explanations.
    """

    name: str
    source: str
    counts: Mapping[str, str]
    remarks: tuple[Remark, ...]


@cache
def _all() -> dict[str, PublishedCounts]:
    raw = tomllib.loads((files("adis_bench") / "datasets" / "published_counts.toml").read_text(encoding="utf-8"))
    source = raw.pop("source")
    return {
        kind: PublishedCounts(entry["name"], source, entry["counts"], tuple(Remark(**remark) for remark in entry["remarks"]))
        for kind, entry in raw.items()
    }


def published_counts(kind: str) -> PublishedCounts | None:
    """The appendix's counts for datasets of one ``recipe["kind"]`` (``into_the_wild``, ``greatest_hits``); None for all others.

    >>> published_counts("into_the_wild").counts["audios"]
    '56,820'
    >>> published_counts("videos") is None
    True
    """
    return _all().get(kind)
