"""DINOv2 with random weights in Meta's file format, against Meta's formulas written out."""

import math
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from numpy.typing import NDArray
from PIL import Image
from timm.models.vision_transformer import checkpoint_filter_fn
from torch.nn.functional import conv2d, gelu, interpolate, layer_norm, linear
from torchvision import transforms

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors.dinov2 import DinoV2, DinoV2ViTL14, DinoV2ViTS14, preprocessed
from adis_bench.extractors.protocol import Extractor, ExtractorOptions
from tests.extractors.placed import assert_stamped, prepared

WIDTH, DEPTH, HEADS = 384, 12, 6
"""Of ViT-S. Source: facebookresearch/dinov2, dinov2/models/vision_transformer.py: ``vit_small``."""


def released(seed: int = 0, width: int = WIDTH, depth: int = DEPTH) -> dict[str, torch.Tensor]:
    """Random weights under the names and shapes of dinov2_vits14_pretrain.pth."""
    draws = torch.Generator().manual_seed(seed)

    def normal(*shape: int, scale: float = 0.05, mean: float = 0.0) -> torch.Tensor:
        return mean + scale * torch.randn(shape, generator=draws)

    weights = {
        "cls_token": normal(1, 1, width),
        "pos_embed": normal(1, 1 + 37 * 37, width, scale=0.3),
        "mask_token": normal(1, width),
        "patch_embed.proj.weight": normal(width, 3, 14, 14),
        "patch_embed.proj.bias": normal(width),
        "norm.weight": normal(width, mean=1.0),
        "norm.bias": normal(width),
    }
    shapes = {"attn.qkv": (3 * width, width), "attn.proj": (width, width), "mlp.fc1": (4 * width, width), "mlp.fc2": (width, 4 * width)}
    for block in range(depth):
        for name, shape in shapes.items():
            weights[f"blocks.{block}.{name}.weight"] = normal(*shape)
            weights[f"blocks.{block}.{name}.bias"] = normal(shape[0])
        for name in ("norm1", "norm2"):
            weights[f"blocks.{block}.{name}.weight"] = normal(width, mean=1.0)
            weights[f"blocks.{block}.{name}.bias"] = normal(width)
        for name in ("ls1", "ls2"):
            weights[f"blocks.{block}.{name}.gamma"] = normal(width, mean=0.5)
    return weights


def written_out(weights: dict[str, torch.Tensor], planes: torch.Tensor) -> torch.Tensor:
    """Meta's forward pass in plain formulas: [N, width] class tokens of [N, 3, 224, 224]."""

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return layer_norm(x, (WIDTH,), weights[f"{name}.weight"], weights[f"{name}.bias"], eps=1e-6)

    def dense(x: torch.Tensor, name: str) -> torch.Tensor:
        return linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    patches = conv2d(planes, weights["patch_embed.proj.weight"], weights["patch_embed.proj.bias"], stride=14).flatten(2).transpose(1, 2)
    x = torch.cat([weights["cls_token"].expand(len(planes), -1, -1), patches], dim=1)
    grid = weights["pos_embed"][:, 1:].reshape(1, 37, 37, WIDTH).permute(0, 3, 1, 2)
    scaled = interpolate(grid, scale_factor=((16 + 0.1) / math.sqrt(37 * 37),) * 2, mode="bicubic")
    x = x + torch.cat([weights["pos_embed"][:, :1], scaled.permute(0, 2, 3, 1).reshape(1, 256, WIDTH)], dim=1)
    for block in (f"blocks.{number}" for number in range(DEPTH)):
        qkv = dense(norm(x, f"{block}.norm1"), f"{block}.attn.qkv").reshape(len(x), 257, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        attention = (qkv[0] * (WIDTH // HEADS) ** -0.5 @ qkv[1].transpose(2, 3)).softmax(dim=-1)
        mixed = (attention @ qkv[2]).transpose(1, 2).reshape(len(x), 257, WIDTH)
        x = x + weights[f"{block}.ls1.gamma"] * dense(mixed, f"{block}.attn.proj")
        hidden = gelu(dense(norm(x, f"{block}.norm2"), f"{block}.mlp.fc1"))
        x = x + weights[f"{block}.ls2.gamma"] * dense(hidden, f"{block}.mlp.fc2")
    return norm(x, "norm")[:, 0]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random ViT-S/14 as a released file."""
    path = tmp_path_factory.mktemp("weights") / "dinov2_vits14_pretrain.pth"
    torch.save(released(), path)
    return path


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    """Four smooth coloured images of 128 px."""
    coarse = np.random.default_rng(1).integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
    return coarse.repeat(16, axis=1).repeat(16, axis=2)


def test_input_is_dgm_evals_own(images: NDArray[np.uint8]) -> None:
    """The network's input equals dgm-eval's transform of PIL images bit for bit, for noise of any shape."""
    transform = transforms.Compose(
        [
            transforms.Resize((224, 224), transforms.InterpolationMode.BICUBIC),
            transforms.ToTensor(),
            transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )
    noise = np.random.default_rng(2).integers(0, 256, (2, 256, 311, 3), dtype=np.uint8)
    for batch in (images, noise):
        assert torch.equal(preprocessed(batch), torch.stack([transform(Image.fromarray(image)) for image in batch]))


def test_features_are_metas(checkpoint: Path, images: NDArray[np.uint8]) -> None:
    """Class tokens equal Meta's formulas, written out, to 1e-4 of values of about 1, position embedding included."""
    with torch.inference_mode():
        expected = written_out(released(), preprocessed(images)).numpy()
    found = DinoV2.from_file(checkpoint).embed(images)
    assert found.shape == (4, WIDTH)
    assert found.dtype == np.float32
    assert expected.std() > 0.5
    assert np.abs(found - expected).max() < 1e-4


def test_positions_are_not_timms(checkpoint: Path, images: NDArray[np.uint8]) -> None:
    """Loading as timm does antialiases the position embedding and leaves Meta's offset out: features would differ by percents."""
    network = timm.create_model("vit_small_patch14_dinov2", pretrained=False, img_size=224, num_classes=0, global_pool="token").eval()
    network.load_state_dict(checkpoint_filter_fn(released(), network))
    with torch.inference_mode():
        others = network(preprocessed(images)).numpy()
    found = DinoV2.from_file(checkpoint).embed(images)
    assert np.linalg.norm(found - others) / np.linalg.norm(found) > 0.01


def test_rows_do_not_depend_on_their_batch(checkpoint: Path, images: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch) -> None:
    """At every place of a batch an image has the same bits; another batch size moves it by less than 1e-5."""
    extractor = prepared(monkeypatch, DinoV2ViTS14, checkpoint)
    assert isinstance(extractor, Extractor)
    whole = extractor.embed(images)
    assert np.array_equal(extractor.embed(images[::-1])[::-1], whole)
    assert np.allclose(extractor.embed(images[2:3]), whole[2:3], atol=1e-5)


def test_bf16_must_be_asked_for(checkpoint: Path, images: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch) -> None:
    """bfloat16 moves features by 0.01 to 10 percent; the default does not use it."""
    exact = prepared(monkeypatch, DinoV2ViTS14, checkpoint).embed(images)
    coarse = prepared(monkeypatch, DinoV2ViTS14, checkpoint, precision="bf16").embed(images)
    assert 1e-4 < np.linalg.norm(exact - coarse) / np.linalg.norm(exact) < 0.1


def test_other_files_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    """Another size, registers, missing or damaged weights and other kinds of files are named with what differs first."""
    path = tmp_path / "other.pth"
    with pytest.raises(
        WeightsError, match=r"is not DINOv2 vitl14: \d+ of \d+ entries missing \(blocks.12.norm1.weight \[1024\].* of another shape \("
    ):
        DinoV2.from_file(checkpoint, "vitl14")
    weights = released()
    cases = {
        r"1 of \d+ entries unexpected \(register_tokens ": {**weights, "register_tokens": torch.zeros(1, 4, WIDTH)},
        r"1 of \d+ entries missing \(norm.bias ": {key: value for key, value in weights.items() if key != "norm.bias"},
        r"1 of \d+ entries of another shape \(pos_embed ": {**weights, "pos_embed": weights["pos_embed"][:, :257]},
        "not finite": {**weights, "norm.bias": torch.full((WIDTH,), torch.inf)},
        "holds no weights by name": [1, 2],
    }
    for message, content in cases.items():
        torch.save(content, path)
        with pytest.raises(WeightsError, match=message):
            DinoV2.from_file(path)
    path.write_bytes(b"noise")
    with pytest.raises(WeightsError, match="is not readable"):
        DinoV2.from_file(path)


def test_facts_and_digest_cover_what_changes_the_numbers(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights and precision each give another digest, the seed none; unverified weights say so; there are no settings."""
    torch.save(released(seed=1), tmp_path / "other.pth")
    first = prepared(monkeypatch, DinoV2ViTS14, checkpoint)
    others = [
        prepared(monkeypatch, DinoV2ViTS14, checkpoint, precision="bf16"),
        prepared(monkeypatch, DinoV2ViTS14, tmp_path / "other.pth"),
    ]
    assert_stamped(first, others, prepared(monkeypatch, DinoV2ViTS14, checkpoint, seed=3))
    with pytest.raises(ConfigError, match="dinov2_vitl14 has no setting arch"):
        DinoV2ViTL14(ExtractorOptions(128, settings={"arch": "vitb14"}))
