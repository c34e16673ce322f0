"""Inception V3's pooled features for FID and KID, in Clean-FID's three modes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError
from adis_bench.extractors.inception_clean_fid import CleanFid
from adis_bench.extractors.inception_network import SIDE, InceptionV3
from adis_bench.extractors.inception_weights import read_convolutions
from adis_bench.extractors.protocol import Embeddings, ExtractorOptions
from adis_bench.extractors.resize import clean_resize, legacy_pytorch_resize, legacy_tensorflow_resize
from adis_bench.extractors.weights import Weights, located
from adis_bench.files import digest_json

_VERSION = 1
_BACKENDS = ("pytorch", "clean-fid")
_DTYPES = {"float32": torch.float32, "bf16": torch.bfloat16}
BATCH_SIZE = 8
"""Two cores, img/s at 1 / 4 / 8 / 16: 21 / 40 / 41 / 39."""

Mode = Literal["clean", "legacy_pytorch", "legacy_tensorflow"]


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """What becomes of an image before the network.

    Attributes:
        resize: in words.
        scaling: of 0-255 to the network's input, in words.
    """

    resize: str
    scaling: str


PREPROCESSING: Mapping[Mode, Preprocessing] = {
    "clean": Preprocessing("clean: PIL's bicubic with antialiasing, on floats", "(x - 128) / 128"),
    "legacy_pytorch": Preprocessing("torch's bilinear without antialiasing", "2 x / 255 - 1"),
    "legacy_tensorflow": Preprocessing("TensorFlow 1's bilinear without antialiasing, corners aligned upper left", "(x - 128) / 128"),
}
"""Source: GaParmar/clean-fid 0.1.35, resize.py, features.py and inception_torchscript.py."""


def preprocessed(images: NDArray[np.uint8], mode: Mode, device: torch.device | str = "cpu") -> torch.Tensor:
    """The network's input as a mode of Clean-FID makes it: float32 [N, 3, 299, 299] of uint8 [N, H, W, 3]."""
    if mode == "legacy_pytorch":
        return 2 * (legacy_pytorch_resize(images, SIDE, device) / 255) - 1
    resize = clean_resize if mode == "clean" else legacy_tensorflow_resize
    return (resize(images, SIDE, device) - 128) / 128


class Inception:
    """FID's Inception V3 with the preprocessing of one of Clean-FID's modes; numpy in, numpy out.

    In bf16 features move by 0.4 % of their norm, and the Fréchet distance of 2 x 256 images by 0.5 % (random weights;
    tests/benchmarks/test_inception.py).

    Attributes:
        network: frozen, and laid out for the device.
    """

    def __init__(self, network: InceptionV3, mode: Mode, device: str = "cpu", precision: str = "float32") -> None:
        self._dtype = _DTYPES[precision]
        # All its layers are ones that autocast would run in bf16: weights of that type give the same, without casting at every call.
        self.network = network.eval().to(device=torch.device(device), dtype=self._dtype)
        self.network.pack(BATCH_SIZE)
        self._mode, self._device = mode, device

    @classmethod
    def from_file(cls, path: Path, mode: Mode = "clean", device: str = "cpu", precision: str = "float32") -> Self:
        """Read a released weight file, in either layout (``inception_weights``); its code is not run.

        Args:
            path: the file; either layout serves every mode.
            mode: which of Clean-FID's preprocessings.
            device: torch device name.
            precision: ``float32`` or ``bf16``.

        Raises:
            WeightsError: not readable, or another network's.
        """
        return cls(InceptionV3(read_convolutions(path)), mode, device, precision)

    @torch.inference_mode()
    def embed(self, images: NDArray[np.uint8]) -> Embeddings:
        """float32 [N, 2048], 0 and above, of uint8 [N, H, W, 3] of any size."""
        planes = preprocessed(images, self._mode, self._device)
        # TF32, cuDNN's default, has ten bits; bf16 is the named fast variant.
        with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            features: torch.Tensor = self.network(planes.to(self._dtype))
        return features.float().cpu().numpy()


class InceptionClean:
    """Clean-FID's ``clean`` mode, the default of FID here.

    Settings: ``backend``: ``pytorch`` (default) or ``clean-fid``, the package's own resize and network.
    """

    name = "inception_clean"
    description = "Inception V3 (FID's) features, 2048-d, Clean-FID's clean resize"
    modality: Literal["image", "audio"] = "image"
    sample_rate_hz = 0
    batch_size = BATCH_SIZE
    mode: Mode = "clean"
    weights_name = "clean-fid-inception"
    """Row of the catalogue of weights."""

    def __init__(self, options: ExtractorOptions) -> None:
        unknown = sorted(set(options.settings) - {"backend"})
        if unknown:
            raise ConfigError(f"extractor {self.name} has no setting {', '.join(unknown)}; known: backend")
        self._backend = options.settings.get("backend", _BACKENDS[0])
        if self._backend not in _BACKENDS:
            raise ConfigError(f"extractor {self.name}: backend must be one of {', '.join(_BACKENDS)}, not {self._backend!r}")
        if self._backend == "clean-fid" and options.precision != "float32":
            raise ConfigError(f'extractor {self.name}: backend = "clean-fid" runs in float32 only, not in {options.precision}')
        self._options = options
        self._loaded: tuple[Inception | CleanFid, Weights] | None = None

    def prepare(self, judge: Dataset) -> None:
        """Load the weights; nothing is trained."""
        weights = located(self.weights_name)
        device, precision = self._options.device, self._options.precision
        if self._backend == "clean-fid":
            self._loaded = CleanFid(self.mode, weights, device), weights
        else:
            self._loaded = Inception.from_file(weights.path, self.mode, device, precision), weights

    @property
    def _ready(self) -> tuple[Inception | CleanFid, Weights]:
        if self._loaded is None:
            raise ConfigError(f"extractor {self.name} was used before prepare(judge)")
        return self._loaded

    @property
    def _made_by(self) -> str:
        network = self._ready[0]
        return network.version if isinstance(network, CleanFid) else "adis-bench"

    @property
    def digest(self) -> str:
        """sha256 over weights, mode, backend, the run's resolution, precision and code version."""
        sha256 = self._ready[1].sha256
        return digest_json([self.name, _VERSION, sha256, self._made_by, self._options.resolution, self._options.precision])

    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """float32 [N, 2048] of uint8 [N, H, W, 3]."""
        return self._ready[0].embed(batch)

    def facts(self) -> Mapping[str, Any]:
        """Weights, mode with its resize and scaling, backend and precision."""
        weights = self._ready[1]
        return {
            "weights": weights.fact(),
            "verified": weights.verified,
            "network": f"Inception V3 of 2015-12-05 to its last pooling, by {self._made_by}",
            "mode": self.mode,
            "resize": f"{PREPROCESSING[self.mode].resize}, to {SIDE} px",
            "scaling": PREPROCESSING[self.mode].scaling,
            "backend": self._backend,
            "precision": self._options.precision,
        }


class InceptionLegacyPytorch(InceptionClean):
    """Clean-FID's ``legacy_pytorch`` mode: what pytorch-fid computes, with pytorch-fid's weight file.

    Settings: ``backend``, as of ``inception_clean``.
    """

    name = "inception_legacy_pytorch"
    description = "Inception V3 (FID's) features, 2048-d, pytorch-fid's resize"
    mode: Mode = "legacy_pytorch"
    weights_name = "pytorch-fid-inception"


class InceptionLegacyTensorflow(InceptionClean):
    """Clean-FID's ``legacy_tensorflow`` mode: what the first FID code computes.

    Settings: ``backend``, as of ``inception_clean``.
    """

    name = "inception_legacy_tensorflow"
    description = "Inception V3 (FID's) features, 2048-d, TensorFlow 1's resize"
    mode: Mode = "legacy_tensorflow"
