"""CLIP, images and texts in one space: OpenAI's weights in open_clip's networks, with open_clip's preprocessing and tokenizer."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from adis_bench.errors import ConfigError
from adis_bench.extractors.clip_resize import pil_bicubic
from adis_bench.extractors.precision import whole_float32
from adis_bench.extractors.protocol import Embeddings, ExtractorOptions
from adis_bench.extractors.published import Published
from adis_bench.extractors.weight_archive import read_tensors, refuse_others
from adis_bench.extractors.weights import Weights
from adis_bench.state_dicts import shapes_of

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
        import open_clip  # takes seconds, and every run asks this module for the name of its weight file

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
        import open_clip

        settings = open_clip.get_model_config(architecture)
        if settings is None:
            raise ConfigError(f"open_clip {version('open_clip_torch')} has no model {architecture!r}; update it")
        with torch.random.fork_rng(devices=[]):  # first weights are drawn that are about to be replaced
            network = open_clip.CLIP(**settings)
        wanted, tensors = network.state_dict(), read_tensors(path)
        # An archive's other tensors (sizes, masks) are no weights.
        found = {key: value for key, value in tensors.items() if key in wanted or key.endswith((".weight", ".bias"))}
        refuse_others(path, architecture, shapes_of(wanted), found)
        network.load_state_dict(found)  # copies the released float16 values into float32
        return cls(network.eval().requires_grad_(False).to(device), settings["vision_cfg"]["image_size"])

    @torch.inference_mode()
    def embed_images(self, images: NDArray[np.uint8], precision: str = "float32") -> Embeddings:
        """float32 [N, D] of uint8 [N, H, W, 3]: the projection into the common space, not normalised."""
        device = self._device
        planes = preprocessed(images, self.image_size, device)
        with whole_float32(), torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
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
    from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD

    height, width = images.shape[1:3]
    short = min(height, width)
    resized = pil_bicubic(images, int(size * height / short), int(size * width / short), device)
    top, left = (round((side - size) / 2.0) for side in resized.shape[2:])
    planes = resized[:, :, top : top + size, left : left + size] / 255.0
    mean, deviation = (torch.tensor(values, device=planes.device)[:, None, None] for values in (OPENAI_DATASET_MEAN, OPENAI_DATASET_STD))
    return (planes - mean) / deviation


class ClipViTB32(Published[Clip]):
    """Image embeddings of CLIP ViT-B/32, 512-d and not normalised; ``embed_labels`` gives unit vectors of texts beside them."""

    name = "clip_vit_b32"
    description = "CLIP ViT-B/32 (OpenAI) image embeddings, 512-d, with label texts in the same space"
    # Measured on two cores, 4 / 8 / 16 / 32 (random weights): 11.4 / 13.4 / 13.3 / 13.5 img/s; bf16 pays from 32 on.
    batch_size = 16
    weights_name = "openai-clip-vit-b32"
    defaults: ClassVar[Mapping[str, Any]] = {"templates": ["{}"]}
    architecture = "ViT-B-32-quickgelu"
    """open_clip's configuration. Source: protocol.md, D: the plain name builds GELU and only warns."""

    def __init__(self, options: ExtractorOptions) -> None:
        super().__init__(options)
        self._settings["templates"] = _checked_templates(self._settings["templates"], self.name)

    def _network(self, weights: Weights) -> Clip:
        return Clip.from_openai(weights.path, self.architecture, self._options.device)

    def _stamps(self) -> tuple[str, ...]:
        return (self.architecture,)

    def embed(self, batch: NDArray[Any]) -> Embeddings:
        """float32 [N, D] of uint8 [N, H, W, 3], not normalised."""
        return self._ready.embed_images(batch, self._options.precision)

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """float32 [N, D] unit vectors of texts as they are."""
        return self._ready.embed_texts(texts)

    def embed_labels(self, labels: Sequence[str]) -> Embeddings:
        """float32 [n_classes, D] unit vectors of labels, in the templates of the settings."""
        return self._ready.embed_labels(labels, self._settings["templates"])

    def _told(self) -> Mapping[str, Any]:
        return {
            "network": f"open_clip_torch {version('open_clip_torch')}, {self.architecture}",
            "resize": f"PIL bicubic (antialiased), shortest side {self._ready.image_size}, centre crop",
        }


class ClipViTL14(ClipViTB32):
    """Image embeddings of CLIP ViT-L/14, 768-d: the network of SonicDiffusion's image scores (protocol.md, A)."""

    name = "clip_vit_l14"
    description = "CLIP ViT-L/14 (OpenAI) image embeddings, 768-d, with label texts in the same space"
    batch_size = 8
    weights_name = "openai-clip-vit-l14"
    architecture = "ViT-L-14-quickgelu"


def _checked_templates(templates: object, name: str) -> list[str]:
    if isinstance(templates, Sequence) and not isinstance(templates, str) and templates:
        texts = [text for text in templates if isinstance(text, str) and text.count("{}") == 1]
        if len(texts) == len(templates):
            return texts
    raise ConfigError(f"extractor {name}: templates must be texts with one {{}} each, such as ['a photo of {{}}'], not {templates!r}")
