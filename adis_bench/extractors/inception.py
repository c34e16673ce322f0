"""Inception V3's pooled features for FID and KID, in Clean-FID's three modes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray

from adis_bench.extractors.inception_clean_fid import CleanFid
from adis_bench.extractors.inception_network import SIDE, InceptionV3
from adis_bench.extractors.inception_weights import read_convolutions
from adis_bench.extractors.precision import whole_float32
from adis_bench.extractors.protocol import Embeddings, ExtractorOptions
from adis_bench.extractors.published import Published
from adis_bench.extractors.resize import clean_resize, legacy_pytorch_resize, legacy_tensorflow_resize
from adis_bench.extractors.weights import Weights

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
        with whole_float32():
            features: torch.Tensor = self.network(planes.to(self._dtype))
        return features.float().cpu().numpy()


class InceptionClean(Published[Inception | CleanFid]):
    """Clean-FID's ``clean`` mode, the default of FID here.

    Settings: ``backend``: ``pytorch`` (default) or ``clean-fid``, the package's own resize and network.
    """

    name = "inception_clean"
    description = "Inception V3 (FID's) features, 2048-d, Clean-FID's clean resize"
    batch_size = BATCH_SIZE
    mode: Mode = "clean"
    weights_name = "clean-fid-inception"
    defaults: ClassVar[Mapping[str, Any]] = {"backend": _BACKENDS[0]}

    def __init__(self, options: ExtractorOptions) -> None:
        super().__init__(options)
        self._backend = self._checked_backend(_BACKENDS)

    def _network(self, weights: Weights) -> Inception | CleanFid:
        device, precision = self._options.device, self._options.precision
        if self._backend == "clean-fid":
            return CleanFid(self.mode, weights, device)
        return Inception.from_file(weights.path, self.mode, device, precision)

    def _stamps(self) -> tuple[str, ...]:
        network = self._ready
        return (network.version if isinstance(network, CleanFid) else "adis-bench",)

    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """float32 [N, 2048] of uint8 [N, H, W, 3]."""
        return self._ready.embed(batch)

    def _told(self) -> Mapping[str, Any]:
        return {
            "network": f"Inception V3 of 2015-12-05 to its last pooling, by {self._stamps()[0]}",
            "mode": self.mode,
            "resize": f"{PREPROCESSING[self.mode].resize}, to {SIDE} px",
            "scaling": PREPROCESSING[self.mode].scaling,
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
