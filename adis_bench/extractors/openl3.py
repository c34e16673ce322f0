"""OpenL3 (Look, Listen and Learn more) in PyTorch: audio and image embeddings from the released weights.

Source: Cramer, Wu, Salamon, Bello, "Look, Listen, and Learn More", 2019; marl/openl3 0.4.2 (3bb35fd), its towers for
linear spectrograms and environmental sound. On the same weights the numbers are the library's to
0.009 (audio, 512 and 6144 values, which reach 1,000; two builds of the library differ by 0.002) and to 4e-5 (image, 512
and 8192 values, which reach 13). In bf16 embeddings move by up to 1.4 % of their norm (audio) and 0.4 % (image), at
cosines above 0.9999. All measured with random weights, which are what could be compared.
"""

from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from adis_bench.extractors.openl3_network import Tower
from adis_bench.extractors.openl3_pixels import RangePolicy, checked_policy, pixels
from adis_bench.extractors.openl3_sound import HOP_S, SAMPLE_RATE_HZ, at_48_khz, spectrograms, windows
from adis_bench.extractors.openl3_weights import read_tower

_N_WINDOWS_AT_A_TIME = 32  # spectrograms of a long recording must not fill the memory: 0.2 MB each


class OpenL3Audio:
    """The audio tower, behind its front end.

    Example:
        ``OpenL3Audio.from_h5("openl3_audio_linear_env-v0_4_0.h5.gz").embed(waveform)``
    """

    def __init__(self, tower: Tower, device: str = "cpu") -> None:
        self._tower = tower
        self._device = device

    @classmethod
    def from_h5(cls, path: Path | str, embedding_size: int = 512, device: str = "cpu", precision: str = "float32") -> Self:
        """Read a released ``.h5`` or ``.h5.gz``.

        Args:
            path: ``openl3_audio_linear_env-v0_4_0.h5``, packed or not.
            embedding_size: 512 or 6144.
            device: torch device name.
            precision: ``float32``, or ``bf16`` for the convolutions.

        Raises:
            WeightsError: missing, damaged, or another network's.
            ConfigError: no such size or precision.
        """
        return cls(Tower(read_tower(Path(path), "audio"), "audio", embedding_size, device, precision), device)

    @torch.inference_mode()
    def embed(
        self, waveform: NDArray[np.float32], hop_s: float = HOP_S, center: bool = True, sample_rate_hz: int = SAMPLE_RATE_HZ
    ) -> NDArray[np.float32]:
        """Embed windows of one second; ``openl3_sound.time_stamps`` says when they are.

        Args:
            waveform: float32 [N], mono.
            hop_s: seconds from a window to the next; 0.1 is the library's default.
            center: pad half a second of zeros in front (the library's default).
            sample_rate_hz: rate of ``waveform``; others than 48 kHz are resampled, see ``at_48_khz``.

        Returns:
            float32 [windows, embedding_size]; 26 windows for 3 s at the defaults.

        Raises:
            DataError: a waveform that is not [N], empty or not finite.
            ConfigError: a hop or a rate that is none.
        """
        pieces = windows(at_48_khz(waveform, sample_rate_hz), hop_s, center)
        embeddings = np.empty((len(pieces), self._tower.embedding_size), np.float32)
        for start in range(0, len(pieces), _N_WINDOWS_AT_A_TIME):
            rows = slice(start, start + _N_WINDOWS_AT_A_TIME)
            maps = spectrograms(torch.from_numpy(pieces[rows].copy()).to(self._device))
            embeddings[rows] = self._tower.embed(maps).numpy()
        return embeddings


class OpenL3Image:
    """The image tower, behind the library's crop and scaling.

    Example:
        ``OpenL3Image.from_h5("openl3_image_linear_env-v0_4_0.h5.gz").embed(images)``
    """

    def __init__(self, tower: Tower) -> None:
        self._tower = tower

    @classmethod
    def from_h5(cls, path: Path | str, embedding_size: int = 512, device: str = "cpu", precision: str = "float32") -> Self:
        """Read a released ``.h5`` or ``.h5.gz``.

        Args:
            path: ``openl3_image_linear_env-v0_4_0.h5``, packed or not.
            embedding_size: 512 or 8192.
            device: torch device name.
            precision: ``float32``, or ``bf16`` for the convolutions.

        Raises:
            WeightsError: missing, damaged, or another network's.
            ConfigError: no such size or precision.
        """
        return cls(Tower(read_tower(Path(path), "image"), "image", embedding_size, device, precision))

    def embed(self, images: NDArray[np.uint8], range_policy: RangePolicy = "openl3") -> NDArray[np.float32]:
        """Embed a batch as one call of the library would.

        Args:
            images: uint8 [N, H, W, 3], 0-255, at least 224 x 224.
            range_policy: ``openl3`` (the library's behaviour, which may depend on the batch) or ``documented``
                (-1 to 1 always); see ``openl3_pixels.pixels``.

        Returns:
            float32 [N, embedding_size].

        Raises:
            DataError: other shapes or types, or images that are too small.
            ConfigError: no such policy.
        """
        return self.embed_pixels(pixels(images, checked_policy(range_policy)))

    def embed_pixels(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 [N, embedding_size] of values float32 [N, 224, 224, 3] in a range of the caller's choice."""
        return self._tower.embed(torch.from_numpy(values).permute(0, 3, 1, 2)).numpy()
