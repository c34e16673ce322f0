"""The baselines as they were published: label-free models, each between two classes, trained for the pairs that a run has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_json
from adis_bench.methods.protocol import Conditioning, MethodOptions
from adis_bench.progress import say
from baselines.cut import Cut, FastCut
from baselines.cyclegan import CycleConsistent, CycleGAN
from baselines.labels import PAIR_READING, UNCONDITIONED
from reference_model.method import TrainedMethod
from reference_model.objective import Contrastive, Objective
from reference_model.settings import Settings

Between = tuple[str, str]
OF_CONDITIONS = frozenset({"conditioning", "condition_size", "discriminator_conditioning", "mismatched", "n_mismatched"})
"""Settings that mean nothing to a model that hears nothing, as the published ones."""
MOST_OPEN = 8
"""Models in memory at a time; a published CUT has 11 million parameters."""


def _unconditioned(settings: Settings) -> Settings:
    """The same without a place for a condition, and so without wrong ones."""
    network = replace(settings.network, conditioning="none", discriminator_conditioning="none")
    return replace(settings, network=network, trainer=replace(settings.trainer, mismatched=0.0))


class PairModel(TrainedMethod):
    """A model between two classes: its labels are these two, source first, and its training images theirs."""

    two_way: ClassVar[bool] = False
    """Whether it goes the other way, too."""
    stylize_batch = 4  # few pairs of a run are between the same two classes

    def __init__(self, options: MethodOptions, between: Between) -> None:
        super().__init__(options)
        self.settings, self.between = _unconditioned(self.settings), between

    def prepare(self, train: Dataset) -> None:
        """The two classes are all that the model knows."""
        self.labels = self.between or ()

    def load(self, folder: Path) -> None:
        """See ``TrainedMethod.load``; where from is remembered."""
        super().load(folder)
        self._home = folder

    def close(self) -> None:
        """Give the networks' memory back; they are read again when they are needed."""
        self._networks = nn.ModuleDict()

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[NDArray[np.uint8]]:
        """See ``TrainedMethod.stylize``."""
        if not len(self._networks):
            self.load(self._home)
        yield from super().stylize(pairs)

    def recipe(self, train: Dataset) -> Any:
        """Of the two classes' images alone: others may change without effect on this model."""
        return super().recipe(train.with_segments(s for s in train.segments if s.label in (self.between or ())))


class PairCut(PairModel, Cut):
    """CUT from one class to another."""

    name = "cut:pairwise"

    def objective(self, n_labels: int) -> Objective:
        """The original objective, without labels."""
        return Contrastive(self.settings, UNCONDITIONED.generator(), UNCONDITIONED.discriminator())


class PairFastCut(PairCut, FastCut):
    """FastCUT from one class to another."""

    name = "fastcut:pairwise"


class Directions(nn.Module):
    """Both generators of a CycleGAN, chosen by the place of the wanted label."""

    def __init__(self, there: nn.Module, back: nn.Module) -> None:
        super().__init__()
        self.there, self.back = there, back

    def forward(self, images: Tensor, wanted: Tensor) -> Tensor:
        """[B, 3, R, R] carried to the second class where ``wanted`` [B] is 1, to the first one where it is 0."""
        made = torch.empty_like(images)
        for place, generator in enumerate((self.back, self.there)):
            rows = wanted == place
            if rows.any():
                made[rows] = generator(images[rows]).to(made.dtype)
        return made


class PairCycleGAN(PairModel, CycleGAN):
    """CycleGAN between two classes, in both directions."""

    name = "cyclegan:pairwise"
    two_way = True

    def objective(self, n_labels: int) -> Objective:
        """The original objective, without labels; both generators are kept."""
        made = CycleConsistent(self.settings, UNCONDITIONED, self.resolution)
        made.inference = nn.ModuleDict({"G": Directions(made.made.there.net, made.made.back.net), "C": nn.Identity()})
        return made


class Pairwise:
    """One model for each ordered pair of classes that the run's pairs have; a model that goes both ways serves two."""

    model: ClassVar[type[PairModel]]
    name: ClassVar[str]
    description: ClassVar[str]
    citation: ClassVar[str]
    conditions_on: Conditioning = "label"

    def __init__(self, options: MethodOptions) -> None:
        if options.variant:
            raise ConfigError(
                f"{self.name} has a model for each pair of classes and trains or finds them itself; leave out {options.variant!r}"
            )
        self.options = options
        self.model(options, ("", ""))  # bad settings show before anything is computed
        self._wanted: tuple[Between, ...] = ()
        self._models: dict[Between, PairModel] = {}
        self._open: list[PairModel] = []
        self._labels_from = ""

    @classmethod
    def differences(cls, table: Mapping[str, Any]) -> list[str]:
        """Where a preset's table departs from the published method; how labels enter is nothing to a model without."""
        settings = cls.model._settings(table)
        return [*settings.differences(cls.model.published, cls.model.unused | OF_CONDITIONS), PAIR_READING]

    def plan(self, pairs: Sequence[Pair]) -> None:
        """Which pairs of classes there are, in alphabetical order."""
        self._wanted = tuple(sorted({_classes(pair) for pair in pairs}))

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Find or train the models; a call that was killed goes on with the first one that is not finished."""
        self._labels_from = train.labels_from
        keys = list(dict.fromkeys(self._key(between, train.labels) for between in self._wanted))
        for number, key in enumerate(keys, 1):
            say(f"{self.name}: model {number} of {len(keys)}, {' and '.join(key)}")
            model = self.model(self.options, key)
            folder = workdir / "-".join(key)
            folder.mkdir(parents=True, exist_ok=True)
            model.fit(train, folder)
            self._models[key] = model
            self._use(model)
        for between in self._wanted:
            self._models[between] = self._models[self._key(between, train.labels)]

    def _use(self, model: PairModel) -> None:
        """Keep the models that were used last; all of a run's together might not fit into memory."""
        self._open = [*(other for other in self._open if other is not model), model]
        while len(self._open) > MOST_OPEN:
            self._open.pop(0).close()

    def _key(self, between: Between, labels: Sequence[str]) -> Between:
        """The classes that a model is trained between: for one that goes both ways, in the dataset's order."""
        if absent := [label for label in between if label not in labels]:
            raise DataError(f"{self.name} needs every class in its training data, which has no {absent[0]!r}; leave it out on this dataset")
        first, second = sorted(between, key=labels.index) if self.model.two_way else between
        return first, second

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[NDArray[np.uint8]]:
        """Yield uint8 [resolution, resolution, 3] per pair, in order; each pair of classes by its model."""
        made: dict[int, NDArray[np.uint8]] = {}
        for between in dict.fromkeys(_classes(pair) for pair in pairs):
            places = [place for place, pair in enumerate(pairs) if _classes(pair) == between]
            self._use(self._models[between])
            made |= zip(places, self._models[between].stylize([pairs[place] for place in places]), strict=True)
        yield from (made[place] for place in range(len(pairs)))

    def provenance(self) -> Mapping[str, Any]:
        """Every model's digest, and what they have in common."""
        told = {" to ".join(between): model.provenance() for between, model in self._models.items()}
        first = next(iter(told.values()))
        models = {between: str(of["model_digest"]) for between, of in told.items()}
        return {
            "digest": digest_json([of["digest"] for _, of in sorted(told.items())]),
            "settings": first["settings"],
            "seed": self.options.seed,
            "n_models": len({id(model) for model in self._models.values()}),
            "models": models,
            "differences": [*self.differences(self.options.settings), f"labels: {self._labels_from}"],
        }


def _classes(pair: Pair) -> Between:
    return pair.source.label, pair.target.label


class PairwiseCut(Pairwise):
    """CUT as it was published."""

    model = PairCut
    name = "cut:pairwise"
    description = "CUT as published, one label-free model for each ordered pair of classes"
    citation = Cut.citation


class PairwiseFastCut(Pairwise):
    """FastCUT as it was published."""

    model = PairFastCut
    name = "fastcut:pairwise"
    description = "FastCUT as published, one label-free model for each ordered pair of classes"
    citation = FastCut.citation


class PairwiseCycleGAN(Pairwise):
    """CycleGAN as it was published."""

    model = PairCycleGAN
    name = "cyclegan:pairwise"
    description = "CycleGAN as published, one label-free model for each two classes, used in both directions"
    citation = CycleGAN.citation
