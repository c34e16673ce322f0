"""What pretraining draws: noisy views of segments' sounds, and the image network's features of their frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from adis_bench.datasets.records import Segment
from reference_model.audio import normalise_peak
from reference_model.data import sounds
from reference_model.pretraining.images import frame_features
from reference_model.pretraining.noise import babble, coloured_noise, mixed
from reference_model.settings import NetworkSettings

Rows = NDArray[np.int64]
N_VIEWS = 12
"""Views of each sound: the sound itself, then noisy ones. The judge's frozen trunk draws from as many (extractors/l3_data.py)."""
KEPT_BYTES = 2**30
"""Views kept in memory; others are made again when they are drawn."""
BABBLE_DB, NOISE_DB = (0.0, 20.0), (-5.0, 20.0)
"""Ranges of the signal-to-noise ratio (ours), uniform in dB. Louder babble would be the better part of what is heard."""
MOST_BABBLE = 3
MOST_EXPONENT = 2.0
FORGOTTEN = 0.5
"""Share of an image's features that a step doesn't show (dropout), or 576 segments are learnt by heart. Source: the judge's
TrunkTower has as much on the same network (extractors/l3_network.py); SeLaVi's heads 0.3 (facebookresearch/selavi 39b677c, model.py).
"""
GAIN_DB = 2.0
"""Largest change of the level where the encoder hears levels; source: L3Settings.gain_db."""


class Views:
    """The front end's pictures of noisy sounds: view v of segment s is always the same, whenever it is drawn.

    View 0 is the sound as it is. The others are turned round in time, and mixed with one to three other sounds, with coloured
    noise, or with both.
    """

    def __init__(self, segments: Sequence[Segment], network: NetworkSettings, front_end: nn.Module, seed: int) -> None:
        self._segments, self._network, self._front_end, self._seed = segments, network, front_end, seed
        self._kept: dict[tuple[int, int], Tensor] = {}
        self._room = KEPT_BYTES

    def __call__(self, rows: Rows, views: Rows) -> Tensor:
        """float32 [N, ...] of N views, on the CPU."""
        return torch.stack([self._picture(int(row), int(view)) for row, view in zip(rows, views, strict=True)])

    @torch.inference_mode()
    def _picture(self, row: int, view: int) -> Tensor:
        found = self._kept.get((row, view))
        if found is None:
            # One at a time: whatever was drawn before, the bits are the same.
            found = self._front_end(self.waveform(row, view)[None])[0].clone()
            if self._room >= found.nbytes:
                self._kept[row, view] = found
                self._room -= found.nbytes
        return found

    def waveform(self, row: int, view: int) -> Tensor:
        """float32 [48000], peak-normalised where the encoder's sounds are."""
        sound = self._sound(row)
        if not view:
            return torch.from_numpy(sound)
        rng = np.random.default_rng([self._seed, 2, row, view])
        sound = np.roll(sound, int(rng.integers(len(sound))))
        babbles, hisses = ((True, False), (False, True), (True, True))[rng.integers(3)]
        if babbles and len(self._segments) > 1:
            others = rng.choice(len(self._segments) - 1, min(int(rng.integers(1, MOST_BABBLE + 1)), len(self._segments) - 1), replace=False)
            sound = mixed(sound, babble([self._sound(int(o + (o >= row))) for o in others], rng), rng.uniform(*BABBLE_DB))
        if hisses:
            sound = mixed(sound, coloured_noise(len(sound), rng.uniform(0, MOST_EXPONENT), rng), rng.uniform(*NOISE_DB))
        made = torch.from_numpy(sound)
        if self._network.peak_normalisation:
            return normalise_peak(made)
        return made * float(10 ** (rng.uniform(-GAIN_DB, GAIN_DB) / 20))

    def _sound(self, row: int) -> NDArray[np.float32]:
        return sounds([self._segments[row]], self._network)[0].numpy()


@dataclass(frozen=True, slots=True)
class Batch:
    """One step's draw.

    Attributes:
        rows: int64 [B], the segments, all different.
        pictures: float32 [B, ...], the front end's, of one view each.
        features: float32 [B, D], of one frame each, half of them 0.
        belongs: float32 [B, B], rows sum to 1: which of the batch's images are of a segment's own, and the reverse.
    """

    rows: Tensor
    pictures: Tensor
    features: Tensor
    belongs: Tensor


class Material:
    """Segments as pretraining sees them.

    Attributes:
        segments: N of them.
        views: of their sounds.
        features: float32 [F, D], of all frames, standardised.
        scale: mean and deviation [D] that they were standardised with.
    """

    def __init__(self, segments: Sequence[Segment], views: Views, features: Tensor, scale: tuple[Tensor, Tensor] | None = None) -> None:
        """``features``: float32 [F, D], raw; ``scale``: None to take theirs."""
        self.segments, self.views = segments, views
        # A channel that hardly varies would be blown up to noise.
        self.scale = scale or (features.mean(dim=0), features.std(dim=0, correction=0).clamp_min(1e-4))
        self.features = (features - self.scale[0]) / self.scale[1]
        ends = np.cumsum([len(s.frame_paths) for s in segments])
        self._frames = [np.arange(end - len(s.frame_paths), end) for s, end in zip(segments, ends, strict=True)]
        self._content = [digest for s in segments for digest in s.frame_sha256]
        owners: dict[str, list[int]] = {}
        for row, segment in enumerate(segments):
            for digest in segment.frame_sha256:
                owners.setdefault(digest, []).append(row)
        self._owners = owners
        self._sounds = np.unique([s.audio_sha256 for s in segments], return_inverse=True)[1]

    @classmethod
    def of(cls, segments: Sequence[Segment], views: Views, resolution: int, device: str, like: Self | None = None) -> Self:
        """With the features of these segments' frames, standardised as those of ``like``."""
        return cls(segments, views, frame_features(segments, resolution, device), like.scale if like else None)

    def __len__(self) -> int:
        return len(self.segments)

    def draw(self, n: int, rng: np.random.Generator) -> Batch:
        """One view and one frame of each of ``n`` different segments (of all, where there are fewer)."""
        rows = rng.choice(len(self), min(n, len(self)), replace=False)
        frames = np.array([self._frames[row][rng.integers(len(self._frames[row]))] for row in rows])
        pictures = self.views(rows, rng.integers(N_VIEWS, size=len(rows)))
        shown = rng.random((len(rows), self.features.shape[1]), np.float32) >= FORGOTTEN
        features = self.features[frames] * torch.from_numpy(shown / np.float32(1 - FORGOTTEN))
        return Batch(torch.from_numpy(rows), pictures, features, torch.from_numpy(self._belongs(rows, frames)))

    def _belongs(self, rows: Rows, frames: Rows) -> NDArray[np.float32]:
        """Copies of a frame or a sound under several segments are no negatives of each other."""
        own = np.stack([np.isin(rows, self._owners[self._content[frame]]) for frame in frames], axis=1)
        own |= self._sounds[rows][:, None] == self._sounds[rows]
        both = (own | own.T).astype(np.float32)
        return np.asarray(both / both.sum(axis=1, keepdims=True), np.float32)

    def clean(self, rows: Rows) -> Tensor:
        """float32 [N, ...]: the front end's pictures of the sounds as they are."""
        return self.views(rows, np.zeros_like(rows))

    def mean_features(self) -> Tensor:
        """float32 [N, D]: the mean over each segment's frames."""
        return torch.stack([self.features[frames].mean(dim=0) for frames in self._frames])

    def first_features(self) -> Tensor:
        """float32 [N, D]: of each segment's target frame."""
        return torch.stack([self.features[frames[0]] for frames in self._frames])
