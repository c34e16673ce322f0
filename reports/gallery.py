"""The gallery of a report: every pair with its sound, its outputs and its scores, fast also for thousands of pairs.

For a page that shows it:

- ``build_gallery(run, media, options)`` before ``media.n_bytes`` is read and before ``media.prune()``.
- ``{% import "_gallery.html.j2" as gallery_parts %}``; ``{{ gallery_parts.gallery(g, tones) }}`` is the whole section
  (its heading is ``#gallery``); ``{{ gallery_parts.gallery_data(g) }}`` goes to the end of the body, so that the
  first table does not wait for it; after it one ``<script>`` for each of ``SCRIPTS``, in this order, and ``STYLE`` in a
  ``<style>`` of its own after the page's. Every script and the style need their hash in the policy; the policy also needs
  ``img-src 'self'`` and ``media-src 'self'``. Data stand in a ``<script type="application/json">``, which no policy concerns.
- Links of other sections to a pair: ``<a href="#pair=ID">`` with ``pair_link(pair_id)``.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

import numpy as np
from markupsafe import Markup

from adis_bench.datasets.parallel import in_order
from adis_bench.progress import say
from adis_bench.results import MetricRecord
from reports import examples
from reports.data import PairRow, RunData
from reports.findings import number
from reports.gallery_data import Scores, ShownPair, ShownSound, pair_metrics, to_json
from reports.gallery_media import HeardSound, Level, SoundMaker, Strip, StripMaker, levels, strip_sizes
from reports.media import MediaFolder

SCRIPTS = ("gallery_state.js", "gallery_list.js", "gallery_dialog.js", "gallery.js")
"""Scripts of the gallery in ``static``, in their order."""
STYLE = "gallery.css"
"""Its style sheet in ``static``."""

MAX_BYTES = 64_000_000
"""Bound of the gallery's media: what a folder that people send around may weigh. Ours."""
N_EXAMPLES = 12
"""Pairs that stand in the page itself, for print and for readers without scripts. Ours: every class of the paper's eight shows."""

_MEASURED = 12  # pairs that the size is estimated from; their spread leaves the mean good to a few percent
_MARGIN = 1.05  # the estimate's own error; the bound itself is kept while files are made


@dataclass(frozen=True, slots=True)
class GalleryOptions:
    """What the reader of the report gets.

    Attributes:
        full_size: add every output without loss at the run's resolution, for the view of one pair; outside ``max_bytes``.
        max_bytes: bound of thumbnails, sounds and spectrograms together.
    """

    full_size: bool = False
    max_bytes: int = MAX_BYTES


DEFAULTS = GalleryOptions()


@dataclass(frozen=True, slots=True)
class GalleryExample:
    """A pair in the page itself.

    Attributes:
        strip: address of source and outputs side by side.
        sound, spectrogram: addresses; empty where the sound is missing.
        scores: for every method, in the strip's order: the score, or why there is none.
        gaps: for every cell of the strip why it is empty; empty text where it is not.
    """

    pair_id: str
    source: str
    target: str
    strip: str
    sound: str
    spectrogram: str
    scores: tuple[str, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gallery:
    """What the template needs.

    Attributes:
        data: JSON for the scripts, safe inside a ``<script>``.
        n_pairs: pairs of the run.
        shown: ids of the pairs in the gallery, in the order of the pair list.
        level: how sharp the thumbnails are.
        methods: labels in the order of the strips.
        metric: of the scores in ``examples``; None where no metric scores pairs.
        examples: pairs in the page itself.
        n_sounds: distinct sounds.
        n_missing: outputs that are missing or can't be read.
        picture_bytes, sound_bytes: sizes of the media; spectrograms count as sounds.
        full_bytes: size of the lossless pictures; 0 without them.
        full_needless: whether they were asked for and the thumbnails are that already.
        max_bytes: the bound of pictures and sounds.
    """

    data: Markup
    n_pairs: int
    shown: tuple[str, ...]
    level: Level
    methods: tuple[str, ...]
    metric: MetricRecord | None
    examples: tuple[GalleryExample, ...]
    n_sounds: int
    n_missing: int
    picture_bytes: int
    sound_bytes: int
    full_bytes: int
    full_needless: bool
    max_bytes: int

    @property
    def n_shown(self) -> int:
        """Pairs in the gallery."""
        return len(self.shown)


def pair_link(pair_id: str) -> str:
    """The fragment that opens a pair: ``#pair=...``."""
    return f"#pair={quote(pair_id, safe='')}"


def balanced_order(pairs: Sequence[PairRow], seed: int) -> tuple[PairRow, ...]:
    """All pairs in a seeded order whose every beginning has target classes alike in number, for as long as they last."""
    turns: dict[str, int] = defaultdict(int)
    waiting: list[tuple[int, PairRow]] = []
    for place in np.random.default_rng([seed, 0x6A11]).permutation(len(pairs)):
        turns[pairs[place].target_label] += 1
        waiting.append((turns[pairs[place].target_label], pairs[place]))
    return tuple(pair for _, pair in sorted(waiting, key=lambda turn: turn[0]))


def build_gallery(run: RunData, media: MediaFolder, options: GalleryOptions = DEFAULTS) -> Gallery:
    """Make the gallery's media, within their bound, and its data.

    Thumbnails are as sharp as the bound allows; if the smallest ones are too much, as many pairs are shown as fit, seeded and
    balanced over the target classes. What an earlier report made from the same files is taken as it is.

    Raises:
        DataError: the scores of the pairs are missing or damaged.
    """
    order = balanced_order(run.pairs, run.results.seed)
    level = choose_level(run, media, order, options.max_bytes)
    made = _Made(media, options.max_bytes)
    made.take(run, level, order)
    exact = level.quality is None and level.side == run.results.resolution
    if options.full_size and exact:
        say("--full-size adds nothing: the gallery's pictures have the run's resolution and lose nothing")
    elif options.full_size:
        made.take_full(run)
    pairs, sounds = made.shown(run)
    scores = Scores(run, (p.pair for p in pairs))
    metric = next(iter(pair_metrics(run)), None)
    return Gallery(
        data=to_json(run, pairs, sounds, level, scores),
        n_pairs=len(run.pairs),
        shown=tuple(p.pair.pair_id for p in pairs),
        level=level,
        methods=tuple(m.label for m in run.methods),
        metric=metric,
        examples=tuple(_examples(run, pairs, sounds, metric, scores)),
        n_sounds=len(sounds),
        n_missing=sum(cell > 0 for p in pairs for cell in p.gaps),
        picture_bytes=made.picture_bytes,
        sound_bytes=made.sound_bytes,
        full_bytes=made.full_bytes,
        full_needless=options.full_size and exact,
        max_bytes=options.max_bytes,
    )


def choose_level(run: RunData, media: MediaFolder, order: Sequence[PairRow], max_bytes: int) -> Level:
    """The sharpest level whose total, estimated from the first pairs of ``order``, fits the bound; else the smallest."""
    steps = levels(run.results.resolution, 1 + len(run.methods))
    measured = order[:_MEASURED]
    if not measured:
        return steps[-1]
    heard = [sound.n_bytes for path in {p.target_audio_path for p in measured} if (sound := SoundMaker(media)(path))]
    of_sounds = (float(np.mean(heard)) if heard else 0.0) * len({p.target_audio_path for p in order})
    # The sharpest level mostly fits: the others are tried only where it doesn't, all at once, since pictures take long to decode.
    for some in filter(None, (steps[:1], steps[1:])):
        sizes = np.mean(list(in_order(partial(strip_sizes, run, steps=some), measured, "gallery: size")), axis=0)
        for step, size in zip(some, sizes, strict=True):
            if (size * len(order) + of_sounds) * _MARGIN <= max_bytes:
                return step
    return steps[-1]


class _Made:
    """Media of the pairs that are taken into the gallery, and their sizes."""

    def __init__(self, media: MediaFolder, max_bytes: int) -> None:
        self._media, self._max_bytes = media, max_bytes
        self._strips: dict[str, Strip] = {}
        self._full: dict[str, Path] = {}
        self._sounds: dict[Path, HeardSound | None] = {}
        self.picture_bytes = self.sound_bytes = self.full_bytes = 0

    def take(self, run: RunData, level: Level, order: Sequence[PairRow]) -> None:
        """Make strips and sounds, pair by pair, until all are there or the next one would pass the bound."""
        strip_of, sound_of = StripMaker(run, self._media, level), SoundMaker(self._media)
        firsts = {pair.target_audio_path: pair.pair_id for pair in reversed(order)}

        def both(pair: PairRow) -> tuple[PairRow, Strip, HeardSound | None]:
            first = firsts[pair.target_audio_path] == pair.pair_id
            return pair, strip_of(pair), sound_of(pair.target_audio_path) if first else None

        written: set[Path] = set()  # pairs of the same pictures share a strip
        for pair, strip, sound in in_order(both, order, "gallery"):
            n_strip = 0 if strip.path in written else strip.n_bytes
            n_sound = sound.n_bytes if sound and sound.path not in written else 0
            if self.picture_bytes + self.sound_bytes + n_strip + n_sound > self._max_bytes:
                break
            written |= {strip.path, sound.path} if sound else {strip.path}
            self._strips[pair.pair_id] = strip
            self._sounds.setdefault(pair.target_audio_path, sound)
            self.picture_bytes += n_strip
            self.sound_bytes += n_sound

    def take_full(self, run: RunData) -> None:
        """Make lossless strips of the run's resolution for all pairs that were taken."""
        taken = [pair for pair in run.pairs if pair.pair_id in self._strips]
        maker = StripMaker(run, self._media, Level(run.results.resolution, None))
        made: set[Path] = set()
        for pair, strip in zip(taken, in_order(maker, taken, "gallery: full size"), strict=True):
            self.full_bytes += strip.n_bytes if strip.path not in made else 0
            made.add(strip.path)
            self._full[pair.pair_id] = strip.path

    def shown(self, run: RunData) -> tuple[list[ShownPair], list[ShownSound]]:
        """What was taken, in the order of the pair list, with the sounds in the order in which they are needed."""
        keep = self._media.keep
        places: dict[Path, int] = {}
        pairs: list[ShownPair] = []
        sounds: list[ShownSound] = []
        for pair in run.pairs:
            if pair.pair_id not in self._strips:
                continue
            heard = self._sounds[pair.target_audio_path]
            if heard and pair.target_audio_path not in places:
                places[pair.target_audio_path] = len(sounds)
                sounds.append(ShownSound(keep(heard.path), keep(heard.spectrogram), heard.seconds, heard.highest_hz))
            strip, full = self._strips[pair.pair_id], self._full.get(pair.pair_id)
            place = places.get(pair.target_audio_path, -1)
            pairs.append(ShownPair(pair, keep(strip.path), keep(full) if full else "", strip.gaps, place))
        return pairs, sounds


def _examples(
    run: RunData, pairs: Sequence[ShownPair], sounds: Sequence[ShownSound], metric: MetricRecord | None, scores: Scores
) -> Iterable[GalleryExample]:
    displays, by_id = run.results.dataset.displays, {p.pair.pair_id: p for p in pairs}
    digits = scores.digits(metric.name) if metric else 0

    def score(pair_id: str, method: str) -> str:
        if metric is None:
            return ""
        value = scores.value(pair_id, method, metric.name)
        return scores.reason(pair_id, method, metric.name) if value is None else number(value, digits)

    for chosen in examples.choose([p.pair for p in pairs], N_EXAMPLES, run.results.seed):
        shown = by_id[chosen.pair_id]
        sound = sounds[shown.sound] if shown.sound >= 0 else None
        yield GalleryExample(
            pair_id=chosen.pair_id,
            source=displays.get(chosen.source_label, chosen.source_label),
            target=displays.get(chosen.target_label, chosen.target_label),
            strip=shown.strip,
            sound=sound.url if sound else "",
            spectrogram=sound.spectrogram if sound else "",
            scores=tuple(score(chosen.pair_id, m.label) for m in run.methods),
            gaps=tuple(shown.gaps.get(cell, "") for cell in range(1 + len(run.methods))),
        )
