"""The clean resize against Clean-FID's own."""

import warnings

import numpy as np
import pytest

from adis_bench.extractors.resize import clean_resize


def clean_fid_resized(images: np.ndarray, size: int) -> np.ndarray:
    """What Clean-FID makes of the images: float32 [N, 3, size, size]."""
    resize = pytest.importorskip("cleanfid.resize").make_resizer("PIL", False, "bicubic", (size, size))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # clean-fid passes a mode that Pillow deprecates
        return np.stack([resize(image) for image in images]).transpose(0, 3, 1, 2)


@pytest.mark.parametrize(("height", "width", "size"), [(64, 64, 224), (256, 256, 224), (300, 200, 224), (37, 91, 64), (512, 512, 299)])
def test_equals_clean_fid(height, width, size):
    """Upscaled, downscaled and squeezed noise is within 1e-4 grey levels of Clean-FID's resize."""
    images = np.random.default_rng(size).integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    np.testing.assert_allclose(clean_resize(images, size).numpy(), clean_fid_resized(images, size), rtol=0, atol=1e-4)


def test_overshoot_is_clamped():
    """A black-white edge, at which the bicubic kernel overshoots, stays in 0-255 as in Clean-FID."""
    images = np.zeros((1, 32, 32, 3), np.uint8)
    images[:, :, 16:] = 255
    resized = clean_resize(images, 96).numpy()
    assert resized.min() == 0.0
    assert resized.max() == 255.0
    np.testing.assert_allclose(resized, clean_fid_resized(images, 96), rtol=0, atol=1e-4)


def test_same_size_is_unchanged():
    """An image of the wanted size keeps its values; only the axes and the type change."""
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 3), dtype=np.uint8)
    resized = clean_resize(images, 48)
    assert resized.numpy().dtype == np.float32
    np.testing.assert_array_equal(resized.numpy(), images.transpose(0, 3, 1, 2))


def test_batch_equals_single():
    """An image's values do not depend on its batch."""
    images = np.random.default_rng(1).integers(0, 256, (4, 50, 70, 3), dtype=np.uint8)
    np.testing.assert_array_equal(clean_resize(images, 32)[2].numpy(), clean_resize(images[2:3], 32)[0].numpy())
