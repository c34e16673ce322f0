"""The judge split in memory, and the augmented views of it that training draws."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from adis_bench.datasets.media import read_image, segment_audio
from adis_bench.datasets.records import SEGMENT_S, Dataset
from adis_bench.extractors.efficientnet_lite0 import load_network, normalised, pooled_features
from adis_bench.extractors.l3_augment import augment_images
from adis_bench.extractors.l3_network import ImageTrunk
from adis_bench.extractors.resize import clean_resize
from adis_bench.extractors.spectrogram import SAMPLE_RATE_HZ, log_mel
from adis_bench.progress import bar

N_SAMPLES = round(SEGMENT_S * SAMPLE_RATE_HZ)
_TRUNK_SIZE = 128  # side in pixels of the frozen trunk's input
_VIEWS = 12  # augmented views of each frame that the frozen trunk sees; drawn from at every step


def image_inputs(images: NDArray[np.uint8], trunk: ImageTrunk, image_size: int, device: str) -> torch.Tensor:
    """What the image tower takes of uint8 [N, H, W, 3]: planes in -1 to 1, or the frozen trunk's features."""
    if trunk == "own":
        return clean_resize(images, image_size, device) / 127.5 - 1.0
    return pooled_features(load_network(_TRUNK_SIZE, device), normalised(images, _TRUNK_SIZE, device))


@dataclass(frozen=True)
class JudgeData:
    """The judge split in memory.

    Attributes:
        mel: float32 [S, 64, T].
        frames: uint8 [F, R, R, 3], distinct ones.
        frames_of: for every segment, the rows of its frames.
        labels: int64 [S].
    """

    mel: torch.Tensor
    frames: NDArray[np.uint8]
    frames_of: list[list[int]]
    labels: NDArray[np.int64]


def n_frames(judge: Dataset) -> int:
    """Number of distinct frames."""
    return len({digest for segment in judge.segments for digest in segment.frame_sha256})


def load_judge(judge: Dataset, resolution: int) -> JudgeData:
    """Decode the judge split's frames and turn its sounds into spectrograms."""
    rows: dict[str, int] = {}
    images: list[NDArray[np.uint8]] = []
    for segment in judge.segments:
        for path, digest in zip(segment.frame_paths, segment.frame_sha256, strict=True):
            if digest not in rows:
                rows[digest] = len(images)
                images.append(read_image(path, resolution))
    mel = torch.cat([log_mel(torch.tensor(segment_audio(s.audio_path, SAMPLE_RATE_HZ, N_SAMPLES))[None]) for s in judge.segments])
    frames_of = [[rows[digest] for digest in segment.frame_sha256] for segment in judge.segments]
    labels = np.array([judge.labels.index(segment.label) for segment in judge.segments])
    return JudgeData(mel, np.stack(images), frames_of, labels)


class OwnViews:
    """The image tower's inputs, augmented anew at every step."""

    def __init__(self, frames: NDArray[np.uint8], image_size: int) -> None:
        self._planes = image_inputs(frames, "own", image_size, "cpu")

    def draw(self, rows: list[int], noise: torch.Generator) -> torch.Tensor:
        """float32 [N, 3, S, S] in -1 to 1."""
        return augment_images(self._planes[rows], noise)


class TrunkViews:
    """A frozen trunk is slow: it sees a few augmented views of each frame once, and steps draw from those."""

    def __init__(self, frames: NDArray[np.uint8], noise: torch.Generator) -> None:
        planes = clean_resize(frames, _TRUNK_SIZE) / 127.5 - 1.0
        network = load_network(_TRUNK_SIZE, "cpu")
        with bar("judge: features of its frames", _VIEWS) as running, torch.inference_mode():
            views = []
            for view in range(_VIEWS):
                shown = planes if view == 0 else augment_images(planes, noise)
                views.append(torch.cat([pooled_features(network, part) for part in torch.split(shown, 8)]))
                running.advance()
        self._features = torch.stack(views).clone()

    def draw(self, rows: list[int], noise: torch.Generator) -> torch.Tensor:
        """float32 [N, 1280]."""
        return self._features[torch.randint(_VIEWS, (len(rows),), generator=noise), rows]


Views = OwnViews | TrunkViews


def views_of(data: JudgeData, trunk: ImageTrunk, image_size: int, seed: int) -> Views:
    """What the image trunk is shown of the frames."""
    if trunk == "own":
        return OwnViews(data.frames, image_size)
    return TrunkViews(data.frames, torch.Generator().manual_seed(seed))
