"""OpenL3's towers as extractors of a run: ``openl3_audio`` and ``openl3_image``."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from adis_bench.errors import ConfigError
from adis_bench.extractors.kaiser_best import resampled
from adis_bench.extractors.openl3 import OpenL3Audio, OpenL3Image
from adis_bench.extractors.openl3_official import OfficialTower
from adis_bench.extractors.openl3_pixels import SCALED_SIDE, SIDE, checked_policy, pixels
from adis_bench.extractors.openl3_sound import HOP_S, SAMPLE_RATE_HZ, hop_samples
from adis_bench.extractors.openl3_weights import TowerName
from adis_bench.extractors.protocol import Embeddings, ExtractorOptions
from adis_bench.extractors.published import Origin, Published
from adis_bench.extractors.resize import clean_resize
from adis_bench.extractors.weights import Weights

_SIZE = 512
"""Values of an embedding; the paper's protocol (its appendix). The other sizes are for Python, in ``openl3``."""
_BACKENDS = ("pytorch", "openl3")

Network = Callable[[NDArray[Any]], NDArray[np.float32]]


class _OpenL3(Published[Network]):
    """What both towers share: the port, or the official package, which brings weights of its own."""

    tower: TowerName

    def __init__(self, options: ExtractorOptions) -> None:
        super().__init__(options)
        self._official = self._checked_backend(_BACKENDS) == "openl3"

    def _opened(self) -> tuple[Network, Origin]:
        if not self._official:
            return super()._opened()
        official = OfficialTower(self.tower, _SIZE)
        return self._through_official(official), official

    @abstractmethod
    def _through_official(self, official: OfficialTower) -> Network:
        """A waveform to its windows [n, 512], or images to [n, 512], by the package."""

    def _told(self) -> Mapping[str, Any]:
        return {"network": f"OpenL3 {self.tower} tower, linear spectrogram, env, {_SIZE}-d"}


class OpenL3AudioExtractor(_OpenL3):
    """A sound as 1024 values: the mean of its unit-normalised windows, then the mean of its windows.

    The dot product of the first half with an image's unit vector is the mean of the windows' cosines to it; the cosine
    of the second half with it is the cosine of the mean.

    Settings: ``hop_s`` (0.1) and ``center`` (true), with the library's defaults, and ``backend``: ``pytorch`` or
    ``openl3``, the official package. In bf16 windows move by up to 1.4 % of their norm (cosine above 0.9999; random
    weights).
    """

    name = "openl3_audio"
    description = "OpenL3 audio tower (linear, env, 512-d): mean of unit windows, and mean of windows"
    modality: Literal["image", "audio"] = "audio"
    sample_rate_hz = SAMPLE_RATE_HZ
    version: ClassVar[int] = 2
    resampler, resample = "kaiser_best", staticmethod(resampled)
    # A sound is 26 windows; more of them at a time are no faster, and the last batch would be padded with sounds.
    batch_size = 1
    tower: TowerName = "audio"
    weights_name = "openl3-audio-linear-env"
    defaults: ClassVar[Mapping[str, Any]] = {"hop_s": HOP_S, "center": True, "backend": _BACKENDS[0]}

    def __init__(self, options: ExtractorOptions) -> None:
        super().__init__(options)
        hop_samples(self._settings["hop_s"])
        if not isinstance(self._settings["center"], bool):
            raise ConfigError(f"extractor {self.name}: center must be true or false, not {self._settings['center']!r}")

    def _network(self, weights: Weights) -> Network:
        network = OpenL3Audio.from_h5(weights.path, _SIZE, self._options.device, self._options.precision)
        hop_s, center = self._settings["hop_s"], self._settings["center"]
        return lambda waveform: network.embed(waveform, hop_s, center)

    def _through_official(self, official: OfficialTower) -> Network:
        hop_s, center = self._settings["hop_s"], self._settings["center"]
        return lambda waveform: official.embed_sound(waveform, hop_s, center)

    def _told(self) -> Mapping[str, Any]:
        return {**super()._told(), "resampler": f"{self.resampler} of resampy 0.2.2, for sound that is not at {SAMPLE_RATE_HZ} Hz"}

    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """float32 [N, 1024] of waveforms float32 [N, T] at 48 kHz, each by itself."""
        network = self._ready
        return np.stack([_pooled(network(waveform)) for waveform in batch])


def _pooled(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [2 D] of windows [n, D]: the mean of the unit vectors (a zero vector stays one), then the mean."""
    values = windows.astype(np.float64)
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    units = values / np.where(norms > 0, norms, 1.0)
    return np.concatenate([units.mean(axis=0), values.mean(axis=0)]).astype(np.float32)


class OpenL3ImageExtractor(_OpenL3):
    """An image as 512 values.

    Every image is a call's own, as in the library's ``process_image_file``: where the library divides by the largest
    value of a batch (``openl3_pixels.pixels``), here it's the image's own, so that no image depends on its batch mates.

    The library refuses images below 224 px. Those of a run at a lower resolution are enlarged to 256 px first
    (antialiased bicubic), and the facts say so.

    Settings: ``range_policy``, ``openl3`` (default) or ``documented``, and ``backend``: ``pytorch`` or ``openl3``, the
    official package. In bf16 embeddings move by 0.4 % of their norm (cosine above 0.9999; random weights).
    """

    name = "openl3_image"
    description = "OpenL3 image tower (linear, env, 512-d)"
    # On CPUs images go through the network one by one (see openl3_network.Tower): the size only pads the last batch.
    batch_size = 4
    tower: TowerName = "image"
    weights_name = "openl3-image-linear-env"
    defaults: ClassVar[Mapping[str, Any]] = {"range_policy": "openl3", "backend": _BACKENDS[0]}

    def __init__(self, options: ExtractorOptions) -> None:
        super().__init__(options)
        self._policy = checked_policy(self._settings["range_policy"])
        if self._official and self._policy != "openl3":
            raise ConfigError(
                f"extractor {self.name}: the official package knows no range_policy = '{self._policy}'; leave out one of both"
            )

    def _network(self, weights: Weights) -> Network:
        network = OpenL3Image.from_h5(weights.path, _SIZE, self._options.device, self._options.precision)
        return lambda images: network.embed_pixels(np.concatenate([pixels(image[None], self._policy) for image in images]))

    def _through_official(self, official: OfficialTower) -> Network:
        return official.embed_images

    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """float32 [N, 512] of uint8 [N, H, W, 3]."""
        network = self._ready
        if min(batch.shape[1:3]) < SIDE:
            batch = clean_resize(batch, SCALED_SIDE).round().byte().permute(0, 2, 3, 1).numpy()
        return network(batch)

    def _told(self) -> Mapping[str, Any]:
        side = self._options.resolution
        resize = "enlarged (antialiased bicubic)" if side < SIDE else "scaled (bilinear)" if side > SCALED_SIDE else ""
        resize = f"{resize} from {side} to {SCALED_SIDE} px, " if resize else ""
        signed = self._policy == "documented" or side == SIDE
        reach = "-1 to 1" if signed else "0 to 1" if side > SCALED_SIDE else "0 to 1, by the largest value of each image"
        return {**super()._told(), "resize": f"{resize}middle {SIDE} px", "range": reach}
