"""Seeded random examples: the same pairs for every method, spread evenly over the classes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adis_bench.errors import DataError
from adis_bench.results import MethodRecord, MetricRecord
from reports.data import PairRow, RunData
from reports.findings import decimals, number
from reports.gallery_data import ShownSound
from reports.gallery_media import SoundMaker
from reports.media import MediaFolder, Picture

_CHOSEN = 24  # three of each of the paper's eight classes


@dataclass(frozen=True, slots=True)
class Tile:
    """One method's output for a pair.

    Attributes:
        method: label.
        picture: the output, or None where it is missing (``reason`` says why).
        score: ``avc 0.41``; empty where there is none.
    """

    method: str
    picture: Picture | None
    score: str
    reason: str


@dataclass(frozen=True, slots=True)
class Example:
    """A pair with what every method made of it; media that are gone are None."""

    pair_id: str
    source_label: str
    target_label: str
    source: Picture | None
    sound: ShownSound | None
    methods: tuple[Tile, ...]
    controls: tuple[Tile, ...]


def choose(pairs: Sequence[PairRow], n: int, seed: int) -> tuple[PairRow, ...]:
    """``n`` pairs, seeded; target classes differ in count by one at most for as long as they last.

    Within a target class, source classes, sounds and source images that were not shown yet come first.
    """
    order = np.random.default_rng([seed, 0xADE5]).permutation(len(pairs))
    waiting: dict[str, list[PairRow]] = defaultdict(list)
    for place in order:
        waiting[pairs[place].target_label].append(pairs[place])
    shown: dict[str, int] = defaultdict(int)
    chosen: list[PairRow] = []
    while len(chosen) < n and any(waiting.values()):
        for label in sorted(waiting):
            if waiting[label] and len(chosen) < n:
                chosen.append(_freshest(waiting[label], shown))
    return tuple(sorted(chosen, key=lambda p: (p.target_label, p.pair_id)))


def _freshest(waiting: list[PairRow], shown: dict[str, int]) -> PairRow:
    def times_seen(pair: PairRow) -> tuple[int, ...]:
        return tuple(shown[key] for key in _keys(pair))

    pair = min(waiting, key=times_seen)
    waiting.remove(pair)
    for key in _keys(pair):
        shown[key] += 1
    return pair


def _keys(pair: PairRow) -> tuple[str, ...]:
    # No path holds a NUL, so a class pair is never taken for a file.
    return f"{pair.source_label}\0{pair.target_label}", str(pair.target_audio_path), str(pair.source_path)


def build(run: RunData, media: MediaFolder, metric: MetricRecord | None = None) -> tuple[Example, ...]:
    """All pairs of a run of few, with their media in the report's folder.

    Args:
        run: as little of a run as shall be shown.
        media: takes pictures and sounds.
        metric: whose scores stand under the outputs; the first headline metric that scores pairs where None.

    Raises:
        DataError: the scores of the pairs are missing or damaged.
    """
    scores = run.pair_scores(p.pair_id for p in run.pairs)
    shown = metric or next((m for m in run.headline if m.kind == "pair"), None)

    def tile(method: MethodRecord, pair: PairRow) -> Tile:
        picture = _picture(media, run.output_path(method.label, pair.pair_id), run.results.resolution)
        score = scores.get((pair.pair_id, method.label, shown.name)) if shown else None
        reason = (score.reason if score else None) or ("" if picture else "no output")
        if shown is None or score is None or score.value is None:
            return Tile(method.label, picture, "", reason)
        return Tile(method.label, picture, f"{shown.name} {number(score.value, decimals(shown.name, run))}", reason)

    return tuple(_example(run, pair, [tile(m, pair) for m in run.methods], media) for pair in run.pairs)


def leading(pairs: Sequence[PairRow], n: int, seed: int) -> tuple[PairRow, ...]:
    """``n`` pairs for the head of a page: of a larger choice those that are evenly spaced, so that their target classes differ."""
    some = choose(pairs, _CHOSEN, seed)
    return tuple(some[place * len(some) // n] for place in range(n)) if len(some) >= n else some


def _example(run: RunData, pair: PairRow, tiles: Sequence[Tile], media: MediaFolder) -> Example:
    displays = run.results.dataset.displays
    controls = {m.label for m in run.methods if m.control}
    return Example(
        pair_id=pair.pair_id,
        source_label=displays.get(pair.source_label, pair.source_label),
        target_label=displays.get(pair.target_label, pair.target_label),
        source=_picture(media, pair.source_path, run.results.resolution),
        sound=_sound(media, pair.target_audio_path),
        methods=tuple(t for t in tiles if t.method not in controls),
        controls=tuple(t for t in tiles if t.method in controls),
    )


# A report outlives its dataset: media that are gone leave a gap that is named, not a failure.
def _picture(media: MediaFolder, path: Path, side: int) -> Picture | None:
    try:
        return media.image(path, side)
    except DataError:
        return None


def _sound(media: MediaFolder, path: Path) -> ShownSound | None:
    heard = SoundMaker(media)(path)
    if heard is None:
        return None
    return ShownSound(media.keep(heard.path), media.keep(heard.spectrogram), heard.seconds, heard.highest_hz)
