"""DINOv2 class tokens for FD-DINOv2: Meta's weights in timm's network, with dgm-eval's preprocessing."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from adis_bench.extractors.clip_resize import pil_bicubic
from adis_bench.extractors.precision import whole_float32
from adis_bench.extractors.protocol import Embeddings
from adis_bench.extractors.published import Published
from adis_bench.extractors.weight_archive import read_tensors, refuse_others
from adis_bench.extractors.weights import Weights
from adis_bench.state_dicts import shapes_of

INPUT_SIZE = 224
"""Pixels a side. Source: layer6ai-labs/dgm-eval d57a6d2, dgm_eval/models/dinov2.py."""
_PATCH = 14
_TRAINED_GRID = 37
"""Patches a side of the released position embedding, 518 px. Source: facebookresearch/dinov2, dinov2/hub/backbones.py: ``img_size=518``."""
_OFFSET = 0.1
"""Source: facebookresearch/dinov2, dinov2/models/vision_transformer.py: ``interpolate_pos_encoding``, ``interpolate_offset``."""
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's colours, 0-1. Source: dgm-eval, as above."""

Size = Literal["vits14", "vitl14"]
_TIMM_NAMES: Mapping[Size, str] = {"vits14": "vit_small_patch14_dinov2", "vitl14": "vit_large_patch14_dinov2"}


class DinoV2:
    """A frozen DINOv2 vision transformer, whose output is the normalised class token.

    Source: Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", 2023; its use for Fréchet distances:
    Stein et al., "Exposing flaws of generative model evaluation metrics", 2023.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    @classmethod
    def from_file(cls, path: Path, size: Size = "vits14", device: str = "cpu") -> Self:
        """Read one of Meta's released state dicts (without registers).

        Raises:
            WeightsError: not readable, or another model's; the first weights that differ are named.
        """
        import timm  # takes half a second, and whoever lists extractors comes by here

        weights = read_tensors(path)
        weights.pop("mask_token", None)  # of the training alone
        # On "meta" nothing is drawn or allocated: the file's tensors become the network's.
        with torch.device("meta"):
            network = timm.create_model(_TIMM_NAMES[size], pretrained=False, img_size=INPUT_SIZE, num_classes=0, global_pool="token")
        wanted = shapes_of(network.state_dict())
        wanted["pos_embed"] = (1, 1 + _TRAINED_GRID**2, wanted["pos_embed"][2])
        refuse_others(path, f"DINOv2 {size}", wanted, weights)
        weights["pos_embed"] = resized_positions(weights["pos_embed"].float(), INPUT_SIZE // _PATCH)
        network.load_state_dict({key: value.float() for key, value in weights.items()}, assign=True)
        return cls(network.eval().requires_grad_(False).to(device))

    @torch.inference_mode()
    def embed(self, images: NDArray[np.uint8], precision: str = "float32") -> Embeddings:
        """float32 [N, D] class tokens of uint8 [N, H, W, 3], D = 384 (S) or 1024 (L)."""
        device = next(self.network.parameters()).device
        planes = preprocessed(images, device)
        with whole_float32(), torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            tokens: torch.Tensor = self.network(planes)
        return tokens.float().cpu().numpy()


def preprocessed(images: NDArray[np.uint8], device: torch.device | str = "cpu") -> torch.Tensor:
    """dgm-eval's input without ``--clean_resize``, its default: PIL's bicubic to 224 x 224 (aspect ignored), ImageNet's colours.

    Args:
        images: uint8 [N, H, W, 3], 0-255.
        device: where the result lies.

    Returns:
        float32 [N, 3, 224, 224].
    """
    planes = pil_bicubic(images, INPUT_SIZE, INPUT_SIZE, device) / 255.0
    mean, deviation = (torch.tensor(values, device=planes.device)[:, None, None] for values in (_MEAN, _DEVIATION))
    return (planes - mean) / deviation


def resized_positions(positions: torch.Tensor, grid: int) -> torch.Tensor:
    """The position embedding at another grid, as Meta's code does it, which timm's does not.

    Meta's: bicubic without antialiasing, and coordinates scaled by (grid + 0.1) / 37 in place of grid / 37, both of
    which change features; the released models were evaluated that way.

    Args:
        positions: float32 [1, 1 + 37 * 37, D], the class token's first.
        grid: patches a side.

    Returns:
        float32 [1, 1 + grid * grid, D].
    """
    first, rest = positions[:, :1], positions[:, 1:]
    planes = rest.reshape(1, _TRAINED_GRID, _TRAINED_GRID, -1).permute(0, 3, 1, 2)
    factor = (grid + _OFFSET) / _TRAINED_GRID
    resized = nn.functional.interpolate(planes, scale_factor=(factor, factor), mode="bicubic")
    return torch.cat([first, resized.permute(0, 2, 3, 1).flatten(1, 2)], dim=1)


class DinoV2ViTS14(Published[DinoV2]):
    """Class tokens of DINOv2 ViT-S/14, 384-d; not comparable with published FD-DINOv2, which are of L."""

    name = "dinov2_vits14"
    description = "DINOv2 ViT-S/14 class tokens, 384-d; not comparable with published values, which are of ViT-L/14"
    # Measured on two cores, 4 / 8 / 16 / 32: 10.4 / 12.4 / 13.5 / 11.6 img/s, in bf16 30 / 34 / 34 / 26.
    batch_size = 16
    weights_name = "dinov2-vits14"
    size: Size = "vits14"

    def _network(self, weights: Weights) -> DinoV2:
        return DinoV2.from_file(weights.path, self.size, self._options.device)

    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """float32 [N, D] of uint8 [N, H, W, 3]."""
        return self._ready.embed(batch, self._options.precision)

    def _told(self) -> Mapping[str, Any]:
        return {
            "network": f"timm {version('timm')}, {_TIMM_NAMES[self.size]}, class token after the last norm",
            "resize": f"PIL bicubic (antialiased) to {INPUT_SIZE} x {INPUT_SIZE}, as dgm-eval's default",
            "positions": f"bicubic from {_TRAINED_GRID} x {_TRAINED_GRID} without antialiasing, offset {_OFFSET}, as Meta's code",
        }


class DinoV2ViTL14(DinoV2ViTS14):
    """Class tokens of DINOv2 ViT-L/14, 1024-d: what published FD-DINOv2 values rest on."""

    name = "dinov2_vitl14"
    description = "DINOv2 ViT-L/14 class tokens, 1024-d: dgm-eval's default network"
    batch_size = 8
    weights_name = "dinov2-vitl14"
    size: Size = "vitl14"
