"""DINOv2 class tokens for FD-DINOv2: Meta's weights in timm's network, with dgm-eval's preprocessing."""

import math
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import timm
import torch
from numpy.typing import NDArray
from torch import nn

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors.clip_resize import pil_bicubic
from adis_bench.extractors.protocol import Embeddings, ExtractorOptions
from adis_bench.extractors.weights import Weights, located
from adis_bench.files import digest_json

INPUT_SIZE = 224
"""Pixels a side. Source: layer6ai-labs/dgm-eval d57a6d2, dgm_eval/models/dinov2.py."""
_PATCH = 14
_TRAINED_GRID = 37
"""Patches a side of the released position embedding, 518 px. Source: facebookresearch/dinov2, dinov2/hub/backbones.py: ``img_size=518``."""
_OFFSET = 0.1
"""Source: facebookresearch/dinov2, dinov2/models/vision_transformer.py: ``interpolate_pos_encoding``, ``interpolate_offset``."""
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's colours, 0-1. Source: dgm-eval, as above."""
_VERSION = 1

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
        weights = _read(path)
        weights.pop("mask_token", None)  # of the training alone
        # On "meta" nothing is drawn or allocated: the file's tensors become the network's.
        with torch.device("meta"):
            network = timm.create_model(_TIMM_NAMES[size], pretrained=False, img_size=INPUT_SIZE, num_classes=0, global_pool="token")
        _refuse_others(network, weights, path, size)
        weights["pos_embed"] = resized_positions(weights["pos_embed"].float(), INPUT_SIZE // _PATCH)
        network.load_state_dict({key: value.float() for key, value in weights.items()}, assign=True)
        return cls(network.eval().requires_grad_(False).to(device))

    @torch.inference_mode()
    def embed(self, images: NDArray[np.uint8], precision: str = "float32") -> Embeddings:
        """float32 [N, D] class tokens of uint8 [N, H, W, 3], D = 384 (S) or 1024 (L)."""
        device = next(self.network.parameters()).device
        planes = preprocessed(images, device)
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
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


def _read(path: Path) -> dict[str, torch.Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, ValueError, KeyError, pickle.UnpicklingError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise WeightsError(f"{path} is not readable as DINOv2 weights ({reason}); fetch it again") from error
    if not isinstance(content, dict) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise WeightsError(f"{path} is no state dict as Meta releases DINOv2; fetch it again")
    return dict(content)


def _refuse_others(network: nn.Module, found: Mapping[str, torch.Tensor], path: Path, size: Size) -> None:
    wanted = {key: value.shape for key, value in network.state_dict().items()}
    wanted["pos_embed"] = torch.Size((1, 1 + _TRAINED_GRID**2, wanted["pos_embed"][2]))
    differing = sorted(key for key in wanted.keys() | found.keys() if key not in found or wanted.get(key) != found[key].shape)
    if differing:
        raise WeightsError(
            f"{path} is not DINOv2 {size}: {len(differing)} of {len(wanted)} weights are missing, unknown or of another shape, "
            f"first {', '.join(differing[:3])}; give the file of this model"
        )
    if not all(value.is_floating_point() and math.isfinite(value.sum(dtype=torch.float64).item()) for value in found.values()):
        raise WeightsError(f"{path} holds weights that are not finite; fetch it again")


class DinoV2ViTS14:
    """Class tokens of DINOv2 ViT-S/14, 384-d; not comparable with published FD-DINOv2, which are of L."""

    name = "dinov2_vits14"
    description = "DINOv2 ViT-S/14 class tokens, 384-d; not comparable with published values, which are of ViT-L/14"
    modality: Literal["image", "audio"] = "image"
    sample_rate_hz = 0
    # Measured on two cores, 4 / 8 / 16 / 32: 10.4 / 12.4 / 13.5 / 11.6 img/s, in bf16 30 / 34 / 34 / 26.
    batch_size = 16
    weights_name = "dinov2-vits14"
    """Row of the catalogue of weights."""
    size: Size = "vits14"

    def __init__(self, options: ExtractorOptions) -> None:
        if options.settings:
            raise ConfigError(f"extractor {self.name} has no setting {', '.join(sorted(options.settings))}; it has none")
        self._options = options
        self._loaded: tuple[DinoV2, Weights] | None = None

    def prepare(self, judge: Dataset) -> None:
        """Load the weights; nothing is trained."""
        weights = located(self.weights_name)
        self._loaded = DinoV2.from_file(weights.path, self.size, self._options.device), weights

    @property
    def _ready(self) -> tuple[DinoV2, Weights]:
        if self._loaded is None:
            raise RuntimeError(f"extractor {self.name} is used before prepare()")
        return self._loaded

    @property
    def digest(self) -> str:
        """sha256 over weights, the run's resolution, precision and code version."""
        return digest_json([self.name, _VERSION, self._ready[1].sha256, self._options.resolution, self._options.precision])

    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """float32 [N, D] of uint8 [N, H, W, 3]."""
        return self._ready[0].embed(batch, self._options.precision)

    def facts(self) -> Mapping[str, Any]:
        """Weights, network, preprocessing and precision."""
        weights = self._ready[1]
        return {
            "weights": weights.fact(),
            "verified": weights.verified,
            "network": f"timm {timm.__version__}, {_TIMM_NAMES[self.size]}, class token after the last norm",
            "resize": f"PIL bicubic (antialiased) to {INPUT_SIZE} x {INPUT_SIZE}, as dgm-eval's default",
            "positions": f"bicubic from {_TRAINED_GRID} x {_TRAINED_GRID} without antialiasing, offset {_OFFSET}, as Meta's code",
            "precision": self._options.precision,
        }


class DinoV2ViTL14(DinoV2ViTS14):
    """Class tokens of DINOv2 ViT-L/14, 1024-d: what published FD-DINOv2 values rest on."""

    name = "dinov2_vitl14"
    description = "DINOv2 ViT-L/14 class tokens, 1024-d: dgm-eval's default network"
    batch_size = 8
    weights_name = "dinov2-vitl14"
    size: Size = "vitl14"
