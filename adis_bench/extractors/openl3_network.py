"""OpenL3's convolutional towers: eight 3x3 convolutions, three poolings, and a last pooling that sets the size."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from adis_bench.errors import ConfigError
from adis_bench.extractors.openl3_weights import TowerName, TowerWeights
from adis_bench.extractors.precision import whole_float32

INPUT_SIZES: dict[TowerName, tuple[int, int]] = {"audio": (257, 197), "image": (224, 224)}
"""Rows (frequency) and columns (time) of the maps that the towers take."""
POOLINGS: dict[TowerName, dict[int, tuple[int, int]]] = {
    "audio": {512: (32, 24), 6144: (8, 8)},
    "image": {512: (28, 28), 8192: (7, 7)},
}
"""The last pooling by embedding size. Source: marl/openl3 0.4.2 (3bb35fd), models.py: ``*_POOLING_SIZES``."""
_POOLED_AFTER = (1, 3, 5)
_LAST = 7
_NORM_AFTER_RELU: dict[TowerName, int | None] = {"audio": None, "image": 1}
"""The image tower's second convolution has its ReLU before its normalisation, all others after it (models.py)."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """A convolution with what follows it: ReLU, a normalisation of its own, a pooling."""

    kernel: Tensor
    bias: Tensor
    scale: Tensor | None
    shift: Tensor | None
    relu: bool
    pooled: bool
    packed: bool


class Tower:
    """One frozen tower: maps to embeddings.

    On a CPU the kernels are laid out once for oneDNN, whose operator applies bias and ReLU while it writes: plain
    convolutions lay them out anew at each call and pass over the maps twice more (0.5 to 0.9 of the speed on two
    cores, depending on the C library's allocator). Maps go through one at a time: those of the first block have 13 MB,
    and from 32 MB on glibc takes fresh pages from the kernel for each (25,000 page faults and 0.8 of the speed at four
    maps a time). So the numbers don't depend on batch mates either.
    """

    def __init__(self, weights: TowerWeights, tower: TowerName, embedding_size: int, device: str, precision: str) -> None:
        poolings = POOLINGS[tower]
        if embedding_size not in poolings:
            raise ConfigError(f"OpenL3's {tower} tower has embeddings of {' or '.join(map(str, poolings))} values, not {embedding_size}")
        if precision not in ("float32", "bf16"):
            raise ConfigError(f"OpenL3 runs in float32 or bf16, not {precision}")
        self.embedding_size = embedding_size
        self._pooling = poolings[embedding_size]
        self._device = torch.device(device)
        self._dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        self._n_maps_at_a_time = 1 if self._device.type == "cpu" else 64
        self._scale, self._shift = (self._moved(values)[:, None, None] for values in (weights.scale, weights.shift))
        self._layers = self._laid_out(weights, tower)

    def _moved(self, values: Any, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.from_numpy(values).to(device=self._device, dtype=dtype)

    def _laid_out(self, weights: TowerWeights, tower: TowerName) -> tuple[_Layer, ...]:
        packed = self._device.type == "cpu" and _has_fused_convolution(self._dtype)
        size, layers = INPUT_SIZES[tower], []
        for index, convolution in enumerate(weights.convolutions):
            after_relu = index == _NORM_AFTER_RELU[tower]
            arrays = (convolution.kernel, convolution.bias) if after_relu else convolution.folded()
            kernel, bias = (self._moved(values, self._dtype) for values in arrays)
            kernel = kernel.contiguous(memory_format=torch.channels_last)
            if packed:
                shape = [self._n_maps_at_a_time, kernel.shape[1], *size]
                kernel = torch.ops.mkldnn._reorder_convolution_weight(kernel, [1, 1], [1, 1], [1, 1], 1, shape)
            pooled = index in _POOLED_AFTER
            scale, shift = (self._moved(values) if after_relu else None for values in (convolution.scale, convolution.shift))
            layers.append(_Layer(kernel, bias, scale, shift, relu=index != _LAST, pooled=pooled, packed=packed))
            size = (size[0] // 2, size[1] // 2) if pooled else size
        return tuple(layers)

    @torch.inference_mode()
    def embed(self, maps: Tensor) -> Tensor:
        """Embeddings float32 [N, embedding_size] of float32 [N, C, rows, columns], on the CPU."""
        with whole_float32():
            return torch.cat([self._embedded(chunk).float().cpu() for chunk in torch.split(maps, self._n_maps_at_a_time)])

    def _embedded(self, maps: Tensor) -> Tensor:
        # Zeros are padded after this normalisation, so it can't be folded into the first convolution.
        features = (maps.to(self._device) * self._scale + self._shift).to(self._dtype)
        features = features.contiguous(memory_format=torch.channels_last)
        for layer in self._layers:
            features = _convolved(features, layer)
            if layer.scale is not None and layer.shift is not None:
                features = _normalised(features, layer.scale, layer.shift)
            if layer.pooled:
                features = F.max_pool2d(features, 2)
        pooled = F.max_pool2d(features, self._pooling)
        return pooled.permute(0, 2, 3, 1).flatten(1)  # Keras flattens with the channels last


def _has_fused_convolution(dtype: torch.dtype) -> bool:
    """Whether torch was built with oneDNN and the processor has the number format; else plain convolutions do it."""
    available: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if not available or not hasattr(torch.ops.mkldnn, "_convolution_pointwise"):
        return False
    return dtype == torch.float32 or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _convolved(features: Tensor, layer: _Layer) -> Tensor:
    if layer.packed:
        ending = "relu" if layer.relu else "none"
        fused: Tensor = torch.ops.mkldnn._convolution_pointwise(
            features, layer.kernel, layer.bias, [1, 1], [1, 1], [1, 1], 1, ending, [], ""
        )
        return fused
    convolved = F.conv2d(features, layer.kernel, layer.bias, padding=1)
    return convolved.relu_() if layer.relu else convolved


def _normalised(features: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """One pass over the maps: a normalisation of mean 0 and variance 1."""
    return F.batch_norm(features, torch.zeros_like(shift), torch.ones_like(scale), scale, shift, eps=0.0)
