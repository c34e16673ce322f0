"""CLIP, images and texts in one space: OpenAI's weights in open_clip's networks, with open_clip's preprocessing and tokenizer."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
from torch import nn

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors.clip_resize import pil_bicubic
from adis_bench.extractors.inception_weights import read_tensors
from adis_bench.extractors.protocol import Embeddings, ExtractorOptions
from adis_bench.extractors.weights import Weights, located
from adis_bench.files import digest_json

_VERSION = 1
_TEXT_BATCH = 64  # texts that go through the network at once


class Clip:
    """Both towers of a CLIP model with OpenAI's weights, frozen.

    Source: Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021;
    networks, tokenizer and constants of open_clip_torch 3.3.

    Attributes:
        network: open_clip's model, float32, in evaluation mode.
        image_size: side of the network's input in pixels.
    """

    def __init__(self, network: nn.Module, image_size: int) -> None:
        self.network = network
        self.image_size = image_size
        self._tokenizer = open_clip.SimpleTokenizer()  # its vocabulary comes inside the package: nothing is fetched

    @classmethod
    def from_openai(cls, path: Path, architecture: str = "ViT-B-32-quickgelu", device: str = "cpu") -> Self:
        """Read one of OpenAI's TorchScript archives into open_clip's network; its code is not run, and nothing is fetched.

        Args:
            path: the archive.
            architecture: name of open_clip's configuration. OpenAI's weights need one with ``-quickgelu``:
                with the plain names open_clip builds GELU, which the weights weren't trained with.
            device: torch device name.

        Raises:
            WeightsError: not readable, or another model's.
        """
        settings = open_clip.get_model_config(architecture)
        if settings is None:
            raise ConfigError(f"open_clip {version('open_clip_torch')} has no model {architecture!r}; update it")
        with torch.random.fork_rng(devices=[]):  # first weights are drawn that are about to be replaced
            network = open_clip.CLIP(**settings)
        _load(network, _state_dict(path), path, architecture)
        return cls(network.eval().requires_grad_(False).to(device), settings["vision_cfg"]["image_size"])

    @torch.inference_mode()
    def embed_images(self, images: NDArray[np.uint8], precision: str = "float32") -> Embeddings:
        """float32 [N, D] of uint8 [N, H, W, 3]: the projection into the common space, not normalised."""
        device = self._device
        planes = preprocessed(images, self.image_size, device)
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            vectors: torch.Tensor = self.network.encode_image(planes)  # type: ignore[operator]
        return vectors.float().cpu().numpy()

    @torch.inference_mode()
    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """float32 [N, D] unit vectors of texts as they are, always computed in float32.

        Raises:
            ConfigError: an empty text, or one of more than 77 tokens (CLIP's code would refuse it, open_clip's would cut it).
        """
        tokens = self._tokens(texts)
        parts = [self.network.encode_text(part, normalize=True) for part in torch.split(tokens, _TEXT_BATCH)]  # type: ignore[operator]
        return torch.cat(parts).float().cpu().numpy()

    def embed_labels(self, labels: Sequence[str], templates: Sequence[str] = ("{}",)) -> Embeddings:
        """float32 [n_classes, D] unit vectors: per label the mean over templates of unit vectors, normalised again.

        Source: openai/CLIP, notebooks/Prompt_Engineering_for_ImageNet.ipynb: ``zeroshot_classifier``.

        Args:
            labels: underscores count as spaces.
            templates: sentences with one ``{}`` each; ``{}`` alone is the bare label.
        """
        texts = [template.replace("{}", label.replace("_", " ")) for label in labels for template in templates]
        vectors = self.embed_texts(texts).reshape(len(labels), len(templates), -1)
        means = vectors.mean(axis=1, dtype=np.float64)
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    @property
    def _device(self) -> torch.device:
        return next(self.network.parameters()).device

    def _tokens(self, texts: Sequence[str]) -> torch.Tensor:
        limit: int = self.network.context_length  # type: ignore[assignment]
        for index, text in enumerate(texts):
            n_tokens = len(self._tokenizer.encode(text)) + 2  # the start and the end
            if n_tokens == 2:
                raise ConfigError(f"text {index} of {len(texts)} for CLIP is empty; give the label a name, or the template words")
            if n_tokens > limit:
                start = f"{text[:40]}..." if len(text) > 40 else text
                raise ConfigError(
                    f"text {index} of {len(texts)} for CLIP has {n_tokens} tokens, more than {limit}: {start!r}; "
                    "shorten the label or the template"
                )
        tokens: torch.Tensor = self._tokenizer(list(texts), context_length=limit)
        return tokens.to(self._device)


def preprocessed(images: NDArray[np.uint8], size: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """CLIP's input as open_clip makes it from PIL images, bit for bit on a processor.

    The shortest side becomes ``size`` with PIL's bicubic (antialiased, rounded to grey levels), the centre is
    cut out, and the colours are standardised with the means and deviations of OpenAI's training images.

    Source: open_clip_torch 3.3, transform.py: ``image_transform(is_train=False)``; torchvision's ``Resize`` and ``CenterCrop``.

    Args:
        images: uint8 [N, H, W, 3], 0-255.
        size: side of the result in pixels.
        device: where the result lies.

    Returns:
        float32 [N, 3, size, size].
    """
    height, width = images.shape[1:3]
    short = min(height, width)
    resized = pil_bicubic(images, int(size * height / short), int(size * width / short), device)
    top, left = (round((side - size) / 2.0) for side in resized.shape[2:])
    planes = resized[:, :, top : top + size, left : left + size] / 255.0
    mean, deviation = (torch.tensor(values, device=planes.device)[:, None, None] for values in (OPENAI_DATASET_MEAN, OPENAI_DATASET_STD))
    return (planes - mean) / deviation


def _state_dict(path: Path) -> dict[str, torch.Tensor]:
    try:
        return read_tensors(path)
    except WeightsError as error:
        raise WeightsError(f"{path} is not readable as a weight file of OpenAI's CLIP; fetch it again") from error


def _load(network: nn.Module, found: Mapping[str, torch.Tensor], path: Path, architecture: str) -> None:
    """Load what the network has; an archive's other tensors (sizes, masks) are no weights."""
    wanted = network.state_dict()
    differing = [key for key, value in wanted.items() if key not in found or found[key].shape != value.shape]
    differing += [key for key in found if key not in wanted and key.endswith((".weight", ".bias"))]
    if differing:
        raise WeightsError(
            f"{path} is not {architecture}: {len(differing)} of {len(wanted)} weights are missing, unknown or of another shape, "
            f"first {', '.join(sorted(differing)[:3])}; give the file of this model"
        )
    if not all(bool(found[key].isfinite().all()) for key in wanted):
        raise WeightsError(f"{path} holds weights that are not finite; fetch it again")
    network.load_state_dict({key: found[key] for key in wanted})  # copies the released float16 values into float32


class ClipViTB32:
    """Image embeddings of CLIP ViT-B/32, 512-d and not normalised; ``embed_labels`` gives unit vectors of texts beside them."""

    name = "clip_vit_b32"
    description = "CLIP ViT-B/32 (OpenAI) image embeddings, 512-d, with label texts in the same space"
    modality: Literal["image", "audio"] = "image"
    sample_rate_hz = 0
    # Measured on two cores, 4 / 8 / 16 / 32 (random weights): 11.4 / 13.4 / 13.3 / 13.5 img/s; bf16 pays from 32 on.
    batch_size = 16
    weights_name = "openai-clip-vit-b32"
    """Row of the catalogue of weights."""
    architecture = "ViT-B-32-quickgelu"
    """open_clip's configuration. Source: protocol.md, D: the plain name builds GELU and only warns."""

    def __init__(self, options: ExtractorOptions) -> None:
        unknown = sorted(set(options.settings) - {"templates"})
        if unknown:
            raise ConfigError(f"extractor {self.name} has no setting {', '.join(unknown)}; known: templates")
        self._templates = _checked_templates(options.settings.get("templates", ["{}"]), self.name)
        self._options = options
        self._loaded: tuple[Clip, Weights] | None = None

    def prepare(self, judge: Dataset) -> None:
        """Load the weights; nothing is trained."""
        weights = located(self.weights_name)
        self._loaded = Clip.from_openai(weights.path, self.architecture, self._options.device), weights

    @property
    def _ready(self) -> tuple[Clip, Weights]:
        if self._loaded is None:
            raise RuntimeError(f"extractor {self.name} is used before prepare()")
        return self._loaded

    @property
    def digest(self) -> str:
        """sha256 over weights, templates, the run's resolution, precision and code version."""
        sha256 = self._ready[1].sha256
        options = self._options
        return digest_json([self.name, _VERSION, sha256, self.architecture, self._templates, options.resolution, options.precision])

    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """float32 [N, D] of uint8 [N, H, W, 3], not normalised."""
        return self._ready[0].embed_images(batch, self._options.precision)

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """float32 [N, D] unit vectors of texts as they are."""
        return self._ready[0].embed_texts(texts)

    def embed_labels(self, labels: Sequence[str]) -> Embeddings:
        """float32 [n_classes, D] unit vectors of labels, in the templates of the settings."""
        return self._ready[0].embed_labels(labels, self._templates)

    def facts(self) -> Mapping[str, Any]:
        """Weights, network, preprocessing, templates and precision."""
        network, weights = self._ready
        return {
            "weights": weights.fact(),
            "verified": weights.verified,
            "network": f"open_clip_torch {version('open_clip_torch')}, {self.architecture}",
            "resize": f"PIL bicubic (antialiased), shortest side {network.image_size}, centre crop",
            "templates": list(self._templates),
            "precision": self._options.precision,
        }


class ClipViTL14(ClipViTB32):
    """Image embeddings of CLIP ViT-L/14, 768-d: the network of SonicDiffusion's image scores (protocol.md, A)."""

    name = "clip_vit_l14"
    description = "CLIP ViT-L/14 (OpenAI) image embeddings, 768-d, with label texts in the same space"
    batch_size = 8
    weights_name = "openai-clip-vit-l14"
    architecture = "ViT-L-14-quickgelu"


def _checked_templates(templates: object, name: str) -> tuple[str, ...]:
    if isinstance(templates, Sequence) and not isinstance(templates, str) and templates:
        texts = tuple(text for text in templates if isinstance(text, str) and text.count("{}") == 1)
        if len(texts) == len(templates):
            return texts
    raise ConfigError(f"extractor {name}: templates must be texts with one {{}} each, such as ['a photo of {{}}'], not {templates!r}")
