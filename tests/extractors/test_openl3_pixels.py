"""Crop, scaling and range of OpenL3's images."""

import numpy as np
import pytest

from adis_bench.errors import ConfigError, DataError
from adis_bench.extractors.openl3_pixels import checked_policy, pixels


def photos(*shape: int, high: int = 256) -> np.ndarray:
    """Noise images uint8 below ``high``."""
    return np.random.default_rng(0).integers(0, high, shape, dtype=np.uint8)


def test_224_is_signed():
    """Images of 224 px are mapped to -1 to 1 under both policies."""
    images = photos(2, 224, 224, 3)
    for policy in ("openl3", "documented"):
        np.testing.assert_allclose(pixels(images, policy), images / 127.5 - 1, rtol=0, atol=1e-6)


def test_the_library_divides_by_the_largest_value_of_the_batch():
    """At 256 px an image's numbers depend on its batch mates, as in the library."""
    dark, bright = photos(1, 256, 256, 3, high=101), photos(1, 256, 256, 3)
    middle = dark[:, 16:240, 16:240]
    np.testing.assert_allclose(pixels(dark), middle / middle.max(), rtol=0, atol=1e-6)
    np.testing.assert_allclose(pixels(np.concatenate([dark, bright]))[:1], middle / 255, rtol=0, atol=1e-6)


def test_only_the_crop_counts_for_the_largest_value():
    """A bright pixel outside of the middle 224 x 224 doesn't change the range."""
    image = photos(1, 256, 256, 3, high=101)
    framed = image.copy()
    framed[0, 0, 0] = 255
    np.testing.assert_array_equal(pixels(framed), pixels(image))


def test_black_images_stay_zero():
    """Where the largest value is 0 or 1 the library divides by nothing."""
    assert not pixels(np.zeros((1, 256, 256, 3), np.uint8)).any()
    assert pixels(np.ones((1, 256, 256, 3), np.uint8)).max() == 1


def test_documented_is_signed_for_all_sizes():
    """With ``documented`` 0 is -1 and 255 is 1, whatever the size and the batch."""
    for side in (224, 240, 256, 300):
        images = np.stack([np.zeros((side, side, 3), np.uint8), np.full((side, side, 3), 255, np.uint8)])
        found = pixels(images, "documented")
        np.testing.assert_allclose(found[0], -1, rtol=0, atol=1e-6)
        np.testing.assert_allclose(found[1], 1, rtol=0, atol=1e-6)
    dark = photos(1, 256, 256, 3, high=101)
    np.testing.assert_allclose(pixels(dark, "documented"), dark[:, 16:240, 16:240] / 127.5 - 1, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", [(257, 300), (480, 640), (1000, 271), (512, 512)])
def test_large_images_are_scaled_as_scikit_image_does(shape):
    """The scaling is ``skimage.transform.rescale`` without antialiasing, the middle is taken, and the values are 0 to 1."""
    transform = pytest.importorskip("skimage.transform")
    image = photos(*shape, 3)
    scaled = transform.rescale(image, 256 / min(shape), anti_aliasing=False, channel_axis=-1)
    top, left = (side // 2 - 112 for side in scaled.shape[:2])
    np.testing.assert_allclose(pixels(image[None])[0], scaled[top : top + 224, left : left + 224], rtol=0, atol=1e-6)


def test_the_middle_of_a_wide_image():
    """Without scaling the crop is the middle one, rounded as the library rounds."""
    image = photos(1, 225, 251, 3)
    np.testing.assert_allclose(pixels(image), image[:, 0:224, 13:237] / image[:, 0:224, 13:237].max(), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((1, 223, 300, 3), np.uint8), "at least 224 x 224 pixels, not 300 x 223"),
        (np.zeros((224, 224, 3), np.uint8), r"uint8 \[N, H, W, 3\]"),
        (np.zeros((0, 224, 224, 3), np.uint8), "N > 0"),
        (np.zeros((1, 224, 224, 4), np.uint8), r"not uint8 \[1, 224, 224, 4\]"),
        (np.zeros((1, 224, 224, 3), np.float32), "not float32"),
    ],
    ids=["small", "no batch", "empty", "alpha", "floats"],
)
def test_images_that_are_refused(images, message):
    """What the library wouldn't take, or would take in another range, is named."""
    with pytest.raises(DataError, match=message):
        pixels(images)


def test_unknown_policy():
    """A range policy that isn't one names those that are."""
    with pytest.raises(ConfigError, match="one of openl3, documented, not 'signed'"):
        checked_policy("signed")
