"""Tagging the sounds of one video: the unit of work that processes share."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from adis_bench.datasets.media import read_audio
from adis_bench.datasets.tagging.category_map import category_map
from adis_bench.datasets.tagging.decide import VideoFlags, decide, describe
from adis_bench.datasets.tagging.yamnet import SAMPLE_RATE_HZ, Yamnet

VERSION = 1
"""Raised whenever the same sounds and model give other tags."""


@dataclass(frozen=True, slots=True)
class Tagger:
    """A YAMNet file; small enough to be sent to any process.

    Attributes:
        path: the TensorFlow Lite file.
        digest: its sha256.
        verified: whether it is a published file.
    """

    path: Path
    digest: str
    verified: bool

    def key(self) -> list[Any]:
        """What its tags depend on."""
        return [VERSION, self.digest, category_map().digest]

    def describe(self, flagged: bool) -> str:
        """One sentence for a dataset's ``labels_from``."""
        return describe(self.digest, flagged, self.verified)


@lru_cache(maxsize=1)
def _network(path: Path) -> Yamnet:
    return Yamnet(path)


def tagged(tagger: Tagger, flags: VideoFlags | None, sounds: Sequence[tuple[int, Path]]) -> dict[str, Any]:
    """Tag segments: ``rows`` with ``number``, ``label``, ``is_music``, ``tags`` (the five highest classes) and ``categories``.

    Args:
        tagger: the network.
        flags: what is known of the video.
        sounds: numbers and WAV files of its segments.
    """
    network = _network(tagger.path)
    rows = []
    for number, path in sounds:
        tag = asdict(decide(network.scores(read_audio(path, SAMPLE_RATE_HZ)[0]), flags))
        rows.append({"number": number, "tags": [list(pair) for pair in tag.pop("top")], **tag})
    return {"rows": rows}
