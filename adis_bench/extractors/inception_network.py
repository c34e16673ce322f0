"""FID's Inception V3 as a plain module: Google's network of 2015-12-05 up to its last pooling, batch norms folded away.

It differs from torchvision's ImageNet network in its weights, in average pools that leave the padding out of the
count, and in its last block, which pools by maximum. Two ports of its weights are released: NVIDIA's TorchScript
program (clean-fid's modes ``clean`` and ``legacy_tensorflow``) and pytorch-fid's state dict (``legacy_pytorch``).

Source: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015; layers and names as in
mseitzer/pytorch-fid 0.3, inception.py, and in NVIDIA's inception-2015-12-05.pt.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from adis_bench.extractors.inception_kernels import BLOCKS, STEM

SIDE = 299
"""Pixels a side of the network's input."""
FEATURES = 2048


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution with its batch norm folded in.

    Attributes:
        weight: float [out, in, height, width].
        bias: float [out].
    """

    weight: torch.Tensor
    bias: torch.Tensor


class _Layer(nn.Module):
    """Convolution with bias, then ReLU where ``relu``; padded to keep the size unless ``stride`` is 2 or ``padded`` is off."""

    def __init__(self, kernel: Convolution, stride: int = 1, padded: bool = True, relu: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(kernel.weight.contiguous(memory_format=torch.channels_last), requires_grad=False)
        self.bias = nn.Parameter(kernel.bias.clone(), requires_grad=False)
        height, width = kernel.weight.shape[2:]
        self._padding = [height // 2, width // 2] if padded and stride == 1 else [0, 0]
        self._stride, self._relu = [stride, stride], relu
        self._packed = False

    def pack(self, inputs: tuple[torch.Tensor]) -> None:
        """Lay the kernel out for oneDNN and inputs of this shape, the first time."""
        if not self._packed:
            shape = list(inputs[0].shape)
            packed = torch.ops.mkldnn._reorder_convolution_weight(self.weight, self._padding, self._stride, [1, 1], 1, shape)
            self.weight = nn.Parameter(packed, requires_grad=False)
            self._packed = True

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self._packed:
            ending = "relu" if self._relu else "none"
            fused: torch.Tensor = torch.ops.mkldnn._convolution_pointwise(
                x, self.weight, self.bias, self._padding, self._stride, [1, 1], 1, ending, [], ""
            )
            return fused
        y = nn.functional.conv2d(x, self.weight, self.bias, self._stride, self._padding)
        return y.relu_() if self._relu else y


class _MeanPool(nn.Module):
    """A 1 x 1 convolution, then mean over 3 x 3 without the padding, then ReLU.

    The network pools first. Both are linear, and a mean of equal biases is the bias, so the order changes rounding
    only; this way round there are 4 to 9 times fewer channels to pool.
    """

    def __init__(self, kernel: Convolution) -> None:
        super().__init__()
        self.convolution = _Layer(kernel, relu=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pooled = nn.functional.avg_pool2d(self.convolution(x), 3, stride=1, padding=1, count_include_pad=False)
        return pooled.relu_()


class _Fork(nn.Module):
    """Branches over the same input, joined by channel."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class InceptionV3(nn.Module):
    """The network up to its last pooling; frozen.

    Args:
        kernels: the convolutions by ``KernelSpec.script_name``.
    """

    def __init__(self, kernels: Mapping[str, Convolution]) -> None:
        super().__init__()
        stem = {script: kernels[script] for script, *_ in STEM}
        parts = {block: {script: kernels[f"{block}_{script}"] for script, *_ in rows} for block, _, rows in BLOCKS}
        self.stem = nn.Sequential(
            _Layer(stem["conv"], stride=2),
            _Layer(stem["conv_1"], padded=False),
            _Layer(stem["conv_2"]),
            nn.MaxPool2d(3, stride=2),
            _Layer(stem["conv_3"]),
            _Layer(stem["conv_4"], padded=False),
            nn.MaxPool2d(3, stride=2),
        )
        self.blocks = nn.Sequential(
            *(_block_35(parts[name]) for name in ("mixed", "mixed_1", "mixed_2")),
            _block_to_17(parts["mixed_3"]),
            *(_block_17(parts[name]) for name in ("mixed_4", "mixed_5", "mixed_6", "mixed_7")),
            _block_to_8(parts["mixed_8"]),
            _block_8(parts["mixed_9"], _MeanPool(parts["mixed_9"]["tower_2_conv"])),
            _block_8(parts["mixed_10"], nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), _Layer(parts["mixed_10"]["tower_2_conv"]))),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """float32 [N, 2048], 0 and above, of [N, 3, 299, 299] in -1 to 1, in the type of the weights."""
        x = x.contiguous(memory_format=torch.channels_last)
        # Image by image a processor's cache holds the stem's maps, 5 MB each in float32: 8 % faster than eight at once.
        maps = torch.cat([self.stem(image) for image in torch.split(x, 1)]) if x.device.type == "cpu" else self.stem(x)
        features: torch.Tensor = self.blocks(maps)
        return features.float().mean(dim=(2, 3))

    @torch.no_grad()
    def pack(self, n_images: int) -> None:
        """Lay the kernels out for batches of this size on this processor; after that the network stays there.

        oneDNN's own operator then applies bias and ReLU while it writes, where plain convolutions lay their kernels
        out anew at each call and ReLU passes over the maps again: 4 % faster, 20 % where others use the memory too.
        (Tried on two cores: torch.compile was as fast as plain convolutions and took 43 s to start; a frozen trace that
        torch.jit optimised was slower than they.) Does nothing where torch has no oneDNN, or the processor not the
        type of the weights.
        """
        layers = [module for module in self.modules() if isinstance(module, _Layer)]
        if not _has_fused_convolution(layers[0].weight):
            return
        hooks = [layer.register_forward_pre_hook(_Layer.pack) for layer in layers]
        self(torch.zeros(n_images, 3, SIDE, SIDE, dtype=layers[0].weight.dtype))
        for hook in hooks:
            hook.remove()


def _has_fused_convolution(weight: torch.Tensor) -> bool:
    available: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if weight.device.type != "cpu" or not available or not hasattr(torch.ops.mkldnn, "_convolution_pointwise"):
        return False
    return weight.dtype == torch.float32 or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _block_35(part: Mapping[str, Convolution]) -> nn.Module:
    return _Fork(
        _Layer(part["conv"]),
        _chain(part, "tower_conv", "tower_conv_1"),
        _chain(part, "tower_1_conv", "tower_1_conv_1", "tower_1_conv_2"),
        _MeanPool(part["tower_2_conv"]),
    )


def _block_to_17(part: Mapping[str, Convolution]) -> nn.Module:
    tower = nn.Sequential(_chain(part, "tower_conv", "tower_conv_1"), _Layer(part["tower_conv_2"], stride=2))
    return _Fork(_Layer(part["conv"], stride=2), tower, nn.MaxPool2d(3, stride=2))


def _block_17(part: Mapping[str, Convolution]) -> nn.Module:
    return _Fork(
        _Layer(part["conv"]),
        _chain(part, "tower_conv", "tower_conv_1", "tower_conv_2"),
        _chain(part, "tower_1_conv", "tower_1_conv_1", "tower_1_conv_2", "tower_1_conv_3", "tower_1_conv_4"),
        _MeanPool(part["tower_2_conv"]),
    )


def _block_to_8(part: Mapping[str, Convolution]) -> nn.Module:
    short = nn.Sequential(_Layer(part["tower_conv"]), _Layer(part["tower_conv_1"], stride=2))
    long = nn.Sequential(_chain(part, "tower_1_conv", "tower_1_conv_1", "tower_1_conv_2"), _Layer(part["tower_1_conv_3"], stride=2))
    return _Fork(short, long, nn.MaxPool2d(3, stride=2))


def _block_8(part: Mapping[str, Convolution], pool: nn.Module) -> nn.Module:
    return _Fork(
        _Layer(part["conv"]),
        nn.Sequential(_Layer(part["tower_conv"]), _Fork(_Layer(part["tower_mixed_conv"]), _Layer(part["tower_mixed_conv_1"]))),
        nn.Sequential(
            _chain(part, "tower_1_conv", "tower_1_conv_1"),
            _Fork(_Layer(part["tower_1_mixed_conv"]), _Layer(part["tower_1_mixed_conv_1"])),
        ),
        pool,
    )


def _chain(part: Mapping[str, Convolution], *names: str) -> nn.Module:
    return nn.Sequential(*(_Layer(part[name]) for name in names))
