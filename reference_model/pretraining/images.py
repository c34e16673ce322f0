"""What the frozen image network says of a frame's style, once per frame and kept."""

from collections.abc import Sequence

import torch
from efficientnet_lite_pytorch import EfficientNet

from adis_bench.datasets.records import Segment
from adis_bench.extractors.cache import embed_files, image_loader
from adis_bench.extractors.efficientnet_lite0 import EfficientNetLite0, block_features
from adis_bench.extractors.protocol import ExtractorOptions
from adis_bench.files import digest_json

N_BLOCKS = 8
"""Blocks 0-7 of 16: 80 channels."""


class StyleStatistics(EfficientNetLite0):
    """Mean and deviation over positions of each channel of EfficientNet-Lite0's middle: 160 values.

    Not the pooled last layer: that is the space in which the offline protocol measures ``fd`` and ``label_similarity``, and an encoder
    distilled from it would be praised for knowing the judge. Statistics of a middle layer describe style rather than things
    (Gatys et al., arXiv 1508.06576; Huang and Belongie, arXiv 1703.06868) and leave out what ``structure_similarity`` is
    made of, which standardises both away. The network is still the same one: what it can't tell apart in the middle, it
    can't at the end, so the circle is weaker, not gone. ``avc`` hears and sees with networks of its own.
    """

    name = "efficientnet_lite0_style"
    description = "mean and deviation of EfficientNet-Lite0's mid-level channels, 160-d: style, not layout"

    def _features(self, network: EfficientNet, planes: torch.Tensor) -> torch.Tensor:
        deviation, mean = torch.std_mean(block_features(network, planes, N_BLOCKS), dim=(2, 3))
        return torch.cat([mean, deviation], dim=1)

    @property
    def digest(self) -> str:
        """The network's digest with the block."""
        return digest_json([super().digest, N_BLOCKS])


def frame_features(segments: Sequence[Segment], resolution: int, device: str) -> torch.Tensor:
    """float32 [F, 160] of all frames of the segments, segment by segment; kept in the suite's cache by content."""
    paths = [path for segment in segments for path in segment.frame_paths]
    digests = [digest for segment in segments for digest in segment.frame_sha256]
    extractor = StyleStatistics(ExtractorOptions(resolution=resolution, device=device))
    return torch.from_numpy(embed_files(extractor, paths, image_loader(resolution), digests, "pretrain: features of the frames"))
