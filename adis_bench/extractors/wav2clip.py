"""Wav2CLIP: sounds in the space of CLIP ViT-B/32's images, an aligned alternative to OpenL3 correspondence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from adis_bench.extractors.precision import whole_float32
from adis_bench.extractors.protocol import Embeddings
from adis_bench.extractors.published import Published
from adis_bench.extractors.weight_archive import read_tensors, refuse_others
from adis_bench.extractors.weights import Weights
from adis_bench.state_dicts import shapes_of

SAMPLE_RATE_HZ = 16000
"""Source: descriptinc/lyrebird-wav2clip 1864b39, README (examples) and wav2clip/pre_training/dataset.py."""
N_FFT, HOP = 512, 353
"""Samples. Source: the same repository, wav2clip/model/resnet.py, as are the two numbers below."""
_FLOOR = 1e-7
_DEVIATION_FLOOR = 1e-9
_SIZE = 512

Standardise = Literal["item", "batch"]


def log_power(waveforms: torch.Tensor, window: torch.Tensor, standardise: Standardise) -> torch.Tensor:
    """Standardised log-power spectrograms [N, 257, 1 + n_samples // 353] of waveforms [N, n_samples], by a window [512].

    The released code takes one mean and deviation over the whole batch (``batch``): an embedding then depends on
    its batch mates. ``item`` takes those of each sound, which is the released code at batch size 1.
    """
    spectra = torch.stft(waveforms, N_FFT, HOP, window=window, center=True, pad_mode="reflect", return_complex=True)
    logs = torch.log(spectra.abs().square() + _FLOOR)
    deviation, mean = torch.std_mean(logs, dim=(1, 2) if standardise == "item" else (0, 1, 2), keepdim=True)
    return (logs - mean) / (deviation + _DEVIATION_FLOOR)


class Wav2ClipNetwork(nn.Module):
    """Log-power spectrogram, ResNet18 on one channel, and the projection into CLIP's space; the released file's names.

    Source: Wu et al., "Wav2CLIP: Learning Robust Audio Representations From CLIP", 2022; wav2clip 0.1.0.
    """

    def __init__(self) -> None:
        from torchvision.models import resnet18

        super().__init__()
        self.audio_encoder = resnet18(weights=None)
        self.audio_encoder.conv1 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.audio_encoder.fc = nn.Identity()
        self.audio_encoder.spectrogram = nn.Module()
        self.audio_encoder.spectrogram.register_buffer("window", torch.hann_window(N_FFT))
        self.audio_transform = nn.Module()
        self.audio_transform.sequential = nn.Sequential(nn.Linear(_SIZE, _SIZE), nn.ReLU(), nn.Dropout(0.1), nn.Linear(_SIZE, _SIZE))

    def spectrogram(self, waveforms: torch.Tensor, standardise: Standardise) -> torch.Tensor:
        """Standardised log-power spectrograms: float32 [N, 1, 257, 1 + n_samples // 353] of float32 [N, n_samples]."""
        return log_power(waveforms, self.get_buffer("audio_encoder.spectrogram.window"), standardise)[:, None]

    def forward(self, spectrograms: torch.Tensor) -> torch.Tensor:
        """[N, 512] in CLIP's space, not normalised, of standardised spectrograms [N, 1, F, T]."""
        vectors: torch.Tensor = self.audio_transform.sequential(self.audio_encoder(spectrograms))  # type: ignore[operator]
        return vectors


class Wav2Clip:
    """The frozen audio side of Wav2CLIP; numpy in, numpy out."""

    def __init__(self, network: Wav2ClipNetwork) -> None:
        self.network = network

    @classmethod
    def from_file(cls, path: Path, device: str = "cpu") -> Self:
        """Read the released state dict (Wav2CLIP.pt); its image side is left out.

        Raises:
            WeightsError: not readable, or another model's; the first weights that differ are named.
        """
        found = {key: value for key, value in read_tensors(path).items() if key.startswith(("audio_encoder.", "audio_transform."))}
        with torch.random.fork_rng(devices=[]):  # first weights are drawn that are about to be replaced
            network = Wav2ClipNetwork()
        refuse_others(path, "Wav2CLIP", shapes_of(network.state_dict()), found)
        network.load_state_dict(found)
        network.eval().requires_grad_(False)
        return cls(network.to(memory_format=torch.channels_last).to(device))

    @torch.inference_mode()
    def embed(self, waveforms: NDArray[np.float32], precision: str = "float32", standardise: Standardise = "item") -> Embeddings:
        """float32 [N, 512] of whole sounds, not normalised; the cosine with CLIP ViT-B/32's image vectors is meaningful.

        Args:
            waveforms: float32 [N, n_samples] at 16 kHz, at least 257 samples, as loaded (no peak normalisation).
            precision: ``float32`` or ``bf16``, of the network; the spectrogram is always float32.
            standardise: over which values the spectrogram's mean and deviation go (``Wav2ClipNetwork.spectrogram``).
        """
        device = next(self.network.parameters()).device
        sounds = torch.from_numpy(np.ascontiguousarray(waveforms, np.float32)).to(device)
        spectrograms = self.network.spectrogram(sounds, standardise).contiguous(memory_format=torch.channels_last)
        with whole_float32(), torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            vectors: torch.Tensor = self.network(spectrograms)
        return vectors.float().cpu().numpy()


class Wav2ClipAudio(Published[Wav2Clip]):
    """Sound embeddings of Wav2CLIP, 512-d, in the space of ``clip_vit_b32``'s images.

    Spectrograms are standardised per sound, always: embeddings are kept by content, so they can't depend on batch mates.
    SonicDiffusion's scores feed the same network 44.1 kHz sounds padded to 442,763 samples (protocol.md, A); here
    they are at the 16 kHz of the training, and 3 s long.
    """

    name = "wav2clip_audio"
    description = "Wav2CLIP sound embeddings, 512-d, in the space of CLIP ViT-B/32's images"
    modality: Literal["image", "audio"] = "audio"
    sample_rate_hz = SAMPLE_RATE_HZ
    # Measured on two cores, 4 / 8 / 16 / 32: 123 / 134 / 102 / 51 sounds/s of 3 s, in bf16 191 / 220 / 175 / 91.
    batch_size = 8
    weights_name = "wav2clip"

    def _network(self, weights: Weights) -> Wav2Clip:
        return Wav2Clip.from_file(weights.path, self._options.device)

    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """float32 [N, 512] of float32 [N, n_samples] at 16 kHz, not normalised."""
        return self._ready.embed(batch, self._options.precision)

    def _told(self) -> Mapping[str, Any]:
        return {
            "front_end": f"log power, {N_FFT}-point Hann, hop {HOP}, {SAMPLE_RATE_HZ} Hz",
            "standardise": "item (the released code's statistics at batch size 1)",
        }
