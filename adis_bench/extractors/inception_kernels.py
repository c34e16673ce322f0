"""The 94 convolutions of FID's Inception V3: what the released files call them, and their shapes.

Source: mseitzer/pytorch-fid 0.3, inception.py, with torchvision's names; NVIDIA's inception-2015-12-05.pt, whose names are
TensorFlow's.
"""

from dataclasses import dataclass

Rows = tuple[tuple[str, str, int, int, int, int], ...]
"""A block's convolutions: name in NVIDIA's file, name in pytorch-fid's, channels in, channels out, height, width."""


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


STEM: Rows = (
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


BLOCKS: tuple[tuple[str, str, Rows], ...] = (
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
    stem = [KernelSpec(script, torch_name, (n_out, n_in, h, w)) for script, torch_name, n_in, n_out, h, w in STEM]
    blocks = [
        KernelSpec(f"{block}_{script}", f"{torch_block}_{torch_name}", (n_out, n_in, h, w))
        for block, torch_block, rows in BLOCKS
        for script, torch_name, n_in, n_out, h, w in rows
    ]
    return (*stem, *blocks)
