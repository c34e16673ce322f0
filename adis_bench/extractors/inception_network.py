"""FID's Inception V3 as a plain module: Google's network of 2015-12-05 up to its last pooling, batch norms folded away.

It differs from torchvision's ImageNet network in its weights, in average pools that leave the padding out of the
count, and in its last block, which pools by maximum. Both released files hold these very weights: NVIDIA's TorchScript
program (clean-fid's modes ``clean`` and ``legacy_tensorflow``) and pytorch-fid's state dict (``legacy_pytorch``).

Source: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015; layers and names as in
mseitzer/pytorch-fid 0.3, inception.py, and in NVIDIA's inception-2015-12-05.pt.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

SIDE = 299
"""Pixels a side of the network's input."""
FEATURES = 2048

Rows = tuple[tuple[str, str, int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution with its batch norm folded in.

    Attributes:
        weight: float [out, in, height, width].
        bias: float [out].
    """

    weight: torch.Tensor
    bias: torch.Tensor


@dataclass(frozen=True, slots=True)
class KernelSpec:
    """One of the network's 94 convolutions as the released files name it.

    Attributes:
        script_name: in NVIDIA's file, below ``layers``, each dot written as ``_``: files that keep a tower as a
            module of its own and files that don't then have the same names.
        torch_name: in pytorch-fid's and torch-fidelity's files, with ``_`` likewise.
        shape: out, in, height, width.
    """

    script_name: str
    torch_name: str
    shape: tuple[int, int, int, int]


_STEM: Rows = (
    ("conv", "Conv2d_1a_3x3", 3, 32, 3, 3),
    ("conv_1", "Conv2d_2a_3x3", 32, 32, 3, 3),
    ("conv_2", "Conv2d_2b_3x3", 32, 64, 3, 3),
    ("conv_3", "Conv2d_3b_1x1", 64, 80, 1, 1),
    ("conv_4", "Conv2d_4a_3x3", 80, 192, 3, 3),
)


def _rows_35(n_in: int, n_pool: int) -> Rows:
    return (
        ("conv", "branch1x1", n_in, 64, 1, 1),
        ("tower_conv", "branch5x5_1", n_in, 48, 1, 1),
        ("tower_conv_1", "branch5x5_2", 48, 64, 5, 5),
        ("tower_1_conv", "branch3x3dbl_1", n_in, 64, 1, 1),
        ("tower_1_conv_1", "branch3x3dbl_2", 64, 96, 3, 3),
        ("tower_1_conv_2", "branch3x3dbl_3", 96, 96, 3, 3),
        ("tower_2_conv", "branch_pool", n_in, n_pool, 1, 1),
    )


_TO_17: Rows = (
    ("conv", "branch3x3", 288, 384, 3, 3),
    ("tower_conv", "branch3x3dbl_1", 288, 64, 1, 1),
    ("tower_conv_1", "branch3x3dbl_2", 64, 96, 3, 3),
    ("tower_conv_2", "branch3x3dbl_3", 96, 96, 3, 3),
)


def _rows_17(width: int) -> Rows:
    return (
        ("conv", "branch1x1", 768, 192, 1, 1),
        ("tower_conv", "branch7x7_1", 768, width, 1, 1),
        ("tower_conv_1", "branch7x7_2", width, width, 1, 7),
        ("tower_conv_2", "branch7x7_3", width, 192, 7, 1),
        ("tower_1_conv", "branch7x7dbl_1", 768, width, 1, 1),
        ("tower_1_conv_1", "branch7x7dbl_2", width, width, 7, 1),
        ("tower_1_conv_2", "branch7x7dbl_3", width, width, 1, 7),
        ("tower_1_conv_3", "branch7x7dbl_4", width, width, 7, 1),
        ("tower_1_conv_4", "branch7x7dbl_5", width, 192, 1, 7),
        ("tower_2_conv", "branch_pool", 768, 192, 1, 1),
    )


_TO_8: Rows = (
    ("tower_conv", "branch3x3_1", 768, 192, 1, 1),
    ("tower_conv_1", "branch3x3_2", 192, 320, 3, 3),
    ("tower_1_conv", "branch7x7x3_1", 768, 192, 1, 1),
    ("tower_1_conv_1", "branch7x7x3_2", 192, 192, 1, 7),
    ("tower_1_conv_2", "branch7x7x3_3", 192, 192, 7, 1),
    ("tower_1_conv_3", "branch7x7x3_4", 192, 192, 3, 3),
)


def _rows_8(n_in: int) -> Rows:
    return (
        ("conv", "branch1x1", n_in, 320, 1, 1),
        ("tower_conv", "branch3x3_1", n_in, 384, 1, 1),
        ("tower_mixed_conv", "branch3x3_2a", 384, 384, 1, 3),
        ("tower_mixed_conv_1", "branch3x3_2b", 384, 384, 3, 1),
        ("tower_1_conv", "branch3x3dbl_1", n_in, 448, 1, 1),
        ("tower_1_conv_1", "branch3x3dbl_2", 448, 384, 3, 3),
        ("tower_1_mixed_conv", "branch3x3dbl_3a", 384, 384, 1, 3),
        ("tower_1_mixed_conv_1", "branch3x3dbl_3b", 384, 384, 3, 1),
        ("tower_2_conv", "branch_pool", n_in, 192, 1, 1),
    )


_BLOCKS: tuple[tuple[str, str, Rows], ...] = (
    ("mixed", "Mixed_5b", _rows_35(192, 32)),
    ("mixed_1", "Mixed_5c", _rows_35(256, 64)),
    ("mixed_2", "Mixed_5d", _rows_35(288, 64)),
    ("mixed_3", "Mixed_6a", _TO_17),
    ("mixed_4", "Mixed_6b", _rows_17(128)),
    ("mixed_5", "Mixed_6c", _rows_17(160)),
    ("mixed_6", "Mixed_6d", _rows_17(160)),
    ("mixed_7", "Mixed_6e", _rows_17(192)),
    ("mixed_8", "Mixed_7a", _TO_8),
    ("mixed_9", "Mixed_7b", _rows_8(1280)),
    ("mixed_10", "Mixed_7c", _rows_8(2048)),
)


def kernel_specs() -> tuple[KernelSpec, ...]:
    """The 94 convolutions in the order of the data."""
    stem = [KernelSpec(script, torch_name, (n_out, n_in, h, w)) for script, torch_name, n_in, n_out, h, w in _STEM]
    blocks = [
        KernelSpec(f"{block}_{script}", f"{torch_block}_{torch_name}", (n_out, n_in, h, w))
        for block, torch_block, rows in _BLOCKS
        for script, torch_name, n_in, n_out, h, w in rows
    ]
    return (*stem, *blocks)


class _Layer(nn.Module):
    """Convolution with bias, then ReLU where ``relu``; padded to keep the size unless ``stride`` is 2 or ``padded`` is off."""

    def __init__(self, kernel: Convolution, stride: int = 1, padded: bool = True, relu: bool = True) -> None:
        super().__init__()
        # This layout is what the convolutions of channels_last data take; it is a third faster on CPUs.
        self.weight = nn.Parameter(kernel.weight.contiguous(memory_format=torch.channels_last), requires_grad=False)
        self.bias = nn.Parameter(kernel.bias.clone(), requires_grad=False)
        height, width = kernel.weight.shape[2:]
        self._stride, self._relu = stride, relu
        self._padding = (height // 2, width // 2) if padded and stride == 1 else (0, 0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
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
        stem = {script: kernels[script] for script, *_ in _STEM}
        parts = {block: {script: kernels[f"{block}_{script}"] for script, *_ in rows} for block, _, rows in _BLOCKS}
        self.layers = nn.Sequential(
            _Layer(stem["conv"], stride=2),
            _Layer(stem["conv_1"], padded=False),
            _Layer(stem["conv_2"]),
            nn.MaxPool2d(3, stride=2),
            _Layer(stem["conv_3"]),
            _Layer(stem["conv_4"], padded=False),
            nn.MaxPool2d(3, stride=2),
            *(_block_35(parts[name]) for name in ("mixed", "mixed_1", "mixed_2")),
            _block_to_17(parts["mixed_3"]),
            *(_block_17(parts[name]) for name in ("mixed_4", "mixed_5", "mixed_6", "mixed_7")),
            _block_to_8(parts["mixed_8"]),
            _block_8(parts["mixed_9"], _MeanPool(parts["mixed_9"]["tower_2_conv"])),
            _block_8(parts["mixed_10"], nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), _Layer(parts["mixed_10"]["tower_2_conv"]))),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """float32 [N, 2048], 0 and above, of float32 [N, 3, 299, 299] in -1 to 1."""
        maps: torch.Tensor = self.layers(x.contiguous(memory_format=torch.channels_last))
        return maps.float().mean(dim=(2, 3))


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
