"""CLIP with random weights in OpenAI's file format, against open_clip's own loading, preprocessing and tokenizer."""

import json
import socket
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from numpy.typing import NDArray
from open_clip.model import convert_weights_to_fp16
from open_clip.openai import load_openai_model
from open_clip.transform import image_transform
from PIL import Image
from torch import nn

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors.clip import Clip, ClipViTB32, ClipViTL14, preprocessed
from adis_bench.extractors.protocol import Extractor, ExtractorOptions
from adis_bench.files import digest_file
from tests.extractors.placed import assert_stamped, prepared

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.*:FutureWarning")  # the released format is TorchScript

TINY = "adis-bench-tiny-quickgelu"
"""The layout of ViT-B/32 with two thin layers a tower; heads of 64 channels, as all of OpenAI's models have."""


@pytest.fixture(scope="module", autouse=True)
def _tiny_architecture(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = {
        "embed_dim": 48,
        "quick_gelu": True,
        "vision_cfg": {"image_size": 64, "layers": 2, "width": 128, "patch_size": 32},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 1, "layers": 2},
    }
    path = tmp_path_factory.mktemp("architecture") / f"{TINY}.json"
    path.write_text(json.dumps(settings))
    open_clip.add_model_config(path)


class _Holder(nn.Module):
    """Modules that only hold weights under dotted names: what a TorchScript archive's state dict is made of."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def write_archive(path: Path, architecture: str, seed: int = 0, drop: str = "") -> Path:
    """A TorchScript archive with random float16 weights under OpenAI's names, and its three numbers."""
    torch.manual_seed(seed)
    network = open_clip.CLIP(**open_clip.get_model_config(architecture))
    convert_weights_to_fp16(network)
    weights = {key: value for key, value in network.state_dict().items() if key != drop}
    numbers = {"input_resolution": network.visual.image_size[0], "context_length": 77, "vocab_size": 49408}
    holder = _Holder()
    for key, value in {**weights, **{key: torch.tensor(value) for key, value in numbers.items()}}.items():
        *parents, name = key.split(".")
        module: nn.Module = holder
        for parent in parents:
            if not hasattr(module, parent):
                module.add_module(parent, _Holder())
            module = getattr(module, parent)
        module.register_buffer(name, value)
    torch.jit.save(torch.jit.script(holder), str(path))
    return path


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model as a released file."""
    return write_archive(tmp_path_factory.mktemp("weights") / "ViT-tiny.pt", TINY)


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    """Six smooth coloured images of 96 px."""
    coarse = np.random.default_rng(1).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
    return coarse.repeat(12, axis=1).repeat(12, axis=2)


def tiny(monkeypatch: pytest.MonkeyPatch, archive: Path, **options: object) -> ClipViTB32:
    """The plug-in on the tiny model."""
    monkeypatch.setattr(ClipViTB32, "architecture", TINY)
    return prepared(monkeypatch, ClipViTB32, archive, 64, **options)


@pytest.mark.parametrize(("height", "width"), [(256, 256), (301, 224), (224, 401), (97, 350), (64, 64)])
def test_input_is_open_clips_own(height: int, width: int) -> None:
    """The network's input equals open_clip's transform of PIL images bit for bit, whatever the shape."""
    noise = np.random.default_rng(height).integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    transform = image_transform(224, is_train=False)
    expected = torch.stack([transform(Image.fromarray(image)) for image in noise])
    found = preprocessed(noise, 224)
    assert found.shape == (2, 3, 224, 224)
    assert torch.equal(found, expected)


def test_embeddings_are_open_clips_own(archive: Path, images: NDArray[np.uint8]) -> None:
    """Image and text vectors equal those of open_clip's loader for OpenAI's files, to 1e-5."""
    reference = load_openai_model(str(archive), precision="fp32", device="cpu")
    transform = image_transform(64, is_train=False)
    texts = ["snow crunch", "A photo of Rain!"]
    with torch.inference_mode():
        expected = reference.encode_image(torch.stack([transform(Image.fromarray(image)) for image in images])).numpy()
        expected_texts = reference.encode_text(open_clip.tokenize(texts), normalize=True).numpy()
    model = Clip.from_openai(archive, TINY)
    found = model.embed_images(images)
    assert found.dtype == np.float32
    assert found.shape == (6, 48)
    assert np.abs(expected).max() > 0.1
    assert np.allclose(found, expected, atol=1e-5)
    assert np.allclose(model.embed_texts(texts), expected_texts, atol=1e-5)


def test_the_activation_is_quickgelu(archive: Path, images: NDArray[np.uint8]) -> None:
    """Both plug-ins name configurations with QuickGELU; GELU would give other vectors."""
    for kind in (ClipViTB32, ClipViTL14):
        assert open_clip.get_model_config(kind.architecture)["quick_gelu"] is True
    model = Clip.from_openai(archive, TINY)
    blocks = [*model.network.visual.transformer.resblocks, *model.network.transformer.resblocks]  # type: ignore[union-attr]
    assert all(type(block.mlp.gelu).__name__ == "QuickGELU" for block in blocks)
    quick = model.embed_images(images)
    for block in blocks:
        block.mlp.gelu = nn.GELU()
    assert np.abs(model.embed_images(images) - quick).max() > 1e-3


def test_nothing_touches_the_network(archive: Path, images: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading, images and texts work where no connection can be opened; the vocabulary comes inside the package."""

    def refuse(*arguments: object) -> None:
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    model = Clip.from_openai(archive, TINY)
    assert np.isfinite(model.embed_images(images)).all()
    assert np.isfinite(model.embed_labels(["rain"])).all()
    # OpenAI's own file. Source: openai/CLIP, clip/bpe_simple_vocab_16e6.txt.gz.
    assert digest_file(Path(open_clip.tokenizer.default_bpe())) == "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a"


def test_labels_are_means_of_unit_vectors(archive: Path) -> None:
    """A label is its templates' mean unit vector, normalised again; underscores are spaces; bare by default."""
    model = Clip.from_openai(archive, TINY)
    templates = ["a photo of {}", "the sound of {}."]
    vectors = model.embed_labels(["snow_crunch", "rain"], templates)
    texts = model.embed_texts(["a photo of snow crunch", "the sound of snow crunch."])
    assert np.allclose(np.linalg.norm(texts, axis=1), 1.0, atol=1e-6)
    mean = texts.mean(axis=0)
    assert np.allclose(vectors[0], mean / np.linalg.norm(mean), atol=1e-6)
    assert np.allclose(model.embed_labels(["snow_crunch"]), model.embed_texts(["snow crunch"]), atol=1e-6)
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-3


def test_texts_do_not_depend_on_their_batch(archive: Path) -> None:
    """More texts than go through the network at once keep their order and their vectors."""
    model = Clip.from_openai(archive, TINY)
    texts = [f"rain number {number}" for number in range(70)]
    whole = model.embed_texts(texts)
    assert np.allclose(whole[[3, 69]], model.embed_texts([texts[3], texts[69]]), atol=1e-6)


def test_texts_that_clip_cannot_read_are_refused(archive: Path) -> None:
    """77 tokens with start and end are read, 78 are refused with their number, and so is an empty text."""
    model = Clip.from_openai(archive, TINY)
    assert model.embed_texts([" ".join(["rain"] * 75)]).shape == (1, 48)
    with pytest.raises(ConfigError, match=r"text 1 of 2 .* has 78 tokens, more than 77: 'rain rain"):
        model.embed_texts(["rain", " ".join(["rain"] * 76)])
    with pytest.raises(ConfigError, match="text 0 of 1 for CLIP is empty"):
        model.embed_texts([" "])


def test_other_files_are_refused(archive: Path, tmp_path: Path) -> None:
    """Another model's archive is named with the first weights that differ; a file of another kind with its cause."""
    with pytest.raises(
        WeightsError, match=r"is not ViT-B-32-quickgelu: \d+ of \d+ entries missing \(.*; \d+ of \d+ entries of another shape \("
    ):
        Clip.from_openai(archive)
    broken = write_archive(tmp_path / "broken.pt", TINY, drop="visual.proj")
    with pytest.raises(WeightsError, match=r"1 of \d+ entries missing \(visual.proj "):
        Clip.from_openai(broken, TINY)
    (tmp_path / "noise.pt").write_bytes(b"no archive")
    with pytest.raises(WeightsError, match="is not readable"):
        Clip.from_openai(tmp_path / "noise.pt", TINY)


def test_damaged_weights_are_refused(archive: Path, tmp_path: Path) -> None:
    """One weight that is no number, or a block too many, is enough to refuse a file."""
    weights = torch.jit.load(str(archive)).state_dict()
    for key, value in (("ln_final.bias", torch.full((64,), torch.nan)), ("transformer.resblocks.2.ln_1.bias", torch.zeros(64))):
        torch.save({**weights, key: value}, tmp_path / "damaged.pt")
        with pytest.raises(
            WeightsError, match=r"not finite \(ln_final.bias\)|1 of \d+ entries unexpected \(transformer.resblocks.2.ln_1.bias "
        ):
            Clip.from_openai(tmp_path / "damaged.pt", TINY)


def test_rows_do_not_depend_on_their_place(archive: Path, images: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another place moves a vector by less than 1e-6 (in the real layout by nothing), another batch size by less than 1e-5."""
    extractor = tiny(monkeypatch, archive)
    assert isinstance(extractor, Extractor)
    whole = extractor.embed(images)
    assert np.allclose(extractor.embed(images[::-1])[::-1], whole, atol=1e-6)
    assert np.allclose(extractor.embed(images[2:3]), whole[2:3], atol=1e-5)


def test_bf16_must_be_asked_for(archive: Path, images: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch) -> None:
    """bfloat16 moves image vectors by 0.01 to 10 percent and never texts; the default does not use it."""
    exact = tiny(monkeypatch, archive)
    coarse = tiny(monkeypatch, archive, precision="bf16")
    shift = np.linalg.norm(exact.embed(images) - coarse.embed(images)) / np.linalg.norm(exact.embed(images))
    assert 1e-4 < shift < 0.1
    assert np.array_equal(exact.embed_labels(["rain"]), coarse.embed_labels(["rain"]))


def test_facts_and_digest_cover_what_changes_the_numbers(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights, precision, templates and resolution each give another digest, the seed none; unverified weights say so."""
    extractors = [
        tiny(monkeypatch, archive),
        tiny(monkeypatch, archive, precision="bf16"),
        tiny(monkeypatch, archive, settings={"templates": ["a photo of {}"]}),
        tiny(monkeypatch, write_archive(tmp_path / "other.pt", TINY, seed=1)),
    ]
    assert_stamped(extractors[0], extractors[1:], tiny(monkeypatch, archive, seed=3))
    assert extractors[2].facts()["templates"] == ["a photo of {}"]


@pytest.mark.parametrize(
    "settings", [{"template": ["{}"]}, {"templates": "{}"}, {"templates": []}, {"templates": ["no place"]}, {"templates": [1]}]
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, object]) -> None:
    """An unknown setting, and templates that are no list of texts with one place for the label, are refused."""
    with pytest.raises(ConfigError, match="clip_vit_b32"):
        ClipViTB32(ExtractorOptions(64, settings=settings))


@pytest.mark.slow
def test_the_real_layout_loads(tmp_path: Path) -> None:
    """A random file of the size of ViT-B/32's gives 512-d vectors of images and texts, equal to open_clip's loader, whatever the place."""
    path = write_archive(tmp_path / "ViT-B-32.pt", ClipViTB32.architecture)
    noise = np.random.default_rng(0).integers(0, 256, (2, 256, 256, 3), dtype=np.uint8)
    model = Clip.from_openai(path)
    found = model.embed_images(noise)
    reference = load_openai_model(str(path), precision="fp32", device="cpu")
    with torch.inference_mode():
        expected = reference.encode_image(preprocessed(noise, 224)).numpy()
    assert found.shape == (2, 512)
    assert np.allclose(found, expected, atol=1e-5)
    batch = np.concatenate([noise] * 8)
    assert np.array_equal(model.embed_images(batch[::-1])[::-1], model.embed_images(batch))
