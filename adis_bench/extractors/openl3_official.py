"""The official package ``openl3`` as another backend of the same extractors; imported only where it's asked for."""

from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors.openl3_sound import SAMPLE_RATE_HZ
from adis_bench.extractors.openl3_weights import TowerName
from adis_bench.files import digest_file, digest_json

_REPRESENTATION = {"input_repr": "linear", "content_type": "env"}


class OfficialTower:
    """One tower of the installed package, with the weights that came with it.

    Attributes:
        version: of the package.
        sha256: of its weight file and its version.
        verified: never: no digest of these files is published.
    """

    def __init__(self, tower: TowerName, embedding_size: int = 512) -> None:
        self._openl3, models = _imported()
        path = Path(getattr(models, f"get_{tower}_embedding_model_path")(**_REPRESENTATION))
        if not path.is_file():
            raise WeightsError(f"the package openl3 has no weights at {path}; install it again, or leave out backend = 'openl3'")
        self.version = metadata.version("openl3")
        self._weights_sha256 = digest_file(path)
        self.sha256, self.verified = digest_json([self._weights_sha256, self.version]), False
        self._model = getattr(models, f"load_{tower}_embedding_model")(**_REPRESENTATION, embedding_size=embedding_size)

    def fact(self) -> str:
        """One line for a report."""
        return f"of the package openl3 {self.version}, sha256 {self._weights_sha256}, UNVERIFIED: no digest is published"

    def embed_sound(self, waveform: NDArray[np.float32], hop_s: float, center: bool) -> NDArray[np.float32]:
        """float32 [windows, size] of one waveform float32 [N] at 48 kHz."""
        vectors, _ = self._openl3.get_audio_embedding(
            waveform, SAMPLE_RATE_HZ, model=self._model, hop_size=hop_s, center=center, verbose=False
        )
        return np.asarray(vectors, np.float32)

    def embed_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """float32 [N, size] of uint8 [N, H, W, 3], each image a call's own so that none depends on its batch mates."""
        return np.concatenate(
            [
                np.asarray(vectors, np.float32)
                for vectors in self._openl3.get_image_embedding(list(images), model=self._model, verbose=False)
            ]
        )


def _imported() -> tuple[Any, Any]:
    try:
        return import_module("openl3"), import_module("openl3.models")
    except ImportError as error:
        raise ConfigError(
            f"backend = 'openl3' needs the official package ({error}); `pip install 'adis-bench[openl3]'`, "
            "or leave the setting out: our own port has the same numbers"
        ) from error
