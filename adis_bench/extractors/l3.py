"""The L3 correspondence network of the ``offline`` protocol, as two extractors, and how well it hears."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, DataError
from adis_bench.extractors.cache import embed_files, image_loader, sound_loader
from adis_bench.extractors.l3_data import image_inputs
from adis_bench.extractors.l3_settings import L3Settings
from adis_bench.extractors.l3_training import TrainedL3, trained
from adis_bench.extractors.precision import whole_float32
from adis_bench.extractors.protocol import Embeddings, Extractor, ExtractorOptions
from adis_bench.extractors.spectrogram import SAMPLE_RATE_HZ, log_mel
from adis_bench.files import digest_json
from adis_bench.seeding import generator
from adis_bench.statistics.proportion import wilson


class _L3(ABC):
    """What both towers share: one network, trained on the judge split and frozen before any method trains."""

    name: str
    settings_table = "l3"
    """Both towers read this table of a preset: with two tables they could be towers of two networks."""
    batch_size = 8

    def __init__(self, options: ExtractorOptions) -> None:
        self._options = options
        self._settings = L3Settings.of(options.settings)
        self._trained: TrainedL3 | None = None

    def prepare(self, judge: Dataset) -> None:
        """Train on the judge split, or find the trained network."""
        options = self._options
        self._trained = trained(judge, self._settings, options.resolution, options.seed, options.device)

    @property
    def _ready(self) -> TrainedL3:
        if self._trained is None:
            raise ConfigError(f"extractor {self.name} was used before prepare(judge)")
        return self._trained

    @property
    def digest(self) -> str:
        """sha256 over the network's weights, its settings, the tower and the precision."""
        return digest_json([self.name, self._ready.digest, self._options.precision])

    @torch.inference_mode()
    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """Unit vectors float32 [N, D] of uint8 [N, H, W, 3] or of float32 [N, 48000]."""
        device = torch.device(self._options.device)
        with whole_float32(), torch.autocast(device.type, torch.bfloat16, enabled=self._options.precision == "bf16"):
            vectors = self._tower(batch).float()
        return torch.nn.functional.normalize(vectors, dim=1).cpu().numpy()

    @abstractmethod
    def _tower(self, batch: NDArray[Any]) -> torch.Tensor:
        """Vectors of one modality, not yet normalised."""

    def facts(self) -> Mapping[str, Any]:
        """Where the network comes from: trunk, training data, loss, seconds."""
        trunk = self._ready.trunk
        note = (
            "convolutions of its own"
            if trunk == "own"
            else (
                "a head on frozen EfficientNet-Lite0 features (a small judge split): avc is then less independent of the Fréchet distance"
            )
        )
        return {
            "network": self._ready.digest,
            "trained_on": "judge split",
            "image_trunk": trunk,
            "image_trunk_note": note,
            **self._ready.facts,
            "precision": self._options.precision,
        }


class L3Image(_L3):
    """The image tower."""

    name = "l3_image"
    description = "L3 correspondence network trained on the judge split: its image tower"
    modality: Literal["image", "audio"] = "image"
    sample_rate_hz = 0

    def _tower(self, batch: NDArray[Any]) -> torch.Tensor:
        ready = self._ready
        inputs = image_inputs(batch, ready.trunk, ready.settings.image_size, self._options.device)
        return ready.network.embed_images(inputs)


class L3Audio(_L3):
    """The audio tower."""

    name = "l3_audio"
    description = "L3 correspondence network trained on the judge split: its audio tower"
    modality: Literal["image", "audio"] = "audio"
    sample_rate_hz = SAMPLE_RATE_HZ

    def _tower(self, batch: NDArray[Any]) -> torch.Tensor:
        waveforms = torch.from_numpy(np.ascontiguousarray(batch, np.float32)).to(self._options.device)
        return self._ready.network.embed_sounds(log_mel(waveforms))


@dataclass(frozen=True, slots=True)
class RetrievalAccuracy:
    """How often a sound's own frame is its nearest, among one frame of every class.

    Attributes:
        value: share of sounds, 0 to 1, each recording counted once.
        ci_low, ci_high: Wilson's 95 % interval over recordings; None where there is none.
        chance: what guessing reaches.
        n_sounds: test segments.
        n_groups: recordings that they were cut from.
        n_choices: frames that each sound chooses from.
    """

    value: float
    ci_low: float | None
    ci_high: float | None
    chance: float
    n_sounds: int
    n_groups: int
    n_choices: int


def judge_accuracy(image_extractor: Extractor, audio_extractor: Extractor, test: Dataset, resolution: int) -> RetrievalAccuracy:
    """Retrieval on test segments: own target frame against one drawn frame of each other class, by raw cosine.

    Args:
        image_extractor: prepared.
        audio_extractor: prepared; of the same space.
        test: segments that the judge has not seen, of at least two classes.
        resolution: side in pixels at which the run reads images.

    Raises:
        ConfigError: the extractors are towers of two different networks.
        DataError: fewer than two classes.
    """
    networks = [extractor.facts().get("network") for extractor in (image_extractor, audio_extractor)]
    if networks[0] != networks[1]:
        names = f"{image_extractor.name} and {audio_extractor.name}"
        raise ConfigError(f"{names} are towers of two networks, and their cosines mean nothing; give both the same settings in the preset")
    labels = np.array([segment.label for segment in test.segments])
    classes = np.unique(labels)
    if len(classes) < 2:
        raise DataError(f"the test split of {test.root} has {len(classes)} classes; retrieval needs two or more")
    frames = embed_files(
        image_extractor, [s.frame_paths[0] for s in test.segments], image_loader(resolution), [s.frame_sha256[0] for s in test.segments]
    )
    sounds = embed_files(
        audio_extractor,
        [s.audio_path for s in test.segments],
        sound_loader(audio_extractor),
        [s.audio_sha256 for s in test.segments],
    )
    draws = generator("judge accuracy", test.digest)
    cosines = sounds.astype(np.float64) @ frames.T.astype(np.float64)
    hits = np.empty(len(labels), bool)
    for row, label in enumerate(labels):
        others = [draws.choice(np.flatnonzero(labels == other)) for other in classes if other != label]
        hits[row] = cosines[row, row] > cosines[row, others].max()
    groups, rows = np.unique([s.audio_group for s in test.segments], return_inverse=True)
    # Segments of one recording are no independent trials: each recording counts once, with its share of hits.
    n_hits = float((np.bincount(rows, weights=hits) / np.bincount(rows)).sum())
    interval = wilson(n_hits, len(groups))
    return RetrievalAccuracy(
        value=n_hits / len(groups),
        ci_low=interval.low,
        ci_high=interval.high,
        chance=1 / len(classes),
        n_sounds=len(labels),
        n_groups=len(groups),
        n_choices=len(classes),
    )
