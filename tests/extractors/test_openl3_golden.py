"""OpenL3 against the library's own numbers (openl3 0.4.2 on TensorFlow), for random weights in the released format."""

from pathlib import Path

import numpy as np
import pytest
import torch

from adis_bench.extractors.openl3 import OpenL3Audio, OpenL3Image
from adis_bench.extractors.openl3_pixels import pixels
from adis_bench.extractors.openl3_sound import at_48_khz, spectrograms, time_stamps, windows

GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "golden" / "openl3"
pytestmark = pytest.mark.skipif(not GOLDEN.is_dir(), reason="needs the golden numbers of the original implementations (shared/golden)")

AUDIO_ATOL = 0.02
"""Values reach 1,000; two builds of the library differ by 0.002. Source: the golden folder's README."""
IMAGE_ATOL = 1e-3


@pytest.fixture(scope="module")
def reference() -> dict[str, np.ndarray]:
    """All arrays of the golden file."""
    with np.load(GOLDEN / "reference.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def audio() -> OpenL3Audio:
    """The 512-d audio tower on the golden weights."""
    return OpenL3Audio.from_h5(GOLDEN / "openl3_audio_linear_env.h5")


@pytest.fixture(scope="module")
def image() -> OpenL3Image:
    """The 512-d image tower on the golden weights."""
    return OpenL3Image.from_h5(GOLDEN / "openl3_image_linear_env.h5")


@pytest.mark.parametrize("clip", [0, 4, *(pytest.param(clip, marks=pytest.mark.slow) for clip in (1, 2, 3))])
def test_audio_at_the_defaults(audio, reference, clip):
    """Embeddings at hop 0.1 s, centred, and their time stamps are the library's."""
    found = audio.embed(reference[f"clip{clip}"])
    np.testing.assert_allclose(found, reference[f"a512_{clip}"], rtol=0, atol=AUDIO_ATOL)
    np.testing.assert_array_equal(time_stamps(len(found)), reference[f"ts_{clip}"])


@pytest.mark.parametrize("clip", range(5))
def test_audio_at_another_hop(audio, reference, clip):
    """Embeddings at hop 0.5 s are those behind the library's second front end."""
    found = audio.embed(reference[f"clip{clip}"], hop_s=0.5)
    np.testing.assert_allclose(found, reference[f"a512_librosa_hop.5_{clip}"], rtol=0, atol=AUDIO_ATOL)


def test_large_audio_embedding(reference):
    """The 6144-d embedding has the library's values in the library's order."""
    found = OpenL3Audio.from_h5(GOLDEN / "openl3_audio_linear_env.h5", 6144).embed(reference["clip0"], hop_s=0.5)
    np.testing.assert_allclose(found, reference["a6144_hop.5_0"], rtol=0, atol=AUDIO_ATOL)


def test_front_end(reference):
    """Windows are the library's, and their spectrograms within 0.01 dB."""
    pieces = windows(reference["clip0"], hop_s=0.5)
    np.testing.assert_array_equal(pieces, reference["x0"][:, 0])
    found = spectrograms(torch.from_numpy(pieces.copy()))[:, 0].numpy()
    np.testing.assert_allclose(found, reference["spec0"][..., 0], rtol=0, atol=0.01)


def test_resampling(audio, reference):
    """Sound at 44.1 kHz is resampled as by the library: waveforms to 1e-6, embeddings within the bound of sound at 48 kHz."""
    pieces = windows(at_48_khz(reference["c441"], 44_100), hop_s=0.5)
    theirs = reference["c441_x"][:, 0]
    np.testing.assert_allclose(pieces, theirs, rtol=0, atol=1e-6)
    found = audio.embed(reference["c441"], hop_s=0.5, sample_rate_hz=44_100)
    wanted = audio._tower.embed(spectrograms(torch.from_numpy(theirs))).numpy()
    np.testing.assert_allclose(found, wanted, rtol=0, atol=AUDIO_ATOL)


@pytest.mark.parametrize("name", ["im224", "im256", "im480x640"])
def test_images(image, reference, name):
    """The values that reach the network and the embeddings are the library's, range quirks included."""
    np.testing.assert_allclose(pixels(reference[name]), reference[f"{name}_pre"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(image.embed(reference[name]), reference[f"{name}_512"], rtol=0, atol=IMAGE_ATOL)


def test_large_image_embedding(reference):
    """The 8192-d embedding has the library's values in the library's order."""
    found = OpenL3Image.from_h5(GOLDEN / "openl3_image_linear_env.h5", 8192).embed(reference["im224"])
    np.testing.assert_allclose(found, reference["im224_8192"], rtol=0, atol=IMAGE_ATOL)


def test_bf16_shift(audio, image, reference):
    """In bf16 embeddings move by what the module states: 1.4 % of their norm for audio, 0.45 % for images, cosine above 0.9999."""
    rough_audio = OpenL3Audio.from_h5(GOLDEN / "openl3_audio_linear_env.h5", precision="bf16")
    rough_image = OpenL3Image.from_h5(GOLDEN / "openl3_image_linear_env.h5", precision="bf16")
    jobs = [
        (audio.embed(reference["clip0"], 0.5), rough_audio.embed(reference["clip0"], 0.5), 0.015),
        (image.embed(reference["im224"]), rough_image.embed(reference["im224"]), 0.005),
    ]
    for exact, rough, bound in jobs:
        norms = np.linalg.norm(exact, axis=1)
        moved = np.linalg.norm(rough - exact, axis=1) / norms
        assert (moved > 1e-4).all(), "that was no bf16"
        assert (moved < bound).all()
        assert ((exact * rough).sum(1) / norms / np.linalg.norm(rough, axis=1) > 0.9999).all()
