"""Pretrained audio encoders: what determines one, where it is found, and how it is made."""

import copy
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from adis_bench.datasets.records import Dataset
from adis_bench.datasets.splits import hold_back
from adis_bench.errors import ConfigError, DataError, WeightsError
from adis_bench.extractors.efficientnet_lite0 import WEIGHTS_SHA256
from adis_bench.files import make_folder
from adis_bench.methods.protocol import MethodOptions
from adis_bench.registry import load
from reference_model import store
from reference_model.audio import SoundEncoder, audio_encoder
from reference_model.method import TrainedMethod
from reference_model.pretraining import selavi, wav2clip
from reference_model.pretraining.idea import Idea
from reference_model.pretraining.loop import Pupil, learn
from reference_model.pretraining.material import Material, Views
from reference_model.pretraining.selavi import Selavi, SelaviSettings
from reference_model.pretraining.wav2clip import Wav2Clip
from reference_model.settings import NetworkSettings, Settings
from reference_model.trainer import forget_checkpoint

VERSION = 1
"""Of everything that determines the encoder besides data, settings, steps, resolution and seed: towers, losses, views, schedule."""
IdeaName = Literal["wav2clip", "selavi"]
IDEAS: tuple[IdeaName, ...] = ("wav2clip", "selavi")
PREFIX = "pretrain-"
"""Of what stands as the method in the provenance of an encoder."""
HELD_OUT = 0.1
"""Share of the training split, by whole recordings, that only the log is about."""
FEWEST = 2
"""Segments without which nothing can be told apart."""
_NOT_HEARD = frozenset(
    {
        "width", "n_blocks", "n_decoder_blocks", "conditioning", "antialias", "upsampling", "initialisation",
        "discriminator_width", "discriminator_layers", "discriminator_conditioning",
    }
)  # fmt: skip
"""Network settings that don't reach the audio encoder; whatever else there is counts."""
CIRCLE = (
    "the teacher is the middle of the network whose last layer the offline protocol's fd and label_similarity look through: "
    "they may favour this encoder; avc and oracle_distance have no part in it"
)
DIFFERENCES: Mapping[str, tuple[str, ...]] = {"wav2clip": wav2clip.DIFFERENCES, "selavi": selavi.DIFFERENCES}


@dataclass(frozen=True, slots=True)
class Pretraining:
    """A pretraining of the audio encoder on a training split.

    Attributes:
        idea: whose.
        network: the encoder's settings; the others of the model don't matter.
        steps: optimiser steps.
        resolution: side in pixels at which frames are read.
        seed: of first weights, batches and views.
        device: torch device name.
        labelling: SeLaVi's.
    """

    idea: IdeaName
    network: NetworkSettings
    steps: int
    resolution: int
    seed: int
    device: str = "cpu"
    labelling: SelaviSettings = SelaviSettings()

    @property
    def method(self) -> str:
        """What its folder and its provenance call it."""
        return PREFIX + self.idea


def recipe(pretraining: Pretraining, train: Dataset) -> store.Recipe:
    """What determines the encoder; nothing is trained or read for it. Labels are only named: no loss sees them."""
    heard = {name: value for name, value in asdict(pretraining.network).items() if name not in _NOT_HEARD}
    defaults = asdict(NetworkSettings())
    own = asdict(pretraining.labelling) if pretraining.idea == "selavi" else {}
    learnt = {"version": VERSION, "steps": pretraining.steps, "teacher": WEIGHTS_SHA256, **own}
    return store.Recipe(
        method=pretraining.method,
        settings={**learnt, **heard},
        # A network setting that is added later changes no digest while it has its default.
        telling={**learnt, **{name: value for name, value in heard.items() if value != defaults[name]}},
        resolution=pretraining.resolution,
        seed=pretraining.seed,
        labels=train.labels,
        data_digest=train.digest,
        data_recipe=train.recipe,
    )


def find(pretraining: Pretraining, train: Dataset) -> Path | None:
    """The folder of the finished encoder in the cache, None where it is not trained yet."""
    return store.find(recipe(pretraining, train))


def pretrained(pretraining: Pretraining, train: Dataset, folder: Path | None = None) -> Path:
    """The folder of the finished encoder, found or trained now; a killed training goes on from its checkpoint.

    Args:
        pretraining: what is wanted.
        train: the training split, as the methods get it.
        folder: where it goes; None: the cache, by recipe.

    Raises:
        ConfigError: the folder holds another encoder.
        DataError: fewer than two segments.
        WeightsError: the folder's checkpoint is damaged or of another recipe, or the training diverged.
    """
    wanted = recipe(pretraining, train)
    found = find(pretraining, train) if folder is None else _finished(wanted, folder)
    if found is not None:
        return found
    folder = folder or store.folder(wanted)
    pupil = _pupil(pretraining, train, folder, wanted.digest)
    rows = learn(pupil)
    facts = {
        "digest": wanted.digest,
        "packaged_digest": wanted.packaged_digest,
        "losses": rows[-1],
        "n_segments": len(pupil.material),
        "n_held_out": len(train.segments) - len(pupil.material),
        "differences": [*DIFFERENCES[pretraining.idea], CIRCLE],
    }
    store.save(nn.ModuleDict({"C": pupil.idea.encoder}), folder, {**asdict(wanted), **facts})
    forget_checkpoint(folder)
    return folder


def _pupil(pretraining: Pretraining, train: Dataset, folder: Path, digest: str) -> Pupil:
    """Everything that is there before the first step.

    Raises:
        DataError: fewer than two segments.
    """
    resolution, device = pretraining.resolution, pretraining.device
    rest, held_out = hold_back(train, HELD_OUT, pretraining.seed)
    if len(rest.segments) < FEWEST:
        n, unheard = len(rest.segments), len(held_out.segments)
        raise DataError(f"{train.root} has {n} training segments besides {unheard} held out; pretraining needs {FEWEST}")
    encoder = fresh(pretraining)
    views = [Views(part.segments, pretraining.network, copy.deepcopy(encoder.front_end), pretraining.seed) for part in (rest, held_out)]
    material = Material.of(rest.segments, views[0], resolution, device)
    enough = len(held_out.segments) >= FEWEST
    unseen = Material.of(held_out.segments, views[1], resolution, device, material) if enough else None
    idea = _idea(pretraining, encoder, material).to(device)
    name = f"{pretraining.idea} of {len(material)} segments"
    return Pupil(idea, material, unseen, pretraining.steps, pretraining.seed, folder, digest, name)


def _finished(wanted: store.Recipe, folder: Path) -> Path | None:
    """A named folder, if it holds the finished encoder."""
    make_folder(folder)
    if not (folder / store.PROVENANCE_NAME).is_file():
        return None
    if store.read_provenance(folder, wanted.method)["digest"] != wanted.digest:
        raise ConfigError(f"{folder} holds an encoder of another recipe (data, settings, steps, resolution or seed); choose another folder")
    return folder


def fresh(pretraining: Pretraining) -> SoundEncoder:
    """The encoder before its first step."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(pretraining.seed)
        return audio_encoder(pretraining.network)


def _idea(pretraining: Pretraining, encoder: SoundEncoder, material: Material) -> Idea:
    size, n_features = pretraining.network.condition_size, material.features.shape[1]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(pretraining.seed + 1)
        if pretraining.idea == "wav2clip":
            return Wav2Clip(encoder, size, n_features)
        return Selavi(encoder, (size, n_features, len(material)), pretraining.labelling, (pretraining.steps, pretraining.seed))


def encoder_of(folder: Path) -> tuple[SoundEncoder, NetworkSettings]:
    """The encoder of a folder that ``pretrained`` made, or of a trained model, in eval mode, and the settings that it was built by.

    Raises:
        ConfigError: a model that hears nothing.
        WeightsError: a damaged or foreign file.
    """
    told = store.read_provenance(folder)
    if str(told["method"]).startswith(PREFIX):
        known = {f.name for f in fields(NetworkSettings)}
        network = Settings.from_flat({name: value for name, value in told["settings"].items() if name in known}).network
        networks, _ = store.load(lambda: nn.ModuleDict({"C": audio_encoder(network)}), folder)
    else:
        kind = load("methods", told["method"])
        if not (isinstance(kind, type) and issubclass(kind, TrainedMethod)):
            raise WeightsError(f"{folder} says that it is a model of {told['method']!r}, which is not trained; make or import it again")
        model = kind(MethodOptions(resolution=int(told["resolution"]), variant=str(folder)))
        network = model.settings.network
        networks, _ = store.load(lambda: model.objective(len(model.labels)).inference, folder)
    encoder = networks["C"]
    if not isinstance(encoder, SoundEncoder):
        raise ConfigError(
            f"{folder} holds a model of {told['method']}, which hears no sounds; give a model of ours or of `adis-bench pretrain`"
        )
    return encoder.eval(), network
