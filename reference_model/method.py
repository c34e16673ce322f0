"""Trainable methods as the suite's plug-ins: train or find the model, then restyle in batches of one shape."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from adis_bench.datasets.media import read_images
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import ConfigError
from adis_bench.files import digest_file, digest_json, write_text
from adis_bench.methods.protocol import Conditioning, MethodOptions
from reference_model import store
from reference_model.audio import DiscriminatorPicture, audio_encoder
from reference_model.data import Batches, Conditions, scaled
from reference_model.objective import Contrastive, Objective
from reference_model.settings import Settings
from reference_model.trainer import forget_checkpoint, train

STYLIZE_BATCH = 16
"""Constant shape: a resumed run makes the same bits."""
MARKER_NAME = "retrained.txt"


class TrainedMethod(ABC):
    """What ``ours`` and the label baselines share: everything but the objective.

    The outputs are those of the weights as stored (float16), so that a model gives the same images right
    after training and when it is found again.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    citation: ClassVar[str]
    conditions_on: ClassVar[Conditioning]
    extra_differences: ClassVar[tuple[str, ...]] = ()

    def __init__(self, options: MethodOptions) -> None:
        if options.variant:
            raise ConfigError(f"method {self.name!r} has no variant {options.variant!r}; write just {self.name!r}")
        self.options = options
        self.settings = Settings.from_table(options.settings, self.name)
        self._provenance: dict[str, Any] = {}

    @abstractmethod
    def objective(self, n_labels: int) -> Objective:
        """Networks and losses, freshly initialised under the caller's seed."""

    def _conditions(self) -> Conditions:
        return Conditions(self._labels if self.conditions_on == "label" else None, self.settings.network)

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Find the model of this recipe, or train it (going on from a killed training's checkpoint)."""
        self._labels = train.labels
        recipe = self._recipe(train)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.options.seed)
            objective = self.objective(len(train.labels))
        self._networks: nn.ModuleDict = objective.inference
        found = None if self.options.retrain and not self._retrained_by_this_run(workdir, recipe) else store.find(recipe)
        if found is None:
            found = self._train(objective, train, recipe)
            if self.options.retrain:
                write_text(workdir / MARKER_NAME, digest_file(found / store.WEIGHTS_NAME))
        self._provenance = store.load(self._networks, found)
        self._networks.to(self.options.device).to(memory_format=torch.channels_last).eval()

    def _retrained_by_this_run(self, workdir: Path, recipe: store.Recipe) -> bool:
        """With --retrain, a run that goes on after a kill keeps the whole models that it has already trained itself."""
        marker, weights = workdir / MARKER_NAME, store.folder(recipe) / store.WEIGHTS_NAME
        return marker.is_file() and weights.is_file() and marker.read_text() == digest_file(weights)

    def _train(self, objective: Objective, data: Dataset, recipe: store.Recipe) -> Path:
        folder = store.folder(recipe)
        options = self.options
        batches = Batches(data, self._conditions(), options.resolution, self.settings.trainer, options.seed)
        log = train(
            objective,
            batches,
            self.settings.trainer,
            folder,
            device=options.device,
            precision=self.settings.trainer.training_precision,
            name=self.name,
        )
        store.save(
            objective.inference,
            folder,
            {**asdict(recipe), "digest": recipe.digest, "packaged_digest": recipe.packaged_digest, "losses": log[-1]},
        )
        forget_checkpoint(folder)
        return folder

    def _recipe(self, train: Dataset) -> store.Recipe:
        options = self.options
        return store.Recipe(
            method=self.name,
            settings=self.settings.flat(),
            resolution=options.resolution,
            seed=options.seed,
            labels=train.labels,
            data_digest=train.digest,
            data_recipe=train.recipe,
        )

    @torch.inference_mode()
    def stylize(self, pairs: Sequence[Pair]) -> Iterator[NDArray[np.uint8]]:
        """Yield uint8 [resolution, resolution, 3] per pair, in order."""
        conditions, size = self._conditions(), self.options.resolution
        for start in range(0, len(pairs), STYLIZE_BATCH):
            chunk = list(pairs[start : start + STYLIZE_BATCH])
            padded = chunk + [chunk[-1]] * (STYLIZE_BATCH - len(chunk))
            images = torch.from_numpy(read_images([p.source_path for p in padded], size)).permute(0, 3, 1, 2)
            made = self.restyle(scaled(images).to(self.options.device), conditions([p.target for p in padded]).to(self.options.device))
            pixels = made.float().add(1).mul(127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy()
            yield from pixels[: len(chunk)]

    def restyle(self, images: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """[B, 3, H, W] in [-1, 1] restyled by raw conditions."""
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self.options.precision == "bf16"):
            result: torch.Tensor = self._networks["G"](images, self._networks["C"](condition))
        return result

    def provenance(self) -> Mapping[str, Any]:
        """Recipe, digests, final losses, and the differences from the published method."""
        # Equal weights in another precision give other pixels, so the outputs' digest holds both.
        digest = digest_json([self._provenance["weights_sha256"], self.options.precision])
        return {
            **self._provenance,
            "model_digest": self._provenance["digest"],
            "digest": digest,
            "differences": [*self.settings.differences(), *self.extra_differences],
        }


class Ours(TrainedMethod):
    """The reference ADIS model."""

    name = "ours"
    description = "sound-conditioned: adversarial with sound and image, patch-wise contrastive structure loss"
    citation = "Learning Visual Styles from Audio-Visual Associations, ECCV 2022"
    conditions_on: ClassVar[Conditioning] = "sound"

    def objective(self, n_labels: int) -> Objective:
        """See ``objective.Contrastive``; a discriminator that projects hears with an encoder of its own."""
        network = self.settings.network
        concat = network.discriminator_conditioning == "concat"
        heard = DiscriminatorPicture(self.options.resolution) if concat else audio_encoder(network)
        return Contrastive(self.settings, audio_encoder(network), heard)
