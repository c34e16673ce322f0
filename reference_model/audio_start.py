"""Where an audio encoder's initial weights come from: its authors' file, or a pretraining on the dataset's training split."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import torch

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors.weights import catalogue, digests_of, located, place, remedy
from adis_bench.methods.protocol import MethodOptions
from adis_bench.progress import say
from adis_bench.state_dicts import compare, shapes_of
from reference_model.audio import SoundEncoder, audio_encoder
from reference_model.pretrained import Idea, initialise
from reference_model.settings import Settings
from reference_model.store import read_provenance

# Training code takes a second to import: only for those who pretrain.
if TYPE_CHECKING:
    from reference_model.pretraining.encoders import Pretraining

FILES: Mapping[Idea, tuple[str, ...]] = {
    "selavi": ("selavi-vgg-sound", "selavi-kinetics-sound", "selavi-kinetics", "selavi-ave"),
    "wav2clip": ("wav2clip",),
}
"""Rows of the catalogue of weights, the first one that is here is taken: outdoor sounds are nearest to VGG-Sound's."""
NAMES: Mapping[Idea, str] = {"selavi": "SeLaVi", "wav2clip": "Wav2CLIP"}


class AudioStart(Protocol):
    """Initial weights of the audio encoder."""

    @property
    def digest(self) -> str:
        """What determines them; known before they are made."""

    def ready(self) -> None:
        """Make them, where they are made here; one process at a time."""

    def load(self, encoder: SoundEncoder) -> dict[str, Any]:
        """Put them into a fresh encoder; what a model's provenance says of them, ``text`` in one line."""


@dataclass(frozen=True, slots=True)
class PublishedStart:
    """Weights of a file that SeLaVi's or Wav2CLIP's authors published."""

    idea: Idea
    path: Path
    digest: str
    caution: str

    def ready(self) -> None:
        """The file is there."""

    def check(self, encoder: SoundEncoder) -> None:
        """Refuse a file that doesn't fit."""
        initialise(encoder, self.idea, self.path)

    def load(self, encoder: SoundEncoder) -> dict[str, Any]:
        """Print what went where, and tell it."""
        mapping = initialise(encoder, self.idea, self.path)
        for line in mapping.lines() if os.environ.get("RANK", "0") == "0" else []:
            say(line)
        text = f"{mapping.share:.0%} of the audio encoder starts from {NAMES[self.idea]}'s {self.path.name}{self.caution}"
        return {"text": text, **mapping.facts()}


@dataclass(frozen=True, slots=True)
class OwnStart:
    """Weights of a pretraining on the training split, by the published idea."""

    pretraining: "Pretraining"
    train: Dataset
    digest: str

    def ready(self) -> None:
        """Find the pretrained encoder or train it."""
        self._folder()

    def load(self, encoder: SoundEncoder) -> dict[str, Any]:
        """The whole encoder, projection included."""
        idea: Idea = self.pretraining.idea
        return _whole(encoder, self._folder(), idea)

    def _folder(self) -> Path:
        from reference_model.pretraining.encoders import pretrained

        return pretrained(self.pretraining, self.train)


@dataclass(frozen=True, slots=True)
class FolderStart:
    """Weights of a pretraining that lies in a folder (``adis-bench pretrain --out``)."""

    idea: Idea
    folder: Path
    digest: str

    def ready(self) -> None:
        """The folder is there."""

    def check(self, encoder: SoundEncoder) -> None:
        """Refuse an encoder of other settings."""
        _filled(encoder, self.folder)

    def load(self, encoder: SoundEncoder) -> dict[str, Any]:
        """The whole encoder, projection included."""
        return _whole(encoder, self.folder, self.idea)


def check_start(settings: Settings) -> None:
    """Refuse a start that can't be, before anything is computed; a pretraining on the data can't fail here.

    Raises:
        ConfigError: published weights for an encoder that they don't fit.
        WeightsError: weights that are named, or asked for, are not there, damaged or of another network.
    """
    if settings.trainer.audio_init == "scratch":
        return
    start = _from_files(settings)
    if start is not None:
        with torch.random.fork_rng(devices=[]):
            start.check(audio_encoder(settings.network))


def audio_start(settings: Settings, train: Dataset, options: MethodOptions) -> AudioStart | None:
    """What the settings ask for; None where the encoder starts at random.

    Raises:
        ConfigError: published weights for an encoder that is no ResNet.
        WeightsError: weights that the settings name are not there.
    """
    trainer, network = settings.trainer, settings.network
    if trainer.audio_init == "scratch":
        return None
    if (start := _from_files(settings)) is not None:
        return start
    from reference_model.pretraining.encoders import Pretraining, recipe

    pretraining = Pretraining(trainer.audio_init, network, trainer.pretrain_steps, options.resolution, options.seed, options.device)
    return OwnStart(pretraining, train, recipe(pretraining, train).digest)


def _from_files(settings: Settings) -> "PublishedStart | FolderStart | None":
    """Weights that are there already, or must be; None where the encoder is pretrained on the data."""
    trainer, network = settings.trainer, settings.network
    if trainer.audio_init == "scratch":
        return None
    idea: Idea = trainer.audio_init
    if trainer.audio_weights:
        return _given(idea, Path(trainer.audio_weights).expanduser())
    published = next((name for name in FILES[idea] if place(catalogue()[name]).is_file()), None)
    fits = network.audio_encoder != "bands"
    if trainer.audio_source == "published" and not fits:
        raise ConfigError(f"audio_source = published: {NAMES[idea]}'s weights are a ResNet's, audio_encoder is {network.audio_encoder}")
    if trainer.audio_source != "own" and fits and published:
        weights = located(published)
        return PublishedStart(idea, weights.path, weights.sha256, f" (UNVERIFIED: {weights.reason})" if weights.reason else "")
    if trainer.audio_source == "published":
        raise WeightsError(f"{NAMES[idea]}'s weights are not here; {remedy(catalogue()[FILES[idea][0]])}, or set audio_source = own")
    return None


def _given(idea: Idea, path: Path) -> "PublishedStart | FolderStart":
    if path.is_dir():
        return FolderStart(idea, path, str(read_provenance(path, f"pretrain-{idea}")["weights_sha256"]))
    if not path.is_file():
        raise WeightsError(f"audio_weights: {path} is not there; name {NAMES[idea]}'s file, or a folder of `adis-bench pretrain {idea}`")
    digests = digests_of(path)
    known = any(catalogue()[name].matches(digests) for name in FILES[idea])
    caution = "" if known else " (UNVERIFIED: a file that was named, with no published digest)"
    return PublishedStart(idea, path, digests.sha256, caution)


def _filled(encoder: SoundEncoder, folder: Path) -> None:
    """Put a pretrained encoder's weights into ``encoder``."""
    from reference_model.pretraining.encoders import encoder_of

    found = encoder_of(folder)[0].state_dict()
    if difference := compare(shapes_of(encoder.state_dict()), shapes_of(found)):
        raise WeightsError(f"{folder} holds another encoder than the settings ask for: {difference}; pretrain with the same preset")
    encoder.load_state_dict(found)


def _whole(encoder: SoundEncoder, folder: Path, idea: Idea) -> dict[str, Any]:
    _filled(encoder, folder)
    told = read_provenance(folder)
    what = f"{told['settings']['steps']} steps on {told['n_segments']} segments of the training split"
    text = f"the audio encoder starts from a pretraining by {NAMES[idea]}'s idea, {what}"
    say(f"{text} ({folder})")
    return {"text": text, "idea": idea, "weights_sha256": told["weights_sha256"], "differences": told["differences"]}
