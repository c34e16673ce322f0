"""The source image with the colour statistics of the target's class."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.datasets.media import read_image
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import ConfigError
from adis_bench.files import digest_json
from adis_bench.methods.protocol import Conditioning, MethodOptions


class ColourTransfer:
    """Shift and scale each colour channel of the source to the mean and deviation of the class's training frames."""

    name = "colour_transfer"
    description = "the source with the colours of the target's class"
    citation = "after Reinhard et al. 2001, Color transfer between images, IEEE CG&A 21(5), in RGB"
    conditions_on: Conditioning = "label"

    def __init__(self, options: MethodOptions) -> None:
        unknown = set(options.settings) - {"strength"}
        if unknown or options.variant:
            raise ConfigError(
                f"method 'colour_transfer' has one setting, strength, and no variant; it got {sorted(unknown)} {options.variant}"
            )
        self._options = options
        self._strength = float(options.settings.get("strength", 1.0))
        self._colours: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        self._train_digest = ""

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Mean and deviation of every class's pixels."""
        self._train_digest = train.digest
        for label in train.labels:
            frames = [path for segment in train.segments if segment.label == label for path in segment.frame_paths]
            if frames:
                pixels = np.concatenate([read_image(path, self._options.resolution).reshape(-1, 3) for path in frames])
                self._colours[label] = pixels.mean(axis=0), pixels.std(axis=0)

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[NDArray[np.uint8]]:
        """Yield the recoloured sources."""
        for pair in pairs:
            source = read_image(pair.source_path, self._options.resolution).astype(np.float64)
            mean, deviation = self._colours[pair.target.label]
            own_mean, own_deviation = source.mean(axis=(0, 1)), source.std(axis=(0, 1)) + 1e-6
            moved = (source - own_mean) / own_deviation * deviation + mean
            mixed = source + self._strength * (moved - source)
            yield np.clip(np.rint(mixed), 0, 255).astype(np.uint8)

    def provenance(self) -> Mapping[str, Any]:
        """Training data and strength decide the images."""
        facts = {"method": self.name, "version": 1, "train": self._train_digest, "strength": self._strength}
        return {**facts, "digest": digest_json(facts), "differences": ["in RGB, not in the lαβ space of the paper"]}
