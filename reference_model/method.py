"""Trainable methods as the suite's plug-ins: train or find the model, then restyle in batches of one shape."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from adis_bench.datasets.media import read_images
from adis_bench.datasets.records import Dataset, Pair, Segment
from adis_bench.errors import ConfigError, WeightsError
from adis_bench.files import digest_file, digest_json, write_text
from adis_bench.methods.protocol import Conditioning, MethodOptions
from adis_bench.registry import load, plugins
from adis_bench.spec import name_and_variant
from reference_model import store
from reference_model.data import Batches, Conditions, as_pixels, label_indices, scaled, sounds
from reference_model.objective import Objective
from reference_model.settings import OF_STARTS, Settings

SIDE_STEP = 4
"""The generator halves each side twice and doubles it twice (protocol.md B)."""
MARKER_NAME = "retrained.txt"


@dataclass(frozen=True, slots=True)
class Launch:
    """How a training is run, without effect on what it ends with.

    Attributes:
        folder: where checkpoint, logs and model go; None: the cache, by recipe.
        workers: threads that feed each process; 0: by the number of processors.
    """

    folder: Path | None = None
    workers: int = 0


class TrainedMethod(ABC):
    """What ``ours`` and the label baselines share: everything but the objective.

    A variant is the folder of a model (``ours:PATH``, from ``adis-bench train`` or ``checkpoint import``): then
    nothing is trained, and the settings are the model's.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    citation: ClassVar[str]
    conditions_on: ClassVar[Conditioning]
    asks_for_sources: ClassVar[bool] = False
    """Whether the objective needs the sources' own conditions too."""
    stylize_batch: ClassVar[int] = 16
    """Images at a time. Constant, a last batch is filled up: a resumed run makes the same bits."""
    between: tuple[str, str] | None = None
    """Labels of sources and targets, for a model of two domains."""
    published: ClassVar[str] = "released"
    """The settings that the method was published with, a name of ``settings.BASES``."""
    changes: ClassVar[Mapping[str, Any]] = {}
    """Settings that a named variant has whatever the preset says."""
    unused: ClassVar[frozenset[str]] = frozenset()
    """Settings that mean nothing to the method; no difference is told of them."""
    starts: ClassVar[bool] = False
    """Whether it takes pretrained weights; a preset that asks another one for them is refused."""
    extra_differences: ClassVar[tuple[str, ...]] = ()

    def __init__(self, options: MethodOptions) -> None:
        self.options = options
        self._folder = self._checked_folder(Path(options.variant).expanduser()) if options.variant else None
        self._provenance: dict[str, Any] = store.read_provenance(self._folder, self.name) if self._folder else {}
        told = self._provenance.get("settings")
        self.settings = self._settings(options.settings) if told is None else Settings.from_flat(told)
        self.resolution = int(self._provenance.get("resolution", options.resolution))
        if options.resolution % SIDE_STEP:
            below = options.resolution - options.resolution % SIDE_STEP
            raise ConfigError(
                f"{self.name}: resolution {options.resolution} is not a multiple of {SIDE_STEP}; use {below} or {below + SIDE_STEP}"
            )
        self.labels: tuple[str, ...] = tuple(self._provenance.get("labels", ()))
        self.initial_digest = ""
        self._labels_from = ""
        self._networks: nn.ModuleDict

    def _checked_folder(self, folder: Path) -> Path:
        if not (folder / store.PROVENANCE_NAME).is_file():
            near = get_close_matches(f"{self.name}:{self.options.variant}", [plugin.name for plugin in plugins("methods")], n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise ConfigError(
                f"method {self.name!r}: {hint}{folder} is no model ({store.PROVENANCE_NAME} is missing); write {self.name}:PATH with a "
                "folder of `adis-bench train --out` or `adis-bench checkpoint import --out`"
            )
        return folder.resolve()

    @classmethod
    def _settings(cls, table: Mapping[str, Any]) -> Settings:
        if not cls.starts and (asked := sorted(OF_STARTS & table.keys())):
            raise ConfigError(f"[methods.{cls.name}]: {asked[0]} means nothing to {cls.name}; only ours and its variants start pretrained")
        return Settings.from_table({"base": cls.published, **table, **cls.changes}, cls.name)

    @classmethod
    def differences(cls, table: Mapping[str, Any]) -> list[str]:
        """Where a preset's ``[methods.NAME]`` table departs from the published method, one phrase each."""
        return [*cls._departures(cls._settings(table)), *cls.extra_differences]

    @classmethod
    def _departures(cls, settings: Settings) -> list[str]:
        return settings.differences(cls.published, cls.unused)

    @abstractmethod
    def objective(self, n_labels: int) -> Objective:
        """Networks and losses, freshly initialised under the caller's seed."""

    def conditions(self, segments: Sequence[Segment]) -> torch.Tensor:
        """Raw conditions of segments: waveforms float32 [N, 48000], or label indices int64 [N]."""
        if self.conditions_on == "label":
            return label_indices(segments, self.labels)
        return sounds(segments, self.settings.network)

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Load the model that the variant names; else find that of this recipe, or train it."""
        self._labels_from = train.labels_from
        if self._folder is not None:
            self._check_labels(train)
            self.load(self._folder)
            return
        recipe = self.recipe(train)
        found = None if self.options.retrain and not self._retrained_by_this_run(workdir, recipe) else store.find(recipe)
        if found is None:
            found = self.train(train)
            if self.options.retrain:
                write_text(workdir / MARKER_NAME, digest_file(found / store.WEIGHTS_NAME))
        self.load(found)

    def prepare(self, train: Dataset) -> None:
        """What must be known, or be there, before a model is looked for or trained; one process at a time."""
        self.labels = train.labels

    def ready(self) -> None:  # noqa: B027 - most need nothing
        """Make what a training needs beside the data; one process at a time."""

    def initialise(self, objective: Objective) -> dict[str, Any]:
        """Give fresh networks their first weights, where those are not random; what the provenance says of it."""
        return {}

    def _check_labels(self, train: Dataset) -> None:
        """A label model knows its own labels only, by their places."""
        if self.conditions_on == "label" and (strange := [label for label in train.labels if label not in self.labels]):
            raise ConfigError(
                f"{self._folder} knows {len(self.labels)} labels, but not {len(strange)} of the dataset's, first: {strange[0]!r}; "
                "train a model on this dataset"
            )

    def load(self, folder: Path) -> None:
        """Read a finished model; it is ready to restyle then.

        Raises:
            WeightsError: a damaged or foreign file.
        """
        self._networks, self._provenance = store.load(lambda: self._fresh_objective().inference, folder)
        self._networks.to(self.options.device).to(memory_format=torch.channels_last).eval()

    def _fresh_objective(self) -> Objective:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.options.seed)
            return self.objective(len(self.labels))

    def _retrained_by_this_run(self, workdir: Path, recipe: store.Recipe) -> bool:
        """With --retrain, a run that goes on after a kill keeps the whole models that it has already trained itself."""
        marker, weights = workdir / MARKER_NAME, store.folder(recipe) / store.WEIGHTS_NAME
        return marker.is_file() and weights.is_file() and marker.read_text() == digest_file(weights)

    def train(self, data: Dataset, launch: Launch = Launch()) -> Path:  # noqa: B008 - frozen
        """Train to the end, going on from a checkpoint in the folder; in one process, or in each that torchrun started.

        Returns the folder of the model.
        """
        # Fabric takes a second to import: only for those who train.
        from reference_model.runtime import launched
        from reference_model.trainer import Training, forget_checkpoint, train

        recipe = self.recipe(data)
        folder = launch.folder or store.folder(recipe)
        trainer = self.settings.trainer
        fabric = launched(self.options.device, trainer.training_precision)
        process = (fabric.global_rank, fabric.world_size)
        conditions = Conditions(self.conditions, self.asks_for_sources, self.between)
        batches = Batches(data, conditions, self.options.resolution, trainer, self.options.seed, process)
        objective = self._fresh_objective()
        told = self.initialise(objective)
        log = train(Training(objective, batches, trainer, folder, self.name, recipe.digest, launch.workers), fabric)
        if fabric.is_global_zero:
            facts = {"digest": recipe.digest, "packaged_digest": recipe.packaged_digest, "losses": log[-1], "processes": fabric.world_size}
            store.save(objective.inference, folder, {**asdict(recipe), **facts, **told})
            forget_checkpoint(folder)
        fabric.barrier()
        return folder

    def recipe(self, train: Dataset) -> store.Recipe:
        """What determines the model that ``train`` ends with; what must be known for it, ``prepare`` finds out."""
        self.prepare(train)
        options = self.options
        return store.Recipe(
            method=self.name,
            settings={**self.settings.flat(), "audio_weights": ""},  # a place on this machine; what lies there is told
            telling=self.settings.telling(),
            resolution=options.resolution,
            seed=options.seed,
            labels=self.labels,
            data_digest=train.digest,
            data_recipe=train.recipe,
            initial=self.initial_digest,
        )

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[NDArray[np.uint8]]:
        """Yield uint8 [resolution, resolution, 3] per pair, in order."""
        for start in range(0, len(pairs), self.stylize_batch):
            chunk = pairs[start : start + self.stylize_batch]
            yield from self.restyled(chunk, self.conditions([pair.target for pair in chunk]))

    def restyled(self, pairs: Sequence[Pair], condition: torch.Tensor) -> NDArray[np.uint8]:
        """The sources of one batch, or of its part, restyled by raw conditions (a row each): uint8 [N, resolution, resolution, 3]."""
        size, device = self.options.resolution, self.options.device
        rows = torch.arange(self.stylize_batch).clamp_max(len(pairs) - 1)
        images = torch.from_numpy(read_images([pairs[row].source_path for row in rows.tolist()], size)).permute(0, 3, 1, 2)
        made = self.restyle(scaled(images.to(device)), condition[rows].to(device))
        return as_pixels(made)[: len(pairs)]

    @torch.inference_mode()
    def restyle(self, images: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """[B, 3, H, W] in [-1, 1] restyled by raw conditions (waveforms [B, 48000] or label indices [B])."""
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self.options.precision == "bf16"):
            result: torch.Tensor = self._networks["G"](images, self._networks["C"](condition))
        if not result.isfinite().all():
            raise WeightsError(
                f"the model of {self.name} gives values that are not finite; train or import it again (with a lower learning_rate)"
            )
        return result

    def provenance(self) -> Mapping[str, Any]:
        """Recipe, digests, final losses, and the differences from the published method."""
        # Equal weights in another precision give other pixels, so the outputs' digest holds both.
        digest = digest_json([self._provenance["weights_sha256"], self.options.precision])
        differences = [*self._departures(self.settings), *self.extra_differences]
        if self.conditions_on == "label" and self._labels_from:
            differences.append(f"labels: {self._labels_from}")
        if self.resolution != self.options.resolution:
            differences.append(f"trained at {self.resolution} px, used at {self.options.resolution} px")
        return {**self._provenance, "model_digest": self._provenance["digest"], "digest": digest, "differences": differences}

    @classmethod
    def opened(cls, folder: Path, *, device: str, precision: str) -> Self:
        """The model of a folder, loaded, at its own resolution."""
        resolution = int(store.read_provenance(folder, cls.name)["resolution"])
        method = cls(MethodOptions(resolution=resolution, device=device, precision=precision, variant=str(folder)))
        method.load(folder)
        return method


def open_model(name: str, *, device: str = "cpu", precision: str = "float32") -> TrainedMethod:
    """A loaded model by ``METHOD:PATH``; just ``METHOD`` is the demo model that comes with the package.

    Raises:
        ConfigError: unknown method, one that is not trained, or no model there.
        WeightsError: a damaged or foreign file.
    """
    method, path = name_and_variant(name)
    kind = load("methods", method)
    if not (isinstance(kind, type) and issubclass(kind, TrainedMethod)):
        raise ConfigError(f"method {method!r} is not a trained model; use ours, cut or cyclegan, or METHOD:PATH")
    folder = Path(path).expanduser() if path else store.PACKAGED / store.folder_name(method)
    if not folder.is_dir():
        raise WeightsError(f"no model in {folder}; train one with `adis-bench train` or import one with `adis-bench checkpoint import`")
    return kind.opened(folder.resolve(), device=device, precision=precision)
