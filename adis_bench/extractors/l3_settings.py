"""What can be set about the correspondence network."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from adis_bench.datasets.records import Pairing
from adis_bench.errors import ConfigError
from adis_bench.extractors.l3_network import ImageTrunk

_ENOUGH_FRAMES = 150  # distinct frames from which an image tower of its own learns to see; it did with 200 scenes of the demo world


@dataclass(frozen=True, slots=True)
class L3Settings:
    """The table ``[extractors.l3]`` of a preset.

    Attributes:
        image_trunk: ``own`` convolutions, a head on frozen ``efficientnet_lite0`` features, or ``auto``: ``own``
            where the judge split has at least 150 distinct frames.
        image_size: side in pixels of the own trunk's input; a multiple of 8.
        steps: optimiser steps.
        batch_size: pairs a step.
        width: channels of the first convolutions.
        dimensions: length of the embeddings.
        learning_rate: AdamW's, at its peak.
        gain_db: largest change of a sound's level in training; small, for the level says how strong the rain is.
            (On wild-mini, joined by class, 2, 4 and 12 gave the same retrieval to within 1 %.)
        same_class: share of a row's positives that lies on other segments of its class (the rest on its own
            segment); None: 0 where sound and frames were recorded together, 1 where they were joined by class.
    """

    image_trunk: Literal["auto", "own", "efficientnet_lite0"] = "auto"
    image_size: int = 64
    steps: int = 240
    batch_size: int = 48
    width: int = 16
    dimensions: int = 128
    learning_rate: float = 2e-3
    gain_db: float = 2.0
    same_class: float | None = None

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> "L3Settings":
        """Settings from a preset's table.

        Raises:
            ConfigError: an unknown name or a value that does not fit.
        """
        unknown = sorted(set(table) - set(cls.__dataclass_fields__))
        if unknown:
            raise ConfigError(
                f"extractors l3_image and l3_audio have no setting {', '.join(unknown)}; known: {', '.join(cls.__dataclass_fields__)}"
            )
        settings = replace(cls(), **table)
        trunks = ("auto", *get_args(ImageTrunk))
        if settings.image_trunk not in trunks:
            raise ConfigError(
                f"extractors l3_image and l3_audio: image_trunk must be one of {', '.join(trunks)}, not {settings.image_trunk!r}"
            )
        counts = (settings.image_size, settings.steps, settings.width, settings.dimensions, settings.batch_size - 1)
        if settings.image_size % 8 or min(counts) < 1:
            raise ConfigError(
                "extractors l3_image and l3_audio: image_size must be a multiple of 8, batch_size 2 or more, "
                "and steps, width and dimensions 1 or more"
            )
        return settings

    def resolved(self, pairing: Pairing, n_frames: int) -> "L3Settings":
        """The settings with everything decided that is left to the data."""
        recorded = pairing == "recorded"
        return replace(
            self,
            image_trunk=self.trunk(n_frames),
            same_class=(0.0 if recorded else 1.0) if self.same_class is None else self.same_class,
        )

    def trunk(self, n_frames: int) -> ImageTrunk:
        """The image trunk for a judge split with that many distinct frames."""
        if self.image_trunk == "auto":
            return "own" if n_frames >= _ENOUGH_FRAMES else "efficientnet_lite0"
        return self.image_trunk
