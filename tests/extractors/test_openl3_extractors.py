"""OpenL3's towers as extractors of a run: settings, stamps, batches, and the official package as the other backend."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors import published
from adis_bench.extractors.openl3 import OpenL3Audio, OpenL3Image
from adis_bench.extractors.openl3_extractors import OpenL3AudioExtractor, OpenL3ImageExtractor
from adis_bench.extractors.protocol import Extractor, ExtractorOptions
from adis_bench.extractors.weights import Weights, catalogue
from adis_bench.files import digest_file
from tests.extractors.openl3_plain import write_random

NO_JUDGE = Dataset(Path(), "none", {}, "recorded", {}, ())
CLASSES = {"audio": OpenL3AudioExtractor, "image": OpenL3ImageExtractor}


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    """Both towers' files, with random weights."""
    folder = tmp_path_factory.mktemp("openl3")
    return {tower: write_random(folder / f"{tower}.h5", tower) for tower in CLASSES}


@pytest.fixture
def ready(files, monkeypatch):
    """Make a prepared extractor: ``ready("audio", resolution=256, precision="float32", hop_s=0.5)``."""

    def located(name: str) -> Weights:
        tower = name.split("-")[1]
        assert name == f"openl3-{tower}-linear-env"
        return Weights(files[tower], digest_file(files[tower]), verified=False)

    monkeypatch.setattr(published, "located", located)

    def make(tower: str, resolution: int = 256, precision: str = "float32", **settings):
        extractor = CLASSES[tower](ExtractorOptions(resolution, precision=precision, settings=settings))
        extractor.prepare(NO_JUDGE)
        return extractor

    return make


def sounds(n: int, seconds: float = 1.0) -> np.ndarray:
    """Noise at 48 kHz."""
    return np.random.default_rng(0).uniform(-0.3, 0.3, (n, round(48_000 * seconds))).astype(np.float32)


def photos(n: int, side: int) -> np.ndarray:
    """Noise images uint8, the first ones darker."""
    images = np.random.default_rng(0).integers(0, 256, (n, side, side, 3), dtype=np.uint8)
    images[0] //= 2
    return images


def test_they_are_extractors(ready):
    """Both have what the protocol asks for."""
    for tower in CLASSES:
        extractor = ready(tower)
        assert isinstance(extractor, Extractor)
        assert extractor.modality == tower
        assert extractor.name == f"openl3_{tower}"
        assert extractor.weights_name in catalogue()


def test_a_sound_is_two_means(ready, files):
    """The first half's dot product with a unit vector is the mean of the windows' cosines; the second half is the windows' mean."""
    (sound,) = batch = sounds(1, 1.5)
    (found,) = ready("audio", hop_s=0.5).embed(batch)
    windows = OpenL3Audio.from_h5(files["audio"]).embed(sound, 0.5)
    direction = np.random.default_rng(1).standard_normal(512)
    direction /= np.linalg.norm(direction)
    cosines = windows @ direction / np.linalg.norm(windows, axis=1)
    assert len(cosines) == 3
    assert found.shape == (1024,)
    assert found.dtype == np.float32
    assert found[:512] @ direction == pytest.approx(cosines.mean(), abs=1e-6)
    np.testing.assert_allclose(found[512:], windows.mean(axis=0), rtol=1e-5, atol=1e-5 * np.abs(windows).max())


def test_hop_and_centring_are_settings(ready, files):
    """The windows are those that the settings ask for, and the library's where they say nothing."""
    (sound,) = batch = sounds(1, 1.2)
    port = OpenL3Audio.from_h5(files["audio"])
    for settings, windows in (({}, port.embed(sound)), ({"hop_s": 0.2, "center": False}, port.embed(sound, 0.2, center=False))):
        (found,) = ready("audio", **settings).embed(batch)
        np.testing.assert_allclose(found[512:], windows.mean(axis=0), rtol=1e-5, atol=1e-5 * np.abs(windows).max())


def test_batch_mates_do_not_matter(ready):
    """Sounds, and images at a size where the library divides by the batch's maximum, have the same bits alone and together."""
    audio, image = ready("audio", hop_s=0.5), ready("image")
    batch = sounds(2, 0.5)
    np.testing.assert_array_equal(audio.embed(batch)[1:], audio.embed(batch[1:]))
    images = photos(3, 256)
    together = image.embed(images)
    assert together.shape == (3, 512)
    np.testing.assert_array_equal(together[:1], image.embed(images[:1]))
    np.testing.assert_array_equal(together[[2, 0]], image.embed(images[[2, 0]]))


def test_an_image_is_a_call_of_its_own(ready, files):
    """Each image is embedded as the library would by itself, under either range policy."""
    images, port = photos(2, 256), OpenL3Image.from_h5(files["image"])
    for policy in ("openl3", "documented"):
        alone = np.concatenate([port.embed(image[None], policy) for image in images])
        np.testing.assert_array_equal(ready("image", range_policy=policy).embed(images), alone)
    assert np.abs(ready("image").embed(images)[0] - port.embed(images)[0]).max() > 1e-3, "the quirk made no difference here"


def test_small_images_are_enlarged(ready):
    """A run below 224 px is scored too, and its facts say what was done."""
    extractor = ready("image", resolution=64)
    assert np.isfinite(extractor.embed(photos(1, 64))).all()
    assert extractor.facts()["resize"] == "enlarged (antialiased bicubic) from 64 to 256 px, middle 224 px"


@pytest.mark.parametrize(
    ("resolution", "settings", "reach"),
    [
        (224, {}, "-1 to 1"),
        (256, {}, "0 to 1, by the largest value of each image"),
        (512, {}, "0 to 1"),
        (256, {"range_policy": "documented"}, "-1 to 1"),
    ],
)
def test_the_range_is_stamped(ready, resolution, settings, reach):
    """The facts tell the range that really reaches the network, and the policy."""
    facts = ready("image", resolution, **settings).facts()
    assert facts["range"] == reach
    assert facts["range_policy"] == settings.get("range_policy", "openl3")


def test_facts_tell_settings_and_weights(ready, files):
    """Settings, the weights' own line and that nobody has verified them are on the record."""
    facts = ready("audio", hop_s=0.5).facts()
    assert (facts["hop_s"], facts["center"], facts["backend"], facts["verified"]) == (0.5, True, "pytorch", False)
    assert digest_file(files["audio"]) in facts["weights"]


def test_digest_follows_what_changes_the_numbers(ready):
    """Another setting, precision, tower or image size is another digest; a sound's doesn't depend on the image size."""
    different = [
        ready("audio"),
        ready("audio", hop_s=0.5),
        ready("audio", center=False),
        ready("audio", precision="bf16"),
        ready("image"),
        ready("image", range_policy="documented"),
        ready("image", resolution=224),
    ]
    assert len({extractor.digest for extractor in different}) == len(different)
    assert ready("audio", resolution=64).digest == ready("audio").digest


@pytest.mark.parametrize(
    ("tower", "settings", "message"),
    [
        ("audio", {"hop": 0.5}, "openl3_audio has no setting hop; known: hop_s, center, backend"),
        ("image", {"hop_s": 0.5}, "openl3_image has no setting hop_s; known: range_policy, backend"),
        ("audio", {"hop_s": 0}, "hop_s must be a number of seconds"),
        ("audio", {"center": "yes"}, "center must be true or false, not 'yes'"),
        ("image", {"range_policy": "signed"}, "range_policy must be one of openl3, documented"),
        ("audio", {"backend": "keras"}, "backend must be one of pytorch, openl3, not 'keras'"),
        ("image", {"backend": "openl3", "range_policy": "documented"}, "official package knows no range_policy = 'documented'"),
    ],
)
def test_settings_that_there_are_not(tower, settings, message):
    """A wrong setting is told before any weights are opened."""
    with pytest.raises(ConfigError, match=message):
        CLASSES[tower](ExtractorOptions(256, settings=settings))


def test_use_before_prepare():
    """Without weights there is neither a digest nor an embedding."""
    extractor = OpenL3AudioExtractor(ExtractorOptions(256))
    with pytest.raises(ConfigError, match="before prepare"):
        extractor.embed(sounds(1))
    with pytest.raises(ConfigError, match="before prepare"):
        _ = extractor.digest


class StandIn:
    """The official package's functions, computed by the port; it notes how it was called."""

    def __init__(self, files: dict[str, Path]) -> None:
        self.models = ModuleType("openl3.models")
        self.models.get_audio_embedding_model_path = lambda input_repr, content_type: str(files["audio"])
        self.models.get_image_embedding_model_path = lambda input_repr, content_type: str(files["image"])
        self.models.load_audio_embedding_model = lambda input_repr, content_type, embedding_size: OpenL3Audio.from_h5(files["audio"])
        self.models.load_image_embedding_model = lambda input_repr, content_type, embedding_size: OpenL3Image.from_h5(files["image"])
        self.package = ModuleType("openl3")
        self.package.get_audio_embedding = self.get_audio_embedding
        self.package.get_image_embedding = self.get_image_embedding
        self.calls: list[tuple] = []

    def get_audio_embedding(self, audio, sr, model=None, center=True, hop_size=0.1, verbose=True):
        """As openl3 0.4.2: embeddings and time stamps."""
        self.calls.append((sr, center, hop_size, verbose))
        windows = model.embed(audio, hop_size, center)
        return windows, np.arange(len(windows)) * hop_size

    def get_image_embedding(self, image, model=None, verbose=True):
        """As openl3 0.4.2: for a list of images, each preprocessed by itself, a list of [1, D]."""
        self.calls.append((type(image), verbose))
        return [model.embed(one[None]) for one in image]


@pytest.fixture
def official(files, monkeypatch) -> StandIn:
    """A stand-in for the package, installed for one test."""
    stand_in = StandIn(files)
    monkeypatch.setitem(sys.modules, "openl3", stand_in.package)
    monkeypatch.setitem(sys.modules, "openl3.models", stand_in.models)
    monkeypatch.setattr(metadata, "version", lambda name: {"openl3": "0.4.2"}[name])
    return stand_in


def test_official_backend(ready, official):
    """The package is called with the settings, once per sound and with images one by one, and gives the same kind of vectors."""
    batch, images = sounds(2, 0.5), photos(2, 256)
    theirs = ready("audio", backend="openl3", hop_s=0.5, center=False)
    np.testing.assert_array_equal(theirs.embed(batch), ready("audio", hop_s=0.5, center=False).embed(batch))
    assert official.calls == [(48_000, False, 0.5, False)] * 2
    np.testing.assert_array_equal(ready("image", backend="openl3").embed(images), ready("image").embed(images))
    assert official.calls[2:] == [(list, False)]


def test_official_backend_is_stamped(ready, official, files):
    """Backend, package version and the weights that came with it are on the record, and in the digest."""
    theirs, ours = ready("audio", backend="openl3"), ready("audio")
    facts = theirs.facts()
    assert facts["backend"] == "openl3"
    assert "openl3 0.4.2" in facts["weights"]
    assert digest_file(files["audio"]) in facts["weights"]
    assert facts["verified"] is False
    assert theirs.digest != ours.digest


def test_official_backend_without_its_weights(ready, official, tmp_path):
    """A package that was built without its downloads is named."""
    official.models.get_audio_embedding_model_path = lambda input_repr, content_type: str(tmp_path / "absent.h5")
    with pytest.raises(WeightsError, match="package openl3 has no weights"):
        ready("audio", backend="openl3")


def test_official_backend_in_float32_only(ready, official):
    """The package has no bf16."""
    with pytest.raises(ConfigError, match="float32 only"):
        ready("audio", backend="openl3", precision="bf16")


def test_official_backend_that_is_not_installed(ready, monkeypatch):
    """Without the package the extra is named."""
    monkeypatch.setitem(sys.modules, "openl3", None)
    with pytest.raises(ConfigError, match=r"pip install 'adis-bench\[openl3\]'"):
        ready("audio", backend="openl3")


def test_the_official_package_is_not_imported_by_default():
    """Importing the extractors imports neither the package nor TensorFlow."""
    names = ("openl3", "tensorflow", "resampy")
    code = f"import sys, adis_bench.extractors.openl3_extractors; sys.exit(any(name in sys.modules for name in {names}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
