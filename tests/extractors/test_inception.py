"""Inception V3 against Clean-FID's and torch-fidelity's own code, on the same random weights."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors.inception import (
    Inception,
    InceptionClean,
    InceptionLegacyPytorch,
    InceptionLegacyTensorflow,
    Mode,
    preprocessed,
)
from adis_bench.extractors.protocol import Extractor, ExtractorOptions
from adis_bench.metrics._frechet import frechet_distance, state_of
from tests.extractors.inception_files import Program, admit, random_program, state_dict_of, write_program

KINDS = [InceptionClean, InceptionLegacyPytorch, InceptionLegacyTensorflow]
MODES: list[Mode] = ["clean", "legacy_pytorch", "legacy_tensorflow"]
# The random network's features lie between 0 and 20.
EQUAL = {"rtol": 1e-5, "atol": 5e-5}


@pytest.fixture(scope="module")
def program() -> Program:
    """The random network."""
    return random_program()


@pytest.fixture(scope="module")
def script_path(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network in NVIDIA's layout."""
    return write_program(program, tmp_path_factory.mktemp("script") / "inception-2015-12-05.pt")


@pytest.fixture(scope="module")
def state_path(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same network in pytorch-fid's layout, and in torch's old container as the released file is."""
    path = tmp_path_factory.mktemp("state") / "pt_inception-2015-12-05-6726825d.pth"
    torch.save(state_dict_of(program), path, _use_new_zipfile_serialization=False)
    return path


@pytest.fixture
def admitted(script_path: Path, state_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both files in the folder of weights, admitted."""
    monkeypatch.setenv("ADIS_BENCH_WEIGHTS", str(tmp_path / "weights"))
    admit("clean-fid-inception", script_path)
    admit("pytorch-fid-inception", state_path)


def images(n: int, height: int, width: int) -> NDArray[np.uint8]:
    """Colour patches with a little noise, each image at another contrast."""
    rng = np.random.default_rng(height * width)
    coarse = rng.uniform(0, 255, (n, 8, 8, 3)).repeat(-(-height // 8), axis=1).repeat(-(-width // 8), axis=2)[:, :height, :width]
    contrast = np.linspace(0.2, 1, n)[:, None, None, None]
    return np.clip(coarse * contrast + rng.normal(0, 12, coarse.shape), 0, 255).astype(np.uint8)


class CleanFidOracle:
    """Clean-FID's own resizes and networks, assembled as its features.py does; networks are kept from test to test."""

    def __init__(self, script_path: Path, state_path: Path) -> None:
        from cleanfid import inception_pytorch, inception_torchscript

        self._resizing = inception_torchscript.InceptionV3W(str(script_path.parent), download=False, resize_inside=True).eval()
        self._plain = inception_torchscript.InceptionV3W(str(script_path.parent), download=False, resize_inside=False).eval()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(inception_pytorch, "load_state_dict_from_url", lambda *_, **__: torch.load(state_path, weights_only=True))
            self._pytorch = inception_pytorch.InceptionV3(output_blocks=[3], resize_input=False).eval()

    def __call__(self, pictures: NDArray[np.uint8], mode: Mode) -> NDArray[np.float32]:
        """Features of images in one of Clean-FID's modes."""
        from cleanfid.resize import build_resizer

        resized = np.stack([build_resizer(mode)(picture) for picture in pictures]).transpose(0, 3, 1, 2)
        planes = torch.from_numpy(resized.astype(np.float32))
        if mode == "legacy_pytorch":
            return self._pytorch(planes / 255)[0].squeeze(-1).squeeze(-1).numpy()
        return (self._resizing if mode == "legacy_tensorflow" else self._plain)(planes).numpy()


@pytest.fixture(scope="module")
def clean_fid(script_path: Path, state_path: Path) -> Iterator[CleanFidOracle]:
    """Clean-FID on the same weights; it warns of what its libraries deprecate."""
    pytest.importorskip("cleanfid")
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        yield CleanFidOracle(script_path, state_path)


@pytest.mark.parametrize("mode", MODES)
def test_features_are_clean_fids(mode: Mode, clean_fid: CleanFidOracle, script_path: Path, state_path: Path) -> None:
    """In every mode, from grey levels to features, ours are Clean-FID's to 1e-5."""
    pictures = images(3, 400, 200)
    expected = clean_fid(pictures, mode)
    found = Inception.from_file(state_path if mode == "legacy_pytorch" else script_path, mode).embed(pictures)
    assert found.shape == (3, 2048)
    assert found.dtype == np.float32
    assert expected.std(axis=0).mean() > 0.005
    np.testing.assert_allclose(found, expected, **EQUAL)


def test_features_are_torch_fidelitys(script_path: Path, state_path: Path) -> None:
    """torch-fidelity, which reads the other file and has TensorFlow 1's resize of its own, gives the same features to 1e-5."""
    package = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")
    pictures = images(3, 180, 240)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        theirs = package.FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=str(state_path))
        expected = theirs(torch.from_numpy(pictures).permute(0, 3, 1, 2))[0].numpy()
    np.testing.assert_allclose(Inception.from_file(script_path, "legacy_tensorflow").embed(pictures), expected, **EQUAL)


def test_modes_differ(script_path: Path) -> None:
    """The same image has another input in each mode, by several grey levels: no mode stands in for another."""
    pictures = images(2, 400, 400)
    inputs = [preprocessed(pictures, mode) for mode in MODES]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert (inputs[a] - inputs[b]).abs().mean() > 1 / 128


def test_ranges_of_the_input() -> None:
    """Black and white become -1 and 127/128, or -1 and 1 for pytorch-fid's weights."""
    for mode, white in zip(MODES, (127 / 128, 1.0, 127 / 128), strict=True):
        planes = preprocessed(np.stack([np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 3), 255, np.uint8)]), mode)
        assert planes.shape == (2, 3, 299, 299)
        assert planes.dtype == torch.float32
        assert planes[0].unique().tolist() == [-1.0]
        assert planes[1].numpy() == pytest.approx(white, abs=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_rows_do_not_depend_on_batch_or_place(mode: Mode, script_path: Path) -> None:
    """Same bits at every place of a batch; alone or among others the features are equal to 2e-6 of their size."""
    pictures = images(3, 96, 128)
    network = Inception.from_file(script_path, mode)
    whole = network.embed(pictures)
    np.testing.assert_array_equal(network.embed(pictures[::-1])[::-1], whole)
    alone = np.concatenate([network.embed(picture[None]) for picture in pictures])
    assert np.linalg.norm(alone - whole) < 2e-6 * np.linalg.norm(whole)


def test_a_processor_without_fused_convolutions(script_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where torch has no oneDNN, plain convolutions give the same features to 1e-5."""
    pictures = images(2, 96, 96)
    packed = Inception.from_file(script_path)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    plain = Inception.from_file(script_path)
    assert all(layer.weight.layout == torch.strided for layer in plain.network.modules() if hasattr(layer, "weight"))
    np.testing.assert_allclose(packed.embed(pictures), plain.embed(pictures), **EQUAL)


def test_bf16_is_named_and_small(admitted: None) -> None:
    """bf16 moves features by 0.1 to 2 per cent, and only who asks for it gets it, under another digest."""
    pictures = images(4, 96, 96)
    exact, coarse = (prepared(InceptionClean, precision=precision) for precision in ("float32", "bf16"))
    wanted = exact.embed(pictures)
    shift = np.linalg.norm(wanted - coarse.embed(pictures)) / np.linalg.norm(wanted)
    assert 1e-3 < shift < 2e-2
    assert coarse.facts()["precision"] == "bf16"
    assert exact.digest != coarse.digest


def prepared(kind: type[InceptionClean], resolution: int = 96, precision: str = "float32", **settings: object) -> InceptionClean:
    """An extractor with its weights."""
    extractor = kind(ExtractorOptions(resolution, precision=precision, settings=settings))
    extractor.prepare(SimpleNamespace())  # type: ignore[arg-type]
    return extractor


@pytest.mark.parametrize("kind", KINDS)
def test_backend_clean_fid_gives_the_same(kind: type[InceptionClean], admitted: None, clean_fid: CleanFidOracle) -> None:
    """The package as a backend: the same features to 1e-5, its version on the results, and no mixing in the cache."""
    pictures = images(2, 96, 80)
    ours, theirs = prepared(kind), prepared(kind, backend="clean-fid")
    found = theirs.embed(pictures)
    np.testing.assert_allclose(found, clean_fid(pictures, kind.mode), rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(ours.embed(pictures), found, **EQUAL)
    assert "clean-fid 0.1" in str(theirs.facts()["network"])
    assert ours.digest != theirs.digest


def test_what_is_stamped_on_results(admitted: None) -> None:
    """Weights with their digest and that they aren't the published ones; mode, resize, scaling, backend, precision."""
    for kind in KINDS:
        extractor = prepared(kind)
        assert isinstance(extractor, Extractor)
        facts = extractor.facts()
        assert facts["verified"] is False
        assert "UNVERIFIED" in facts["weights"]
        assert facts["mode"] == kind.mode
        assert facts["backend"] == "pytorch"
        assert facts["precision"] == "float32"
        assert "299 px" in facts["resize"]
    assert prepared(InceptionLegacyPytorch).facts()["scaling"] == "2 x / 255 - 1"


def test_the_digest_covers_what_changes_the_numbers(admitted: None) -> None:
    """Mode, resolution, backend, and the weights' bytes each give another digest."""
    digests = {prepared(kind).digest for kind in KINDS} | {prepared(InceptionClean, resolution=256).digest}
    assert len(digests) == 4
    assert prepared(InceptionClean).digest in digests


def test_missing_weights_name_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its file an extractor says which command fetches it."""
    monkeypatch.setenv("ADIS_BENCH_WEIGHTS", str(tmp_path))
    for kind, name in zip(KINDS, ("clean-fid-inception", "pytorch-fid-inception", "clean-fid-inception"), strict=True):
        with pytest.raises(WeightsError, match=f"adis-bench weights fetch {name}"):
            prepared(kind)


def test_unfit_settings_are_refused() -> None:
    """An unknown setting, an unknown backend, and Clean-FID in bf16 are said, with what is known."""
    with pytest.raises(ConfigError, match="known: backend"):
        InceptionClean(ExtractorOptions(64, settings={"mode": "clean"}))
    with pytest.raises(ConfigError, match="pytorch, clean-fid"):
        InceptionClean(ExtractorOptions(64, settings={"backend": "tensorflow"}))
    with pytest.raises(ConfigError, match="float32 only"):
        InceptionClean(ExtractorOptions(64, precision="bf16", settings={"backend": "clean-fid"}))
    with pytest.raises(ConfigError, match="before prepare"):
        InceptionClean(ExtractorOptions(64)).embed(images(1, 64, 64))


def test_fid_is_clean_fids(script_path: Path, clean_fid: CleanFidOracle) -> None:
    """The Fréchet distance between two sets is the same from our features and from Clean-FID's, to 1e-4."""
    real, fake = images(6, 64, 64), images(6, 64, 72)
    ours = Inception.from_file(script_path)
    theirs = [clean_fid(pictures, "clean") for pictures in (real, fake)]
    expected = frechet_distance(*(state_of(rows) for rows in theirs))
    assert expected > 0.01
    assert frechet_distance(state_of(ours.embed(real)), state_of(ours.embed(fake))) == pytest.approx(expected, rel=1e-4)
