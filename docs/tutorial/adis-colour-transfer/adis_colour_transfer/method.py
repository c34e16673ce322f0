"""Colour transfer driven by sound: which colours went with the sounds that are most like this one?"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.media import read_image
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import atomic_path, digest_bytes, digest_json
from adis_bench.methods.protocol import Conditioning, MethodOptions
from adis_bench.methods.retrieval import sound_features
from adis_bench.progress import track
from adis_bench.seeding import generator
from adis_colour_transfer.colours import Floats, statistics, transferred

_VERSION = 1
"""Counted up when the same settings give other images: outputs of an older version are then made anew."""
_MOST_SEGMENTS = 4000
"""Training segments at most, drawn by the seed. Ours: a few minutes of listening on one core, whatever the dataset's size."""
_MAPS = ("linear", "channels")


class ColourTransfer:
    """The source image with the colour statistics that the training frames of the nearest sounds have.

    The settings (``[methods.colour_transfer]`` in a preset) are ``neighbours``, the number of sounds that are asked, and ``map``:
    ``linear`` (Monge-Kantorovitch) or ``channels`` (each channel by itself).
    """

    name = "colour_transfer"
    description = "the source with the colours that went with the nearest training sounds"
    citation = "our reading of Reinhard et al. 2001 and of Pitié and Kokaram 2007 (linear Monge-Kantorovitch colour mapping)"
    conditions_on: Conditioning = "sound"

    def __init__(self, options: MethodOptions) -> None:
        settings = {"neighbours": 10, "map": "linear", **options.settings}
        if options.variant or set(settings) != {"neighbours", "map"}:
            raise ConfigError(f"method 'colour_transfer' takes neighbours and map, and no variant; it got {dict(options.settings)}")
        if settings["map"] not in _MAPS or not isinstance(settings["neighbours"], int) or settings["neighbours"] < 1:
            raise ConfigError(f"method 'colour_transfer': map is one of {_MAPS} and neighbours 1 or more; it got {dict(options.settings)}")
        self._options, self._settings = options, settings
        self._train_digest = ""
        self._sounds: Floats = np.empty((0, 0))  # [N, 128], one row per training segment
        self._colours: Floats = np.empty((0, 9))  # [N, 9], the statistics of its frame

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Hear every training sound and look at its frame, once: the two tables are kept in ``workdir``.

        Raises:
            DataError: no training segment has both sound and frame.
        """
        self._train_digest = train.digest
        path = workdir / f"{digest_json([_VERSION, train.digest, self._options.seed, self._options.resolution])}.npz"
        if not path.is_file():
            sounds, colours = self._measured(train)
            with atomic_path(path) as temporary:
                np.savez(temporary, sounds=sounds, colours=colours)
        with np.load(path, allow_pickle=False) as model:
            self._sounds, self._colours = model["sounds"], model["colours"]

    def _measured(self, train: Dataset) -> tuple[Floats, Floats]:
        usable = sorted((s for s in train.segments if s.has_sound and s.has_frames), key=lambda s: s.segment_id)
        if not usable:
            raise DataError(f"method 'colour_transfer' needs training segments with sound and frames; {train.root} has none")
        order = generator("colour_transfer", train.digest, self._options.seed).permutation(len(usable))[:_MOST_SEGMENTS]
        rows = [
            (sound_features(segment.audio_path), statistics(read_image(segment.frame_paths[0], self._options.resolution)))
            for segment in track([usable[i] for i in order], "colour_transfer: training segments", len(order))
        ]
        sounds, colours = zip(*rows, strict=True)
        return np.stack(sounds), np.stack(colours)

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[NDArray[np.uint8]]:
        """Yield each source image in the colours of its target's sound."""
        for pair in pairs:
            source = read_image(pair.source_path, self._options.resolution)
            yield transferred(source, self._expected(pair.target.audio_path), diagonal=self._settings["map"] == "channels")

    def _expected(self, sound: Path) -> Floats:
        """Colour statistics to expect with a sound, float64 [9]: the mean over the nearest training sounds."""
        deviation = self._sounds.std(axis=0)
        deviation[deviation < 1e-9] = 1.0  # a feature that never varies says nothing
        distances = np.square((self._sounds - sound_features(sound)) / deviation).sum(axis=1)
        nearest = np.argsort(distances, kind="stable")[: self._settings["neighbours"]]
        expected: Floats = self._colours[nearest].mean(axis=0)
        return expected

    def provenance(self) -> Mapping[str, Any]:
        """The settings and the tables decide the images: ``digest`` is theirs."""
        facts = {
            "method": self.name,
            "version": _VERSION,
            "settings": self._settings,
            "seed": self._options.seed,
            "train": self._train_digest,
            "model": digest_bytes(self._sounds.tobytes() + self._colours.tobytes()),
        }
        differences = [
            "the wanted statistics are predicted from a sound; the papers take them from an image",
            "in RGB, not in the papers' colour spaces",
        ]
        return {**facts, "digest": digest_json(facts), "differences": differences}
