"""The reference ADIS model as a method, from random and from pretrained audio encoders."""

from collections.abc import Mapping
from typing import Any, ClassVar

from adis_bench.datasets.records import Dataset
from adis_bench.methods.protocol import Conditioning, MethodOptions
from reference_model.audio import SoundEncoder, audio_encoder, discriminator_audio_encoder
from reference_model.audio_start import AudioStart, audio_start, check_start
from reference_model.hearing import HearingMethod
from reference_model.objective import Contrastive, Objective
from reference_model.settings import OF_CYCLES, OF_HISTORY


class Ours(HearingMethod):
    """The reference ADIS model."""

    name = "ours"
    description = "sound-conditioned: adversarial with sound and image, patch-wise contrastive structure loss"
    citation = "Learning Visual Styles from Audio-Visual Associations, ECCV 2022"
    conditions_on: ClassVar[Conditioning] = "sound"
    unused = OF_CYCLES | OF_HISTORY
    starts = True

    def __init__(self, options: MethodOptions) -> None:
        super().__init__(options)
        self._start: AudioStart | None = None
        if self._folder is None:
            check_start(self.settings)

    def objective(self, n_labels: int) -> Objective:
        """See ``objective.Contrastive``; a discriminator that projects hears with an encoder of its own."""
        network = self.settings.network
        return Contrastive(self.settings, audio_encoder(network), discriminator_audio_encoder(network, self.resolution))

    def prepare(self, train: Dataset) -> None:
        """Labels, and what the audio encoder starts from."""
        super().prepare(train)
        self._start = audio_start(self.settings, train, self.options)
        self.initial_digest = self._start.digest if self._start else ""

    def ready(self) -> None:
        """Pretrain the audio encoder, where that is asked for and not done yet."""
        if self._start is not None:
            self._start.ready()

    def initialise(self, objective: Objective) -> dict[str, Any]:
        """The audio encoder's first weights, where they are pretrained: of the one whose vector conditions the generator."""
        encoder = objective.inference["C"]
        if self._start is None or not isinstance(encoder, SoundEncoder):
            return {}
        return {"audio_init": self._start.load(encoder)}

    def provenance(self) -> Mapping[str, Any]:
        """With what the audio encoder started from."""
        told = super().provenance()
        start = told.get("audio_init")
        if not start:
            return told if "imported_from" in told else {**told, "audio_init": "the audio encoder starts from random weights"}
        return {**told, "audio_init": start["text"], "audio_mapping": start, "differences": [*told["differences"], start["text"]]}


class OursSelavi(Ours):
    """``ours`` with an audio encoder that SeLaVi pretrained."""

    name = "ours:selavi"
    description = "ours, its audio encoder initialised by SeLaVi: published weights where they are here, else the same idea on this data"
    changes: ClassVar[Mapping[str, Any]] = {"audio_init": "selavi"}


class OursWav2Clip(Ours):
    """``ours`` with an audio encoder that Wav2CLIP pretrained."""

    name = "ours:wav2clip"
    description = "ours, its audio encoder initialised by Wav2CLIP: published weights where they are here, else the same idea on this data"
    changes: ClassVar[Mapping[str, Any]] = {"audio_init": "wav2clip"}
